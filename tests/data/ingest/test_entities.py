"""Officers, resources and buildings from small files: one bad row each, again, and changed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from data.engine import Store
from data.ingest.command import import_file
from tests.data.ingest.samples import NOW, assert_adds_up, rows_of

Bring = Callable[..., dict[str, Any]]
PLACE = (104.105, 30.665)
GRID = "510108001001001"

OFFICERS = [
    {"officer_id": "o1", "name": "王小明", "role": "网格员", "phone": "13812345678", "on_duty": "是",
     "team_level": 1},
    {"officer_id": "o2", "name": "李*", "role": "police", "phone": "138****5678", "on_duty": "no",
     "team_level": 9},
    {"officer_id": "o3", "name": "赵四", "role": "astronaut"},
]
RESOURCES = [
    {"resource_id": "r1", "kind": "police_car", "name": "川A0001警", "status": "idle",
     "stream_url": "rtsp://10.0.0.1/a"},
    {"resource_id": "r2", "kind": "camera", "name": "路口", "status": "sleeping",
     "stream_url": "javascript:alert(1)"},
    {"resource_id": "r3", "kind": "submarine", "name": "潜艇"},
]
BUILDINGS = [
    {"building_id": "b1", "name": "1栋", "kind": "apartments", "floors": 6},
    {"building_id": "b2", "name": "2栋", "kind": "castle", "height": 31, "households": "many"},
    {"building_id": "", "name": "3栋", "kind": "office", "floors": 2},
]


def as_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, [*names, "lon", "lat"], restval="")
        writer.writeheader()
        writer.writerows({**row, "lon": PLACE[0], "lat": PLACE[1]} for row in rows)
    return path


def as_geojson(path: Path, rows: list[dict[str, Any]], shape: Any = None) -> Path:
    place = shapely.geometry.mapping(shape or shapely.Point(PLACE))
    names = list(dict.fromkeys(name for row in rows for name in row))
    features = [
        {"type": "Feature", "properties": {name: row.get(name) for name in names}, "geometry": place}
        for row in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.fixture
def bring(placed_store: Store) -> Bring:
    def run(kind: str, path: Path) -> dict[str, Any]:
        result = import_file(placed_store, kind, path, now=NOW)
        assert_adds_up(result)
        return result

    return run


@pytest.fixture(params=["csv", "geojson"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def written(folder: Path, form: str, rows: list[dict[str, Any]], name: str = "file") -> Path:
    return {"csv": as_csv, "geojson": as_geojson}[form](folder / f"{name}.{form}", rows)


def once_and_again(bring: Bring, kind: str, path: Path) -> dict[str, Any]:
    """The account of the first import; the second must find nothing new."""
    first = bring(kind, path)
    again = bring(kind, path)
    assert (again["inserted"], again["updated"], again["unchanged"]) == (0, 0, first["inserted"])
    return first


def test_officers(bring: Bring, placed_store: Store, tmp_path: Path, form: str) -> None:
    first = once_and_again(bring, "officers", written(tmp_path, form, OFFICERS))
    assert (first["inserted"], first["rejected_by_reason"]) == (2, {"unknown_role": 1})
    assert first["flagged_by_reason"] == {"bad_number": 1}
    one, other = rows_of(placed_store, "select * from officer order by officer_id")
    assert (one["name_masked"], one["phone_masked"], one["role"]) == ("王**", "138****5678", "grid_officer")
    assert (one["street_code"], one["grid_code"], one["on_duty"]) == (GRID[:9], GRID, True)
    assert (other["name_masked"], other["team_level"], other["on_duty"]) == ("李*", 0, False)


def test_an_officer_without_any_street_is_refused(bring: Bring, tmp_path: Path) -> None:
    path = tmp_path / "officers.csv"
    path.write_text(f"id,role,grid_code\na,police,{GRID}\nb,police,\n", encoding="utf-8")
    result = bring("officers", path)
    assert (result["inserted"], result["rejected_by_reason"]) == (1, {"unknown_area": 1})


def test_resources(bring: Bring, placed_store: Store, tmp_path: Path, form: str) -> None:
    first = once_and_again(bring, "resources", written(tmp_path, form, RESOURCES))
    assert (first["inserted"], first["rejected_by_reason"]) == (2, {"unknown_kind": 1})
    assert first["flagged_by_reason"] == {"unknown_status": 1, "bad_url": 1}
    one, other = rows_of(placed_store, "select * from resource order by resource_id")
    assert (one["kind"], one["status"], one["area_code"]) == ("police_car", "idle", GRID)
    assert (one["stream_url"], other["stream_url"], other["status"]) == ("rtsp://10.0.0.1/a", None, None)
    moved = [{**RESOURCES[0], "status": "busy"}]
    assert bring("resources", written(tmp_path, form, moved, "moved"))["updated"] == 1


def test_buildings(bring: Bring, placed_store: Store, tmp_path: Path, form: str) -> None:
    first = once_and_again(bring, "buildings", written(tmp_path, form, BUILDINGS))
    assert (first["inserted"], first["rejected_by_reason"]) == (2, {"missing_id": 1})
    assert first["flagged_by_reason"] == {"unknown_kind": 1, "bad_number": 1}
    one, other = rows_of(placed_store, "select * from building order by building_id")
    assert (one["kind"], one["floors"], one["height_m"], one["grid_code"]) == ("residential", 6, 18.0, GRID)
    assert (other["kind"], other["floors"], other["height_m"], other["households"]) == (
        "mixed", 10, 31.0, None)


def test_footprints_keep_their_shape_and_stand_in_a_grid(
    bring: Bring, placed_store: Store, tmp_path: Path
) -> None:
    shape = shapely.box(104.1050, 30.6650, 104.1052, 30.6652)
    assert bring("buildings", as_geojson(tmp_path / "b.geojson", BUILDINGS[:1], shape))["inserted"] == 1
    row = rows_of(placed_store, "select footprint, grid_code from building")[0]
    assert shapely.from_wkb(row["footprint"]).equals(shape)
    assert row["grid_code"] == GRID


@pytest.mark.parametrize(
    ("kind", "rows"), [("resources", RESOURCES[:1]), ("buildings", BUILDINGS[:1])]
)
def test_places_outside_of_all_grids_are_refused(
    bring: Bring, tmp_path: Path, kind: str, rows: list[dict[str, Any]]
) -> None:
    result = bring(kind, as_geojson(tmp_path / "far.geojson", rows, shapely.Point(121.5, 31.2)))
    assert result["rejected_by_reason"] == {"outside_district": 1}


def test_two_facts_under_one_id_in_one_file_are_a_conflict(bring: Bring, tmp_path: Path) -> None:
    result = bring("resources", as_csv(tmp_path / "r.csv", [RESOURCES[0], {**RESOURCES[0], "name": "other"}]))
    assert (result["inserted"], result["rejected_by_reason"]) == (1, {"repeated_id": 1})


def test_grids_beside_the_partition_come_in_by_their_codes(placed_store: Store, bring: Bring, tmp_path: Path
                                                           ) -> None:
    rows = [{"area_code": "510108001U0001", "name": "单元1", "人口": 40, "流动人口": 9},
            {"area_code": "510108001C001", "name": "花园小区"},
            {"area_code": "510108001U001", "name": "三位"}]
    shape = shapely.box(104.101, 30.661, 104.102, 30.662)
    result = bring("areas", as_geojson(tmp_path / "grids.geojson", rows, shape))
    assert result["inserted"] == 2
    assert result["rejected_by_reason"] == {"bad_code": 1}
    found = placed_store.arrow("SELECT grid_kind, level, parent_code, residents, floating FROM area"
                               " WHERE area_code LIKE '%U0001' OR area_code LIKE '%C001' ORDER BY 1")
    assert found.to_pylist() == [
        {"grid_kind": "compound", "level": "grid", "parent_code": "510108001", "residents": None,
         "floating": None},
        {"grid_kind": "unit", "level": "grid", "parent_code": "510108001", "residents": 40, "floating": 9}]
