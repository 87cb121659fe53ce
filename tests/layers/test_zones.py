"""Zones of the six nets: one colour for each, small ones on top, titles in both languages."""

import geopandas as gpd
import pytest
from shapely.geometry import box

from data.patrol.tables import NETS
from layers import zones
from layers.frames import FrameError


def some(*nets):
    return gpd.GeoDataFrame(
        {"zone_id": [f"z{n}" for n in range(len(nets))], "net": nets, "name": "甲", "area_code": "510108001"},
        geometry=[box(104, 30, 104.1 + n, 30.1) for n in range(len(nets))], crs="EPSG:4326")


def test_every_net_of_the_store_has_a_colour_and_words():
    assert {net for net, _, _ in zones.NETS} == set(NETS)
    spec = zones.zone_layer("/columns/zones")
    assert set(spec["layer"][0]["fills"]) == set(NETS)
    assert len(spec["legend"]["entries"]) == 6


def test_small_zones_lie_on_large_ones_and_say_what_they_are():
    shapes = zones.zone_shapes(some("unit", "network", "unheard_of"), lang="en")["features"]
    assert [one["properties"]["class"] for one in shapes] == ["network", "unit"]
    assert shapes[0]["properties"]["title"] == "information network · 甲"
    named = zones.zone_shapes(some("unit"), lang="zh")["features"][0]["properties"]["title"]
    assert named.startswith("单位内部")
    assert zones.zone_shapes(some(), lang="zh")["features"] == []


def test_a_frame_without_nets_is_refused():
    with pytest.raises(FrameError, match="net"):
        zones.zone_shapes(some("unit").drop(columns="net"), lang="zh")
