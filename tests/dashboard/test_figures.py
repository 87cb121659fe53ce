"""Figures of the analytics pages: what they draw is what was counted."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon, Polygon, box

from dashboard.figures.area_map import CLASSES, WIDTH, area_map, ground_of
from dashboard.figures.plots import (
    MARKS,
    funnel_figure,
    matrix_figure,
    mix_figure,
    pareto_figure,
    times_figure,
    trend_figure,
)
from dashboard.figures.values import change, counted_change, shown
from dashboard.texts import speaker
from data.analytics.causes import pareto
from data.analytics.fair import compare
from data.cases.indicators import BY_KEY

SAY = speaker("zh")
CLOSURE, REWORK, HOURS = (BY_KEY[key] for key in ("closure_rate_standard", "rework_rate", "mean_handling_h"))


def test_values_say_their_unit_and_what_cannot_be_divided_is_a_dash():
    assert shown(13385 / 13870, CLOSURE, SAY) == "96.50%"
    assert shown(None, CLOSURE, SAY) == shown(float("nan"), HOURS, SAY) == "—"
    assert shown(37.66, HOURS, SAY) == "37.7小时"
    assert change(0.95, 0.9, CLOSURE, "点") == {"text": "+5.00点", "turn": "better"}
    assert change(0.05, 0.06, REWORK) == {"text": "-1.00", "turn": "better"}
    assert change(40.0, 30.0, HOURS, "点") == {"text": "+10.0", "turn": "worse"}
    assert change(0.5, 0.5, CLOSURE)["turn"] == "none"
    assert change(0.5, None, CLOSURE)["text"] == counted_change(3, 0) == "—"
    assert counted_change(105, 100) == "+5.0%"


def of(counts):
    return compare(pd.DataFrame({"code": [*"abcdefghijkl"], "stratum": "", "part": counts, "whole": 400}))


@pytest.mark.parametrize(("indicator", "worst", "mark"), [(CLOSURE, 300, "low"), (REWORK, 399, "low")])
def test_who_stands_out_in_the_funnel_has_its_mark_and_its_address(indicator, worst, mark):
    counts = [380, 381, 379, 382, 380, 384, 378, 380, 383, 379, 381, worst]
    figure = funnel_figure(of(counts), indicator, str.upper, lambda code: f"/x?{code}", SAY)
    points = figure["data"][-1]
    at = points["customdata"].index("/x?l")
    assert (points["marker"]["color"][at], points["marker"]["symbol"][at]) == MARKS[mark]
    assert points["text"][at].startswith("L ")
    assert len(figure["data"]) == 5, "two limits on either side, and the units"
    assert figure["layout"]["shapes"][0]["y0"] == pytest.approx(sum(counts) / 4800)


def test_without_cases_a_figure_says_so():
    nothing = compare(pd.DataFrame({"code": ["a"], "stratum": "", "part": [0], "whole": [0]}))
    for figure in (pareto_figure(pd.DataFrame(), str, str, SAY),
                   funnel_figure(nothing, CLOSURE, str, str, SAY),
                   times_figure(pd.DataFrame(), str, str, SAY), mix_figure(pd.DataFrame(), str, str, SAY),
                   matrix_figure(pd.DataFrame(), str, str, SAY)):
        assert figure["data"] == []
        assert figure["layout"]["annotations"][0]["text"] == SAY("analytics.nothing")


def test_a_period_without_cases_is_a_gap_in_the_trend():
    found = pd.DataFrame({"code": ["1", "2", "3"], "part": [9, 0, 8], "whole": [10, 0, 10],
                          "rate": [0.9, np.nan, 0.8], "low": [0.6, np.nan, 0.5],
                          "high": [0.98, np.nan, 0.94]})
    figure = trend_figure(found, CLOSURE, str, str, SAY)
    assert figure["data"][-1]["y"] == [0.9, None, 0.8]
    assert figure["layout"]["xaxis"]["categoryarray"] == ["1", "2", "3"], "in the order of time"
    assert figure["data"][0]["x"] == ["1", "3", "3", "1"]


def test_parts_of_a_mix_make_up_the_whole():
    wide = pd.DataFrame({"a": [1, 0], "b": [3, 0]}, index=["1", "2"])
    bars = mix_figure(wide, str, str, SAY)["data"]
    assert [bar["name"] for bar in bars] == ["b", "a"]
    assert sum(bar["y"][0] for bar in bars) == 1
    assert [bar["y"][1] for bar in bars] == [None, None]


def test_the_vital_few_have_a_colour_and_the_line_ends_at_the_whole():
    found = pareto(pd.DataFrame({"code": [*"abcd"], "reported": [70, 15, 10, 5]}))
    bars, line = pareto_figure(found, str, lambda code: f"/x?{code}", SAY)["data"]
    assert bars["y"] == [70, 15, 10, 5]
    assert bars["marker"]["color"] == ["--accent", "--accent", "--r3", "--r3"]
    assert bars["customdata"][0] == "/x?a"
    assert line["y"][-1] == pytest.approx(1)


def test_the_slowest_unit_is_on_top():
    found = pd.DataFrame({"code": ["a", "b"], "timed": [20, 20], "p50_h": [5.0, 2.0], "p90_h": [9.0, 30.0]})
    figure = times_figure(found, str, str, SAY)
    assert figure["data"][1]["y"][-1] == "b"
    assert figure["data"][0]["x"] == [5.0, 9.0, None, 2.0, 30.0, None]


def squares(count):
    shapes = [box(121 + n * 0.01, 38, 121.01 + n * 0.01, 38.01) for n in range(count)]
    return gpd.GeoDataFrame({"area_code": [str(n) for n in range(count)]}, geometry=shapes, crs="EPSG:4326")


def test_a_map_has_every_area_and_its_class():
    ground = ground_of(squares(12))
    drawn = area_map(ground, {str(n): n / 12 for n in range(11)})
    assert ground.codes == [str(n) for n in range(12)]
    assert drawn.steps[11] is None
    assert drawn.steps[:11] == sorted(drawn.steps[:11])
    assert (drawn.steps[0], drawn.steps[10]) == (0, CLASSES - 1)
    assert len(drawn.breaks) == CLASSES + 1
    assert ground.height == pytest.approx(WIDTH / 12 / np.cos(np.radians(38.005)), rel=0.001)
    assert all(path.startswith("M") and path.endswith("Z") for path in ground.paths)


def test_holes_parts_and_equal_values_are_drawn_too():
    ring = Polygon(box(0, 0, 1, 1).exterior, [box(0.4, 0.4, 0.6, 0.6).exterior])
    shapes = gpd.GeoDataFrame({"area_code": ["a"]}, geometry=[MultiPolygon([ring, box(2, 0, 3, 1)])],
                              crs="EPSG:4326")
    ground = ground_of(shapes)
    drawn = area_map(ground, {"a": 0.5})
    assert ground.paths[0].count("M") == 3
    assert (drawn.steps, drawn.breaks) == ([0], [0.5])
    assert area_map(ground, {}).breaks == []
    assert ground_of(shapes.iloc[:0]).codes == ()


def test_a_matrix_tells_counts_and_the_share_of_their_row() -> None:
    counts = pd.DataFrame({"grid": [30, 0, 5], "street": [10, 0, 15]}, index=["hotline", "nobody", "patrol"])
    trace, = matrix_figure(counts, str.upper, str, SAY)["data"]
    assert trace["y"] == ["HOTLINE", "PATROL"]
    assert trace["x"] == ["grid", "street"]
    assert trace["z"] == [[0.75, 0.25], [0.25, 0.75]]
    assert trace["text"][0] == ["30<br>75.0%", "10<br>25.0%"]
