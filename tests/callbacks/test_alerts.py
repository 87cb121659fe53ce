"""Alerts over HTTP: who sees and does what with them, and what a case of one is."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from app import create_app
from data.access.scope import EVERYTHING, Scope
from data.alerts.tables import alert, alert_event
from data.clock import store_now
from data.demo.build import build
from data.readers import build_readers
from data.settings import Settings
from data.tables import cases
from tests.callbacks.conftest import Page
from tests.data.alerts.samples import add_alert
from tests.signed_in import access_of, client_of, signed_in

PANEL = "wall-alerts.tree"


@pytest.fixture(scope="module")
def room(module_store):
    """The application over a small district of its own, in which the tests may act."""
    build("zhongshan", 7, None, module_store)
    readers = build_readers(module_store, Settings())
    readers.snapshot.refresh()
    access = access_of(module_store)
    wall = create_app(Settings(), readers=readers, access=access)
    now = store_now(module_store, readers.cases.reported_range()[1])
    grid = module_store.arrow("SELECT min(area_code) AS code FROM area WHERE level = 'grid'"
                              " AND grid_kind = 'base'")["code"][0].as_py()
    subjects = count()

    def as_role(role, scope=EVERYTHING):
        cookie = signed_in(access, roles=[role], scope=scope)
        session = access.sessions.find(cookie, now=now)
        return client_of(wall, cookie, session.csrf if session else "")

    def fired(**given):
        about = {"street": grid[:9], "community_code": grid[:12], "grid_code": grid, "lon": 121.64,
                 "lat": 38.91, "roles": ["operator", "street_op"], "subject_type": "device", **given}
        return add_alert(module_store, at=about.pop("at", now - timedelta(minutes=14)),
                         subject=f"S{next(subjects)}", **about)

    yield SimpleNamespace(store=module_store, readers=readers, wall=wall, as_role=as_role, now=now,
                          fired=fired, street=grid[:9])
    readers.snapshot.stop()


def do(client, number, act, **details):
    return client.post(f"/api/alerts/{number}/acts", json={"act": act, "details": details})


def row_of(room, number):
    with room.store.engine.connect() as connection:
        return connection.execute(sa.select(alert).where(alert.c.alert_id == number)).one()


def asked(room, client, output, **changes):
    return json.dumps(Page(room.wall, client).ask(output, **changes).get_json(), ensure_ascii=False)


def test_a_whole_life_by_hand_is_logged_with_who_did_it(room):
    number, operator = room.fired(), room.as_role("operator")
    for act in ("confirm", "handle", "clear"):
        answer = do(operator, number, act, note="seen to")
        assert answer.status_code == 201, answer.get_json()
    assert row_of(room, number).state == "cleared"
    with room.store.engine.connect() as connection:
        log = connection.execute(sa.select(alert_event).where(
            alert_event.c.alert_id == number).order_by(alert_event.c.seq)).all()
    assert [one.act for one in log] == ["fire", "confirm", "handle", "clear"]
    assert all(one.actor_id.startswith("account:") and one.note == "seen to" for one in log[1:])
    answer = do(operator, number, "confirm")
    assert answer.status_code == 409
    assert "allowed: nothing" in answer.get_json()["error"]


@pytest.mark.parametrize(("act", "details", "said"), [
    ("false", {}, "note must be a text of 1 to 500 signs"),
    ("shelve", {"note": "rain"}, "hours must be one of"),
    ("shelve", {"note": "rain", "hours": 5}, "hours must be one of"),
    ("shelve", {"note": "rain", "hours": [4]}, "hours must be one of"),
    ("link", {"case_no": 7}, "case_no must be the number of a case"),
    ("confirm", {"actor_role": "system"}, "details must be among"),
    ("confirm", {"note": ["x"]}, "note must be a text"),
])
def test_what_is_said_wrongly_is_named_and_changes_nothing(room, act, details, said):
    number = room.fired()
    answer = do(room.as_role("operator"), number, act, **details)
    assert answer.status_code == 400
    assert said in answer.get_json()["error"]
    assert row_of(room, number).state == "open"


@pytest.mark.parametrize("act", ["lapse", "repeat", "fire", "unknown"])
def test_acts_of_the_engine_are_no_acts_of_people(room, act):
    number = room.fired()
    assert do(room.as_role("operator"), number, act).status_code == 409
    assert row_of(room, number).count == 1


def test_shelving_and_linking(room):
    number, operator = room.fired(), room.as_role("operator")
    assert do(operator, number, "shelve", note="rain", hours=4).status_code == 201
    assert row_of(room, number).shelved_until == room.now + timedelta(hours=4)
    assert do(operator, number, "unshelve").status_code == 201
    case_no = room.store.arrow('SELECT max(case_no) AS n FROM "case"')["n"][0].as_py()
    assert do(operator, number, "link", case_no="none").status_code == 409
    assert do(operator, number, "link", case_no=case_no).status_code == 201
    assert row_of(room, number).case_no == case_no


def test_an_alert_becomes_one_case_however_often_it_is_asked(room):
    number, operator = room.fired(kind="smoke"), room.as_role("operator")
    answer = do(operator, number, "case")
    assert answer.status_code == 201, answer.get_json()
    case_no = answer.get_json()["case_no"]
    with room.store.engine.connect() as connection:
        made = connection.execute(sa.select(cases).where(cases.c.case_no == case_no)).one()
    row = row_of(room, number)
    assert row.case_no == case_no
    assert (made.title, made.state, made.source_id) == ("烟感报警", "reported", str(number))
    assert (made.grid_code, made.lon, made.lat) == (row.grid_code, 121.64, 38.91)
    assert do(operator, number, "case").status_code == 400
    nowhere = room.fired(street="", community_code=None, grid_code=None)
    answer = do(operator, nowhere, "case")
    assert answer.status_code == 400
    assert "must lie in a street" in answer.get_json()["error"]


def test_of_another_scope_or_another_role_it_does_not_exist(room):
    number = room.fired()
    others = room.store.arrow(f"SELECT max(area_code) AS code FROM area WHERE level = 'street'"
                              f" AND area_code <> '{room.street}'")["code"][0].as_py()
    stranger = room.as_role("operator", Scope(frozenset({others})))
    assert do(stranger, number, "confirm").status_code == 404
    assert do(room.as_role("dept_op"), number, "confirm").status_code == 404, "nobody told that role"
    assert do(room.as_role("planner"), number, "confirm").status_code == 403
    assert row_of(room, number).state == "open"
    selection = {"kind": "alert", "code": str(number)}
    own = asked(room, room.as_role("operator"), "wall-side.tree", shell_selection=selection)
    assert "data-path" in own
    for client in (stranger, room.as_role("dept_op")):
        card = asked(room, client, "wall-side.tree", shell_selection=selection)
        assert "data-path" not in card
        assert "121.64" not in card
        assert f'"data-code": "{number}"' not in asked(room, client, PANEL)


def test_a_group_is_settled_from_its_card(room):
    numbers = [room.fired(kind="water") for _ in range(3)]
    leaders = room.fired(kind="water", roles=["leader"])
    desk, code = room.as_role("operator"), f"water/{room.street}"
    card = asked(room, desk, "wall-side.tree", shell_selection={"kind": "alerts", "code": code})
    path = f"/api/alerts/groups/{code}/{numbers[-1]}/acts"
    assert f'"data-path": "{path}"' in card
    assert f'"data-code": "{leaders}"' not in card
    later = room.fired(kind="water")
    answer = desk.post(path, json={"act": "false", "details": {"note": "演练"}})
    assert (answer.status_code, answer.get_json()["count"]) == (201, 3)
    assert [row_of(room, number).state for number in (*numbers, leaders, later)] == [
        "false", "false", "false", "open", "open"]
    assert desk.post(path, json={"act": "confirm"}).status_code == 409, "none of those seen is left"
    for body, status in (({"act": "clear"}, 400), ({"act": "false"}, 400), ([], 400),
                         ({"act": "shelve", "details": {"note": "x", "hours": 5}}, 400)):
        assert desk.post(path.replace(str(numbers[-1]), str(later)), json=body).status_code == status
    for wrong in (f"x-y/{room.street}/1", "water/2102/1", f"water/{room.street}/{2**63}"):
        assert desk.post(f"/api/alerts/groups/{wrong}/acts", json={"act": "confirm"}).status_code == 404
    elsewhere = room.as_role("operator", Scope(frozenset({"210202010"})))
    assert elsewhere.post(path, json={"act": "false", "details": {"note": "x"}}).status_code == 409
    planner = room.as_role("planner")
    assert "data-path" not in asked(room, planner, "wall-side.tree",
                                    shell_selection={"kind": "alerts", "code": code})


def test_the_past_cannot_be_acted_upon(room):
    number = room.fired()
    answer = room.as_role("operator").post(f"/api/alerts/{number}/acts", json={"act": "confirm"},
                                           headers={"X-Clock-At": room.now.isoformat()})
    assert answer.status_code == 409
    assert row_of(room, number).state == "open"


def test_the_panel_tells_what_is_in_hand_and_the_map_marks_it(room):
    number = room.fired(color="red", group_key="alone")
    told = asked(room, room.as_role("operator"), PANEL)
    assert f'"data-code": "{number}"' in told
    assert f'"id": "{number}"' in told
    for code in ("x", "9" * 12, "０"):
        assert "data-path" not in asked(room, room.as_role("operator"), "wall-side.tree",
                                        shell_selection={"kind": "alert", "code": code})
