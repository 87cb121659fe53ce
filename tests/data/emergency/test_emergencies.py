"""Emergencies: who is called, sees and signs up; and that all of it stands in the log."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from data.access.scope import Scope
from data.emergency.emergencies import Emergencies
from data.emergency.rules import Called, EmergencyError, RefusedError, UnknownError
from data.emergency.tables import emergency_event
from tests.signed_in import a_viewer

NOW = datetime(2026, 3, 6, 8, tzinfo=UTC)
HERE, THERE, COMMUNITY = "210202003", "210202010", "210202003001"
KNOWN = (HERE, THERE, COMMUNITY)
SAID = {"kind": "flood", "title": "防汛", "message": "上堤，电话 13812345678", "capacity": "2"}
CHIEF = a_viewer(name="chief")
STREET = a_viewer(name="street", scope=Scope(frozenset({HERE})))
OTHER = a_viewer(name="other", scope=Scope(frozenset({THERE})))
MEMBER = a_viewer(("officer",), name="member", scope=Scope(frozenset({COMMUNITY})))


@pytest.fixture(scope="module")
def desk(module_store):
    return Emergencies(module_store)


def publish(desk, areas=(HERE, THERE), roles=("officer",), people=(), **said):
    return desk.publish({**SAID, **said}, areas, Called(roles=roles, people=people), by=CHIEF, now=NOW,
                        known=KNOWN)


def task(desk, number, viewer, area=HERE):
    return next(one for one in desk.one(number, viewer).tasks if one.area_code == area)


def test_a_whole_round_is_written_down_and_ends_in_a_report(desk):
    number = publish(desk)
    assert [one["id"] for one in desk.running(MEMBER)] == [number]
    here = task(desk, number, MEMBER).task_id
    desk.sign_up(here, by=MEMBER, now=NOW)
    desk.report(here, "水位 2 米", by=MEMBER, now=NOW)
    desk.sign_up(here, by=STREET, now=NOW, member="李雷")
    with pytest.raises(RefusedError, match="full"):
        desk.sign_up(here, by=CHIEF, now=NOW, member="韩梅")
    desk.withdraw(here, by=MEMBER, now=NOW)
    desk.sign_up(here, by=MEMBER, now=NOW)
    with pytest.raises(RefusedError, match="all areas"):
        desk.end(number, by=STREET, now=NOW)
    desk.end(number, by=CHIEF, now=NOW + timedelta(hours=1))
    for late in (lambda: desk.sign_up(here, by=CHIEF, now=NOW, member="x"),
                 lambda: desk.report(here, "x", by=MEMBER, now=NOW),
                 lambda: desk.end(number, by=CHIEF, now=NOW)):
        with pytest.raises(RefusedError, match="over"):
            late()
    found = desk.one(number, CHIEF)
    assert [event["act"] for event in found.events] == [
        "publish", "sign_up", "report", "sign_up", "withdraw", "sign_up", "end"]
    assert set(task(desk, number, CHIEF).members) == {"member", "李雷"}
    assert "138****5678" in found.message or "13812345678" not in found.message
    assert found.ended_at == NOW + timedelta(hours=1)
    assert desk.running(CHIEF) == ()


def test_nobody_sees_what_lies_outside_their_areas(desk):
    number = publish(desk, areas=(HERE,))
    here = task(desk, number, CHIEF).task_id
    desk.sign_up(here, by=CHIEF, now=NOW, member="李雷")
    with pytest.raises(UnknownError):
        desk.one(number, OTHER)
    for act in (lambda: desk.sign_up(here, by=OTHER, now=NOW), lambda: desk.withdraw(here, by=OTHER, now=NOW),
                lambda: desk.report(here, "x", by=OTHER, now=NOW)):
        with pytest.raises(UnknownError):
            act()
    assert all(one["id"] != number for one in desk.running(OTHER))
    assert all(one.emergency_id != number for one in desk.listing(OTHER))
    told = task(desk, number, MEMBER)
    assert (told.members, told.count, told.is_own) == ({}, None, False)
    assert [event["act"] for event in desk.one(number, MEMBER).events] == ["publish"]
    screen = a_viewer(("planner",), name="screen")
    assert (task(desk, number, screen).members, task(desk, number, screen).count) == ({}, 1)
    desk.end(number, by=CHIEF, now=NOW)


def test_who_is_not_called_does_not_sign_up(desk):
    number = publish(desk, roles=("leader",))
    with pytest.raises(UnknownError):
        desk.sign_up(task(desk, number, CHIEF).task_id, by=MEMBER, now=NOW)
    assert not desk.one(number, MEMBER).is_called
    desk.end(number, by=CHIEF, now=NOW)


@pytest.mark.parametrize(("field", "said"), [
    ("kind", {"kind": "x"}), ("title", {"title": " "}), ("title", {"title": "x" * 61}),
    ("message", {"message": None}), ("capacity", {"capacity": "0"}), ("capacity", {"capacity": "-1"}),
    ("areas", {"areas": ()}), ("areas", {"areas": ("999",)}), ("roles", {"roles": ("auditor",)})])
def test_what_is_no_use_is_named(desk, field, said):
    with pytest.raises(EmergencyError, match=f"^{field} must"):
        publish(desk, **said)


def test_a_street_publishes_in_its_own_areas_only(desk):
    with pytest.raises(EmergencyError, match=r"^areas"):
        desk.publish(SAID, [THERE], Called(), by=STREET, now=NOW, known=KNOWN)


def test_the_log_only_grows(desk, module_store):
    desk.end(publish(desk), by=CHIEF, now=NOW)
    with module_store.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="only grows"):
        connection.execute(sa.update(emergency_event).values(note="x"))
