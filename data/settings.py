"""Settings: one frozen value, read from the environment once, by `app.py`.

Every setting has a working default. `SETTINGS` is the one list of them; the
README's table is tested against it.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from data.access import secret_file
from data.access.oidc_settings import Provider, ProviderError, parse_provider
from data.bulletin.mail_settings import MailServer, MailServerError, parse_mail_server


class SettingsError(ValueError):
    """A setting that cannot be; the message names it, what came and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One environment variable: its name, its default as text, and what it does."""

    name: str
    default: str
    help: str


SETTINGS: Final = (
    Setting(name="DATABASE_URL", default="",
            help="postgresql://… of a server ≥ 15; empty = the embedded server under GRID_DATA_DIR"),
    Setting(name="GRID_DATA_DIR", default="var", help="embedded database, attachments, caches"),
    Setting(name="HOST", default="127.0.0.1",
            help="address to listen on; other than loopback only with GRID_PUBLIC_URL or GRID_HOSTS"),
    Setting(name="PORT", default="8050", help="port to listen on, 1..65535"),
    Setting(name="GRID_HOT_DAYS", default="400",
            help="days of cases the in-memory snapshot holds; older windows are asked from the store"),
    Setting(name="GRID_REFRESH_SECONDS", default="1.5",
            help="seconds between two looks of the snapshot, 0.2..60"),
    Setting(name="GRID_THREADS", default="32", help="threads that answer requests, 2..256"),
    Setting(name="GRID_STREAMS", default="128",
            help="open walls that are told of changes at once, 0..1000; each has a thread of its own beside"
                 " GRID_THREADS, one more asks every two seconds instead"),
    Setting(name="GRID_AUDIT_DAYS", default="400",
            help="days of the audit log at hand, 183..36600; `audit export` archives older rows, none is"
                 " ever removed"),
    Setting(name="GRID_SECRET_KEY", default="",
            help="secret key, at least 32 random bytes as base64 or hex; a demo store makes its own"),
    Setting(name="GRID_SECRET_FILE", default="",
            help="file with the secret key, mode 0600 and of the user who runs the server"),
    Setting(name="GRID_SESSION_IDLE_MIN", default="30",
            help="minutes without an act after which a session ends, 1..1440"),
    Setting(name="GRID_SESSION_MAX_H", default="12",
            help="hours after which a session ends in any case, 1..168"),
    Setting(name="GRID_PUBLIC_URL", default="",
            help="address by which people reach the product, https://… behind TLS: cookies are then secure"),
    Setting(name="GRID_HOSTS", default="",
            help="further names of hosts that are served, with commas between; this machine's always are"),
    Setting(name="GRID_PROXIES", default="0",
            help="proxies of your own in front, 0..5: so many of the last X-Forwarded-For are believed"),
    Setting(name="GRID_OIDC", default="",
            help="single sign-on, a JSON object: issuer, client_id, roles (group to role), and perhaps"
                 " roles_claim, areas_claim, areas, departments_claim, name_claim, scopes, second_factor,"
                 " label"),
    Setting(name="GRID_OIDC_SECRET", default="",
            help="the client's secret of GRID_OIDC, or file:PATH of one with mode 0600; none: PKCE alone"),
    Setting(name="GRID_STREAM_HOSTS", default="",
            help="origins (https://HOST[:PORT]) whose pictures of cameras pages may play, with commas"
                 " between; self = this server; an address that is only a path belongs to the first"),
    Setting(name="GRID_CALL", default="",
            help="address by which cards call officers and forces, sip:, sips:, tel: or https: with {id} for"
                 " the number of who is called, as sip:{id}@pbx.example; empty: no card calls"),
    Setting(name="GRID_SMTP", default="",
            help="server that takes mail, smtp://[USER@]HOST[:PORT] (STARTTLS where it is offered, always"
                 " before a password) or smtps://…; empty: no bulletin is sent by mail"),
    Setting(name="GRID_SMTP_PASSWORD", default="",
            help="the password of GRID_SMTP's user, or file:PATH of one with mode 0600"),
    Setting(name="GRID_MAIL_FROM", default="", help="address that mail comes from, needed beside GRID_SMTP"),
    Setting(name="GRID_WEBHOOK_HOSTS", default="",
            help="origins (https://HOST[:PORT]) to which bulletins may be sent by webhook, with commas"
                 " between; empty: none"),
    Setting(name="GRID_LANG", default="zh", help="language of the first page: zh or en"),
    Setting(name="GRID_TILES", default="[]",
            help='raster tile layers, a JSON list of {"key","name","url" with {x} {y} {z},'
                 ' "attribution","max_zoom"}; none is needed'),
)
_DEFAULTS: Final = {setting.name: setting.default for setting in SETTINGS}
_HOST_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,252})|[0-9a-f:]{2,39}", re.ASCII)
_CALL: Final = re.compile(r"(sips?|tel|https):[\w.~:/?#@!$&'*+,;=%{}-]{1,200}", re.ASCII)
_TILE_KEYS: Final = {"key", "name", "url", "attribution", "max_zoom"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TileLayer:
    """A raster tile source (XYZ, or WMTS written as a template).

    ``url`` holds ``{x}``, ``{y}`` and ``{z}``; ``attribution`` is plain text,
    empty where the source asks for none.
    """

    key: str
    name: str
    url: str
    attribution: str = ""
    max_zoom: int = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the whole program may be told from outside; no secret of it is ever shown."""

    database_url: str | None = field(default=None, repr=False)  # may hold a password
    data_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8050
    hot_days: int = 400
    refresh_seconds: float = 1.5
    threads: int = 32
    streams: int = 128
    audit_days: int = 400
    secret_key: str | None = field(default=None, repr=False)
    secret_file: Path | None = None
    session_idle_min: int = 30
    session_max_h: int = 12
    public_url: str | None = None
    hosts: tuple[str, ...] = ()
    proxies: int = 0
    oidc: Provider | None = None
    stream_hosts: tuple[str, ...] = ()
    call: str = ""
    mail: MailServer | None = None
    webhook_hosts: tuple[str, ...] = ()
    lang: str = "zh"
    tiles: tuple[TileLayer, ...] = ()

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings; what is absent or empty takes its default.

        Raises:
            SettingsError: a value is malformed.
        """
        text = {name: env.get(name, "").strip() or default for name, default in _DEFAULTS.items()}
        public_url, hosts = _public_url(text["GRID_PUBLIC_URL"]), _hosts(text["GRID_HOSTS"])
        return cls(
            database_url=_database_url(text["DATABASE_URL"]),
            data_dir=Path(text["GRID_DATA_DIR"]).expanduser(),
            host=_host(text["HOST"], is_known=bool(public_url or hosts)),
            port=_whole("PORT", text["PORT"], 1, 65535),
            hot_days=_whole("GRID_HOT_DAYS", text["GRID_HOT_DAYS"], 1, 36600),
            refresh_seconds=_number("GRID_REFRESH_SECONDS", text["GRID_REFRESH_SECONDS"], 0.2, 60),
            threads=_whole("GRID_THREADS", text["GRID_THREADS"], 2, 256),
            streams=_whole("GRID_STREAMS", text["GRID_STREAMS"], 0, 1000),
            audit_days=_whole("GRID_AUDIT_DAYS", text["GRID_AUDIT_DAYS"], 183, 36600),
            secret_key=text["GRID_SECRET_KEY"] or None,
            secret_file=Path(text["GRID_SECRET_FILE"]).expanduser() if text["GRID_SECRET_FILE"] else None,
            session_idle_min=_whole("GRID_SESSION_IDLE_MIN", text["GRID_SESSION_IDLE_MIN"], 1, 1440),
            session_max_h=_whole("GRID_SESSION_MAX_H", text["GRID_SESSION_MAX_H"], 1, 168),
            public_url=public_url,
            hosts=hosts,
            proxies=_whole("GRID_PROXIES", text["GRID_PROXIES"], 0, 5),
            oidc=_oidc(text["GRID_OIDC"], text["GRID_OIDC_SECRET"]),
            stream_hosts=_stream_hosts(text["GRID_STREAM_HOSTS"]),
            call=_call(text["GRID_CALL"]),
            mail=_mail(text["GRID_SMTP"], text["GRID_SMTP_PASSWORD"], text["GRID_MAIL_FROM"]),
            webhook_hosts=tuple(_origin("GRID_WEBHOOK_HOSTS", part.strip())
                                for part in text["GRID_WEBHOOK_HOSTS"].split(",") if part.strip()),
            lang=_one_of("GRID_LANG", text["GRID_LANG"], ("zh", "en")),
            tiles=_tiles(text["GRID_TILES"]),
        )


def _whole(name: str, text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
        raise SettingsError(f"{name} must be a whole number {low}..{high}, got {text[:60]!r}")
    return int(text)


def _number(name: str, text: str, low: float, high: float) -> float:
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text, re.ASCII) or not low <= float(text) <= high:
        raise SettingsError(f"{name} must be a number {low}..{high}, got {text[:60]!r}")
    return float(text)


def _one_of(name: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise SettingsError(f"{name} must be one of {', '.join(allowed)}; got {text[:60]!r}")
    return text


def _host(text: str, *, is_known: bool) -> str:
    """An address to listen on; from outside only where the hosts that are served have names."""
    try:
        address = None if text == "localhost" else ipaddress.ip_address(text)
    except ValueError:
        raise SettingsError(f"HOST must be an IP address or localhost, got {text[:60]!r}") from None
    if address is not None and not address.is_loopback and not is_known:
        raise SettingsError("HOST must be a loopback address (127.0.0.1, ::1 or localhost) unless"
                            f" GRID_PUBLIC_URL or GRID_HOSTS names the hosts served, got {text[:60]!r}")
    return text


def _stream_hosts(text: str) -> tuple[str, ...]:
    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    return tuple(name if name == "self" else _origin("GRID_STREAM_HOSTS", name) for name in names)


def _call(text: str) -> str:
    if text and not (_CALL.fullmatch(text) and text.count("{id}") == 1):
        raise SettingsError("GRID_CALL must be an address of sip:, sips:, tel: or https: with one {id},"
                            f" got {text[:60]!r}")
    return text


def _public_url(text: str) -> str | None:
    return _origin("GRID_PUBLIC_URL", text) if text else None


def _origin(name: str, text: str) -> str:
    expected = f"{name} must be http(s)://HOST[:PORT] without a path"
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and _HOST_NAME.fullmatch(parts.hostname or "")
        is_bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise SettingsError(f"{expected}, got {text[:60]!r}: {error}") from None
    if not fits or not is_bare:
        raise SettingsError(f"{expected}, got {(parts.hostname or text)[:60]!r}")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _mail(text: str, password: str, sender: str) -> MailServer | None:
    try:
        return parse_mail_server(text, password, sender)
    except (MailServerError, secret_file.SecretFileError) as error:
        raise SettingsError(str(error)) from None


def _hosts(text: str) -> tuple[str, ...]:
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for name in names:
        if not _HOST_NAME.fullmatch(name):
            raise SettingsError("GRID_HOSTS must be names or addresses of hosts without ports, with commas"
                                f" between, got {name[:60]!r}")
    return names


def _oidc(text: str, secret: str) -> Provider | None:
    if secret and not text:
        raise SettingsError("GRID_OIDC must be set beside GRID_OIDC_SECRET, got nothing")
    try:
        if secret.startswith("file:"):
            path = Path(secret.removeprefix("file:")).expanduser()
            secret = secret_file.read(path, "GRID_OIDC_SECRET")
        return parse_provider(text, secret or None)
    except ProviderError as error:
        raise SettingsError(f"GRID_OIDC {error}") from None
    except secret_file.SecretFileError as error:
        raise SettingsError(str(error)) from None


def _database_url(text: str) -> str | None:
    if not text:
        return None
    scheme, separator, _ = text.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        # the rest of the address may hold a password and is not repeated
        raise SettingsError(f"DATABASE_URL must begin with postgresql://, got {scheme[:30]!r}")
    return text


def _tiles(text: str) -> tuple[TileLayer, ...]:
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"GRID_TILES must be a JSON list, got {text[:60]!r}: {error}") from None
    if not isinstance(entries, list):
        raise SettingsError(f"GRID_TILES must be a JSON list, got {type(entries).__name__}")
    layers = tuple(_tile(number, entry) for number, entry in enumerate(entries))
    if len({layer.key for layer in layers}) != len(layers):
        raise SettingsError(f"GRID_TILES keys must differ, got {[layer.key for layer in layers]}")
    return layers


def _tile(number: int, entry: Any) -> TileLayer:
    where = f"GRID_TILES[{number}]"
    if not isinstance(entry, dict) or set(entry) - _TILE_KEYS or not {"key", "name", "url"} <= set(entry):
        raise SettingsError(f"{where} must be an object with key, name, url and perhaps attribution,"
                            f" max_zoom; got {str(entry)[:80]!r}")
    layer = TileLayer(**entry)
    if not all(isinstance(value, str) for value in (layer.key, layer.name, layer.url, layer.attribution)):
        raise SettingsError(f"{where} must hold texts, got {str(entry)[:80]!r}")
    if not re.fullmatch(r"[a-z0-9_-]{1,40}", layer.key):
        raise SettingsError(f"{where}.key must be small letters, digits, '_' and '-',"
                            f" got {layer.key[:60]!r}")
    placed = all(part in layer.url for part in ("{x}", "{y}", "{z}"))
    if not placed or not re.match(r"https?://[^/\s;,'\"]+/", layer.url):
        raise SettingsError(f"{where}.url must be http(s):// with {{x}}, {{y}} and {{z}},"
                            f" got {layer.url[:80]!r}")
    if type(layer.max_zoom) is not int or not 1 <= layer.max_zoom <= 24:
        raise SettingsError(f"{where}.max_zoom must be a whole number 1..24,"
                            f" got {str(layer.max_zoom)[:60]!r}")
    return layer
