"""A person is opened over HTTP: by whom, how it is answered, and that nothing of it is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from app import create_app
from callbacks.opening import PATH, question
from data.access.audit import Audit
from data.access.scope import EVERYTHING, Scope
from data.access.tables import audit_log, person_detail
from data.engine import Store
from data.readers import build_readers
from data.settings import Settings
from data.tables import area, cases, officer
from tests.callbacks.conftest import Page
from tests.signed_in import access_of, client_of, now, signed_in

STREET = "510108002"
GRID = f"{STREET}001005"
CASE = "20260302010800001"
ASKED = {"kind": "reporter", "id": CASE, "reason": "回访核实", "lang": "zh"}


@pytest.fixture
def filled(store: Store) -> Store:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(area), [
            {"area_code": code, "name": name, "level": level, "parent_code": parent, "street_code": street,
             "lon": 104.1, "lat": 30.6}
            for code, name, level, parent, street in (
                ("510108", "成华区", "district", None, None),
                (STREET, "猛追湾", "street", "510108", STREET))])
        connection.execute(sa.insert(officer).values(
            officer_id="G1-1", street_code=STREET, community_code=GRID[:12], grid_code=GRID,
            role="grid_officer", name_masked="王**", phone_masked="138****5678"))
        connection.execute(sa.insert(cases).values(
            case_no=CASE, street_code=STREET, community_code=GRID[:12], grid_code=GRID, state="accepted",
            reporter_masked="李*", reported_at=sa.func.now(), cat_code="E0404"))
        connection.execute(sa.insert(person_detail), [
            {"kind": "officer", "person_id": "G1-1", "street_code": STREET, "name": "王小明",
             "phone": "13812345678", "address": None},
            {"kind": "reporter", "person_id": CASE, "street_code": STREET, "name": "李雷",
             "phone": "13900000001", "address": "学士街33号"},
        ])
    return store


@pytest.fixture
def world(filled: Store) -> Any:
    readers = build_readers(filled, Settings())
    readers.snapshot.refresh()
    access = access_of(filled)
    wall = create_app(Settings(), readers=readers, access=access)

    def as_role(role: str, scope: Scope = EVERYTHING) -> Any:
        cookie = signed_in(access, roles=[role], scope=scope)
        csrf = access.sessions.find(cookie, now=now()).csrf
        return wall, client_of(wall, cookie, csrf)

    yield as_role
    readers.snapshot.stop()


def actions(store: Store) -> list[tuple[str, str | None]]:
    query = sa.select(audit_log.c.action, audit_log.c.object_id).order_by(audit_log.c.seq)
    with store.engine.connect() as connection:
        rows = connection.execute(query)
        return [(row.action, row.object_id) for row in rows if row.action.startswith("person")]


def test_a_leader_sees_the_reporter_once(filled: Store, world: Any) -> None:
    _, client = world("leader")
    answer = client.post(PATH, json=ASKED)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    told = answer.get_json()
    assert [line["value"] for line in told["lines"]] == ["李雷", "13900000001", "学士街33号"]
    assert "审计日志" in told["said"]
    assert actions(filled) == [("person_opened", CASE)]
    assert Audit(filled).verify().ok


@pytest.mark.parametrize("role", ["operator", "planner", "dept_op", "officer", "auditor", "system_admin"])
def test_others_are_refused_before_anything_is_asked(filled: Store, world: Any, role: str) -> None:
    _, client = world(role)
    answer = client.post(PATH, json=ASKED)
    assert answer.status_code == 403
    assert "李雷" not in answer.get_data(as_text=True)
    assert ("person_opened", CASE) not in actions(filled)


@pytest.mark.parametrize(("change", "status"), [
    ({"reason": "abc"}, 400), ({"reason": " " * 50}, 400), ({"id": "none"}, 404), ({"kind": "citizen"}, 404),
    ({"lang": "fr"}, 400), ({"reason": 5}, 400), ({"more": "x"}, 400), ({"id": ["a"]}, 400)])
def test_what_cannot_be_answered_says_why(world: Any, change: dict[str, Any], status: int) -> None:
    _, client = world("leader")
    answer = client.post(PATH, json={**ASKED, **change})
    assert answer.status_code == status
    assert answer.get_json()["error"]
    assert "李雷" not in answer.get_data(as_text=True)


def test_outside_the_scope_there_is_nobody(world: Any) -> None:
    _, client = world("leader", Scope(frozenset({"510108004"})))
    assert client.post(PATH, json=ASKED).status_code == 404
    assert world("leader", Scope(frozenset({STREET})))[1].post(PATH, json=ASKED).status_code == 200


@pytest.mark.parametrize(("selection", "kind", "person"), [
    ({"kind": "case", "code": CASE}, "reporter", CASE),
    ({"kind": "officer", "code": "G1-1"}, "officer", "G1-1")])
def test_the_card_offers_it_to_those_who_may(world: Any, selection: Any, kind: str, person: str) -> None:
    def card(role: str) -> str:
        answer = Page(*world(role)).ask("wall-side.tree", shell_selection=selection)
        return json.dumps(answer.get_json())

    offered, others = card("leader"), card("operator")
    assert f'"data-person": "{person}"' in offered
    assert f'"data-person-kind": "{kind}"' in offered
    assert "data-person" not in others
    for text in (offered, others):
        assert "13812345678" not in text
        assert "13900000001" not in text


def test_the_body_is_an_object_of_four_texts() -> None:
    assert question(ASKED) == ASKED
    with pytest.raises(ValueError, match=r"the body must be an object with id, kind, lang, reason; got list"):
        question([])
