"""What the screens read about the demo district: areas, people, resources, search, figures."""

from __future__ import annotations

import argparse
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
import shapely

from data.access.scope import Scope
from data.areas.card import staffing
from data.cases import kpi_command
from data.cases.points import Box
from data.cases.rules import WALL
from data.clock import store_now
from data.engine import Store
from data.filters import CaseFilter
from data.patrol.reader import distance_m
from data.readers import Readers, build_readers
from data.search import search
from data.settings import Settings
from tests.data.cases.samples import STREETS, add_case

WALL_CLOCK = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def readers(demo_store: Store) -> Readers:
    made = build_readers(demo_store, Settings())
    made.snapshot.refresh()
    return made


@pytest.fixture(scope="module")
def now(demo_store: Store) -> datetime:
    return store_now(demo_store, WALL_CLOCK)


@pytest.fixture(scope="module")
def grid(readers: Readers) -> str:
    return readers.areas.geometry("grid")["area_code"].iloc[0]


def kpi(store: Store, readers: Readers, *options: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    kpi_command.add_arguments(parser)
    return kpi_command.kpi(store, readers.cases, parser.parse_args([*options, "--json"]), wall=WALL_CLOCK)


def test_the_district_closes_96_50_percent(demo_store: Store, readers: Readers) -> None:
    figures = kpi(demo_store, readers, "--from", "2019-01-01", "--to", "2019-05-12")
    assert (figures["accepted"], figures["handled"]) == (13_870, 13_385)
    assert f"{figures['closure_rate_handled']:.2%}" == "96.50%"
    assert json.loads(json.dumps(figures)) == figures
    assert kpi(demo_store, readers) | {"from": 0, "to": 0} == figures | {"from": 0, "to": 0}


def test_figures_of_streets_add_up_to_the_district(demo_store: Store, readers: Readers) -> None:
    whole = kpi(demo_store, readers)
    parts = [
        kpi(demo_store, readers, "--area", code) for code, _ in readers.areas.children("210202", "street")
    ]
    assert len(parts) == 9
    assert all(sum(part[name] for part in parts) == whole[name] for name in WALL)


def test_an_earlier_now_counts_what_had_happened_by_then(demo_store: Store, readers: Readers) -> None:
    early = kpi(demo_store, readers, "--to", "2019-03-01", "--now", "2019-03-01T12:00")
    late = kpi(demo_store, readers, "--to", "2019-03-01")
    assert early["reported"] <= late["reported"]
    assert early["handled"] < late["handled"]
    assert early["open"] > late["open"]


def test_a_window_without_cases_has_no_rates(demo_store: Store, readers: Readers) -> None:
    figures = kpi(demo_store, readers, "--from", "2010-01-01", "--to", "2010-01-02")
    assert figures["accepted"] == 0
    assert figures["closure_rate_handled"] is None
    assert figures["p50_h"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--area", "12345"), "areas must be codes of 6, 9, 12 or 15 digits, got '12345'"),
        (("--category", "E;DROP"), "categories must be codes"),
        (("--from", "yesterday"), "a time must be ISO 8601"),
        (("--from", "2019-05-12", "--to", "2019-05-01"), "since must be before until"),
    ],
)
def test_figures_refuse_what_cannot_be(
    demo_store: Store, readers: Readers, options: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        kpi(demo_store, readers, *options)


def test_every_level_is_there_with_its_polygons(readers: Readers) -> None:
    counted = {
        level: len(readers.areas.geometry(level)) for level in ("district", "street", "community", "grid")
    }
    assert counted == {"district": 1, "street": 9, "community": 59, "grid": 239}
    assert readers.areas.geometry("grid").crs.to_epsg() == 4326
    assert readers.areas.geometry("grid").geometry.is_valid.all()
    below = readers.areas.geometry("grid", readers.areas.children(None, "street")[0][0])
    assert 0 < len(below) < 239
    assert set(readers.areas.work_grids()["grid_kind"]) == {"work"}
    assert set(readers.areas.professional_grids()["grid_kind"]) == {"professional"}
    with pytest.raises(
        ValueError, match="level must be among district, street, community, grid; got 'planet'"
    ):
        readers.areas.geometry("planet")


def test_the_path_leads_from_the_district_to_the_grid(readers: Readers, grid: str) -> None:
    steps = readers.areas.path(grid)
    assert [step["area_code"] for step in steps] == [grid[:6], grid[:9], grid[:12], grid]
    assert [step["area_code"] for step in readers.areas.path(None)] == ["210202"]
    assert readers.areas.path("999999") == []
    assert (grid[:9], readers.areas.area(grid[:9])["name"]) in readers.areas.children("210202")


def test_the_base_map_is_cut_to_the_box(readers: Readers) -> None:
    west, south, _, north = readers.areas.geometry("street").total_bounds
    box = Box(west=west, south=south, east=readers.areas.buildings()["lon"].quantile(0.1), north=north)
    for whole, part in (
        (readers.areas.roads(), readers.areas.roads(box)),
        (readers.areas.buildings(), readers.areas.buildings(box)),
    ):
        assert 0 < len(part) < len(whole)
    assert set(readers.areas.features()["kind"]) <= {"water", "green"}
    one = readers.areas.buildings().iloc[0]
    assert readers.areas.building(one["building_id"])["floors"] == one["floors"]
    assert readers.areas.building("nowhere") is None


def test_the_grid_card_holds_people_places_things_events_and_the_team(
    readers: Readers, grid: str, now: datetime
) -> None:
    card = readers.areas.card(grid, now)
    assert card is not None
    assert card["chief"]["role"] == "grid_chief"
    assert card["people"]["households"] == card["people"]["households_in_buildings"]
    assert card["staffing"] == {"one": 1, "two": 2, "n": card["staffing"]["n"], "grids": 1, "ok": True}
    assert set(card["team"]["by_post"]) == {"manager", "police", "publicity", "information", "service"}
    assert card["chain"]["grid_chiefs"]
    assert card["chain"]["community_chiefs"]
    assert card["chain"]["building_chiefs"]
    assert all(case["grid_code"] == grid for case in card["events"]["open_cases"])
    assert card["events"]["open"]["open"] >= len(card["events"]["open_cases"])


def test_the_cards_of_children_add_up(readers: Readers, grid: str, now: datetime) -> None:
    card = readers.areas.card(grid[:12], now)
    assert card is not None
    grids = [readers.areas.card(child["area_code"], now) for child in card["children"]]
    assert sum(part["people"]["households"] for part in grids) == card["people"]["households"]
    assert sum(part["places"]["buildings"] for part in grids) == card["places"]["buildings"]
    assert sum(part["events"]["open"]["open"] for part in grids) == card["events"]["open"]["open"]


def test_other_kinds_of_area_have_cards_too(readers: Readers, now: datetime) -> None:
    work = readers.areas.work_grids()["area_code"].iloc[0]
    professional = readers.areas.professional_grids()["area_code"].iloc[0]
    for code in ("210202", "210202001", work, professional):
        assert readers.areas.card(code, now)["area"]["area_code"] == code
    assert readers.areas.card("000000", now) is None


def test_staffing_is_one_two_and_some() -> None:
    team = [
        {"role": "grid_officer", "team_level": 1, "people": 1},
        {"role": "aux_police", "team_level": 0, "people": 2},
        {"role": "volunteer", "team_level": 3, "people": 8},
    ]
    assert staffing(team, grids=1)["ok"] is True
    assert staffing(team, grids=2)["ok"] is False
    assert staffing(team, grids=None)["ok"] is None


def test_positions_are_the_last_and_nothing_later_than_now(readers: Readers, now: datetime) -> None:
    early = now - timedelta(hours=6)
    found = readers.patrol.positions(early, timedelta(minutes=20))
    assert len(found) > 10
    assert found["officer_id"].is_unique
    assert found["age_s"].between(0, 20 * 60).all()
    assert (found["at"] <= early).all()


def test_trails_are_ordered_and_can_be_cut(readers: Readers, now: datetime) -> None:
    at = now - timedelta(hours=8)
    trails = readers.patrol.trails(at, 30)
    frame = trails.to_pandas()
    assert frame.sort_values(["officer_id", "at"], kind="stable").index.is_monotonic_increasing
    some = frame["officer_id"].unique()[:2].tolist()
    assert set(readers.patrol.trails(at, 30, some)["officer_id"].to_pylist()) == set(some)
    here = frame.iloc[0]
    box = Box(west=here.lon - 1e-4, south=here.lat - 1e-4, east=here.lon + 1e-4, north=here.lat + 1e-4)
    near = readers.patrol.trails(at, 30, box=box).to_pandas()
    assert here.officer_id in set(near["officer_id"])
    assert len(near) < len(frame)
    for minutes in (0, -1, 1e9, float("nan")):
        with pytest.raises(ValueError, match="minutes must be"):
            readers.patrol.trails(at, minutes)


def test_a_thinned_trail_is_the_last_fix_of_each_step(readers: Readers, now: datetime) -> None:
    at = now - timedelta(hours=8)
    every = readers.patrol.trails(at, 30).to_pandas()
    thin = readers.patrol.trails(at, 30, step_s=180).to_pandas()
    step_of = every["at"].dt.floor("180s")
    # ids are pseudonyms of one answer where persons are hidden; here they are told
    expected = every.groupby(["officer_id", step_of], sort=False).tail(1).reset_index(drop=True)
    pd.testing.assert_frame_equal(thin, expected)
    assert 0 < len(thin) < len(every)
    for step in (-1, 241):
        with pytest.raises(ValueError, match="step_s must be"):
            readers.patrol.trails(at, 30, step_s=step)


def test_an_officer_has_a_track_of_the_day(readers: Readers, now: datetime) -> None:
    who = readers.patrol.trails(now - timedelta(hours=8), 30)["officer_id"][0].as_py()
    card = readers.patrol.officer(who, now)
    assert card["fixes"] == card["track"].num_rows > 0
    assert card["distance_m"] == pytest.approx(distance_m(card["track"]))
    assert 0 < card["distance_m"] < 60_000
    assert "*" in card["name_masked"]
    assert readers.patrol.officer("nobody", now) is None


def test_forces_on_duty_are_part_of_all(readers: Readers) -> None:
    whole, street = readers.patrol.on_duty(), readers.patrol.on_duty("210202001")
    assert set(whole) == {"t1", "t2", "t3", "t0", "professional", "mass"}
    assert whole["t1"]["all"] == 239
    assert all(0 <= street[key]["on"] <= street[key]["all"] <= whole[key]["all"] for key in whole)


def test_resources_can_be_asked_by_kind_and_place(readers: Readers) -> None:
    cameras = readers.resources.all(["camera"])
    assert set(cameras["kind"]) == {"camera"}
    inside = readers.resources.all(area="210202001")
    assert inside["area_code"].str.startswith("210202001").all()
    first = readers.resources.one(cameras["resource_id"].iloc[0])
    assert first["name"] == cameras["name"].iloc[0]
    assert readers.resources.one("nothing") is None


def test_search_finds_areas_people_cases_resources_and_buildings(readers: Readers, grid: str) -> None:
    case_no = readers.cases.listing(
        CaseFilter(since=WALL_CLOCK - timedelta(days=3650), until=WALL_CLOCK), WALL_CLOCK, limit=1
    )["case_no"].iloc[0]
    building = readers.areas.buildings()["building_id"].iloc[0]
    for kind, text in (
        ("area", grid),
        ("area", "葵英街道"),
        ("case", case_no),
        ("resource", "camera-0001"),
        ("building", building),
        ("officer", f"G{grid}-1"),
    ):
        assert search(readers, f" {text} ")[0]["kind"] == kind, text
    assert search(readers, grid)[0]["code"] == grid
    assert shapely.Point(search(readers, "葵英街道")[0]["lon"], 38.9).is_valid


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "'; DROP TABLE area; --", "\\", "💥"])
def test_search_takes_signs_as_they_are(readers: Readers, text: str) -> None:
    assert search(readers, text) == []


def test_search_refuses_what_is_too_much(readers: Readers) -> None:
    with pytest.raises(ValueError, match="at most 80 signs without NUL, got 81"):
        search(readers, "a" * 81)
    with pytest.raises(ValueError, match=r"limit must be 1\.\.100, got 0"):
        search(readers, "a", 0)


def test_before_the_snapshot_is_filled_the_store_answers(
    demo_store: Store, readers: Readers, now: datetime
) -> None:
    cold = build_readers(demo_store, Settings())
    window = CaseFilter(since=now - timedelta(days=9), until=now)
    assert cold.cases.counts(window, now) == readers.cases.counts(window, now)
    assert len(cold.resources.all()) == len(readers.resources.all())


def test_a_case_can_be_opened_by_number_and_by_handle(readers: Readers, now: datetime) -> None:
    line = readers.cases.listing(CaseFilter(since=now - timedelta(days=9), until=now), now, limit=1).iloc[0]
    case = readers.cases.case(line["case_no"])
    assert case == readers.cases.case_by_ref(int(line["case_ref"]))
    events = readers.cases.events(line["case_no"])
    assert events["seq"].tolist() == [*range(1, len(events) + 1)]
    assert events["act"].iloc[0] == "report"
    assert readers.cases.case("none") is None
    assert readers.cases.events("none").empty


def test_a_version_tells_a_scope_nothing_but_that_something_changed(store) -> None:
    readers = build_readers(store, Settings(hot_days=4000))
    readers.snapshot.refresh()
    street = Scope(frozenset({STREETS[0]}))
    seen = readers.cases.seen_in(street, store.seen_by(street))
    found = []
    for _ in range(3):
        add_case(store)
        readers.snapshot.refresh()
        found.append(seen.version)
        assert readers.snapshot.version.split("-")[0] not in seen.version
    assert len(set(found)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{24}", version) for version in found)
