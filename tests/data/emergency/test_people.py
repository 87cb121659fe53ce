"""Called by name: who is told, who is not, and that the database itself says the same."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from data.access.scope import EVERYTHING, Scope
from data.emergency.emergencies import Emergencies
from data.emergency.mine import called_to, taken_part
from data.emergency.rules import Called, EmergencyError, UnknownError
from data.emergency.tables import emergency_called, emergency_task
from data.emergency.told import narrow_to
from tests.signed_in import a_viewer, access_of, an_account

NOW = datetime(2026, 3, 6, 8, tzinfo=UTC)
HERE, THERE, COMMUNITY = "210202003", "210202010", "210202003001"
SAID = {"kind": "flood", "title": "防汛", "message": "上堤", "capacity": "2"}


@pytest.fixture(scope="module")
def desk(module_store):
    return Emergencies(module_store)


@pytest.fixture(scope="module")
def people(module_store):
    """Viewers of real accounts: name -> viewer."""
    access = access_of(module_store)
    def made(roles, scope):
        return an_account(access, roles=roles, scope=scope)[0].viewer
    here = Scope(frozenset({HERE}))
    return {
        "called": made(("officer",), Scope(frozenset({COMMUNITY}))), "other": made(("officer",), here),
        "away": made(("officer",), Scope(frozenset({THERE}))), "planner": made(("planner",), here),
        "street": made(("street_op",), here),
        "dept": made(("dept_op",), replace(here, departments=frozenset({"police"}))),
        "chief": made(("operator",), EVERYTHING), "auditor": made(("auditor",), here)}


def publish(desk, people, names, roles=(), by="chief", areas=(HERE, THERE)):
    return desk.publish(SAID, areas, Called(roles=roles, people=[people[name].name for name in names]),
                        by=people[by], now=NOW, known=(HERE, THERE, COMMUNITY))


def told(desk, people, number):
    """Names of those who see it in their list; the same are told by the wall and by its own page."""
    found = set()
    for name, viewer in people.items():
        listed = number in {one.emergency_id for one in desk.listing(viewer)}
        assert listed == (number in {one["id"] for one in desk.running(viewer)}), name
        try:
            desk.one(number, viewer)
            assert listed, name
        except UnknownError:
            assert not listed, name
        found |= {name} if listed else set()
    return found


def test_only_who_is_called_by_name_and_who_leads_is_told(desk, people, module_store):
    number = publish(desk, people, ["called"])
    screen = replace(a_viewer((), name=people["called"].name, scope=Scope(frozenset({HERE}))),
                     account_id=None, token_id=7)
    everybody = {**people, "screen": screen}
    assert told(desk, everybody, number) == {"called", "street", "chief", "screen"}
    assert desk.one(number, people["called"]).is_called
    assert not desk.one(number, people["street"]).is_called
    assert not desk.one(number, screen).is_called
    assert desk.one(number, people["chief"]).people == (people["called"].name,)
    for name in ("called", "street"):  # they do not see all its areas
        assert desk.one(number, people[name]).people == ()
    for name, viewer in everybody.items():
        with module_store.engine.begin() as connection:
            narrow_to(connection, viewer)
            seen = connection.execute(sa.select(emergency_task.c.area_code).where(
                emergency_task.c.emergency_id == number)).scalars().all()
            own = connection.execute(sa.select(emergency_called.c.name)).scalars().all()
        wanted = {"chief": [HERE, THERE]}.get(name, [HERE] if name in {"called", "street", "screen"} else [])
        assert (name, sorted(seen)) == (name, wanted)
        assert (name, own) == (name, [viewer.name] if name == "called" else [])
    desk.end(number, by=people["chief"], now=NOW)


def test_who_is_not_called_cannot_take_part(desk, people):
    number = publish(desk, people, ["called"])
    here, there = desk.one(number, people["chief"]).tasks
    for name in ("other", "planner", "dept", "away"):
        for task in (here, there):
            with pytest.raises(UnknownError):
                desk.sign_up(task.task_id, by=people[name], now=NOW)
    desk.sign_up(here.task_id, by=people["called"], now=NOW)
    desk.report(here.task_id, "到达", by=people["called"], now=NOW)
    desk.sign_up(here.task_id, by=people["street"], now=NOW, member="李雷")
    mine = [event["note"] for event in desk.one(number, people["called"]).events if event["is_mine"]]
    assert mine == [None, "到达"]
    desk.end(number, by=people["chief"], now=NOW)


def test_what_changes_is_marked_for_who_is_told_and_for_nobody_else(desk, people):
    def marks():
        desk.refresh()
        return {name: desk.mark(viewer) for name, viewer in people.items()}
    def changed(act):
        before = marks()
        act()
        after = marks()
        return {name for name in people if before[name] != after[name]}
    assert changed(lambda: publish(desk, people, ["called"], areas=(HERE,))) == {"called", "street", "chief"}
    number = desk.running(people["chief"])[0]["id"]
    task = desk.one(number, people["chief"]).tasks[0].task_id
    # the community of the called lies in the street: nobody else's sign-up is told there
    assert changed(lambda: desk.sign_up(task, by=people["street"], now=NOW)) == {"street", "chief"}
    desk.end(number, by=people["chief"], now=NOW)


def test_a_service_task_is_no_emergency(desk, people):
    said = {**SAID, "kind": "service"}
    whom = Called(roles=("officer",))
    number = desk.publish(said, [HERE], whom, by=people["street"], now=NOW, known=(HERE,))
    assert desk.running(people["other"]) == ()
    assert number not in {one.emergency_id for one in desk.listing(people["other"])}
    (found,) = called_to(desk.listing(people["other"], services=True))
    assert found.emergency_id == number
    assert called_to(desk.listing(people["planner"], services=True)) == []
    desk.sign_up(found.tasks[0].task_id, by=people["other"], now=NOW)
    desk.end(number, by=people["street"], now=NOW)
    own, others = (taken_part(desk.listing(people[name], services=True)) for name in ("other", "planner"))
    assert ([one.emergency_id for one in own], others) == ([number], [])


def test_roles_and_names_are_called_together(desk, people):
    number = publish(desk, people, ["called"], roles=("planner",))
    assert told(desk, people, number) == {"called", "planner", "street", "chief"}
    desk.end(number, by=people["chief"], now=NOW)


def test_who_can_be_called_by_name(desk, people, module_store):
    names = {one.name for one in desk.people(people["street"])}
    assert names == {people[name].name for name in ("called", "other", "planner", "street", "dept")}
    assert desk.people(people["planner"]) == []
    for by, name in (("street", "away"), ("chief", "auditor"), ("planner", "called")):
        with pytest.raises(EmergencyError, match=r"^people must"):
            publish(desk, people, [name], by=by, areas=(HERE,))
    with pytest.raises(EmergencyError, match=r"^people must"):
        publish(desk, people, ["away"], areas=(HERE,))
    number = publish(desk, people, ["called"], by="street", areas=(HERE,))
    with module_store.engine.connect() as connection:
        entry = connection.execute(sa.text(
            "SELECT detail FROM audit_log WHERE action = 'emergency_published' "
            "ORDER BY seq DESC LIMIT 1")).scalar_one()
    assert entry["people"] == [people["called"].name]
    desk.end(number, by=people["chief"], now=NOW)
