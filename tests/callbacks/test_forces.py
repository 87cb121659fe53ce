"""The forces of cases and of places: of the scope alone, drafted only by who may dispatch."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from callbacks.acts import choices_of
from callbacks.cards import side, tongue_of
from callbacks.desk import Desk
from callbacks.forces import case_forces, forces_near
from data.access.scope import Scope
from data.access.viewer import CONSOLE
from data.clock import store_now
from data.demo.profiles import LOCAL
from data.filters import CaseFilter
from data.vocabulary import read_vocabulary
from tests.dashboard.asserts import plain, texts
from tests.signed_in import a_viewer


@pytest.fixture(scope="module")
def desk(readers, demo_store) -> Any:
    now = store_now(demo_store, readers.cases.reported_range()[0])
    words = read_vocabulary(demo_store)
    return Desk(everything=readers, vocabulary=lambda: words, now=lambda: now, wall=lambda: now, zone=LOCAL,
                viewer=lambda: CONSOLE)


@pytest.fixture(scope="module")
def street(demo_store):
    return demo_store.arrow('SELECT min(street_code) AS code FROM "case"')["code"][0].as_py()


@pytest.fixture(scope="module")
def waiting(demo_store, street):
    """A case of the first street that waits for its dispatch."""
    return demo_store.arrow(
        "SELECT case_no, street_code, state, cat_code, lon, lat FROM \"case\" WHERE state = 'filed'"
        f" AND lon IS NOT NULL AND street_code = '{street}' LIMIT 1").to_pylist()[0]


def seen_as(desk, roles, *where):
    viewer = a_viewer(roles, *where)
    return replace(desk, viewer=lambda: viewer)


def codes(found, what):
    return {one["code"] for one in found.forces if one["what"] == what}


def test_nobody_outside_the_scope_is_among_the_forces(desk, street, waiting):
    own = seen_as(desk, {"operator"}, Scope(frozenset({street})))
    found, every = (forces_near(waiting["lon"], waiting["lat"], one) for one in (own, desk))
    assert found.forces
    vehicles, people = desk.everything.resources.all(), desk.everything.patrol.positions(desk.now())
    assert codes(found, "resource") <= set(vehicles["resource_id"][vehicles["street_code"] == street])
    assert codes(found, "officer") <= set(people["officer_id"][people["street_code"] == street])
    assert found.busy + found.unknown + found.beyond < every.busy + every.unknown + every.beyond


def test_who_may_not_see_people_is_told_no_officer(desk, waiting):
    found = forces_near(waiting["lon"], waiting["lat"], seen_as(desk, {"planner"}))
    assert codes(found, "resource")
    assert codes(found, "officer") == set()


def test_officers_of_the_ground_are_free_without_a_case_in_hand(desk):
    people, engaged = desk.readers.patrol.positions(desk.now()), desk.readers.resources.engaged()
    free = people[~people["officer_id"].isin(engaged)].iloc[0]
    found = forces_near(free["lon"], free["lat"], desk)
    assert codes(found, "officer")
    assert not codes(found, "officer") & engaged


@pytest.mark.parametrize(("roles", "drafts"), [({"operator"}, True), ({"planner"}, False)])
def test_a_dispatch_is_drafted_by_who_may_dispatch(desk, waiting, roles, drafts):
    own = seen_as(desk, roles)
    shown = plain(case_forces(waiting, choices_of(waiting, own, "en"), own, tongue_of(own, "en")))
    assert ("Draft" in texts(shown)) == drafts
    handled = {**waiting, "state": "handling"}
    shown = plain(case_forces(handled, choices_of(handled, own, "en"), own, tongue_of(own, "en")))
    assert "Draft" not in texts(shown)


@pytest.mark.parametrize("change", [{"state": "closed"}, {"lon": None, "lat": None}])
def test_no_forces_are_sought_for_what_has_ended_or_stands_nowhere(desk, waiting, change):
    assert case_forces({**waiting, **change}, None, desk, tongue_of(desk, "en")) is None


def test_any_point_has_a_card_with_its_forces(desk, waiting):
    week = CaseFilter(since=desk.now().replace(hour=0), until=desk.now())
    point = f"{waiting['lon']:.6f},{waiting['lat']:.6f}"
    shown = plain(side({"kind": "place", "code": point}, week, "en", desk=desk))
    assert "Nearest free forces" in texts(shown)
    assert point in str(shown)
    for nonsense in ("here", "200,10", "10,100", "１０,10"):
        missing = plain(side({"kind": "place", "code": nonsense}, week, "en", desk=desk))
        assert f"{nonsense} was not found" in texts(missing)


def test_the_roads_within_reach_are_told_for_a_point(client, waiting):
    answer = client.get(f"/columns/reach?lon={waiting['lon']}&lat={waiting['lat']}")
    assert answer.status_code == 200
    assert {one["properties"]["class"] for one in answer.json["features"]} == {"m500", "m1000", "m2000"}
    far = client.get("/columns/reach?lon=0&lat=0")
    assert far.json["features"] == []
    for wrong in ("", "lon=1", "lon=x&lat=1", "lon=181&lat=1", "lon=1&lat=nan"):
        assert client.get(f"/columns/reach?{wrong}").status_code == 400


def test_a_past_moment_tells_no_state_it_does_not_know(desk, waiting):
    past = SimpleNamespace(viewer=desk.viewer, now=desk.now,
                           readers=desk.everything.at(desk.now()).seen_by(CONSOLE))
    found = forces_near(waiting["lon"], waiting["lat"], past)
    assert codes(found, "resource") == set()
    assert found.unknown > 0
