"""Whistles: who is called, when they answered and arrived, in minutes."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from data.access.scope import Scope
from data.emergency.called import figures
from data.emergency.rules import EmergencyError, RefusedError, UnknownError
from data.emergency.whistles import Spot, Whistles
from data.tables import cases
from tests.signed_in import a_viewer

NOW = datetime(2026, 3, 6, 8, tzinfo=UTC)
HERE, THERE = "210202003", "210202010"
STREET = a_viewer(name="street", scope=Scope(frozenset({HERE})))
OTHER = a_viewer(name="other", scope=Scope(frozenset({THERE})))
POLICE = a_viewer(("dept_op",), name="police", scope=Scope(frozenset({"*"}), frozenset({"police"})))
SAID = {"place": "路口", "message": "积水", "due_minutes": "30"}


def minutes(count):
    return NOW + timedelta(minutes=count)


def blow(whistles, **about):
    given = {"departments": ["police", "fire"], "by": STREET, **about}
    placed = {name: given.pop(name) for name in ("area_code", "case_no", "lon", "lat") if name in given}
    spot = Spot(**{"area_code": HERE, **placed})
    return whistles.blow(SAID, spot, given.pop("departments"), now=NOW,
                         known=["police", "fire", "water"], **given)


def test_answers_and_arrivals_are_measured(module_store):
    whistles = Whistles(module_store)
    number = blow(whistles)
    (fresh,) = whistles.listing(STREET, minutes(30))
    assert [(call.answered, call.arrived, call.is_late) for call in fresh.calls] == [(None, None, False)] * 2
    whistles.step(number, "police", "answer", by=POLICE, now=minutes(4))
    whistles.step(number, "police", "arrive", by=POLICE, now=minutes(20))
    whistles.step(number, "fire", "arrive", by=STREET, now=minutes(40))
    with pytest.raises(RefusedError):
        whistles.step(number, "fire", "answer", by=STREET, now=minutes(41))
    (done,) = whistles.listing(STREET, minutes(90))
    assert {call.dept_id: (call.answered, call.arrived, call.is_late) for call in done.calls} == {
        "police": (4.0, 20.0, False), "fire": (40.0, 40.0, True)}
    assert figures([done])["fire"] == {"called": 1, "arrived": 1, "late": 1, "answer": 40.0, "arrive": 40.0}
    assert figures([fresh])["fire"]["arrive"] is None
    (seen,) = whistles.listing(POLICE, minutes(90))
    assert [call.dept_id for call in seen.calls] == ["police"], "a department sees its own calls"
    assert whistles.listing(OTHER, minutes(90)) == []
    for viewer, dept in ((OTHER, "fire"), (POLICE, "fire"), (STREET, "water")):
        with pytest.raises(UnknownError):
            whistles.step(number, dept, "arrive", by=viewer, now=minutes(50))


def test_who_has_not_arrived_in_time_is_late(module_store):
    whistles = Whistles(module_store)
    blow(whistles, case_no="A1")
    (late,) = whistles.listing(STREET, minutes(31), case_no="A1")
    assert all(call.is_late for call in late.calls)


@pytest.mark.parametrize(("field", "about"), [
    ("area", {"area_code": THERE}), ("area", {"by": POLICE}), ("departments", {"departments": []}),
    ("departments", {"departments": ["x"]})])
def test_what_is_no_use_is_named(module_store, field, about):
    with pytest.raises(EmergencyError, match=f"^{field} must"):
        blow(Whistles(module_store), **about)


def test_a_past_moment_knows_nothing_later(module_store):
    whistles = Whistles(module_store)
    number = blow(whistles, case_no="T1")
    whistles.step(number, "police", "arrive", by=POLICE, now=minutes(5))
    whistles.end(number, by=STREET, now=minutes(9))

    def at(count, **about):
        return [(one.is_running, one.ended_at, [call.arrived for call in one.calls])
                for one in whistles.listing(STREET, minutes(count), case_no="T1", **about)]

    assert at(-1) == []
    assert at(4) == at(4, running=True) == [(True, None, [None, None])]
    assert at(5) == [(True, None, [None, 5.0])]
    assert at(9) == [(False, minutes(9), [None, 5.0])]
    assert at(9, running=True) == []
    assert not at(90)[0][2][0]
    assert not any(call.is_late for one in whistles.listing(STREET, minutes(90), case_no="T1")
                   for call in one.calls), "nobody is late for what has ended in time"
    assert [one.case_no for one in whistles.listing(POLICE, minutes(6), running=True)].count("T1") == 0, (
        "a department that arrived has nothing more to do")
    for by, error in ((OTHER, UnknownError), (POLICE, UnknownError), (STREET, RefusedError)):
        with pytest.raises(error):
            whistles.end(number, by=by, now=minutes(10))


def test_a_place_finds_its_whistles(module_store):
    whistles = Whistles(module_store)
    number = blow(whistles, lon=121.6, lat=38.9)
    blow(whistles, lon=121.6, lat=38.9, case_no="A2")
    found = whistles.listing(STREET, NOW, point=(121.600002, 38.9))
    assert [one.whistle_id for one in found] == [number]
    assert whistles.listing(STREET, NOW, point=(121.6001, 38.9)) == []


def test_who_sees_no_people_is_told_less(module_store):
    whistles = Whistles(module_store)
    said = {**SAID, "place": "中山路12号3单元501室", "message": "3单元501室老人独居"}
    with module_store.engine.begin() as connection:
        connection.execute(sa.insert(cases).values(
            case_no="P1", street_code=HERE, cat_code="S1301", state="handling", reported_at=NOW))
    whistles.blow(said, Spot(area_code=HERE, case_no="P1", lon=121.6, lat=38.9), ["police"], by=STREET,
                  now=NOW, known=["police"])

    def told(viewer):
        (one,) = whistles.listing(viewer, NOW, case_no="P1")
        return one.place, one.message, one.lon

    scope = Scope(frozenset({HERE}))
    assert told(STREET) == ("中山路12号3单元501室", "3单元501室老人独居", 121.6)
    assert told(POLICE) == ("中山路12号3单元501室", "3单元501室老人独居", None), "who is called knows where"
    assert told(a_viewer(("planner",), scope=scope)) == ("中山路", "**单元**室老人独居", None)
    screen = a_viewer((), name="wall", scope=scope, account_id=None, token_id=1)
    assert told(screen) == ("中山路", "", None)
