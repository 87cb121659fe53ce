"""The real files beside the project, with exact counts of rows kept and refused by reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest

from data.engine import Store
from data.ingest.command import import_file
from data.ingest.mapping import load_mapping
from tests.data.ingest.samples import NOW, SHARED, assert_adds_up, rows_of


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside the project in ../shared/data")
    return path


def load(store: Store, kind: str, name: str, mapping: str | None, **options: Any) -> dict[str, Any]:
    result = import_file(store, kind, shared(name), mapping=load_mapping(mapping, kind), now=NOW, **options)
    assert_adds_up(result)
    return result


BOSTON_REFUSED = {
    "unprojected_zero": 80,
    "missing_id": 5,
    "repeated_id": 5,
    "empty_row": 2,
    "outside_district": 2,
    "closed_before_reported": 1,
}


def test_boston_all_rows(store: Store) -> None:
    name, mapping = "cases/boston311_open311_2008_2020.parquet", "boston311"
    first = load(store, "cases", name, mapping, derive_cell_m=800)
    assert (first["read"], first["inserted"], first["updated"], first["unchanged"]) == (
        387356,
        320687,
        11,
        66563,
    )
    assert first["rejected_by_reason"] == BOSTON_REFUSED
    assert first["flagged_by_reason"] == {"truncated_to_minute": 41196, "older_state": 1}
    again = load(store, "cases", name, mapping)
    assert (again["inserted"], again["updated"], again["unchanged"]) == (0, 0, 387261)
    assert again["rejected_by_reason"] == BOSTON_REFUSED
    counted = rows_of(
        store, 'select count(*) as n, count(distinct source_id) as ids, count(grid_code) as g from "case"'
    )
    assert counted == [{"n": 320687, "ids": 320687, "g": 320687}]


def test_boston_slice_is_the_same_as_csv_and_as_parquet(store: Store, tmp_path: Path) -> None:
    name = "cases/boston311_dev_slice.csv.gz"
    result = load(store, "cases", name, "boston311", derive_cell_m=800)
    assert (result["read"], result["inserted"], result["unchanged"]) == (13598, 13509, 1)
    assert result["rejected_by_reason"] == {
        "unprojected_zero": 80,
        "missing_id": 5,
        "outside_district": 2,
        "empty_row": 1,
    }
    typed = tmp_path / "slice.parquet"
    pq.write_table(pc_csv.read_csv(shared(name)), typed)
    again = import_file(store, "cases", typed, mapping=load_mapping("boston311", "cases"), now=NOW)
    assert (again["inserted"], again["updated"]) == (0, 0)


def test_boston_open311_json(store: Store) -> None:
    result = load(store, "cases", "spec/open311_boston_requests_sample.json", "boston311", derive_cell_m=800)
    assert result["read"] == 500
    assert result["inserted"] + result["unchanged"] + result["rejected"] == 500
    assert result["inserted"] > 480


def test_chicago(store: Store) -> None:
    result = load(store, "cases", "cases/chicago_crimes_2018.parquet", "chicago", derive_cell_m=1000)
    assert (result["read"], result["inserted"], result["unchanged"]) == (156385, 156361, 16)
    # two o'clock of 11 March 2018 did not exist in Chicago
    assert result["rejected_by_reason"] == {"impossible_time": 8}
    classes = rows_of(store, "select count(distinct class_code) as classes, count(*) as n from category")
    assert classes == [
        {"classes": 31, "n": rows_of(store, 'select count(distinct cat_code) as n from "case"')[0]["n"]}
    ]


def test_cabs_of_san_francisco(store: Store) -> None:
    first = load(store, "fixes", "gps/sf_cabspotting_5cabs_2008.parquet", "cabspotting", derive_cell_m=1000)
    assert (first["read"], first["inserted"], first["rejected"]) == (110714, 110714, 0)
    assert first["flagged_by_reason"]["jump"] == 205
    assert rows_of(store, "select count(*) as n from gps_fix where not valid") == [{"n": 205}]
    again = load(store, "fixes", "gps/sf_cabspotting_5cabs_2008.parquet", "cabspotting")
    assert (again["inserted"], again["unchanged"]) == (0, 110714)


def test_tracks_of_beijing_without_the_trip_to_shanghai(store: Store) -> None:
    result = load(store, "fixes", "gps/geolife_beijing_20k.parquet", "geolife", derive_cell_m=1000)
    assert (result["read"], result["inserted"], result["unchanged"]) == (20174, 19584, 14)
    assert result["rejected_by_reason"] == {"outside_district": 576}


def test_zip_of_gpx(store: Store) -> None:
    result = load(store, "fixes", "gps/gpx_parser_testfiles.zip", "gpx", derive_cell_m=1000)
    assert (result["read"], result["inserted"]) == (4839, 3976)
    assert result["rejected_by_reason"] == {"missing_time": 679, "impossible_time": 184}


def test_district_outlines_in_both_systems_are_the_same_places(store: Store) -> None:
    assert load(store, "areas", "geo/districts_wgs84.geojson", None)["inserted"] == 8
    before = {
        row["area_code"]: row for row in rows_of(store, "select area_code, lon, lat, area_m2 from area")
    }
    load(store, "areas", "geo/districts_gcj02.geojson", None, crs="gcj02")
    after = {row["area_code"]: row for row in rows_of(store, "select area_code, lon, lat, area_m2 from area")}
    for code, row in before.items():
        assert after[code]["area_m2"] == pytest.approx(row["area_m2"], rel=1e-3)


def test_streets_and_communities_as_a_list(store: Store) -> None:
    result = load(store, "areas", "geo/streets_communities_2016.csv", None)
    assert result["read"] == 822
    levels = {
        row["level"]: row["n"] for row in rows_of(store, "select level, count(*) as n from area group by 1")
    }
    assert (levels["street"], levels["community"]) == (91, 723)


def test_roads_of_futian_lose_their_second_direction(store: Store) -> None:
    result = load(store, "roads", "geo/futian_osm_roads.geojson", None)
    assert result["read"] == 4009
    assert result["unchanged"] > 1000
