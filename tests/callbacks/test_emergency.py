"""The pages of emergencies: a whole round over HTTP, in scope and under permission."""

import re
from types import SimpleNamespace

import pytest

from app import create_app
from callbacks.moment import HEADER as CLOCK
from data.access.scope import EVERYTHING, Scope
from data.readers import build_readers
from data.settings import Settings
from tests.signed_in import access_of, client_of, now, signed_in

STREET, OTHER = "210202003", "210202010"
SAID = {"kind": "flood", "title": "防汛<b>", "message": "上堤", "capacity": "2", "area": [STREET]}


@pytest.fixture(scope="module")
def room(demo_store):
    readers, access = build_readers(demo_store, Settings()), access_of(demo_store)
    readers.snapshot.refresh()
    wall = create_app(Settings(), readers=readers, access=access)

    def desk(scope=EVERYTHING, roles=("operator",)):
        cookie = signed_in(access, roles=roles, scope=scope)
        return client_of(wall, cookie, access.sessions.find(cookie, now=now()).csrf)

    yield SimpleNamespace(desk=desk)
    readers.snapshot.stop()


def latest(client):
    """Number and first task of the newest emergency that a page shows."""
    text = client.get("/emergency").text
    number = re.search(r'data-emergency="(\d+)"', text)
    task = re.search(r"/emergency/tasks/(\d+)/signup", text)
    return number and int(number[1]), task and int(task[1])


def test_a_round_from_publishing_to_the_report(room):
    desk, member, other = room.desk(), room.desk(Scope(frozenset({STREET})), ("officer",)), room.desk(
        Scope(frozenset({OTHER})))
    assert desk.post("/emergency", data=SAID).status_code == 303
    number, task = latest(member)
    assert latest(other) == (None, None)
    assert [one["id"] for one in member.get("/api/delta").get_json()["emergencies"]] == [number]
    assert other.get("/api/delta").get_json()["emergencies"] == []
    assert member.post(f"/emergency/tasks/{task}/signup").status_code == 303
    assert member.post(f"/emergency/tasks/{task}/signup").status_code == 409
    assert member.post(f"/emergency/tasks/{task}/report", data={"text": "水位 2 米"}).status_code == 303
    assert desk.post(f"/emergency/tasks/{task}/member", data={"member": "李雷"}).status_code == 303
    assert other.post(f"/emergency/tasks/{task}/signup").status_code == 404
    assert other.get(f"/emergency/{number}").status_code == 404
    assert other.post(f"/emergency/{number}/end").status_code == 404
    assert member.post(f"/emergency/{number}/end").status_code == 403
    assert desk.post(f"/emergency/{number}/end").status_code == 303
    report = desk.get(f"/emergency/{number}?download=1")
    assert report.headers["Content-Disposition"].startswith("attachment")
    assert re.findall(r'data-act="(\w+)"', report.text) == ["publish", "sign_up", "report", "sign_up", "end"]
    assert re.findall(r'data-sum="(\w+)">([^<]+)<', report.text) == [
        ("lasted", "0 分钟"), ("first", "0 分钟"), ("signed", "2 / 2"), ("told", "1")]
    assert "水位 2 米" in report.text
    assert "李雷" in report.text
    assert "<b>" not in report.text
    assert member.get("/api/delta").get_json()["emergencies"] == []


CALL = {"kind": "fire", "title": "石道街火灾", "message": "疏散", "capacity": "3", "areas": ["210202012"],
        "roles": ["officer"], "people": []}


def test_it_is_published_from_the_wall_as_from_the_page(room):
    answer = room.desk().post("/api/emergencies", json=CALL)
    assert answer.status_code == 201
    number = answer.get_json()["id"]
    called = room.desk(Scope(frozenset({"210202012"})), ("officer",))
    assert [one["title"] for one in called.get("/api/delta").get_json()["emergencies"]] == ["石道街火灾"]
    assert room.desk().post(f"/emergency/{number}/end").status_code == 303
    whole = room.desk().post("/api/emergencies", json={**CALL, "areas": ["*"]}).get_json()["id"]
    assert "210202013" in str(room.desk().get("/api/delta").get_json()["emergencies"])
    assert room.desk().post(f"/emergency/{whole}/end").status_code == 303


@pytest.mark.parametrize(("said", "status", "words"), [
    ({"title": ""}, 400, "标题"), ({"areas": []}, 400, "区域"), ({"capacity": "0"}, 400, "每个区域人数上限"),
    ({"areas": "210202012"}, 400, ""), ({"more": 1}, 400, ""), ({"people": ["nobody"]}, 400, "点名"),
])
def test_what_the_wall_says_wrong_is_named(room, said, status, words):
    answer = room.desk().post("/api/emergencies", json={**CALL, **said})
    assert answer.status_code == status
    assert words in answer.get_json().get("text", "")


def test_who_may_not_publish_is_refused(room):
    assert room.desk(roles=("leader",)).post("/api/emergencies", json=CALL).status_code == 403
    own = Scope(frozenset({"*"}), frozenset({"urban_mgmt"}))
    assert room.desk(own).post("/api/emergencies", json=CALL).status_code == 403
    street = room.desk(Scope(frozenset({STREET})))
    assert street.post("/api/emergencies", json=CALL).status_code == 400
    past = {CLOCK: "2019-05-01T08:00:00+08:00"}
    assert room.desk().post("/api/emergencies", json=CALL, headers=past).status_code == 409


def test_what_cannot_be_is_refused_with_words(room):
    desk = room.desk()
    for said in ({"capacity": "x"}, {"area": []}, {"title": ""}, {"kind": "x"}, {"people": "nobody"},
                 {"person": ["nobody"]}):
        answer = desk.post("/emergency", data={**SAID, **said})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
    street = room.desk(Scope(frozenset({STREET})))
    assert street.post("/emergency", data={**SAID, "area": [OTHER]}).status_code == 400
    assert room.desk(roles=("leader",)).post("/emergency", data=SAID).status_code == 403
    past = {CLOCK: "2019-05-01T08:00:00+08:00"}
    assert desk.post("/emergency", data=SAID, headers=past).status_code == 409
    assert desk.post("/whistles", data={}, headers=past).status_code == 409
