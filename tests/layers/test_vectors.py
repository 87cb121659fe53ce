"""Base map, buildings, chiefs, labels, raster: shapes and specs."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from layers import basemap, buildings, chiefs, keys, labels, raster
from layers.frames import FrameError


def roads() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "road_id": ["a", "b"],
            "name": ["建设路", "小巷"],
            "class_code": ["trunk", "lane"],
            "chief_id": ["G1", None],
        },
        geometry=[
            LineString([(104, 30), (104.05, 30.00001), (104.1, 30)]),
            LineString([(104, 30), (104, 30.1)]),
        ],
        crs="EPSG:4326",
    )


def test_roads_show_by_zoom_and_say_what_is_not_shown():
    far, near = basemap.road_shapes(roads(), zoom=10), basemap.road_shapes(roads(), zoom=16)
    assert [one["properties"]["class"] for one in far["features"]] == ["trunk"]
    assert far["left_out"] == 1
    assert len(far["features"][0]["geometry"]["coordinates"]) == 2  # less than half a pixel aside
    assert len(near["features"]) == 2
    assert near["left_out"] == 0


def test_ground_has_the_outline_first():
    outline = gpd.GeoDataFrame({"name": ["区"]}, geometry=[box(104, 30, 105, 31)], crs="EPSG:4326")
    water = gpd.GeoDataFrame(
        {"feature_id": ["w"], "kind": ["water"], "name": [None]},
        crs="EPSG:4326",
        geometry=[box(104.1, 30.1, 104.2, 30.2)],
    )
    kinds = [one["properties"]["kind"] for one in basemap.ground_shapes(outline, water)["features"]]
    assert kinds == ["outline", "water"]
    alone = basemap.ground_shapes(outline, water.iloc[:0])
    assert len(alone["features"]) == 1


def test_chiefs_are_only_roads_that_have_one():
    found = chiefs.chief_shapes(roads(), zoom=15)
    assert [(one["properties"]["id"], one["properties"]["class"]) for one in found["features"]] == [
        ("a", "street")
    ]
    assert found["without_chief"] == 1


def test_buildings_stand_by_height_then_by_floors():
    frame = gpd.GeoDataFrame(
        {
            "building_id": ["a", "b", "c"],
            "name": ["x", "y", None],
            "height_m": [20.0, np.nan, np.nan],
            "floors": [5, 6, np.nan],
        },
        geometry=[box(104, 30, 104.001, 30.001)] * 3,
        crs="EPSG:4326",
    )
    found = buildings.building_shapes(frame, total=10)
    assert [one["properties"]["height"] for one in found["features"]] == [20.0, 18.0, 3.0]
    assert found["left_out"] == 7


def test_labels_without_a_place_are_left_out():
    frame = pd.DataFrame(
        {
            "area_code": ["510108", "510108001", "510108002"],
            "name": ["成华区", "猛追湾", "双桥子"],
            "level": ["district", "street", "street"],
            "lon": [104.1, 104.1, np.nan],
            "lat": [30.6, 30.6, 30.6],
        }
    )
    assert [row["name"] for row in labels.label_rows(frame)] == ["猛追湾"]
    with pytest.raises(FrameError, match=r"labels: missing columns \['level', 'lat'\]"):
        labels.label_rows(frame.drop(columns=["level", "lat"]))


def test_raster_sources_name_every_fault():
    with pytest.raises(raster.RasterError) as caught:
        raster.RasterSource(name="x", url="ftp://a/{z}", attribution=" ", min_zoom=9, max_zoom=3, opacity=2)
    for fault in ("url must be", "attribution must", "zooms must be", "opacity must be 0..1, got 2"):
        assert fault in str(caught.value)


def test_raster_layers_have_fixed_ids_and_none_is_needed():
    one = raster.RasterSource(name="x", url="/tiles/a/{z}/{x}/{y}", attribution="© 天地图")
    found = raster.raster_layer([one, one])
    assert [layer["id"] for layer in found["layer"]] == ["raster-0", "raster-1"]
    assert found["legend"]["unit"]["zh"] == "© 天地图"
    assert raster.raster_layer([])["layer"] == []


def test_every_layer_has_a_key_and_an_id_of_that_key():
    made = {
        "basemap": basemap.basemap_layer(ground_url="/g", roads_url="/r"),
        "buildings": buildings.building_layer("/b"),
        "chiefs": chiefs.chief_layer("/c"),
        "labels": labels.label_layer("/l"),
    }
    for key, spec in made.items():
        assert key in keys.KEYS
        assert all(layer["id"].split("-")[0] == key for layer in spec["layer"])
    assert [info.key for info in keys.LAYERS] == list(keys.KEYS)
