"""Whistles: who is called, when they answered and arrived, in minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from data.access.scope import Scope
from data.emergency.rules import EmergencyError, RefusedError, UnknownError
from data.emergency.whistles import Whistles, figures
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
    given = {"area_code": HERE, "departments": ["police", "fire"], "by": STREET, **about}
    return whistles.blow(SAID, given.pop("area_code"), given.pop("departments"), now=NOW,
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
