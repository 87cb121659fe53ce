"""A force on its way to a case: where it is, how far by road, and when that is over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from callbacks.cards import tongue_of
from callbacks.desk import Desk
from callbacks.forces import case_forces
from callbacks.tracking import track
from data.access.scope import Scope
from data.access.viewer import CONSOLE
from data.clock import store_now
from data.demo.profiles import LOCAL
from data.filters import FilterError
from data.vocabulary import read_vocabulary
from tests.dashboard.asserts import plain, texts
from tests.signed_in import a_viewer


@pytest.fixture(scope="module")
def desk(readers: Any, demo_store: Any) -> Any:
    now = store_now(demo_store, readers.cases.reported_range()[0])
    words = read_vocabulary(demo_store)
    return Desk(everything=readers, vocabulary=lambda: words, now=lambda: now, wall=lambda: now, zone=LOCAL,
                viewer=lambda: CONSOLE)


@pytest.fixture(scope="module")
def case_(demo_store: Any) -> Any:
    """A case in hand with its officer."""
    return demo_store.arrow(
        "SELECT case_no, street_code, state, cat_code, lon, lat, officer_id FROM \"case\""
        " WHERE state = 'handling' AND lon IS NOT NULL AND officer_id IS NOT NULL"
        " ORDER BY case_no LIMIT 1").to_pylist()[0]


def asked(desk: Any, case_no: str, who: str) -> dict[str, Any]:
    return track({"case": case_no, "who": who}, desk.readers, desk.now())


def test_a_vehicle_is_followed_along_the_roads(desk: Any, case_: Any) -> None:
    cars = desk.readers.resources.all(["police_car", "patrol_car"])
    found = [asked(desk, case_["case_no"], f"resource:{code}") for code in cars["resource_id"][:8]]
    ways = [one for one in found if one["line"]]
    assert ways
    network, to = desk.readers.areas.network(), (case_["lon"], case_["lat"])
    for one in ways:
        place = cars[["lon", "lat"]].iloc[[found.index(one)]].to_numpy()
        expected = network.metres(*to, place, reach_m=30_000)
        assert one["metres"] == round(expected[0])
        assert one["minutes"] >= 1
        assert one["is_over"] is False
        steps = zip(one["line"], one["line"][1:], strict=False)
        assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) < 0.0012 for a, b in steps), "pieces of road of 50 m"


def test_an_officer_is_followed_by_who_may_know_them(desk: Any, case_: Any) -> None:
    people = desk.readers.patrol.positions(desk.now())
    who = f"officer:{people.iloc[0]['officer_id']}"
    assert asked(desk, case_["case_no"], who)["age_s"] >= 0
    blind = replace(desk, viewer=lambda: a_viewer({"planner"}))
    with pytest.raises(LookupError, match="who must be a force of yours"):
        asked(blind, case_["case_no"], who)


def test_it_is_over_when_the_case_is_handled_and_hidden_outside_the_scope(
        desk: Any, case_: Any, demo_store: Any) -> None:
    car = f"resource:{desk.readers.resources.all(['police_car'])['resource_id'].iloc[0]}"
    ended = demo_store.arrow("SELECT case_no FROM \"case\" WHERE state = 'closed' LIMIT 1")
    closed = ended["case_no"][0].as_py()
    assert asked(desk, closed, car) == {"is_over": True}
    other = demo_store.arrow(f"SELECT max(street_code) AS code FROM \"case\" WHERE street_code <>"
                             f" '{case_['street_code']}'")["code"][0].as_py()
    beside = replace(desk, viewer=lambda: a_viewer({"operator"}, Scope(frozenset({other}))))
    with pytest.raises(LookupError, match="case must be that of a case of yours"):
        asked(beside, case_["case_no"], car)
    for case_no, who in (("", car), (case_["case_no"], "camera"), (case_["case_no"], "area:1")):
        with pytest.raises(FilterError, match=r"case must be|who must be"):
            asked(desk, case_no, who)


def test_the_card_offers_it_while_the_case_is_in_hand(desk: Any, case_: Any) -> None:
    tongue = tongue_of(desk, "en")
    shown = plain(case_forces(case_, None, desk, tongue))
    assert f"officer:{case_['officer_id']}" in str(shown)
    assert "Follow" in texts(shown)
    assert "Follow" not in texts(plain(case_forces({**case_, "state": "filed"}, None, desk, tongue)))
