"""Hot spots: scores and trends against libraries and formulas, planted histories, false alarms."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from esda import G_Local
from libpysal.weights import lat2W
from scipy import stats
from shapely import box

from data.analytics.hotspots import class_of, hot, hotspots, neighbours, scores, trends

SIDE, SLICES = 20, 24
STEP = 0.01


@pytest.fixture(scope="module")
def grids() -> gpd.GeoDataFrame:
    cells = [box(x * STEP, y * STEP, (x + 1) * STEP, (y + 1) * STEP)
             for y in range(SIDE) for x in range(SIDE)]
    return gpd.GeoDataFrame({"area_code": [f"{n:03d}" for n in range(len(cells))]}, geometry=cells,
                            crs="EPSG:4326")


def counts(seed: int = 1, mean: float = 9.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.poisson(mean, (SIDE * SIDE, SLICES)),
                        index=[f"{n:03d}" for n in range(SIDE * SIDE)])


def block(x: int, y: int, size: int = 3) -> list[int]:
    return [row * SIDE + column for row in range(y, y + size) for column in range(x, x + size)]


def planted() -> pd.DataFrame:
    """One place of each class."""
    found, grow = counts(), np.linspace(1, 2, SLICES)
    half = np.arange(SLICES) % 2 == 1
    for place, extra in ((block(0, 0), 30 * np.ones(SLICES)), (block(5, 0), 22 * grow),
                         (block(10, 0), 30 * (np.arange(SLICES) == SLICES - 1)), (block(0, 10), 30 * half),
                         (block(5, 10), 30 * (np.arange(SLICES) >= SLICES - 4)),
                         (block(10, 10), 30 * (np.arange(SLICES) < SLICES - 1))):
        found.iloc[place] += extra.astype(int)
    return found


def test_grids_that_touch_are_neighbours(grids: gpd.GeoDataFrame) -> None:
    found, expected = neighbours(grids), lat2W(SIDE, SIDE, rook=False)
    assert {int(code): {int(one) for one in others} for code, others in found.neighbors.items()} == {
        code: set(others) for code, others in expected.neighbors.items()}


def test_scores_are_those_of_the_library_and_of_the_formula(grids: gpd.GeoDataFrame) -> None:
    told, touching = counts(), neighbours(grids)
    found = scores(told, touching)
    one = told[5].to_numpy(float)
    library = G_Local(one, touching, transform="B", permutations=0, star=True).Zs
    assert found[:, 5] == pytest.approx(library)
    place, others = "023", [*touching.neighbors["023"], "023"]  # Ord and Getis 1995, formula 14
    number, size = len(one), len(others)
    local = sum(one[int(code)] for code in others)
    expected = (local - one.mean() * size) / (one.std() * np.sqrt((number * size - size**2) / (number - 1)))
    assert found[int(place), 5] == pytest.approx(expected)
    assert (scores(told * 0, touching) == 0).all()


def test_trends_are_those_of_kendall(grids: gpd.GeoDataFrame) -> None:
    found = scores(planted(), neighbours(grids))
    tau, p = trends(found)
    for row in (0, 4, 13, 70):
        expected = stats.kendalltau(np.arange(SLICES), found[row])
        assert (tau[row], p[row]) == pytest.approx((expected.statistic, expected.pvalue))
        signs = sum(np.sign(found[row][later] - found[row][earlier])
                    for later in range(SLICES) for earlier in range(later))
        assert tau[row] == pytest.approx(signs / (SLICES * (SLICES - 1) / 2))
    assert trends(np.zeros((1, SLICES))) == (pytest.approx([0]), pytest.approx([1]))


def test_planted_histories_are_found(grids: gpd.GeoDataFrame) -> None:
    found = hotspots(planted(), grids).set_index("code")
    middle = {"intensifying": block(5, 0)[4], "new": block(10, 0)[4],
              "sporadic": block(0, 10)[4], "consecutive": block(5, 10)[4], "historical": block(10, 10)[4]}
    assert {name: found.loc[f"{code:03d}", "class"] for name, code in middle.items()} == {
        name: name for name in middle}
    alone = counts()
    alone.iloc[block(0, 0)] += 30
    assert hotspots(alone, grids).set_index("code").loc[f"{block(0, 0)[4]:03d}", "class"] == "persistent"
    assert found.loc[f"{block(10, 0)[4]:03d}", "cases"] > found.loc[f"{block(10, 0)[4]:03d}", "before"] + 20


@pytest.mark.parametrize(("marks", "cold", "trend", "expected"), [
    ("00000000", "00000000", (0.9, 0.0), ""), ("00000001", "00000000", (0, 1), "new"),
    ("11111111", "00000000", (0.6, 0.01), "intensifying"),
    ("11111111", "00000000", (-0.6, 0.01), "diminishing"),
    ("11111111", "00000000", (0.6, 0.5), "persistent"), ("11111110", "00000000", (0, 1), ""),
    ("00000011", "00000000", (0, 1), "consecutive"), ("01000011", "00000000", (0, 1), "sporadic"),
    ("01000011", "10000000", (0, 1), "oscillating")])
def test_classes_are_those_that_are_documented(marks: str, cold: str, trend: tuple[float, float],
                                               expected: str) -> None:
    history = [[one == "1" for one in row] for row in (marks, cold)]
    assert class_of(history[0], history[1], *trend) == expected
    assert class_of([True] * 19 + [False], [False] * 20, 0, 1) == "historical"


def test_where_nothing_is_hot_nothing_is_found(grids: gpd.GeoDataFrame) -> None:
    touching = neighbours(grids)
    alarms = [hot(scores(counts(seed), touching)).any(axis=0).mean() for seed in range(12)]
    assert np.mean(alarms) <= 0.12  # of slices with any alarm; the neighbourhoods overlap
    assert set(hotspots(counts() * 0, grids)["class"]) == {""}
    with pytest.raises(ValueError, match="slices must be at least 6, got 5"):
        hotspots(counts().iloc[:, :5], grids)
    assert hotspots(counts(), grids.iloc[:0]).empty
