"""Areas: colour follows the figure, no data is not zero, every fault is named."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely.geometry import box

from layers import areas, legend, palette
from layers.frames import FrameError
from layers.measures import MEASURES, measure


def counted(*values: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_code": [f"510108001001{at:03d}" for at in range(len(values))],
            "name": [f"第{at}网格" for at in range(len(values))],
            "value": list(values),
        }
    )


def style(spec, at: int) -> list[int]:
    return spec["layer"][0]["styles"][f"510108001001{at:03d}"]


def test_colour_and_height_follow_the_figure():
    spec = areas.area_layer(counted(0, 1, 16), measure("accepted"), shapes_url="/s")
    assert spec["layer"][0]["id"] == "areas"
    assert spec["layer"][0]["@@type"] == "GeoJsonLayer"
    assert spec["layer"][0]["data"] == {"@@geojson": "/s", "@@view": False}
    assert style(spec, 0) == [*palette.RAMP[0], 0]
    assert style(spec, 1) == [*palette.RAMP[1], 62]
    assert style(spec, 2) == [*palette.RAMP[5], 1000]


def test_home_keeps_near_islands_and_leaves_far_ones_out():
    land = box(121.0, 38.0, 121.1, 38.1)
    near, far = box(121.105, 38.0, 121.11, 38.01), box(121.4, 38.0, 121.43, 38.03)
    district = gpd.GeoDataFrame(geometry=[shapely.union_all([land, near, far])], crs="EPSG:4326")
    assert areas.bulk_bounds(district) == [121.0, 38.0, 121.11, 38.1]
    assert areas.bulk_bounds(district.iloc[:0]) is None


def test_no_data_stands_apart_from_zero():
    spec = areas.area_layer(counted(0, np.nan), measure("accepted"), shapes_url="/s")
    assert style(spec, 0)[:4] == list(palette.RAMP[0])
    assert style(spec, 1) == [*palette.NO_DATA, 0]
    assert spec["legend"]["no_data"]["count"] == 1
    assert [one["count"] for one in spec["legend"]["entries"]] == [1, 0, 0, 0, 0, 0]
    assert list(spec["layer"][0]["tips"].values()) == ["0 件"]


def test_no_rows_give_a_layer_of_no_data():
    spec = areas.area_layer(counted(), measure("accepted"), shapes_url="/s")
    assert spec["layer"][0]["styles"] == {}


def test_figures_are_shown_as_people_read_them():
    spec = areas.area_layer(counted(0.965), measure("closure_rate_handled"), shapes_url="/s", lang="en")
    assert list(spec["layer"][0]["tips"].values()) == ["96.5%"]
    assert spec["legend"]["entries"][-1]["label"]["en"] == "≥95%"


def test_every_missing_column_is_named():
    with pytest.raises(FrameError, match=r"areas: missing columns \['name', 'value'\], has \['area_code'\]"):
        areas.area_layer(pd.DataFrame({"area_code": []}), measure("open"), shapes_url="/s")


def test_shapes_carry_codes_and_leave_the_frame_alone():
    frame = gpd.GeoDataFrame(
        {"area_code": ["510108001"], "name": ["猛追湾"]},
        crs="EPSG:4326",
        geometry=[box(104.123456789, 30, 104.2, 30.1)],
    )
    before = frame.copy()
    found = areas.area_shapes(frame)
    assert found["features"][0]["properties"] == {"code": "510108001", "name": "猛追湾"}
    assert [104.123457, 30.0] in found["features"][0]["geometry"]["coordinates"][0]
    assert_geodataframe_equal(frame, before)


def test_all_faults_of_a_frame_are_reported_together():
    frame = gpd.GeoDataFrame({"name": ["x"]}, geometry=[None], crs="EPSG:3857")
    with pytest.raises(FrameError) as caught:
        areas.area_shapes(frame)
    message = str(caught.value)
    assert "missing columns ['area_code']" in message
    assert "CRS is EPSG:3857; call to_crs('EPSG:4326') first" in message
    assert "geometry must not be NULL or empty, got 1 such rows" in message


@pytest.mark.parametrize(
    ("values", "rate"), [([0, 0, 3, 7, 90], False), ([], False), ([0.2, 0.9, 0.91], True)]
)
def test_adaptive_breaks_ascend_and_cover(values, rate):
    edges = legend.breaks(values, rate=rate, adaptive=True)
    assert list(edges) == sorted(set(edges))
    assert (legend.classes(values, edges) >= 0).all()


def test_measures_are_unique_and_an_unknown_one_is_the_first():
    assert len({one.key for one in MEASURES}) == len(MEASURES)
    assert measure("nonsense") is MEASURES[0]


def test_legend_in_one_language_holds_plain_texts():
    spec = areas.area_layer(counted(1, np.nan), measure("open"), shapes_url="/s")
    found = legend.localised(spec["legend"], "en")
    assert found["title"] == "Open"
    assert found["no_data"]["label"] == "no data"
    assert found["entries"][0]["sign"] == "■"


def test_the_scale_is_fixed_or_follows_the_figures_and_the_legend_says_which():
    figures = counted(0, 1, 2, 3, 5, 90)
    fixed = areas.area_layer(figures, measure("accepted"), shapes_url="/s")["legend"]
    options = areas.AreaOptions(adaptive=True)
    adaptive = areas.area_layer(figures, measure("accepted"), shapes_url="/s", options=options)["legend"]
    assert (fixed["scale"], adaptive["scale"]) == ("fixed", "adaptive")
    assert [one["from"] for one in fixed["entries"]] == list(legend.FIXED_COUNT)
    assert [one["from"] for one in adaptive["entries"]] != list(legend.FIXED_COUNT)
    assert sum(one["count"] for one in adaptive["entries"]) == 6


@pytest.mark.parametrize(
    ("key", "kind", "unit"),
    [
        ("accepted", "grid", "件/网格"),
        ("closure_rate_handled", "grid", "%, 按网格"),
        ("per_1000", "work", "件/千人, 按工作网格"),
        ("households", "work", "户/工作网格"),
    ],
)
def test_the_unit_says_what_a_figure_is_counted_per(key, kind, unit):
    spec = areas.area_layer(
        counted(1), measure(key), shapes_url="/s", options=areas.AreaOptions(kind=kind, left_out=3)
    )
    assert spec["legend"]["unit"]["zh"] == unit
    assert spec["legend"]["left_out"] == 3


def test_large_breaks_are_readable():
    found = legend.ramp_entries((0.0, 1_234_567.0), np.array([0, 1]))
    assert [one["label"]["en"] for one in found] == ["0", "≥1,234,567"]
