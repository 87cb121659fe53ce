"""Derived covers: a partition without gaps or overlaps, whatever the input."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data.areas.assign import AreaIndex
from data.areas.codes import AreaError
from data.areas.cover import left_out
from data.areas.derive import derive, derive_from_points
from data.areas.validate import validate

SHARED = Path(__file__).parents[4] / "shared" / "data" / "geo"


def blob(seed: int, radius: float = 0.03) -> shapely.Polygon:
    """An irregular outline around (104, 30)."""
    rng = np.random.default_rng(seed)
    turns = np.sort(rng.uniform(0, 2 * math.pi, 24))
    reach = radius * rng.uniform(0.35, 1.0, 24)
    ring = np.column_stack((104 + reach * np.cos(turns), 30 + reach * np.sin(turns)))
    return shapely.buffer(shapely.Polygon(ring), 0)


def network(seed: int) -> gpd.GeoDataFrame:
    """Bent roads across the blob, some of them dead ends."""
    rng = np.random.default_rng(seed)
    lines = []
    for offset in np.linspace(-0.03, 0.03, 11):
        wave = rng.normal(0, 0.001, 9)
        along = np.linspace(-0.035, rng.choice([0.035, 0.005]), 9)
        lines += [shapely.LineString(np.column_stack((104 + along, 30 + offset + wave))),
                  shapely.LineString(np.column_stack((104 + offset + wave, 30 + along)))]
    return gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326")


def centres(seed: int, count: int) -> gpd.GeoDataFrame:
    points = np.random.default_rng(seed).normal((104, 30), 0.006, (count, 2))
    names = [f"街道{i}" for i in range(count)]
    return gpd.GeoDataFrame({"name": names}, geometry=gpd.points_from_xy(*points.T), crs="EPSG:4326")


def assert_partition(areas: gpd.GeoDataFrame, outline: shapely.Geometry | None = None, *, within: float = 1e-6
                     ) -> None:
    """Every level fills the one above, codes nest, and random points have exactly one grid."""
    findings, _ = validate(areas.drop(columns="chief_officer_id"))
    assert findings == []
    grids = areas[areas["level"] == "grid"]
    polygons = np.asarray(grids.geometry)
    assert shapely.coverage_is_valid(polygons)
    whole = areas.geometry[areas["level"] == "district"].iloc[0]
    assert shapely.area(polygons).sum() == pytest.approx(whole.area, rel=1e-6)
    if outline is not None:
        assert whole.area == pytest.approx(outline.area, rel=max(within, 1e-6))
    west, south, east, north = whole.bounds
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(west, east, 400), rng.uniform(south, north, 400)
    hits = np.bincount(shapely.STRtree(polygons).query(shapely.points(lon, lat), predicate="intersects")[0],
                       minlength=400)
    inside = shapely.intersects_xy(whole, lon, lat)
    assert (hits[inside] == 1).all()
    assert (hits[~inside] == 0).all()
    assert ((AreaIndex(areas).assign(lon, lat) != "") == inside).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.booleans())
def test_an_outline_is_covered_without_gaps_or_overlaps(seed, streets, with_roads):
    outline = blob(seed)
    assume(outline.geom_type == "Polygon" and outline.area > 4e-4)
    given_ = centres(seed, streets) if streets else None
    if given_ is not None:
        assume(shapely.intersects(outline, np.asarray(given_.geometry)).any())
    areas = derive(outline, given_, roads=network(seed) if with_roads else None, cell_m=450, adcode="510108")
    assert_partition(areas, outline, within=5e-4)  # a network snaps to 20 cm
    assert set(areas["area_code"].str[:6]) == {"510108"}
    assert areas["is_derived"].all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.sampled_from([150.0, 800.0, 5000.0]))
def test_points_are_covered_by_a_regular_partition(seed, count, cell_m):
    rng = np.random.default_rng(seed)
    lon, lat = rng.normal(-71, 0.05, count), rng.normal(42, 0.04, count)
    areas = derive_from_points(lon, lat, cell_m)
    assert_partition(areas)
    size = areas.loc[areas["level"] == "grid", "area_m2"]
    assert size.to_numpy() == pytest.approx(cell_m**2, rel=0.02)
    kept = AreaIndex(areas).assign(np.round(lon, 4), np.round(lat, 4)) != ""
    assert kept.mean() > 0.9


def test_borders_follow_roads():
    outline = shapely.box(103.975, 29.975, 104.025, 30.025)
    lines = [shapely.LineString([(103.9, 30.001), (104.1, 30.001)]),
             shapely.LineString([(104.002, 29.9), (104.002, 30.1)])]
    cross = gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326")
    areas = derive(outline, roads=cross, cell_m=600)
    borders = shapely.union_all(shapely.boundary(np.asarray(areas.geometry[areas["level"] == "grid"])))
    roads = shapely.intersection(shapely.union_all(np.asarray(cross.geometry)), outline)
    assert shapely.length(shapely.intersection(roads, shapely.buffer(borders, 2e-5))) == pytest.approx(
        shapely.length(roads), rel=1e-3)


def test_centres_give_streets_their_code_and_name():
    given_ = gpd.GeoDataFrame({"name": ["甲街道", "乙街道"], "area_code": ["510108007", "510108002"]},
                              geometry=gpd.points_from_xy([104.01, 103.99], [30, 30]), crs="EPSG:4326")
    areas = derive(shapely.box(103.97, 29.98, 104.03, 30.02), given_, adcode="510108").set_index("area_code")
    assert areas["name"][["510108007", "510108002"]].tolist() == ["甲街道", "乙街道"]
    assert areas.geometry["510108007"].contains(shapely.Point(104.01, 30))


def test_an_outline_with_holes_and_exclaves_is_filled_and_nothing_else():
    outline = shapely.MultiPolygon([
        shapely.box(104, 30, 104.05, 30.05) - shapely.box(104.02, 30.02, 104.03, 30.03),
        shapely.box(104.2, 30.2, 104.21, 30.21)])
    assert_partition(derive(outline, cell_m=500), outline, within=1e-5)


def test_far_places_do_not_stretch_the_cover():
    rng = np.random.default_rng(3)
    lon, lat = rng.normal(-71, 0.05, 1000), rng.normal(42, 0.04, 1000)
    garbage = np.full(84, -73.651)
    areas = derive_from_points(np.append(lon, garbage), np.append(lat, np.full(84, 34.244)), 800)
    assert areas.total_bounds[0] > -72
    assert left_out(garbage, np.full(84, 34.244), areas)["count"].tolist() == [84]


def test_a_distant_cluster_keeps_cells_of_its_own():
    rng = np.random.default_rng(4)
    areas = derive_from_points(np.r_[rng.normal(10, 0.02, 500), rng.normal(15, 0.02, 60)],
                               rng.normal(50, 0.02, 560), 500)
    west, _, east, _ = areas.total_bounds
    assert east - west > 4.9
    assert_partition(areas)


@pytest.mark.parametrize(("lon", "lat", "cell", "message"), [
    ([], [], 300, "at least one longitude"), ([np.nan], [3.0], 300, "at least one longitude"),
    ([0.0], [0.0], 300, "at least one longitude"), ([1.0], [1.0], 1, r"20\.\.50,?000"),
    ([1.0], [1.0], math.nan, r"20\.\.50,?000"),
])
def test_impossible_covers_say_why(lon, lat, cell, message):
    with pytest.raises(AreaError, match=message):
        derive_from_points(lon, lat, cell)


@pytest.mark.parametrize(("outline", "options", "message"), [
    (shapely.Polygon(), {}, "must be a polygon"),
    (shapely.box(0, 0, 5000, 5000), {}, "in degrees"),
    (shapely.box(0, 0, 1, 1), {"cell_m": 30.0}, "at most 60000 grids"),
    (shapely.box(0, 0, 1, 1), {"adcode": "51a108"}, "six digits"),
    (shapely.box(0, 0, 0.1, 0.1), {"centres": centres(1, 3)}, "inside the outline, got 3"),
])
def test_impossible_outlines_say_why(outline, options, message):
    with pytest.raises(AreaError, match=message):
        derive(outline, **options)


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is absent")
def test_a_real_network_and_an_outline_of_thirty_parts():
    outlines = gpd.read_file(SHARED / "districts_wgs84.geojson").set_index("adcode").geometry
    roads = gpd.read_file(SHARED / "futian_osm_roads.geojson")
    one, many = outlines["440304"], outlines["211103"]
    assert_partition(derive(one, roads=roads, cell_m=400, adcode="440304"), one, within=1e-4)
    assert_partition(derive(many, cell_m=1500, adcode="211103"), many, within=1e-5)
