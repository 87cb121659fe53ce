"""Mapping files: found by name or path, read from TOML, and checked before anything else happens."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as MappingOf
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.cases.lifecycle import STATES
from data.ingest.errors import IngestError
from data.ingest.mapping_model import FIELDS, KINDS, CategoryWord, ChannelRow, District, Mapping

__all__ = ["KINDS", "District", "Mapping", "check_crs", "load_mapping", "parse_mapping", "shipped"]

_FOLDER: Final = Path(__file__).parent / "mappings"

_DISTRICT_KEYS: Final = frozenset({"code", "name", "name_en", "lon", "lat", "bounds", "projected_zero"})
_CATEGORY_KEYS: Final = frozenset({"code", "name", "name_en", "class_name"})
_CHANNEL_KEYS: Final = frozenset({"code", "name", "name_en", "group"})
_CODE: Final = re.compile(r"[A-Za-z0-9_\-]{1,40}")
_CRS: Final = re.compile(r"wgs84|gcj02|bd09|EPSG:\d{4,6}", re.IGNORECASE)


def shipped() -> list[str]:
    """Names of the mappings that come with the product."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def load_mapping(name: str | None, kind: str) -> Mapping:
    """Read a shipped mapping by name, or a ``.toml`` file by path.

    Args:
        name: None stands for the mapping ``default_<kind>``.
        kind: what is imported; the mapping must be for it.

    Raises:
        IngestError: not found, not TOML, an unknown key, or a wrong value.
    """
    path = _find(name or f"default_{kind}")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IngestError(f"mapping {path} is not valid TOML: {error}") from error
    mapping = parse_mapping(raw, name=path.stem)
    if mapping.kind != kind:
        raise IngestError(f"mapping {path.stem} is for kind {mapping.kind!r}, got kind {kind!r}")
    return mapping


def _find(name: str) -> Path:
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise IngestError(f"mapping file must exist, got {name!r}")
        return path
    if name not in shipped():
        raise IngestError(f"mapping must be a .toml file or one of {', '.join(shipped())}; got {name!r}")
    return _FOLDER / f"{name}.toml"


def parse_mapping(raw: MappingOf[str, Any], *, name: str) -> Mapping:
    """Check a mapping that was read from TOML.

    Raises:
        IngestError: an unknown key or a wrong value; the message names it.
    """
    known = set(Mapping.__dataclass_fields__) - {"formats_of", "name"}
    _only(raw, known, "mapping")
    kind = raw.get("kind")
    if kind not in KINDS:
        raise IngestError(f"mapping {name}: kind must be one of {', '.join(KINDS)}; got {kind!r}")
    _check_types(raw)
    taken = dict(raw)
    columns = _texts_of(taken.pop("columns", {}), "columns")
    _only(columns, set(FIELDS[kind]), "columns")
    formats, formats_of = _formats(taken.pop("formats", ["iso"]))
    result = Mapping(
        name=name,
        kind=kind,
        source_system=_text(taken.pop("source_system", name), "source_system"),
        columns=columns,
        formats=formats,
        formats_of=formats_of,
        nulls=frozenset(taken.pop("nulls", ["", "-"])) | {""},
        district=_district(taken.pop("district", {})),
        categories=_categories(taken.pop("categories", {})),
        channels=_channels(taken.pop("channels", {})),
        **{key: value for key, value in taken.items() if key != "kind"},
    )
    _check(result)
    return result


def _check_types(raw: MappingOf[str, Any]) -> None:
    """Keys that are taken as they stand must have the type that the fields say."""
    for key in ("crs", "time_zone", "times_in", "case_prefix", "class_name", "place", "source_system"):
        if key in raw and not isinstance(raw[key], str):
            raise IngestError(f"{key} must be a text, got {raw[key]!r}")
    for key in ("local_labelled_utc", "reference"):
        if key in raw and not isinstance(raw[key], bool):
            raise IngestError(f"{key} must be true or false, got {raw[key]!r}")
    for key in ("states", "defaults", "values", "categories", "channels", "columns", "district"):
        if key in raw and not isinstance(raw[key], dict):
            raise IngestError(f"{key} must be a table, got {raw[key]!r}")
    if "nulls" in raw and not (
        isinstance(raw["nulls"], list) and all(isinstance(word, str) for word in raw["nulls"])
    ):
        raise IngestError(f"nulls must be a list of texts, got {raw['nulls']!r}")
    flat = {"states": raw.get("states", {}), "defaults": raw.get("defaults", {})}
    for where, table in {
        **flat,
        **{f"values.{key}": value for key, value in raw.get("values", {}).items()},
    }.items():
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            raise IngestError(f"{where} must be a table of texts, got {table!r}")


def _check(mapping: Mapping) -> None:
    for zone in (mapping.time_zone, mapping.zone_of_times):
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            raise IngestError(
                f"time_zone and times_in must be zones such as 'Asia/Shanghai', got {zone!r}"
            ) from None
    check_crs(mapping.crs)
    if mapping.place not in {"point", "names"}:
        raise IngestError(f"place must be 'point' or 'names', got {mapping.place!r}")
    for word, state in mapping.states.items():
        if state not in STATES:
            raise IngestError(f"states: {word!r} must become one of {', '.join(STATES)}; got {state!r}")


def check_crs(crs: str) -> str:
    """The CRS as it was written.

    Raises:
        IngestError: neither wgs84, gcj02, bd09 nor EPSG:n.
    """
    if not isinstance(crs, str) or not _CRS.fullmatch(crs):
        raise IngestError(f"crs must be wgs84, gcj02, bd09 or EPSG:n, got {crs!r}")
    return crs


def _only(given: MappingOf[str, Any], known: set[str] | frozenset[str], where: str) -> None:
    if not isinstance(given, dict):
        raise IngestError(f"{where} must be a table, got {type(given).__name__}")
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise IngestError(f"{where}: unknown keys {unknown}; known: {', '.join(sorted(known))}")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise IngestError(f"{where} must be a text, got {value!r}")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise IngestError(f"{where} must be a text or a list of texts, got {value!r}")


def _texts_of(table: Any, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, dict):
        raise IngestError(f"{where} must be a table, got {type(table).__name__}")
    return {key: _texts(value, f"{where}.{key}") for key, value in table.items()}


def _formats(value: Any) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """A list for all time columns, or a table per field with ``default``."""
    if isinstance(value, dict):
        table = _texts_of(value, "formats")
        return table.pop("default", ("iso",)), table
    return _texts(value, "formats"), {}


def _district(raw: Any) -> District:
    _only(raw, _DISTRICT_KEYS, "district")
    taken = dict(raw)
    if "bounds" in taken:
        bounds = taken["bounds"]
        if (
            not isinstance(bounds, list)
            or len(bounds) != 4
            or not bounds[0] < bounds[2]
            or not bounds[1] < bounds[3]
        ):
            raise IngestError(f"district.bounds must be [west, south, east, north], got {bounds!r}")
        taken["bounds"] = tuple(float(value) for value in bounds)
    code = taken.get("code", "999999")
    if not re.fullmatch(r"\d{6}", str(code)):
        raise IngestError(f"district.code must be 6 digits, got {code!r}")
    return District(**taken)


def _categories(raw: Any) -> dict[str, CategoryWord]:
    found = {}
    for word, row in raw.items():
        _only(row, _CATEGORY_KEYS, f"categories.{word}")
        code = row.get("code", "")
        if not re.fullmatch(r"[CESX]\d{4}", code):
            raise IngestError(f"categories.{word}.code must be a kind letter and 4 digits, got {code!r}")
        found[word] = CategoryWord(
            code=code,
            name=row.get("name", word),
            name_en=row.get("name_en", word),
            class_name=row.get("class_name", ""),
        )
    return found


def _channels(raw: Any) -> dict[str, ChannelRow]:
    found = {}
    for word, row in raw.items():
        _only(row, _CHANNEL_KEYS, f"channels.{word}")
        code = row.get("code", "")
        if not _CODE.fullmatch(code):
            raise IngestError(f"channels.{word}.code must be letters, digits, '_' and '-', got {code!r}")
        found[word] = ChannelRow(
            code=code,
            name=row.get("name", word),
            name_en=row.get("name_en", word),
            group=row.get("group", ""),
        )
    return found
