"""Settings: defaults, values, and messages that name what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.access.oidc_settings import Provider
from data.settings import SETTINGS, Settings, SettingsError, TileLayer

OIDC = {"issuer": "https://sso.example", "client_id": "map", "roles": {"grid-leaders": "leader"}}
TILE = {"key": "tdt", "name": "天地图", "url": "https://t0.tianditu.gov.cn/vec?x={x}&y={y}&z={z}&tk=1"}


def test_nothing_set_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings.from_env({setting.name: setting.default for setting in SETTINGS}) == Settings()
    assert Settings.from_env({"PORT": " ", "HOST": ""}) == Settings()


def test_everything_may_be_set() -> None:
    found = Settings.from_env({
        "DATABASE_URL": "postgresql://me@db/grid", "GRID_DATA_DIR": "/data", "HOST": "::1", "PORT": "9000",
        "GRID_HOT_DAYS": "30", "GRID_REFRESH_SECONDS": "2", "GRID_THREADS": "4", "GRID_LANG": "en",
        "GRID_AUDIT_DAYS": "183", "GRID_SECRET_KEY": "k", "GRID_SECRET_FILE": "/k",
        "GRID_SESSION_IDLE_MIN": "5", "GRID_SESSION_MAX_H": "8", "GRID_PUBLIC_URL": "https://Map.example/",
        "GRID_HOSTS": "wall.example, 10.0.0.5", "GRID_PROXIES": "1",
        "GRID_OIDC": json.dumps(OIDC), "GRID_OIDC_SECRET": "s",
        "GRID_TILES": json.dumps([TILE | {"max_zoom": 17}]),
    })
    assert found == Settings(
        database_url="postgresql://me@db/grid", data_dir=Path("/data"), host="::1", port=9000, hot_days=30,
        refresh_seconds=2.0, threads=4, audit_days=183, lang="en", secret_key="k", secret_file=Path("/k"),
        session_idle_min=5, session_max_h=8, public_url="https://map.example",
        hosts=("wall.example", "10.0.0.5"), proxies=1, oidc=Provider(**OIDC, client_secret="s"),
        tiles=(TileLayer(**TILE, max_zoom=17),))


@pytest.mark.parametrize(("name", "value", "message"), [
    ("PORT", "http", r"PORT must be a whole number 1\.\.65535, got 'http'"),
    ("PORT", "70000", r"PORT must be a whole number 1\.\.65535, got '70000'"),
    ("PORT", "８０", "PORT must be a whole number"),
    ("HOST", "0.0.0.0", r"HOST must be a loopback address .* unless GRID_PUBLIC_URL .*, got '0.0.0.0'"),  # noqa: S104
    ("HOST", "example.org", r"HOST must be an IP address or localhost, got 'example.org'"),
    ("GRID_SESSION_IDLE_MIN", "0", r"GRID_SESSION_IDLE_MIN must be a whole number 1\.\.1440, got '0'"),
    ("GRID_SESSION_MAX_H", "169", r"GRID_SESSION_MAX_H must be a whole number 1\.\.168, got '169'"),
    ("GRID_PUBLIC_URL", "map.example", "GRID_PUBLIC_URL must be http"),
    ("GRID_PUBLIC_URL", "https://map.example/app", "GRID_PUBLIC_URL must be http.* without a path"),
    ("GRID_PUBLIC_URL", "https://me@map.example", "GRID_PUBLIC_URL must be http"),
    ("GRID_PUBLIC_URL", "https://map.example:port", "GRID_PUBLIC_URL must be http"),
    ("GRID_PUBLIC_URL", "javascript://map.example", "GRID_PUBLIC_URL must be http"),
    ("GRID_HOSTS", "map.example:8050", "GRID_HOSTS must be names .* without ports.*, got 'map.example:8050'"),
    ("GRID_HOSTS", "*", r"GRID_HOSTS must be names .*, got '\*'"),
    ("GRID_PROXIES", "6", r"GRID_PROXIES must be a whole number 0\.\.5, got '6'"),
    ("GRID_OIDC", "{", "GRID_OIDC must be a JSON object, got something else"),
    ("GRID_OIDC", json.dumps(OIDC | {"issuer": "http://sso.example"}), "GRID_OIDC issuer must be an https://"),
    ("GRID_OIDC", json.dumps(OIDC | {"roles": {"g": "root"}}), r"GRID_OIDC roles\['g'\] must be one of"),
    ("GRID_OIDC", json.dumps(OIDC | {"roles": []}), "GRID_OIDC roles must be an object of texts"),
    ("GRID_OIDC", json.dumps(OIDC | {"areas": {"g": "51"}}), r"GRID_OIDC areas\['g'\]: a scope's area"),
    ("GRID_OIDC", json.dumps(OIDC | {"client_secret": "x"}), "GRID_OIDC must be a JSON object with"),
    ("GRID_OIDC", json.dumps(OIDC | {"scopes": "groups"}), "GRID_OIDC scopes must be a list of texts"),
    ("GRID_OIDC", '{"issuer": "https://sso.example"}', "GRID_OIDC must be a JSON object with client_id"),
    ("GRID_OIDC_SECRET", "x", "GRID_OIDC must be set beside GRID_OIDC_SECRET"),
    ("GRID_OIDC_SECRET", "file:/nowhere", "GRID_OIDC must be set"),
    ("DATABASE_URL", "mysql://me:secret@db/x", "DATABASE_URL must begin with postgresql://, got 'mysql'"),
    ("DATABASE_URL", "secret", "DATABASE_URL must begin with postgresql://"),
    ("GRID_HOT_DAYS", "0", r"GRID_HOT_DAYS must be a whole number 1\.\.36600, got '0'"),
    ("GRID_REFRESH_SECONDS", "nan", r"GRID_REFRESH_SECONDS must be a number 0\.2\.\.60, got 'nan'"),
    ("GRID_AUDIT_DAYS", "182", r"GRID_AUDIT_DAYS must be a whole number 183\.\.36600, got '182'"),
    ("GRID_LANG", "fr", "GRID_LANG must be one of zh, en; got 'fr'"),
    ("GRID_TILES", "{", "GRID_TILES must be a JSON list, got '{'"),
    ("GRID_TILES", "{}", "GRID_TILES must be a JSON list, got dict"),
    ("GRID_TILES", '["x"]', r"GRID_TILES\[0\] must be an object with key, name, url"),
    ("GRID_TILES", json.dumps([TILE, TILE]), r"GRID_TILES keys must differ, got \['tdt', 'tdt'\]"),
    ("GRID_TILES", json.dumps([TILE | {"key": "A b"}]), r"GRID_TILES\[0\]\.key must be small letters"),
    ("GRID_TILES", json.dumps([TILE | {"url": "https://a/{x}/{y}"}]), r"GRID_TILES\[0\]\.url must be http"),
    ("GRID_TILES", json.dumps([TILE | {"url": "javascript:{x}{y}{z}"}]), "url must be http"),
    ("GRID_TILES", json.dumps([TILE | {"name": 5}]), r"GRID_TILES\[0\] must hold texts"),
    ("GRID_TILES", json.dumps([TILE | {"max_zoom": 99}]), "max_zoom must be a whole number"),
])
def test_what_cannot_be_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.from_env({name: value})


def test_any_address_may_be_listened_on_where_the_hosts_served_have_names() -> None:
    for named in ({"GRID_PUBLIC_URL": "https://map.example:8443"}, {"GRID_HOSTS": "map.example"}):
        assert Settings.from_env({"HOST": "0.0.0.0", **named}).host == "0.0.0.0"  # noqa: S104


def test_no_secret_is_shown() -> None:
    found = Settings.from_env({"GRID_SECRET_KEY": "hush-key", "DATABASE_URL": "postgresql://me:hush-db@db/grid",
                               "GRID_OIDC": json.dumps(OIDC), "GRID_OIDC_SECRET": "hush-oidc"})
    assert (found.secret_key, found.oidc.client_secret) == ("hush-key", "hush-oidc")
    assert "hush" not in repr(found) + str(found)


@pytest.mark.parametrize("text", ["sip:{id}@pbx.example", "tel:{id}", "https://pbx.example/call?to={id}"])
def test_an_address_that_calls_names_who_is_called(text) -> None:
    assert Settings.from_env({"GRID_CALL": text}).call == text


@pytest.mark.parametrize("text", ["sip:pbx", "javascript:{id}", "sip:{id} x", "sip:{id}{id}", "{id}",
                                  'tel:"{id}"'])
def test_another_is_none(text) -> None:
    with pytest.raises(SettingsError, match="GRID_CALL must be an address of sip:, sips:, tel: or https:"):
        Settings.from_env({"GRID_CALL": text})


def test_the_secret_of_the_single_sign_on_may_stand_in_a_file_of_its_own(tmp_path) -> None:
    kept = tmp_path / "oidc"
    kept.write_text("hush-oidc\n")
    kept.chmod(0o600)
    given = {"GRID_OIDC": json.dumps(OIDC), "GRID_OIDC_SECRET": f"file:{kept}"}
    assert Settings.from_env(given).oidc.client_secret == "hush-oidc"
    kept.chmod(0o644)
    with pytest.raises(SettingsError, match="GRID_OIDC_SECRET must name a file with mode 0600, got 0644"):
        Settings.from_env(given)


def test_a_wrong_address_of_the_database_does_not_repeat_its_password() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"DATABASE_URL": "mysql://me:secret@db/x"})
    assert "secret" not in str(caught.value)
