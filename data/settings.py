"""Settings: one frozen value, read from the environment once, by `app.py`.

Every setting has a working default. `SETTINGS` is the one list of them; the
README's table is tested against it.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


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
            help="address to listen on; loopback only until sign-in exists"),
    Setting(name="PORT", default="8050", help="port to listen on, 1..65535"),
    Setting(name="GRID_HOT_DAYS", default="400",
            help="days of cases the in-memory snapshot holds; older windows are asked from the store"),
    Setting(name="GRID_REFRESH_SECONDS", default="1.5",
            help="seconds between two looks of the snapshot, 0.2..60"),
    Setting(name="GRID_THREADS", default="16", help="threads that answer requests, 2..256"),
    Setting(name="GRID_AUDIT_DAYS", default="400",
            help="days of the audit log at hand, 183..36600; `audit export` archives older rows, none is"
                 " ever removed"),
    Setting(name="GRID_LANG", default="zh", help="language of the first page: zh or en"),
    Setting(name="GRID_TILES", default="[]",
            help='raster tile layers, a JSON list of {"key","name","url" with {x} {y} {z},'
                 ' "attribution","max_zoom"}; none is needed'),
)
_DEFAULTS: Final = {setting.name: setting.default for setting in SETTINGS}
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
    """What the whole program may be told from outside."""

    database_url: str | None = None
    data_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8050
    hot_days: int = 400
    refresh_seconds: float = 1.5
    threads: int = 16
    audit_days: int = 400
    lang: str = "zh"
    tiles: tuple[TileLayer, ...] = ()

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings; what is absent or empty takes its default.

        Raises:
            SettingsError: a value is malformed.
        """
        text = {name: env.get(name, "").strip() or default for name, default in _DEFAULTS.items()}
        return cls(
            database_url=_database_url(text["DATABASE_URL"]),
            data_dir=Path(text["GRID_DATA_DIR"]).expanduser(),
            host=_loopback(text["HOST"]),
            port=_whole("PORT", text["PORT"], 1, 65535),
            hot_days=_whole("GRID_HOT_DAYS", text["GRID_HOT_DAYS"], 1, 36600),
            refresh_seconds=_number("GRID_REFRESH_SECONDS", text["GRID_REFRESH_SECONDS"], 0.2, 60),
            threads=_whole("GRID_THREADS", text["GRID_THREADS"], 2, 256),
            audit_days=_whole("GRID_AUDIT_DAYS", text["GRID_AUDIT_DAYS"], 183, 36600),
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


def _loopback(text: str) -> str:
    expected = "HOST must be a loopback address (127.0.0.1, ::1 or localhost) until sign-in exists"
    try:
        is_loopback = text == "localhost" or ipaddress.ip_address(text).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise SettingsError(f"{expected}, got {text[:60]!r}")
    return text


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
