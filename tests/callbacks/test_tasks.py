"""The page of one's tasks: who sees what there, the acts, and that it may be the first page."""

import re
from types import SimpleNamespace

import pytest

from app import create_app
from data.access.scope import EVERYTHING, Scope
from data.readers import build_readers
from data.settings import Settings
from tests.signed_in import access_of, client_of, now, signed_in

STREET, OTHER = "210202003", "210202010"
SAID = {"kind": "flood", "title": "防汛<b>", "message": "上堤", "capacity": "1", "area": [STREET]}
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def room(demo_store):
    readers, access = build_readers(demo_store, Settings()), access_of(demo_store)
    readers.snapshot.refresh()
    wall = create_app(Settings(), readers=readers, access=access)

    def somebody(roles, scope=EVERYTHING):
        cookie = signed_in(access, roles=roles, scope=scope)
        session = access.sessions.find(cookie, now=now())
        client = client_of(wall, cookie, session.csrf)
        client.account = session.viewer.name
        return client

    yield SimpleNamespace(somebody=somebody)
    readers.snapshot.stop()


def tasks(client):
    return [int(number) for number in re.findall(r'data-task="(\d+)"', client.get("/tasks").text)]


def test_who_is_called_by_name_does_it_all_on_the_page(room):
    desk, here = room.somebody(("operator",)), Scope(frozenset({STREET}))
    member, other = room.somebody(("officer",), here), room.somebody(("officer",), here)
    assert (tasks(member), tasks(other), tasks(desk)) == ([], [], [])
    assert desk.post("/emergency", data={**SAID, "person": [member.account]}).status_code == 303
    (task,) = tasks(member)
    assert (tasks(other), tasks(desk)) == ([], [])
    assert other.post(f"/tasks/{task}/signup").status_code == 404
    assert member.post(f"/tasks/{task}/report", data={"text": " "}).status_code == 400
    assert member.post(f"/tasks/{task}/signup").headers["Location"] == "/tasks"
    text = member.get("/tasks").text
    assert "您已报名" in text
    assert "已报名 1 / 1" in text
    assert "<b>" not in text
    assert member.post(f"/tasks/{task}/report", data={"text": "水位 2 米"}).status_code == 303
    assert "：水位 2 米" in member.get("/tasks").text
    assert member.post(f"/tasks/{task}/withdraw").status_code == 303
    number = re.search(r'data-emergency="(\d+)"', desk.get("/emergency").text)[1]
    assert desk.post(f"/emergency/{number}/end").status_code == 303
    assert member.post(f"/tasks/{task}/signup").status_code == 409
    text = member.get("/tasks").text
    assert f'href="/emergency/{number}"' in text
    assert f"/emergency/{number}" not in other.get("/tasks").text
    assert tasks(member) == []


def test_a_street_sends_a_service_task_to_its_officers_and_no_wall_turns(room):
    street = Scope(frozenset({STREET}))
    desk, member = room.somebody(("street_op",), street), room.somebody(("officer",), street)
    said = {**SAID, "kind": "service", "title": "入户走访独居老人", "role": ["officer"]}
    before = member.get("/api/delta").get_json()
    assert desk.post("/emergency", data=said).status_code == 303
    told = member.get("/api/delta").get_json()
    assert told["emergencies"] == []
    assert told["tasks"] != before["tasks"]
    assert len(tasks(member)) == 1
    assert (tasks(desk), tasks(room.somebody(("officer",), Scope(frozenset({OTHER}))))) == ([], [])
    assert "入户走访独居老人" in desk.get("/emergency").text
    number = re.search(r'data-emergency="(\d+)"', desk.get("/emergency").text)[1]
    assert desk.post(f"/emergency/{number}/end").status_code == 303


def first(client):
    """Where a page that is refused leads."""
    text = client.get("/nope", headers=PAGE).text
    return re.search(r'<main.*href="([^"]+)"', text, re.DOTALL)[1]


def test_the_first_page_is_that_of_the_role_until_another_is_chosen(room):
    officer, desk = room.somebody(("officer",)), room.somebody(("operator", "officer"))
    assert (first(officer), first(desk)) == ("/tasks", "/")
    for client, choice, path in ((officer, "wall", "/"), (desk, "tasks", "/tasks")):
        assert client.post("/account/first", data={"first": choice}).status_code == 303
        assert first(client) == path
        assert f'value="{choice}" checked' in client.get("/account").text
    assert desk.post("/account/first", data={"first": "https://x"}).status_code == 400
    auditor = room.somebody(("auditor",))
    auditor.post("/account/first", data={"first": "tasks"})
    assert first(auditor) == "/system/audit"
    assert "/account/first" not in auditor.get("/account").text
