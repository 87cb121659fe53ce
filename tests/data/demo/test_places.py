"""Places of the demo districts: the counts of domain.md 5.1 and 5.3, a partition, and determinism."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data.areas.assign import AreaIndex
from data.areas.validate import validate
from data.demo import streets
from data.demo.districts import DISTRICTS
from data.demo.places import Places, build_places

COMMUNITIES = {
    "chenghua": {"002": 6, "004": 8, "005": 4, "006": 3, "007": 3, "008": 5, "010": 8, "011": 7, "012": 5,
                 "013": 10, "014": 10, "015": 8, "016": 21, "017": 7},
    "zhongshan": {"001": 9, "003": 6, "005": 6, "008": 4, "009": 5, "010": 9, "011": 9, "012": 5, "013": 6},
}
GRIDS = {"chenghua": 1600, "zhongshan": 239}
EXAMPLE = "210202010011"


@pytest.fixture(scope="module", params=["chenghua", "zhongshan"])
def profile(request):
    return request.param


@pytest.fixture(scope="module")
def places(profile) -> Places:
    return build_places(profile, 7)


def base(places: Places) -> gpd.GeoDataFrame:
    return places.areas[places.areas["grid_kind"] == "base"]


def test_streets_communities_and_grids_are_as_many_as_recorded(profile, places):
    areas = places.areas
    counts = areas[areas["level"] == "community"]["parent_code"].str[6:].value_counts().to_dict()
    assert counts == COMMUNITIES[profile]
    assert len(base(places)) == GRIDS[profile]
    assert areas["area_code"].is_unique


def test_every_level_fills_the_one_above(places):
    chiefs = places.areas.assign(chief_officer_id="O1")
    findings = validate(chiefs, places.buildings)[0]
    assert {finding.rule for finding in findings} <= {"households"}
    polygons = np.asarray(base(places).geometry)
    assert shapely.coverage_is_valid(polygons)
    whole = places.areas.geometry[places.areas["level"] == "district"].iloc[0]
    assert shapely.area(polygons).sum() == pytest.approx(whole.area, rel=1e-6)


def test_the_outline_is_the_real_one(profile, places):
    real = streets.outline(DISTRICTS[profile].facts)
    polygons = np.asarray(base(places).geometry)
    assert shapely.area(polygons).sum() == pytest.approx(real.area, rel=1e-6)
    assert shapely.union_all(polygons).symmetric_difference(real).area < 1e-4 * real.area


def test_any_point_of_the_district_has_exactly_one_grid(places):
    polygons = np.asarray(base(places).geometry)
    whole = places.areas.geometry[places.areas["level"] == "district"].iloc[0]
    west, south, east, north = whole.bounds
    rng = np.random.default_rng(11)
    lon, lat = rng.uniform(west, east, 20_000), rng.uniform(south, north, 20_000)
    inside = shapely.intersects_xy(whole, lon, lat)
    hits = np.bincount(shapely.STRtree(polygons).query(shapely.points(lon, lat), predicate="intersects")[0],
                       minlength=len(lon))
    assert (hits[inside] == 1).all()
    assert ((AreaIndex(places.areas).assign(lon, lat) != "") == inside).all()


def test_names_are_real_and_made_up_ones_are_marked(places):
    areas = places.areas[places.areas["level"].isin(["street", "community"])]
    assert not areas["name"].str.contains("办事处|居委会").any()
    assert areas.loc[areas["level"] == "street", "name"].str.endswith("街道").all()
    known = {place.code: place for place in streets.places(areas["area_code"].iloc[0][:6])}
    invented = [known[code].origin == "synthetic" for code in areas["area_code"]]
    assert areas["is_synthetic"].tolist() == invented
    assert places.areas.loc[places.areas["level"] != "district", "is_derived"].all()


def test_recorded_centres_lie_in_their_street_or_close_to_it(profile, places):
    facts = DISTRICTS[profile].facts
    shapes = places.areas[places.areas["level"] == "street"].set_index("area_code").geometry
    for place in streets.places(facts):
        if len(place.code) == 9 and shapely.intersects_xy(streets.outline(facts), *place.lonlat):
            assert shapes[place.code].distance(shapely.Point(place.lonlat)) < 0.002, place


def test_houses_stand_in_their_grid_and_carry_its_households(profile, places):
    houses = places.buildings
    sums = houses.groupby("grid_code")["households"].sum()
    grids = base(places).set_index("area_code")
    assert sums.to_dict() == grids["households"].to_dict()
    assert len(houses) == DISTRICTS[profile].buildings
    assert houses["building_id"].is_unique
    inside = grids.geometry[houses["grid_code"]].reset_index(drop=True).contains(
        gpd.GeoSeries(np.asarray(houses.geometry), crs=houses.crs))
    assert inside.all()
    assert houses["floors"].between(1, 34).all()
    tree = shapely.STRtree(np.asarray(houses.geometry))
    first, second = tree.query(np.asarray(houses.geometry), predicate="intersects")
    assert (first == second).all()  # no house touches another


def test_households_are_the_recorded_population(profile, places):
    district = DISTRICTS[profile]
    top = places.areas[places.areas["level"] == "district"].iloc[0]
    assert top["residents"] == district.residents
    assert top["households"] == round(district.residents / district.persons_per_household)
    sizes = base(places)["households"]
    if profile == "chenghua":
        assert sizes.between(300, 500).all()
    else:
        assert sizes.mean() == pytest.approx(710, abs=1)


def test_the_worked_example_of_the_sources_stands():
    places = build_places("zhongshan", 7)
    areas = places.areas.set_index("area_code")
    houses = places.buildings[places.buildings["community_code"] == EXAMPLE]
    assert areas.loc[EXAMPLE, ["name", "households"]].tolist() == ["青云林海社区", 2158]
    assert len(houses) == 75
    assert (base(places)["parent_code"] == EXAMPLE).sum() == 10
    assert houses["name"].tolist().count("学士街33号楼") == 1
    assert (places.buildings["name"] == "学士街33号楼").sum() == 1


def test_roads_run_along_the_borders(places):
    borders = shapely.union_all(shapely.boundary(np.asarray(base(places).geometry)))
    sample = places.roads.iloc[:: max(1, len(places.roads) // 60)]
    parts = shapely.get_parts(np.asarray(sample.geometry))
    middles = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    assert shapely.distance(borders, middles).max() < 1e-7
    assert set(places.roads["class_code"]) >= {"primary", "secondary", "tertiary", "residential"}
    assert places.roads["chief_id"].isna().all()
    assert places.roads["road_id"].is_unique


def test_work_grids_are_sets_of_base_grids(places):
    work = places.areas[places.areas["grid_kind"] == "work"]
    members = work["members"].explode()
    assert sorted(members) == sorted(base(places)["area_code"])
    assert work["members"].map(len).between(1, 3).all()
    assert (work["members"].map(len) > 1).mean() > 0.95
    fields = places.areas[places.areas["grid_kind"] == "professional"]["professional_field"]
    assert set(fields) == {"work_safety", "city_mgmt", "hazard", "care", "attention"}


def test_the_same_seed_gives_the_same_places_and_another_gives_others():
    one, same, other = (build_places("zhongshan", seed) for seed in (7, 7, 8))
    for name in ("areas", "roads", "features", "buildings"):
        first, second = getattr(one, name), getattr(same, name)
        shape = first.geometry.name
        pd.testing.assert_frame_equal(first.drop(columns=shape), second.drop(columns=shape))
        assert (shapely.to_wkb(first.geometry.to_numpy()) == shapely.to_wkb(second.geometry.to_numpy())).all()
    assert not one.areas["area_m2"].equals(other.areas["area_m2"])


@pytest.mark.parametrize("seed", [0, 1, 99])
def test_other_seeds_give_sound_districts_too(seed):
    for profile, grids in GRIDS.items():
        places = build_places(profile, seed)
        assert len(base(places)) == grids
        assert shapely.coverage_is_valid(np.asarray(base(places).geometry))
        assert len(places.buildings) == DISTRICTS[profile].buildings


def test_an_unknown_profile_is_named():
    with pytest.raises(ValueError, match=r"chenghua.*got 'mars'"):
        build_places("mars", 7)
