"""The layer of clusters: one shape each, the strongest on top, figures in words."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import area, box
from shapely.geometry import shape

from layers import clusters
from layers.frames import FrameError
from layers.legend import localised

GRIDS = gpd.GeoDataFrame(
    {"area_code": [f"51010800200100{at}" for at in range(4)]}, crs="EPSG:4326",
    geometry=[box(104 + at / 100, 30, 104 + (at + 1) / 100, 30.01) for at in range(4)])
FOUND = pd.DataFrame([
    {"grids": ("510108002001000", "510108002001001"), "days": 4, "observed": 24, "expected": 8.14,
     "p_value": 0.001, "recurrence_days": 1000.0},
    {"grids": ("510108002001003", "999999999999999"), "days": 1, "observed": 5, "expected": 0.5,
     "p_value": 0.04, "recurrence_days": 25.0},
    {"grids": ("999999999999999",), "days": 1, "observed": 5, "expected": 0.5, "p_value": 0.05,
     "recurrence_days": 20.0},
])


def test_each_cluster_is_one_shape_and_the_strongest_lies_on_top() -> None:
    weak, strong = clusters.cluster_shapes(FOUND, GRIDS, lang="zh")["features"]
    assert strong["properties"] == {
        "title": "2 个网格 4 天聚集 24 件, 预期 8.1 件, p = 0.001, 偶然则 1000 天一遇", "label": "p=0.001",
        "p": 0.001, "observed": 24, "expected": 8.14, "days": 4, "code": "510108002001000",
        "lon": pytest.approx(104.01, abs=0.01), "lat": pytest.approx(30.005, abs=0.005)}
    assert shape(strong["geometry"]).geom_type == "Polygon"
    assert area(shape(strong["geometry"])) == pytest.approx(2e-4, rel=1e-3)
    assert (weak["properties"]["p"], weak["properties"]["code"]) == (0.04, "510108002001003")


def test_the_words_are_those_of_the_language() -> None:
    few, title = (one["properties"]["title"]
                  for one in clusters.cluster_shapes(FOUND, GRIDS, lang="en")["features"])
    assert few.startswith("cluster of 1 grid over 1 day: 5 cases")
    assert title == ("cluster of 2 grids over 4 days: 24 cases, 8.1 expected, p = 0.001,"
                     " by chance once in 1000 days")
    zh, en = (clusters.cluster_layer("/x", lang=lang, days=60)["layer"][0]["words"] for lang in ("zh", "en"))
    assert zh.keys() == en.keys() == {"waiting", "running", "failed", "done", "none", "few"}


def test_no_cluster_is_no_shape() -> None:
    none = clusters.cluster_shapes(FOUND.iloc[:0], GRIDS, lang="zh")
    assert none == {"type": "FeatureCollection", "features": []}


def test_the_legend_says_what_a_colour_means_and_which_cases_count() -> None:
    found = clusters.cluster_layer("/columns/clusters", lang="zh", days=60)
    legend = localised(found["legend"], "zh")
    assert [one["label"] for one in legend["entries"]] == [
        "p≤0.001", "p≤0.01", "p≤0.05"]
    assert "60" in legend["unit"]
    layer, = found["layer"]
    assert layer["data"] == {"@@geojson": "/columns/clusters", "@@view": False}
    drawn = ["#" + "".join(f"{part:02x}" for part in colour[:3]) for _, colour in layer["classes"]]
    assert drawn == [one["colour"] for one in legend["entries"]]


def test_frames_that_cannot_be_are_refused() -> None:
    with pytest.raises(FrameError):
        clusters.cluster_shapes(FOUND.drop(columns="p_value"), GRIDS, lang="zh")
    with pytest.raises(FrameError):
        clusters.cluster_shapes(FOUND, GRIDS.set_crs("EPSG:3857", allow_override=True), lang="zh")
