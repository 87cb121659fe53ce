"""Acts over HTTP: who may, inside which scope, and what the case is afterwards."""

from __future__ import annotations

import json
import re
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
from tests.callbacks.conftest import Page
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
        cookie = signed_in(access, roles=[role] if isinstance(role, str) else role, scope=scope)
        session = access.sessions.find(cookie, now=now)
        return client_of(wall, cookie, session.csrf if session else "")

    yield SimpleNamespace(wall=wall, store=module_store, readers=readers, as_role=as_role, now=now)
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


def test_a_department_called_to_joint_handling_sees_the_case_and_tells_of_the_site(room, fresh):
    operator, leader = room.as_role("operator"), room.as_role(("operator", "leader"))
    two = room.store.arrow("SELECT dept_id AS id FROM department ORDER BY dept_id LIMIT 2")
    has, joins = two["id"].to_pylist()
    own = {dept: room.as_role("dept_op", Scope(frozenset({"*"}), frozenset({dept}))) for dept in (has, joins)}
    for act, details in (("accept", {}), ("file", {}), ("dispatch", {"dept": has})):
        assert do(operator, fresh.number, act, **details).status_code == 201
    assert do(own[joins], fresh.number, "feedback", note="x").status_code == 404
    assert do(leader, fresh.number, "joint").status_code == 400, "it says which department is called"
    assert do(leader, fresh.number, "joint", dept=joins, note="一起去").status_code == 201
    assert do(own[joins], fresh.number, "receive").status_code == 400
    assert do(own[has], fresh.number, "receive").status_code == 201
    assert do(own[joins], fresh.number, "arrive").status_code == 201
    assert do(own[joins], fresh.number, "handle", note="x").status_code == 400
    assert do(own[has], fresh.number, "handle", note="done").status_code == 201
    found = room.readers.cases.case(fresh.number)
    assert (found["main_dept_id"], found["assist_dept_ids"], found["is_joint"]) == (has, [joins], True)


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
    case = {"case_no": "1", "state": "handling", "cat_code": None}
    found = choices_of(case, desk, "en")
    assert (found is not None) == offers


# ---- whistles from the card, the map and the page ----

CALLED = ["police", "fire"]
SAID = {"place": "路口", "message": "积水", "due_minutes": 30, "departments": CALLED}


def blow(client, **details):
    return client.post("/api/whistles", json={"act": "blow", "details": {**SAID, **details}})


def go_on(client, number, act, **details):
    return client.post(f"/api/whistles/{number}/acts", json={"act": act, "details": details})


def card(room, client, kind, code):
    """The side panel with a card, as text."""
    changes = {"shell_selection": {"kind": kind, "code": code}}
    return json.dumps(Page(room.wall, client).ask("wall-side.tree", **changes).get_json())


def test_a_whistle_from_a_case_is_answered_and_ended_from_its_card(room, fresh):
    operator = room.as_role("operator")
    do(operator, fresh.number, "accept")
    assert '"data-do": "blow"' in card(room, operator, "case", fresh.number)
    police, other = room.as_role("dept_op", Scope(frozenset({"*"}), frozenset({"police"}))), room.as_role(
        "operator", Scope(frozenset({fresh.street[:6] + "999"})))
    assert blow(other, case_no=fresh.number).status_code == 404
    assert blow(police, case_no=fresh.number).status_code in {400, 404}
    number = blow(operator, case_no=fresh.number).get_json()["whistle_id"]
    with room.store.engine.connect() as connection:
        columns = (case_event.c.act, case_event.c.actor_role, case_event.c.note)
        log = connection.execute(sa.select(*columns).where(
            case_event.c.case_no == fresh.number).order_by(case_event.c.seq)).all()
        marked = connection.execute(sa.select(cases.c.is_whistle).where(
            cases.c.case_no == fresh.number)).scalar_one()
    assert (log[-1], marked) == (("whistle", "system", "积水"), True)
    assert go_on(other, number, "end").status_code == 404
    assert [go_on(police, number, "answer", department=dept).status_code for dept in CALLED] == [201, 404]
    assert go_on(operator, number, "arrive", department="fire").status_code == 201
    assert go_on(operator, number, "arrive", department="fire").status_code == 409
    shown = card(room, operator, "case", fresh.number)
    assert shown.count('"data-state": "there"') == shown.count('"data-state": "waits"') == 1
    assert go_on(police, number, "end").status_code == 404
    assert go_on(operator, number, "end").status_code == 201
    assert go_on(operator, number, "arrive", department="police").status_code == 409
    assert '"value": "police"' not in card(room, operator, "case", fresh.number)
    assert '"data-do": "blow"' not in card(room, room.as_role("leader"), "case", fresh.number)


def test_a_whistle_from_a_place_belongs_to_its_grid(room):
    row = room.store.arrow('SELECT lon, lat, grid_code FROM "case" WHERE lon IS NOT NULL'
                           " AND grid_code IS NOT NULL LIMIT 1").to_pylist()[0]
    at, operator = {name: round(row[name], 6) for name in ("lon", "lat")}, room.as_role("operator")
    code = f"{at['lon']},{at['lat']}"
    assert '"data-whistle"' not in card(room, operator, "place", code)
    assert blow(room.as_role("operator", Scope(frozenset({"999999"}))), **at).status_code == 404
    assert blow(operator, lon=0.0, lat=0.0).status_code == 404
    number = blow(operator, **at).get_json()["whistle_id"]
    assert f'"data-whistle": "{number}"' in card(room, operator, "place", code)


def test_a_whistle_for_an_area_alone_is_answered_from_its_card_and_stands_where_its_name_does(room):
    area = room.store.arrow("SELECT area_code, lon, lat FROM area WHERE level = 'community'"
                            " ORDER BY area_code LIMIT 1").to_pylist()[0]
    code, operator = area["area_code"], room.as_role("operator")
    assert '"data-do": "blow"' in card(room, operator, "area", code)
    assert blow(room.as_role("operator", Scope(frozenset({"999999"}))), area=code).status_code == 404
    assert blow(operator, area=code, lon=area["lon"], lat=area["lat"]).status_code == 400
    number = blow(operator, area=code).get_json()["whistle_id"]
    shown = card(room, operator, "area", code)
    assert f'"data-whistle": "{number}"' in shown
    spec = Page(room.wall, operator).values['{"kind":"layer-spec","layer":"whistles"}', "data"]
    (layer,) = spec["layer"] if isinstance(spec["layer"], list) else [spec["layer"]]
    (mark,) = [one for one in layer["data"] if one["id"] == str(number)]
    assert mark["select"] == {"kind": "area", "code": code}
    assert mark["at"] == pytest.approx([area["lon"], area["lat"]], abs=1e-5)


@pytest.mark.parametrize(("details", "said"), [
    ({}, "place must be"), ({"lon": "1", "lat": 2}, "place must be"),
    ({"case_no": "1", "lon": 1.0}, "place must be"),
    ({"departments": "police"}, "departments must be a list"), ({"other": 1}, "act must be 'blow'"),
    ({"lon": 1e400, "lat": 2.0}, "lon and lat must lie")])
def test_a_whistle_that_cannot_be_is_named(room, details, said):
    answer = blow(room.as_role("operator"), **details)
    assert answer.status_code in {400, 404}
    assert said in answer.get_json()["error"]


def test_only_who_dispatches_whistles_and_never_in_the_past(room):
    assert blow(room.as_role("leader"), lon=1.0, lat=1.0).status_code == 403
    operator, past = room.as_role("operator"), {"X-Clock-At": room.now.isoformat()}
    assert operator.post("/api/whistles", json={"act": "blow"}, headers=past).status_code == 409
    for body in (None, [], {"act": 5}, {"act": "arrive"}, {"act": "end", "details": {"department": "fire"}}):
        assert operator.post("/api/whistles/1/acts", json=body).status_code == 400


def test_a_whistle_on_its_page_is_answered_and_arrived_at(room, fresh):
    desk, other = room.as_role("operator"), room.as_role("operator", Scope(frozenset({"999999"})))
    page = desk.get(f"/whistles?case={fresh.number}").text
    dept = re.search(r'name="department" value="([^"]+)"', page)[1]
    said = {**SAID, "case": fresh.number, "department": [dept]}
    assert desk.post("/whistles", data={**said, "department": []}).status_code == 400
    assert other.post("/whistles", data=said).status_code == 400
    assert desk.post("/whistles", data=said).status_code == 303
    whistle = re.search(r'data-whistle="(\d+)"', desk.get(f"/whistles?case={fresh.number}").text)[1]
    assert "data-whistle" not in other.get("/whistles").text
    assert other.post(f"/whistles/{whistle}/{dept}/answer").status_code == 404
    assert desk.post(f"/whistles/{whistle}/{dept}/answer").status_code == 303
    assert desk.post(f"/whistles/{whistle}/{dept}/arrive").status_code == 303
    assert desk.post(f"/whistles/{whistle}/{dept}/arrive").status_code == 409
    assert "/arrive" not in desk.get(f"/whistles?case={fresh.number}").text
    assert room.as_role("leader").post("/whistles", data=said).status_code == 403
