"""Mapping files: what is refused, and that everything shipped is sound."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from data.ingest import mapping
from data.ingest.errors import IngestError
from data.ingest.mapping import KINDS, load_mapping, parse_mapping, shipped

FOLDER = Path(mapping.__file__).parent / "mappings"
GOOD: dict[str, Any] = {"kind": "cases", "columns": {"source_id": "id"}}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_default(kind: str) -> None:
    assert load_mapping(None, kind).kind == kind


@pytest.mark.parametrize("name", shipped())
def test_shipped_mappings_are_sound(name: str) -> None:
    kind = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["kind"]
    assert load_mapping(name, kind).columns


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "case"}, r"kind must be one of .*; got 'case'"),
        ({"colour": 1}, r"mapping: unknown keys \['colour'\]; known:"),
        ({"columns": {"when": "x"}}, r"columns: unknown keys \['when'\]"),
        ({"columns": {"source_id": 3}}, r"columns.source_id must be a text or a list of texts, got 3"),
        ({"time_zone": "Mars/Base"}, r"must be zones such as 'Asia/Shanghai', got 'Mars/Base'"),
        ({"crs": "utm"}, r"crs must be wgs84, gcj02, bd09 or EPSG:n, got 'utm'"),
        ({"states": {"a": "finished"}}, r"'a' must become one of .*; got 'finished'"),
        ({"district": {"code": "12"}}, r"district.code must be 6 digits, got '12'"),
        ({"district": {"bounds": [2, 0, 1, 1]}}, r"bounds must be \[west, south, east, north\]"),
        ({"district": {"zoom": 3}}, r"district: unknown keys \['zoom'\]"),
        (
            {"categories": {"a": {"code": "Z9"}}},
            r"categories.a.code must be a kind letter and 4 digits, got 'Z9'",
        ),
        ({"channels": {"a": {"code": "a b"}}}, r"channels.a.code must be letters"),
        ({"place": "somewhere"}, r"place must be 'point' or 'names', got 'somewhere'"),
        ({"formats": 5}, r"formats must be a text or a list of texts, got 5"),
        ({"states": "open"}, r"states must be a table"),
        ({"nulls": 3}, r"nulls must be a list of texts"),
        ({"case_prefix": 3}, r"case_prefix must be a text"),
        ({"local_labelled_utc": "yes"}, r"local_labelled_utc must be true or false"),
        ({"values": {"nature": 3}}, r"values.nature must be a table"),
    ],
)
def test_wrong_mappings_say_what_is_wrong(change: dict[str, Any], message: str) -> None:
    with pytest.raises(IngestError, match=message):
        parse_mapping({**GOOD, **change}, name="m")


def test_unknown_names_and_files(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"one of boston311.*; got 'bostn'"):
        load_mapping("bostn", "cases")
    with pytest.raises(IngestError, match="must exist"):
        load_mapping(str(tmp_path / "no.toml"), "cases")
    (tmp_path / "bad.toml").write_text("kind = ")
    with pytest.raises(IngestError, match="is not valid TOML"):
        load_mapping(str(tmp_path / "bad.toml"), "cases")
    with pytest.raises(IngestError, match="is for kind 'cases', got kind 'fixes'"):
        load_mapping("boston311", "fixes")
