"""Who may send what to which wall, and what the wall is told."""

import json
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest

from app import create_app
from callbacks.cookies import Jar
from callbacks.seats import HEADER
from data.access.scope import EVERYTHING, Scope
from data.access.viewer import CONSOLE
from data.filters import from_store
from data.readers import build_readers
from data.settings import Settings
from tests.data.alerts.samples import add_alert
from tests.signed_in import access_of, client_of, now, signed_in

STREET, OTHER = "210202003", "210202010"
YEAR = from_store({"since": "2018-06-01T00:00:00+08:00", "until": "2019-06-01T00:00:00+08:00"})


@pytest.fixture(scope="module")
def room(demo_store):
    readers, access = build_readers(demo_store, Settings()), access_of(demo_store)
    readers.snapshot.refresh()
    wall = create_app(Settings(), readers=readers, access=access)
    tokens = {}

    def screen(name, scope, pages=("/",)):
        number, token = access.tokens.issue(name, scope, pages, issued_by=CONSOLE, expires_at=None, now=now())
        tokens[number] = token
        return number

    made = SimpleNamespace(
        whole=screen("大厅", EVERYTHING), street=screen("街道屏", Scope(frozenset({STREET}))),
        other=screen("别处", Scope(frozenset({OTHER}))), feeds=screen("只看表", EVERYTHING, ["/feeds"]),
        gone=screen("停用", EVERYTHING))
    access.tokens.revoke(made.gone, by=CONSOLE, now=now())

    def desk(scope=EVERYTHING, roles=("operator",)):
        cookie = signed_in(access, roles=roles, scope=scope)
        return client_of(wall, cookie, access.sessions.find(cookie, now=now()).csrf)

    def told(number):
        client = wall.server.test_client()
        client.set_cookie(Jar(secure=False).screen, tokens[number])
        return client.get("/api/delta").get_json()["cast"]

    def a_case(street):
        frame = readers.cases.listing(YEAR.with_(areas=frozenset({street})), now(), "newest", 1, 0)
        return str(frame["case_no"].iloc[0])

    yield SimpleNamespace(desk=desk, told=told, a_case=a_case, wall=wall, tokens=tokens, store=demo_store,
                          **vars(made))
    readers.snapshot.stop()


def send(client, screen, address, minutes=5, **about):
    return client.post("/api/casts", json={"screen": screen, "address": address, "minutes": minutes}, **about)


def test_a_view_is_sent_told_to_that_wall_alone_and_taken_back(room):
    desk = room.desk()
    sent = send(desk, room.street, f"?area={STREET}&sel=area:{STREET}&topic=city"
                                   "&at=2019-05-01T08:00:00%2B08:00&lang=en&theme=light&kiosk=1")
    assert sent.status_code == 201, sent.text
    cast = room.told(room.street)
    assert cast == sent.get_json()
    assert {name: found for name, (found,) in parse_qs(cast["address"]).items()} == {
        "area": STREET, "sel": f"area:{STREET}", "topic": "city", "at": "2019-05-01T08:00:00+08:00"}
    assert cast["by"].startswith("t-")
    assert room.told(room.whole) is None
    assert "cast" not in desk.get("/api/delta").get_json(), "people are told none"
    assert desk.post(f"/api/casts/{room.street}/end", json={}).get_json() == {"ended": True}
    assert room.told(room.street) is None


def test_the_walls_of_a_desk_are_those_that_show_the_map_and_share_its_part(room):
    def listed(client, **about):
        return {wall["id"] for wall in client.get("/api/casts", **about).get_json()["walls"]}

    known = {room.whole, room.street, room.other}
    assert listed(room.desk()) & {*known, room.feeds, room.gone} == known
    assert listed(room.desk(Scope(frozenset({STREET})))) & {*known, room.feeds} == {room.whole, room.street}
    assert listed(room.desk(), headers={HEADER: f"street:{STREET}"}) & known == {room.whole, room.street}


@pytest.mark.parametrize(("screen", "address", "message"), [
    ("street", "", "area must lie within what the wall sees"),
    ("street", f"area={OTHER}", "area must lie within what the wall sees"),
    ("street", f"areas={STREET},{OTHER}", "area must lie within what the wall sees"),
    ("street", f"area={STREET}&sel=area:{OTHER}", "sel must be something that you and the wall see"),
    ("street", f"area={STREET}&sel=case:{{other}}", "sel must be something that you and the wall see"),
    ("whole", "sel=case:none", "sel must be something that you and the wall see"),
    ("whole", "sel=alert:0", "sel must be something that you and the wall see"),
    ("whole", "sel=alert:" + "9" * 30, "sel must be something that you and the wall see"),
    ("whole", "sel=alert:x", "sel must be something that you and the wall see"),
    ("whole", "sel=officer:G1", "a wall shows no card of an officer"),
])
def test_what_the_wall_may_not_see_is_refused(room, screen, address, message):
    answer = send(room.desk(), getattr(room, screen), address.format(other=room.a_case(OTHER)))
    assert (answer.status_code, room.told(getattr(room, screen))) == (409, None)
    assert message in answer.get_json()["error"]


def test_nobody_learns_of_a_case_outside_by_sending_it(room):
    desk = room.desk(Scope(frozenset({STREET})))
    numbers = (room.a_case(OTHER), "x")
    answers = [send(desk, room.whole, f"area={STREET}&sel=case:{number}") for number in numbers]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert room.told(room.whole) is None


def test_a_card_that_the_wall_may_see_is_sent(room):
    number = room.a_case(STREET)
    desk = room.desk()
    assert send(desk, room.street, f"area={STREET}&sel=case:{number}").status_code == 201
    assert number in room.told(room.street)["address"]
    desk.post(f"/api/casts/{room.street}/end", json={})


def test_the_card_of_an_alert_is_sent_where_sender_and_wall_are_told_of_it(room):
    def made(subject, street, role="operator"):
        return add_alert(room.store, at=now(), street=street, subject=subject, roles=[role])

    here, other, leaders = made("K1", STREET), made("K2", OTHER), made("K3", STREET, "leader")
    desk, own = room.desk(), room.desk(Scope(frozenset({STREET})))
    leader = room.desk(roles=("operator", "leader"))
    assert send(desk, room.street, f"area={STREET}&sel=alert:{here}").status_code == 201
    assert parse_qs(room.told(room.street)["address"])["sel"] == [f"alert:{here}"]
    desk.post(f"/api/casts/{room.street}/end", json={})
    for client, screen, number in ((desk, room.street, other), (desk, room.street, leaders),
                                   (own, room.whole, other), (leader, room.whole, leaders)):
        assert send(client, screen, f"area={STREET}&sel=alert:{number}").status_code == 409
    assert room.told(room.street) is None


def test_a_desk_sends_no_more_than_it_sees_and_the_wall_shows_no_more_than_that(room):
    desk = room.desk(Scope(frozenset({STREET})))
    assert send(desk, room.whole, f"area={OTHER}").status_code == 409
    assert send(desk, room.other, f"area={STREET}").status_code == 404, "another's wall does not exist"
    assert send(desk, room.whole, "").status_code == 201
    assert parse_qs(room.told(room.whole)["address"]) == {"seat": [f"street:{STREET}"]}
    whole = room.desk()
    assert send(whole, room.whole, "", headers={HEADER: "dept:police"}).status_code == 201
    assert parse_qs(room.told(room.whole)["address"]) == {"seat": ["dept:police"]}
    whole.post(f"/api/casts/{room.whole}/end", json={})


@pytest.mark.parametrize("body", [
    None, [], {}, {"screen": 1, "address": ""}, {"screen": "1", "address": "", "minutes": 5},
    {"screen": True, "address": "", "minutes": 5}, {"screen": 1, "address": 7, "minutes": 5},
    {"screen": 1, "address": "x" * 2001, "minutes": 5}, {"screen": 1, "address": "", "minutes": 5, "by": "x"},
])
def test_a_body_that_is_none_is_400(room, body):
    assert room.desk().post("/api/casts", json=body).status_code == 400


@pytest.mark.parametrize("address", [
    "area=12", "camera=1", "topic=none", "at=soon", "at=2030-01-01T00:00:00Z", "sel=x:1", "domains=a b",
    "since=2019-01-01", "layers=none"])
def test_an_address_that_cannot_be_understood_is_400_with_its_field(room, address):
    answer = send(room.desk(), room.whole, address)
    assert answer.status_code == 400, answer.text
    assert answer.get_json()["error"]


def test_how_long_and_to_whom_is_checked(room):
    assert send(room.desk(), room.whole, "", minutes=0).status_code == 400
    for number in (room.gone, room.feeds, 10**9):
        assert send(room.desk(), number, "").status_code == 404
        assert room.desk().post(f"/api/casts/{number}/end", json={}).status_code == 404
    for roles in (("leader",), ("planner",), ("officer",)):
        assert send(room.desk(roles=roles), room.whole, "").status_code == 403


def test_an_open_stream_is_told_within_seconds(room):
    client = room.wall.server.test_client()
    desk = room.desk()
    client.set_cookie(Jar(secure=False).screen, room.tokens[room.street])
    stream = client.get("/api/live", buffered=False)
    events = iter(stream.response)

    def told():
        return json.loads(next(events).decode().partition("data: ")[2])["cast"]

    assert told() is None
    sent = send(desk, room.street, f"area={STREET}").get_json()
    assert told() == sent
    desk.post(f"/api/casts/{room.street}/end", json={})
    assert told() is None
    stream.close()

