"""A store with four grids around (104.10, 30.66), and files made in one line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import shapely

from data.engine import Store
from data.ingest.command import import_file
from data.ingest.mapping import Mapping, parse_mapping

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHARED = Path(__file__).parents[4] / "shared" / "data"

MAPPING = {
    "kind": "cases",
    "source_system": "test",
    "case_prefix": "T-",
    "time_zone": "Asia/Shanghai",
    "formats": {"default": ["iso", "%Y/%m/%d %H:%M"]},
    "columns": {
        "source_id": "id",
        "status": "status",
        "category": "category",
        "reported": "reported",
        "closed": "closed",
        "lon": "lon",
        "lat": "lat",
        "address": "address",
    },
    "states": {"open": "accepted", "done": "closed"},
    "district": {"code": "510108", "name": "成华区", "bounds": [104.0, 30.6, 104.3, 30.8]},
}
ROW = {
    "id": "1",
    "status": "open",
    "category": "noise",
    "reported": "2025-03-01T08:00:00+08:00",
    "closed": "",
    "lon": "104.105",
    "lat": "30.665",
    "address": "road 1",
}


def area_table() -> pa.Table:
    """District, street, community and four square grids of 0.01 degrees."""
    rows: list[dict[str, Any]] = []
    for number, (x, y) in enumerate([(0, 0), (1, 0), (0, 1), (1, 1)], start=1):
        box = shapely.box(104.10 + x * 0.01, 30.66 + y * 0.01, 104.11 + x * 0.01, 30.67 + y * 0.01)
        rows.append(
            {
                "area_code": f"510108001001{number:03d}",
                "level": "grid",
                "parent_code": "510108001001",
                "street_code": "510108001",
                "grid_kind": "base",
                "geometry": shapely.to_wkb(box),
                "name": f"网格{number}",
            }
        )
    for code, level, parent in (
        ("510108001001", "community", "510108001"),
        ("510108001", "street", "510108"),
        ("510108", "district", None),
    ):
        rows.append(
            {
                "area_code": code,
                "level": level,
                "parent_code": parent,
                "name": code,
                "grid_kind": None,
                "street_code": None if level == "district" else "510108001",
                "geometry": shapely.to_wkb(shapely.box(104.10, 30.66, 104.12, 30.68)),
            }
        )
    return pa.Table.from_pylist(rows)


@pytest.fixture
def placed_store(store: Store) -> Store:
    store.append("area", area_table())
    return store


@pytest.fixture
def mapping() -> Mapping:
    return parse_mapping(MAPPING, name="test")


def write_rows(path: Path, *rows: dict[str, Any]) -> Path:
    """Write rows (dicts over `ROW`) as CSV; returns the path."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(
            handle, list(dict.fromkeys([*ROW, *(name for row in rows for name in row)])), restval=""
        )
        writer.writeheader()
        writer.writerows([{**ROW, **row} for row in rows])
    return path


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    """Write rows (dicts over `ROW`) as CSV."""

    def write(*rows: dict[str, Any], name: str = "cases.csv") -> Path:
        return write_rows(tmp_path / name, *rows)

    return write


@pytest.fixture
def load(placed_store: Store, mapping: Mapping) -> Callable[..., dict[str, Any]]:
    """Import a file of cases into the store with the four grids; checks the account."""

    def run(path: Path, **options: Any) -> dict[str, Any]:
        options = {"mapping": mapping, "now": NOW, **options}
        result = import_file(placed_store, options.pop("kind", "cases"), path, **options)
        assert_adds_up(result)
        return result

    return run


def assert_adds_up(result: dict[str, Any]) -> None:
    """Every row became exactly one thing, and every refusal has a reason."""
    assert result["read"] == sum(result[name] for name in ("inserted", "updated", "unchanged", "rejected"))
    assert result["rejected"] == sum(result["rejected_by_reason"].values())


def rows_of(store: Store, sql: str) -> list[dict[str, Any]]:
    """The rows of a query."""
    return store.arrow(sql).to_pylist()
