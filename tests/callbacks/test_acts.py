"""Acts over HTTP: who may, inside which scope, and what the case is afterwards."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from app import create_app
from callbacks.acts import choices_of
from data.access.scope import EVERYTHING, Scope
from data.cases.commands import report
from data.demo.build import build
from data.readers import build_readers
from data.settings import Settings
from data.tables import case_event, cases
from tests.signed_in import a_viewer, access_of, client_of, signed_in


@pytest.fixture(scope="module")
def room(module_store):
    """The application over a small district of its own, in which the tests may act."""
    build("zhongshan", 7, None, module_store)
    readers = build_readers(module_store, Settings())
    readers.snapshot.refresh()
    access = access_of(module_store)
    wall = create_app(Settings(), readers=readers, access=access)
    now = readers.cases.reported_range()[1]

    def as_role(role, scope=EVERYTHING):
        cookie = signed_in(access, roles=[role], scope=scope)
        session = access.sessions.find(cookie, now=now)
        return client_of(wall, cookie, session.csrf if session else "")

    yield SimpleNamespace(store=module_store, readers=readers, as_role=as_role, now=now)
    readers.snapshot.stop()


@pytest.fixture
def fresh(room):
    """A case that was just reported in the first street."""
    street = room.store.arrow('SELECT min(street_code) AS code FROM "case"')["code"][0].as_py()
    number = report(room.store, {"street_code": street, "title": "test", "cat_code": "E0102"},
                    at=room.now - timedelta(hours=1))
    return SimpleNamespace(number=number, street=street)


def do(client, number, act, **details):
    return client.post(f"/api/cases/{number}/acts", json={"act": act, "details": details})


def state_of(room, number):
    with room.store.engine.connect() as connection:
        return connection.execute(sa.select(cases.c.state).where(cases.c.case_no == number)).scalar_one()


def test_a_case_goes_from_report_to_close_by_hand(room, fresh):
    operator, street = room.as_role("operator"), room.as_role("street_op")
    department = room.store.arrow("SELECT min(dept_id) AS id FROM department")["id"][0].as_py()
    steps = [(operator, "accept", {}), (operator, "file", {}), (operator, "dispatch", {"dept": department}),
             (operator, "urge", {"note": "at once"}), (street, "receive", {}),
             (street, "handle", {"note": "done"}), (operator, "close", {}),
             (operator, "visit", {"score": 80})]
    for client, act, details in steps:
        answer = do(client, fresh.number, act, **details)
        assert answer.status_code == 201, answer.get_json()
    assert state_of(room, fresh.number) == "closed"
    with room.store.engine.connect() as connection:
        columns = (case_event.c.act, case_event.c.actor_role, case_event.c.actor_id)
        log = connection.execute(sa.select(*columns).where(
            case_event.c.case_no == fresh.number).order_by(case_event.c.seq)).all()
    assert [row.act for row in log] == ["report", *(act for _, act, _ in steps)]
    assert {row.actor_role for row in log[1:]} == {"operator", "street_desk"}
    assert all(row.actor_id.startswith("account:") for row in log[1:])


@pytest.mark.parametrize(("body", "said"), [
    (None, "the body must be an object"),
    ([], "the body must be an object"),
    ({"act": 5}, "the body must be an object"),
    ({"act": "urge", "other": 1}, "the body must be an object"),
    ({"act": "accept", "details": []}, None),
    ({"act": "accept", "details": 7}, "details must be an object, got int"),
    ({"act": "accept", "details": {"actor_role": "system"}}, "details must be among"),
])
def test_a_body_that_cannot_be_is_named_and_changes_nothing(room, fresh, body, said):
    answer = room.as_role("operator").post(f"/api/cases/{fresh.number}/acts", json=body)
    if said is None:
        assert answer.status_code == 201, "an empty list says nothing more than an empty object"
        return
    assert answer.status_code == 400
    assert said in answer.get_json()["error"]
    assert state_of(room, fresh.number) == "reported"


def test_a_refused_act_names_what_would_be_allowed(room, fresh):
    answer = do(room.as_role("operator"), fresh.number, "close")
    assert answer.status_code == 409
    assert "allowed: verify_first, accept" in answer.get_json()["error"]
    answer = do(room.as_role("dept_op"), fresh.number, "accept")
    assert answer.status_code == 409
    assert "not open to the roles dept_op" in answer.get_json()["error"]


@pytest.mark.parametrize("role", ["leader", "planner", "officer", "auditor", "system_admin"])
def test_who_may_not_dispatch_is_refused_before_anything_is_looked_up(room, role):
    assert do(room.as_role(role), "no such case", "urge").status_code == 403


def test_a_case_outside_the_scope_does_not_exist(room, fresh):
    streets = room.store.arrow('SELECT DISTINCT street_code AS code FROM "case"')["code"].to_pylist()
    other = next(code for code in sorted(streets) if code != fresh.street)
    client = room.as_role("operator", Scope(frozenset({other})))
    there, nowhere = do(client, fresh.number, "accept"), do(client, "no-such-case", "accept")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert state_of(room, fresh.number) == "reported"


def test_the_past_cannot_be_acted_upon(room, fresh):
    answer = room.as_role("operator").post(
        f"/api/cases/{fresh.number}/acts", json={"act": "accept"},
        headers={"X-Clock-At": room.now.isoformat()})
    assert answer.status_code == 409
    assert state_of(room, fresh.number) == "reported"


@pytest.mark.parametrize(("roles", "at", "offers"), [
    ({"operator"}, None, True), ({"operator"}, "then", False), ({"leader"}, None, False),
    ({"planner"}, None, False)])
def test_a_card_offers_acts_to_who_acts_and_only_now(room, roles, at, offers):
    words = SimpleNamespace(departments={}, first_dept=lambda _code: None)
    desk = SimpleNamespace(viewer=lambda: a_viewer(roles), moment=lambda: at, words=lambda: words)
    found = choices_of({"case_no": "1", "state": "handling", "cat_code": None}, desk, "en")
    assert (found is not None) == offers
