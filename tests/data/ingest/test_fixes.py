"""Fixes: order, repeats, jumps, people whom the store does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from data.engine import Store
from data.ingest.fixes import distance_m, jumps
from tests.data.ingest.samples import rows_of, write_rows


def track(path: Path, *points: tuple[str, str, float, float]) -> Path:
    return write_rows(
        path,
        *(
            {"officer_id": who, "at": f"2025-03-01T{at}+08:00", "lon": str(lon), "lat": str(lat)}
            for who, at, lon, lat in points
        ),
    )


def test_newest_first_repeats_and_a_second_place(load: Any, tmp_path: Path, placed_store: Store) -> None:
    path = track(
        tmp_path / "a.csv",
        ("a", "08:02:00", 104.102, 30.662),
        ("a", "08:01:00", 104.101, 30.661),
        ("a", "08:01:00", 104.101, 30.661),
        ("a", "08:02:00", 104.103, 30.662),
        ("b", "08:00:00", 104.2, 30.7),
    )
    result = load(path, kind="fixes", mapping=None)
    assert (result["inserted"], result["unchanged"]) == (3, 1)
    assert result["rejected_by_reason"] == {"repeated_id": 1}
    assert result["flagged_by_reason"] == {"outside_grids": 1}
    again = load(path, kind="fixes", mapping=None)
    assert (again["inserted"], again["unchanged"]) == (0, 4)
    people = rows_of(placed_store, "select officer_id, street_code, grid_code from officer order by 1")
    assert people[0] == {"officer_id": "a", "street_code": "510108001", "grid_code": "510108001001001"}
    moved = track(tmp_path / "b.csv", ("a", "08:02:00", 104.109, 30.662))
    assert load(moved, kind="fixes", mapping=None)["rejected_by_reason"] == {"repeated_id": 1}


def test_faults(load: Any, tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.csv",
        {"officer_id": "", "at": "2025-03-01T08:00:00Z"},
        {"officer_id": "a", "at": ""},
        {"officer_id": "a", "at": "noon"},
        {"officer_id": "a", "at": "2030-03-01T08:00:00Z"},
        {"officer_id": "a", "at": "2025-03-01T08:00:00Z", "lon": "0", "lat": "0"},
    )
    assert load(path, kind="fixes", mapping=None)["rejected_by_reason"] == {
        "missing_id": 1,
        "missing_time": 1,
        "impossible_time": 1,
        "future_time": 1,
        "null_island": 1,
    }


def minutes(*values: int) -> Any:
    return np.datetime64("2025-01-01", "us") + np.asarray(values).astype("m8[m]")


def test_a_stray_counts_once_and_a_move_where_it_arrives() -> None:
    lat = np.zeros(4)
    stray = jumps(np.zeros(4, dtype=int), minutes(0, 1, 2, 3), np.array([0.0, 1.0, 0.0, 0.0]), lat)
    assert stray.tolist() == [False, True, False, False]
    moved = jumps(np.zeros(4, dtype=int), minutes(0, 1, 2, 3), np.array([0.0, 1.0, 1.0, 1.0]), lat)
    assert moved.tolist() == [False, True, False, False]
    slow = jumps(np.zeros(2, dtype=int), minutes(0, 600), np.array([0.0, 1.0]), np.zeros(2))
    assert not slow.any()
    assert not jumps(np.array([0, 1]), minutes(0, 1), np.array([0.0, 1.0]), np.zeros(2)).any()


def test_distance() -> None:
    one = np.array([0.0])
    assert abs(distance_m(one, one, one, one + 1)[0] - 111_195) < 10
