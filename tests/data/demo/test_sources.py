"""The demos of single sources hold the numbers that the sources state (S0, S1, S3)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data.areas.codes import overlay_kind
from data.areas.validate import validate
from data.demo import streets
from data.demo.build import build
from data.demo.districts import DISTRICTS
from data.demo.draws import stream
from data.demo.ground import build_ground
from data.demo.overlays import UNIT_M, unit_cells
from data.demo.people import build_people, building_chief_ids, road_chief_ids
from data.demo.places import Places, build_places
from data.demo.profiles import PROFILES, default_until
from data.demo.resources import build_resources
from data.engine import Store

SOURCES = ("xiangshan", "xubi", "fubao")


@dataclass(frozen=True)
class Demo:
    places: Places
    people: pd.DataFrame
    resources: pd.DataFrame

    def grids(self, kind: str) -> gpd.GeoDataFrame:
        return self.places.areas[self.places.areas["grid_kind"] == kind]


@pytest.fixture(scope="module")
def demos() -> dict[str, Demo]:
    found = {}
    for key in SOURCES:
        places = build_places(key, 7)
        ground = build_ground(places.areas, places.roads, places.buildings, stream(7, 10))
        people = build_people(PROFILES[key], ground, stream(7, 20), areas=places.areas,
                              buildings=places.buildings, roads=places.roads, minute=600)
        found[key] = Demo(places, people, build_resources(PROFILES[key], ground, stream(7, 30)))
    return found


def test_292_compounds_are_the_grids_of_75_communities(demos: dict[str, Demo]) -> None:
    demo = demos["xiangshan"]
    assert (demo.places.areas["level"] == "community").sum() == 75
    compounds = demo.grids("compound")
    assert len(compounds) == len(demo.grids("base")) == 292
    assert sorted(code for held in compounds["members"] for code in held) == sorted(
        demo.grids("base")["area_code"])
    assert compounds["name"].is_unique
    assert demo.places.buildings["compound_id"].isin(compounds["area_code"]).all()


def test_972_workers_75_centres_129_units(demos: dict[str, Demo]) -> None:
    demo = demos["xiangshan"]
    workers = demo.people[demo.people["role"] == "community_worker"]
    assert len(workers) == 972
    assert workers["grid_code"].nunique() == 292
    kinds = demo.resources["kind"].value_counts()
    assert (kinds["service_centre"], kinds["partner_unit"]) == (75, 129)
    centres = demo.resources[demo.resources["kind"] == "service_centre"]
    assert centres["area_code"].str[:12].nunique() == 75


def test_five_communities_34_grids_of_300_to_500_households(demos: dict[str, Demo]) -> None:
    demo = demos["xubi"]
    names = demo.places.areas.loc[demo.places.areas["level"] == "community", "name"].tolist()
    assert names == ["五路社区", "重化社区", "乾龙社区", "东乾社区", "碧湖社区"]
    assert len(demo.grids("base")) == 34
    assert demo.grids("base")["households"].between(300, 500).all()
    posts = demo.people.groupby("grid_code")["post"].nunique()
    assert posts[demo.grids("base")["area_code"]].eq(5).all()


def test_six_street_chiefs_nine_lane_chiefs_277_building_chiefs(demos: dict[str, Demo]) -> None:
    demo = demos["xubi"]
    roles = demo.people["role"].value_counts()
    assert (roles["road_chief"], roles["lane_chief"], roles["building_chief"]) == (6, 9, 277)
    roads = road_chief_ids(demo.places.roads, PROFILES["xubi"])
    assert roads.notna().sum() == 15
    lanes = demo.places.roads.loc[roads.str.contains("-lane", na=False), "name"]
    assert lanes.str.endswith("巷").all()
    chiefs = building_chief_ids(demo.people, demo.places.buildings, PROFILES["xubi"])
    assert chiefs.nunique() == len(demo.places.buildings) == 277


def test_79_base_grids_are_gathered_into_33_work_grids(demos: dict[str, Demo]) -> None:
    demo = demos["fubao"]
    work = demo.grids("work")
    assert (len(demo.grids("base")), len(work)) == (79, 33)
    held = [code for codes in work["members"] for code in codes]
    assert sorted(held) == sorted(demo.grids("base")["area_code"])
    assert work["members"].map(len).between(2, 3).all()
    specialists = demo.people[demo.people["role"] == "special_officer"]
    assert set(specialists["grid_code"]) == set(demo.grids("professional")["area_code"])


@pytest.mark.parametrize("key", SOURCES)
def test_their_land_is_sound(key: str, demos: dict[str, Demo]) -> None:
    places = demos[key].places
    base = demos[key].grids("base")
    assert shapely.coverage_is_valid(np.asarray(base.geometry))
    findings = validate(places.areas.assign(chief_officer_id="O1"), places.buildings)[0]
    assert {finding.rule for finding in findings} <= {"households"}
    outline = streets.outline(DISTRICTS[key].facts)
    whole = shapely.union_all(np.asarray(base.geometry))
    assert whole.symmetric_difference(outline).area < 1e-4 * outline.area
    top = places.areas[places.areas["level"] == "district"].iloc[0]
    assert top["is_derived"] == DISTRICTS[key].is_patch


@pytest.mark.parametrize("key", SOURCES)
def test_unit_grids_are_hundred_metre_cells_that_fill_their_street(key: str, demos: dict[str, Demo]) -> None:
    units = demos[key].grids("unit")
    street = units["street_code"].iloc[0]
    whole = demos[key].places.areas.set_index("area_code").loc[street, "area_m2"]
    assert units["area_m2"].sum() == pytest.approx(whole, rel=1e-4)
    assert units["area_m2"].median() == pytest.approx(UNIT_M**2, rel=1e-3)
    assert units["area_m2"].between(2_900, 2 * UNIT_M**2).all()
    assert set(units["area_code"].map(overlay_kind)) == {"unit"}
    assert units["parent_code"].isin(demos[key].grids("base")["area_code"]).all()
    houses = demos[key].places.buildings
    homes = houses.loc[houses["street_code"] == street, "households"]
    assert units["households"].sum() == homes.sum()


def test_unit_cells_run_from_the_north_west() -> None:
    cells = unit_cells(shapely.box(20, 0, 320, 210))
    middle = shapely.get_coordinates(shapely.centroid(cells))
    assert len(cells) == 6  # the ten metres in the north and the twenty in the east join a neighbour
    assert middle[0][1] > middle[-1][1]
    assert shapely.area(cells).sum() == pytest.approx(300 * 210)


@pytest.mark.parametrize("key", ["chenghua", "zhongshan"])
def test_floating_residents_add_up_to_their_share(key: str) -> None:
    areas = build_places(key, 7).areas.set_index("area_code")
    top = areas[areas["level"] == "district"].iloc[0]
    assert top["floating"] == pytest.approx(DISTRICTS[key].floating_share * top["residents"], abs=1)
    base = areas[areas["grid_kind"] == "base"]
    assert (base["floating"] <= base["residents"]).all()
    if key == "chenghua":
        share = areas["floating"] / areas["residents"]
        for name in ("怡福社区", "关家社区"):
            assert share[areas["name"] == name].iloc[0] > DISTRICTS[key].floating_share


def test_the_sites_that_the_source_names_stand_in_their_communities() -> None:
    places = build_places("chenghua", 7)
    ground = build_ground(places.areas, places.roads, places.buildings, stream(7, 10))
    rows = build_resources(PROFILES["chenghua"], ground, stream(7, 30))
    names = places.areas.set_index("area_code")["name"]
    home = rows["area_code"].str[:12].map(names)
    assert home[rows["kind"] == "mediation_room"].tolist() == ["华林社区"] * 3
    assert home[rows["kind"] == "population_desk"].tolist() == ["怡福社区", "关家社区"]
    assert not rows["resource_id"].duplicated().any()
    assert {"patrol_team", "stability_team"} <= set(rows["kind"])


def test_a_demo_of_one_street_builds_into_a_store(store: Store) -> None:
    until = default_until(PROFILES["xubi"], PROFILES["xubi"].until(pd.Timestamp("2026-11-20").date()))
    built = build("xubi", 7, until, store)
    assert built.rows["building"] == 277
    lost = store.arrow("SELECT count(*) AS n FROM area WHERE chief_officer_id NOT IN"
                       " (SELECT officer_id FROM officer)")
    assert lost["n"].to_pylist() == [0]
    city = store.arrow("SELECT value->>'name' AS name FROM meta WHERE key = 'city'")
    assert city["name"].to_pylist() == ["三明市"]
