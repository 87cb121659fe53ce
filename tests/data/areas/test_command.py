"""`areas derive` end to end: files in, areas of the store out, and what it refuses."""

from __future__ import annotations

import argparse
import json

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from data import bulk, meta
from data.areas.codes import AreaError
from data.areas.command import add_arguments, check_store, derive_into
from data.areas.files import read_centres, read_outline


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(["derive", *words])


@pytest.fixture
def outline(tmp_path):
    shape = shapely.box(104.0, 30.0, 104.05, 30.04)
    feature = {"type": "Feature", "properties": {"adcode": "510108", "name": "成华区"},
               "geometry": shapely.geometry.mapping(shape)}
    file = tmp_path / "outline.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return file


@pytest.fixture
def centres(tmp_path):
    file = tmp_path / "centres.csv"
    file.write_text("code,name,lon,lat\n510108002000,甲街道,104.01,30.02\n510108002001,社区,104.011,30.02\n"
                    "510108004000,乙街道,104.04,30.02\n510108009000,丙街道,,\n", encoding="utf-8")
    return file


def areas_of(store):
    return store.arrow("SELECT area_code, name, level, is_derived, deleted_at,"
                       " octet_length(geometry) AS bytes"
                       " FROM area ORDER BY area_code").to_pandas()


def test_outline_and_centres_become_areas_of_the_store(store, outline, centres):
    words = ("--outline", str(outline), "--centres", str(centres), "--cell", "500")
    done = derive_into(store, arguments(*words))
    rows = areas_of(store)
    assert done["from"] == "outline+centres"
    assert done["inserted"] == len(rows) == sum(done["areas"].values())
    assert done["findings"] == {}
    assert rows.loc[rows["level"] == "street", "name"].tolist() == ["甲街道", "乙街道"]
    assert rows["is_derived"].all()
    assert (rows["bytes"] > 0).all()
    assert meta.get(store, "district")["name"] == "成华区"


def test_deriving_again_replaces_what_was_derived(store, outline, centres):
    words = ("--outline", str(outline), "--centres", str(centres), "--cell")
    first = derive_into(store, arguments(*words, "300"))
    again = derive_into(store, arguments(*words, "300"))
    assert (again["inserted"], again["updated"], again["removed"]) == (0, 0, 0)
    coarse = derive_into(store, arguments(*words, "900"))
    rows = areas_of(store)
    assert coarse["removed"] > 0
    assert rows["deleted_at"].isna().sum() == sum(coarse["areas"].values()) < sum(first["areas"].values())


def test_borders_follow_the_roads_of_the_store_which_learn_their_street(store, outline):
    road = shapely.LineString([(103.99, 30.021), (104.06, 30.021)])
    rows = {"road_id": ["R1"], "class_code": ["primary"], "geometry": pa.array([shapely.to_wkb(road)])}
    bulk.upsert(store, "road", pa.table(rows), ["road_id"])
    done = derive_into(store, arguments("--outline", str(outline), "--cell", "700"))
    assert (done["from"], done["roads"]) == ("outline+roads", 1)
    assert store.arrow("SELECT street_code FROM road")["street_code"].to_pylist()[0].startswith("510108")
    grids = store.arrow("SELECT geometry FROM area WHERE level = 'grid'")["geometry"].to_pylist()
    across = shapely.LineString([(104.02, 30.0208), (104.02, 30.0212)])
    assert shapely.intersects(shapely.from_wkb(grids), across).sum() >= 2  # one grid on either side


def test_centres_alone_get_a_regular_cover(store, centres):
    done = derive_into(store, arguments("--centres", str(centres), "--cell", "1000"))
    assert done["from"] == "points"
    assert areas_of(store)["area_code"].str.startswith("900001").all()


def test_without_any_place_there_is_nothing_to_derive_from(store):
    with pytest.raises(AreaError, match="--outline, --centres or places"):
        derive_into(store, arguments())


@pytest.mark.parametrize(("table", "row", "message"), [
    ("area", {"area_code": "510108001001001", "name": "g", "level": "grid"}, "surveyed grids, got 1"),
    ("building", {"street_code": "510108001", "building_id": "B1"}, "got 1 buildings"),
])
def test_what_was_surveyed_or_assigned_is_never_moved(store, outline, table, row, message):
    store.append(table, pa.table({name: [value] for name, value in row.items()}))
    with pytest.raises(AreaError, match=message):
        derive_into(store, arguments("--outline", str(outline)))


def test_a_demo_is_never_moved(store, outline):
    meta.put(store, "synthetic", {"profile": "chenghua"})
    with pytest.raises(AreaError, match="free of a demo"):
        derive_into(store, arguments("--outline", str(outline)))


def test_the_check_says_what_is_wrong_and_where(store, outline):
    derive_into(store, arguments("--outline", str(outline), "--cell", "900"))
    said = check_store(store, examples=1)
    grids = said["findings"]["no_chief"]["count"]
    assert (said["errors"], said["warnings"], set(said["findings"])) == (0, grids, {"no_chief"})
    store.append("building", pa.table({"street_code": ["510108001"], "building_id": ["B1"], "lon": [1.0],
                                       "lat": [1.0], "grid_code": ["510108001001001"]}))
    found = check_store(store, examples=1)["findings"]["building_grid"]
    assert found["examples"][0]["got"] == "B1 stands in no base grid"


def test_the_demo_says_that_its_grids_are_too_large(demo_store):
    said = check_store(demo_store)
    assert said["errors"] == 0
    assert set(said["findings"]) == {"households"}
    assert said["findings"]["households"]["count"] > 200


def test_only_streets_of_a_list_are_centres(centres):
    found = read_centres(centres, "wgs84")
    assert found["area_code"].tolist() == ["510108002", "510108004"]


def test_foreign_coordinates_of_a_file_are_converted(outline):
    shape, code, name = read_outline(outline, "gcj02")
    assert (code, name) == ("510108", "成华区")
    assert 0.001 < 104.0 - shape.bounds[0] < 0.006


def test_a_file_that_is_none_says_so(tmp_path, outline):
    text = tmp_path / "a.geojson"
    text.write_text("no", encoding="utf-8")
    with pytest.raises(AreaError, match=r"a\.geojson must begin with {"):
        read_outline(text, "wgs84")
    both = gpd.read_file(outline)
    two = gpd.GeoDataFrame(pd.concat([both, both.assign(adcode="210202")]), crs=both.crs)
    two.to_file(tmp_path / "b.geojson")
    with pytest.raises(AreaError, match="must hold one district, got 210202, 510108"):
        read_outline(tmp_path / "b.geojson", "wgs84")
    assert read_outline(tmp_path / "b.geojson", "wgs84", "210202")[1] == "210202"


@pytest.mark.parametrize("words", [("--cell", "0"), ("--cell", "nan"), ("--crs", "mars"), ("--adcode", "12")])
def test_wrong_options_are_refused_before_anything_is_opened(words, capsys):
    with pytest.raises(SystemExit):
        arguments(*words)
    assert words[0] in capsys.readouterr().err or "crs must be" in capsys.readouterr().err
