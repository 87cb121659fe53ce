"""The second wall: raw SQL in the viewers' role reads of emergencies and whistles what the scope lets it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.access.scope import EVERYTHING, NOTHING, Scope
from data.emergency.emergencies import Emergencies
from data.emergency.rules import Called, concerns, holds
from data.emergency.whistles import Spot, Whistles
from tests.signed_in import a_viewer

NOW = datetime(2026, 3, 6, 8, tzinfo=UTC)
CALLED = {1: ("210202003", "210202010"), 2: ("210202003001",), 3: ("210202",), 4: ("210202010002003",)}
BLOWN = {1: ("210202003", ("police",)), 2: ("210202010001", ("police", "water")), 3: ("210202", ("water",))}
SCOPES = {
    "all": EVERYTHING, "none": NOTHING,
    **{code: Scope(frozenset({code})) for code in ("210202", "210203", "210202003", "210202003001",
                                                   "210202010002", "210202010002003", "210202010002004")},
    "two": Scope(frozenset({"210202003001001", "210202010"})),
    "police": Scope(frozenset({"*"}), departments=frozenset({"police"})),
    "police here": Scope(frozenset({"210202003"}), departments=frozenset({"police", "nobody"})),
}


@pytest.fixture(scope="module")
def filled(module_store):
    chief, emergencies, whistles = a_viewer(name="chief"), Emergencies(module_store), Whistles(module_store)
    for number, areas in CALLED.items():
        assert number == emergencies.publish(
            {"kind": "flood", "title": f"防汛{number}", "message": "上堤", "capacity": "5"}, areas, Called(),
            by=chief, now=NOW, known=areas)
        for one in emergencies.one(number, chief).tasks:
            emergencies.sign_up(one.task_id, by=chief, now=NOW, member="李雷")
    for number, (area, departments) in BLOWN.items():
        assert number == whistles.blow(
            {"place": "桥头", "message": "积水", "due_minutes": "20"}, Spot(area_code=area), departments,
            by=chief, now=NOW, known=("police", "water"))
    return module_store


def read(store, scope, text):
    return sorted(store.seen_by(scope).arrow(text)["found"].to_pylist())


@pytest.mark.parametrize("name", SCOPES)
def test_an_emergency_is_read_where_one_of_its_areas_concerns_the_scope(filled, name) -> None:
    scope = SCOPES[name]
    areas = sorted(code for codes in CALLED.values() for code in codes if concerns(scope, code))
    numbers = [number for number, codes in CALLED.items() if any(concerns(scope, code) for code in codes)]
    assert read(filled, scope, "SELECT area_code AS found FROM emergency_task") == areas
    tasks = read(filled, scope, "SELECT task_id AS found FROM emergency_task")
    assert read(filled, scope, "SELECT task_id AS found FROM task_signup") == tasks
    assert read(filled, scope, "SELECT emergency_id AS found FROM emergency") == numbers
    logged = read(filled, scope, "SELECT DISTINCT emergency_id AS found FROM emergency_event")
    assert logged == numbers


@pytest.mark.parametrize("name", SCOPES)
def test_a_whistle_is_read_inside_the_scope_and_by_the_departments_it_calls(filled, name) -> None:
    scope = SCOPES[name]
    inside = [number for number, (area, called) in BLOWN.items() if holds(scope, area)
              and (not scope.departments or scope.departments & set(called))]
    calls = sorted(f"{number} {one}" for number in inside for one in BLOWN[number][1])
    assert read(filled, scope, "SELECT whistle_id AS found FROM whistle") == inside
    assert read(filled, scope, "SELECT whistle_id || ' ' || dept_id AS found FROM whistle_call") == calls


@pytest.mark.parametrize("name", SCOPES)
def test_the_readers_find_the_same_through_it(filled, name) -> None:
    viewer = a_viewer(name="somebody", scope=SCOPES[name])
    numbers = {number for number, codes in CALLED.items()
               if any(concerns(viewer.scope, code) for code in codes)}
    assert {one.emergency_id for one in Emergencies(filled).listing(viewer)} == numbers
    assert {one.emergency_id for one in Emergencies(filled).listing(viewer) if one.is_whole} == {
        number for number in numbers if all(holds(viewer.scope, code) for code in CALLED[number])}
