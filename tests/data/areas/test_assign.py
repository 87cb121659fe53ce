"""Points find their base grid: one, and on a border the smaller code."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.areas.assign import AreaIndex, empty_index
from data.areas.codes import AreaError
from data.areas.cover import derive_from_points
from tests.data.areas.samples import SIDE, district

AREAS = district()
INDEX = AreaIndex(AREAS)
FIRST, SECOND = "510108001001001", "510108001001002"


@pytest.mark.parametrize(("lon", "lat", "code"), [
    (104.005, 30.005, FIRST), (104.015, 30.005, SECOND), (104 + SIDE, 30.005, FIRST),
    (104.0, 30.0, FIRST), (103.99, 30.005, ""), (104.005, 30.0100001, ""),
    (float("nan"), 30.005, ""), (float("inf"), 30.005, ""), (1e300, -1e300, ""),
], ids=["inside", "next", "shared-border", "corner", "west", "north", "nan", "infinite", "huge"])
def test_a_point_has_one_grid_or_none(lon, lat, code):
    assert INDEX.assign([lon], [lat]).tolist() == [code]


def test_overlays_and_upper_levels_are_not_asked():
    work = AREAS.iloc[[4]].assign(area_code="510108001W001", grid_kind="work")
    index = AreaIndex(gpd.GeoDataFrame(gpd.pd.concat([AREAS, work]), crs=AREAS.crs))
    assert len(index) == 4
    assert index.assign([104.005], [30.005]).tolist() == [FIRST]


def test_an_empty_index_answers_nothing():
    assert empty_index().assign([104.0, 0.0], [30.0, 0.0]).tolist() == ["", ""]


def test_lengths_and_reference_systems_are_checked():
    with pytest.raises(AreaError, match="same length, got 2 and 1"):
        INDEX.assign([1.0, 2.0], [1.0])
    with pytest.raises(AreaError, match="EPSG:4326, got EPSG:3857"):
        AreaIndex(AREAS.to_crs("EPSG:3857"))
    with pytest.raises(AreaError, match="area_code"):
        AreaIndex(AREAS.drop(columns="area_code"))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_the_raster_answers_like_the_geometry(seed, count):
    rng = np.random.default_rng(seed)
    near = rng.normal(104, 0.02, count)
    areas = derive_from_points(near, rng.normal(30, 0.02, count), 400)
    grids = areas[areas["level"] == "grid"].sort_values("area_code")
    west, south, east, north = areas.total_bounds
    lon, lat = rng.uniform(west - 0.01, east + 0.01, 500), rng.uniform(south - 0.01, north + 0.01, 500)
    corners = shapely.get_coordinates(np.asarray(grids.geometry))
    lon, lat = np.concatenate((lon, corners[:, 0])), np.concatenate((lat, corners[:, 1]))
    tree = shapely.STRtree(np.asarray(grids.geometry))
    point, grid = tree.query(shapely.points(lon, lat), predicate="intersects")
    wanted = np.full(len(lon), "", dtype=object)
    for i, g in sorted(zip(point, grid, strict=True), reverse=True):
        wanted[i] = grids["area_code"].iloc[g]
    assert AreaIndex(areas).assign(lon, lat).tolist() == wanted.tolist()
