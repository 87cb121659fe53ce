"""Settings: defaults, values, and messages that name what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.settings import SETTINGS, Settings, SettingsError, TileLayer

TILE = {"key": "tdt", "name": "天地图", "url": "https://t0.tianditu.gov.cn/vec?x={x}&y={y}&z={z}&tk=1"}


def test_nothing_set_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings.from_env({setting.name: setting.default for setting in SETTINGS}) == Settings()
    assert Settings.from_env({"PORT": " ", "HOST": ""}) == Settings()


def test_everything_may_be_set() -> None:
    found = Settings.from_env({
        "DATABASE_URL": "postgresql://me@db/grid", "GRID_DATA_DIR": "/data", "HOST": "::1", "PORT": "9000",
        "GRID_HOT_DAYS": "30", "GRID_REFRESH_SECONDS": "2", "GRID_THREADS": "4", "GRID_LANG": "en",
        "GRID_AUDIT_DAYS": "183",
        "GRID_TILES": json.dumps([TILE | {"max_zoom": 17}]),
    })
    assert found == Settings(
        database_url="postgresql://me@db/grid", data_dir=Path("/data"), host="::1", port=9000, hot_days=30,
        refresh_seconds=2.0, threads=4, audit_days=183, lang="en", tiles=(TileLayer(**TILE, max_zoom=17),))


@pytest.mark.parametrize(("name", "value", "message"), [
    ("PORT", "http", r"PORT must be a whole number 1\.\.65535, got 'http'"),
    ("PORT", "70000", r"PORT must be a whole number 1\.\.65535, got '70000'"),
    ("PORT", "８０", "PORT must be a whole number"),
    ("HOST", "0.0.0.0", r"HOST must be a loopback address .* until sign-in exists, got '0.0.0.0'"),  # noqa: S104
    ("HOST", "example.org", "HOST must be a loopback address"),
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


def test_a_wrong_address_of_the_database_does_not_repeat_its_password() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"DATABASE_URL": "mysql://me:secret@db/x"})
    assert "secret" not in str(caught.value)
