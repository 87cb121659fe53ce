"""Positions over HTTP: who may send them, for whom, and what a hostile device gets."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from callbacks.rates import DEVICE
from data import meta
from data.access.scope import EVERYTHING
from data.access.viewer import CONSOLE
from data.alerts.commands import perform
from data.alerts.tables import alert
from data.devices import formats
from data.readers import build_readers
from data.settings import Settings
from data.tables import gps_fix
from tests.data.devices.conftest import GRID, NOW, OFFICER, OTHER, fill, stored
from tests.signed_in import access_of, client_of, now, signed_in

GOOD = {"lon": 104.105, "lat": 30.665, "at": NOW.isoformat()}
GPX = {"Content-Type": "application/gpx+xml"}


class Sender:
    """A device that asks the application, each from a token of its own."""

    def __init__(self, wall: Any, access: Any) -> None:
        self.wall, self.access = wall, access
        self.device_id, self.token = access.devices.issue(OFFICER, name="PDA", issued_by=CONSOLE, now=now())

    def post(self, body: Any, *, token: str | None = None, headers: Any = None,
             path: str = "/api/fixes") -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        token = self.token if token is None else token
        return self.wall.server.test_client().post(path, data=raw, headers={
            "Content-Type": "application/json", "Authorization": f"Bearer {token}", **(headers or {})})

    def osmand(self, **query: Any) -> Any:
        return self.wall.server.test_client().get("/api/osmand", query_string={
            "id": self.token, "lat": "30.665", "lon": "104.105", "timestamp": int(NOW.timestamp()), **query})


@pytest.fixture(scope="module")
def served(module_store: Any) -> Iterator[Any]:
    """The application over a small district whose time stands still."""
    fill(module_store)
    meta.put(module_store, "clock", {"at": NOW.isoformat()})
    readers = build_readers(module_store, Settings())
    readers.snapshot.refresh()
    access = access_of(module_store)
    yield create_app(Settings(), readers=readers, access=access), access
    readers.snapshot.stop()


def _told(store: Any) -> list[tuple[Any, ...]]:
    query = sa.select(alert.c.kind, alert.c.color, alert.c.subject_id, alert.c.lon, alert.c.count).order_by(
        alert.c.alert_id)
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def sender(served: Any, module_store: Any) -> Sender:
    with module_store.engine.begin() as connection:
        connection.execute(sa.delete(gps_fix))
    return Sender(*served)


def test_a_cry_for_help_is_told_at_once_and_counted_once(sender: Sender, module_store: Any) -> None:
    officer = OFFICER[1] if isinstance(OFFICER, tuple) else OFFICER
    early = {**GOOD, "at": (NOW - timedelta(minutes=3)).isoformat()}
    assert sender.post(early).status_code == 200
    assert sender.osmand(alarm="overspeed").status_code == 200
    assert _told(module_store) == []
    for _ in range(2):  # the answer was lost: the same comes again
        assert sender.post([early, {**GOOD, "alarm": "SOS"}]).status_code == 200
        assert _told(module_store) == [("officer_sos", "red", officer, 104.105, 1)]
    number = module_store.arrow(sa.select(alert.c.alert_id))["alert_id"][0].as_py()
    perform(module_store, number, "false", at=NOW, actor_role="operator", scope=EVERYTHING, note="误触")
    assert sender.osmand(alarm="sos").status_code == 200
    assert len(_told(module_store)) == 1, "it ended and has not begun anew"
    meta.put(module_store, "clock", {"at": (NOW + timedelta(minutes=1)).isoformat()})
    try:
        cries = Sender(sender.wall, sender.access)
        until = time.monotonic() + 20
        while len(_told(module_store)) == 1:  # the clock is read once a second
            assert time.monotonic() < until
            assert cries.osmand(alarm="sos", lat="0", lon="0").status_code == 200  # knows no place
    finally:
        meta.put(module_store, "clock", {"at": NOW.isoformat()})
    assert _told(module_store)[1][:4] == ("officer_sos", "red", officer, None)


def test_one_position(sender: Sender, module_store: Any) -> None:
    answer = sender.post({**GOOD, "battery": 80})
    assert (answer.status_code, answer.get_json()) == (
        200, {"received": 1, "stored": 1, "repeated": 0, "rejected": 0, "faults": []})
    row = stored(module_store)[0]
    assert (row["officer_id"], row["grid_code"], row["battery"], row["at"]) == (OFFICER, GRID, 80, NOW)


def test_a_batch_keeps_the_good_and_tells_of_each_bad(sender: Sender, module_store: Any) -> None:
    rows = [{**GOOD, "at": (NOW - timedelta(seconds=step)).isoformat()} for step in range(5)]
    rows[1]["lon"], rows[3]["at"] = 999, "?"
    answer = sender.post({"fixes": rows})
    told = answer.get_json()
    assert answer.status_code == 200
    assert (told["received"], told["stored"], told["rejected"]) == (5, 3, 2)
    assert [(one["row"], one["field"], one["got"]) for one in told["faults"]] == [
        (2, "lon", "999"), (4, "at", "?")]
    assert len(stored(module_store)) == 3
    device = next(one for one in sender.access.devices.listing() if one.device_id == sender.device_id)
    assert (device.refused, device.last_fault.startswith("at must be ISO 8601")) == (2, True)


def test_duplicates_change_nothing(sender: Sender, module_store: Any) -> None:
    sender.post(GOOD)
    before = stored(module_store)
    told = sender.post([GOOD, {**GOOD, "lon": 104.109}]).get_json()
    assert (told["stored"], told["repeated"]) == (0, 2)
    assert stored(module_store) == before


def test_gpx(sender: Sender, module_store: Any) -> None:
    body = ("<gpx><trk><trkseg>" + "".join(
        f'<trkpt lat="30.665" lon="104.105"><time>2026-05-11T03:5{minute}:00Z</time></trkpt>'
        for minute in range(3)) + '<trkpt lat="x" lon="1"/></trkseg></trk></gpx>').encode()
    told = sender.post(body, headers=GPX).get_json()
    assert (told["stored"], told["rejected"], told["faults"][0]["row"]) == (3, 1, 4)
    assert len(stored(module_store)) == 3


@pytest.mark.parametrize("how", ["query", "form", "header", "json"])
def test_osmand_and_traccar(sender: Sender, module_store: Any, how: str) -> None:
    client = sender.wall.server.test_client()
    fields = {"id": sender.token, "lat": "30.665", "lon": "104.105", "timestamp": str(int(NOW.timestamp())),
              "speed": "10"}
    if how == "query":
        answer = client.post("/api/osmand", query_string=fields)
    elif how == "form":
        answer = client.post("/api/osmand", data=fields)
    elif how == "header":
        answer = client.get("/api/osmand", query_string={**fields, "id": "phone"},
                            headers={"Authorization": f"bearer {sender.token}"})
    else:
        answer = client.post("/api/osmand", json={"device_id": sender.token, "location": {
            "timestamp": NOW.isoformat(), "coords": {"latitude": 30.665, "longitude": 104.105,
                                                     "speed": 10 * formats.KNOT}}})
    assert answer.get_json()["stored"] == 1
    assert stored(module_store)[0]["speed_mps"] == pytest.approx(5.144, abs=1e-3)


def test_a_refused_position_of_osmand_holds_no_later_one_up(sender: Sender, module_store: Any) -> None:
    answer = sender.osmand(timestamp="2099-01-01T00:00:00Z")
    assert (answer.status_code, answer.get_json()["rejected"]) == (200, 1)
    assert stored(module_store) == []
    assert sender.post({**GOOD, "lon": 999}).status_code == 422


@pytest.mark.parametrize("token", ["", "x" * 43, "Bearer", "é", "x" * 4000])
def test_an_unknown_token_is_401(sender: Sender, module_store: Any, token: str) -> None:
    assert sender.post(GOOD, token=token).status_code == 401
    assert sender.osmand(id=token).status_code == 401
    assert stored(module_store) == []


def test_a_revoked_or_expired_token_is_401_with_the_next_request(sender: Sender, module_store: Any) -> None:
    assert sender.post(GOOD).status_code == 200
    assert sender.access.devices.revoke(sender.device_id, by=CONSOLE, now=now())
    assert sender.post({**GOOD, "lon": 104.106}).status_code == 401
    assert sender.osmand().status_code == 401
    _, ends = sender.access.devices.issue(OFFICER, name="PDA", issued_by=CONSOLE, now=now() - timedelta(2),
                                          expires_at=now() - timedelta(1))
    assert sender.post(GOOD, token=ends).status_code == 401
    assert len(stored(module_store)) == 1


def test_a_device_sends_for_its_own_officer_only(sender: Sender, module_store: Any) -> None:
    answer = sender.post([{**GOOD, "officer_id": OTHER}, {**GOOD, "street_code": "510108002"}])
    assert [one["field"] for one in answer.get_json()["faults"]] == ["officer_id"]
    assert {(row["officer_id"], row["street_code"]) for row in stored(module_store)} == {
        (OFFICER, "510108001")}


def test_a_device_opens_nothing_else(sender: Sender) -> None:
    client = sender.wall.server.test_client()
    headers = {"Authorization": f"Bearer {sender.token}"}
    for path in ("/api/status", "/columns/officers", "/_dash-layout", "/export/cases.csv"):
        assert client.get(path, headers=headers, query_string={"id": sender.token}).status_code == 401, path
    assert client.get("/api/fixes", headers=headers).status_code in {401, 405}


def test_no_person_sends_positions(sender: Sender, module_store: Any) -> None:
    cookie = signed_in(sender.access)
    client = client_of(sender.wall, cookie, sender.access.sessions.find(cookie, now=now()).csrf)
    assert client.post("/api/fixes", json=GOOD).status_code == 403
    assert client.post("/api/osmand", json=GOOD).status_code == 403
    assert stored(module_store) == []


def test_bodies_are_bounded(sender: Sender) -> None:
    assert sender.post(b" " * (formats.MAX_BODY + 1)).status_code == 413
    assert sender.post(b" " * 20_001, path="/api/osmand").status_code == 413
    assert sender.post([GOOD] * (formats.MAX_ROWS + 1)).status_code == 400
    unsaid = EnvironBuilder("/api/fixes", method="POST", content_type="application/json", headers={
        "Authorization": f"Bearer {sender.token}"}).get_environ()
    unsaid.pop("CONTENT_LENGTH", None)
    unsaid |= {"wsgi.input": BytesIO(b" " * (formats.MAX_BODY + 1)), "wsgi.input_terminated": True}
    body, status, _ = run_wsgi_app(sender.wall.server, unsaid)
    assert status.startswith("413"), b"".join(body)


def test_a_type_that_is_not_known_is_told(sender: Sender) -> None:
    answer = sender.post(GOOD, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 415
    assert "application/gpx+xml" in answer.get_json()["error"]


def test_a_device_that_sends_too_often_waits_and_others_do_not(sender: Sender, served: Any) -> None:
    limit = DEVICE[0].amount
    for _ in range(limit):
        sender.post(GOOD, headers={"Content-Type": "text/csv"})
    answer = sender.post(GOOD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert Sender(*served).post(GOOD).status_code == 200


def test_guessing_is_bounded_by_address(served: Any) -> None:
    client = served[0].server.test_client()
    statuses = [client.post("/api/fixes", json=GOOD, headers={"Authorization": f"Bearer {'x' * 43}"},
                            environ_overrides={"REMOTE_ADDR": "10.9.9.9"}).status_code for _ in range(400)]
    assert set(statuses) == {401, 429}


def test_a_store_that_fails_is_503_and_tells_when_to_come_again(sender: Sender, module_store: Any) -> None:
    sender.post(GOOD)
    with module_store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gps_fix RENAME TO gone"))
    try:
        answer = sender.post({**GOOD, "at": (NOW - timedelta(seconds=1)).isoformat()})
    finally:
        with module_store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE gone RENAME TO gps_fix"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "send them again" in answer.get_json()["error"]
    assert len(stored(module_store)) == 1


def test_a_token_in_an_address_comes_into_no_log(
    sender: Sender, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> datetime:
        raise ZeroDivisionError

    monkeypatch.setattr("callbacks.fixes.read_rows", broken)
    assert sender.osmand().status_code == 500
    assert "/api/osmand failed" in caplog.text
    assert sender.token not in caplog.text


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON.map(lambda one: json.dumps(one).encode()) | st.binary(),
       kind=st.sampled_from(["application/json", "application/gpx+xml", "text/xml", "multipart/form-data",
                             "application/x-www-form-urlencoded", ""]),
       path=st.sampled_from(["/api/fixes", "/api/osmand"]))
def test_hostile_bodies_never_fail(sender: Sender, body: bytes, kind: str, path: str) -> None:
    answer = sender.post(body, headers={"Content-Type": kind}, path=path)
    assert answer.status_code in {200, 400, 413, 415, 422, 429}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(["id", "lat", "lon", "timestamp", "location", "speed", "batt"]),
                             st.text(st.characters(exclude_categories=["Cs"]))))
def test_hostile_queries_never_fail(sender: Sender, query: dict[str, str]) -> None:
    answer = sender.osmand(**query)
    assert answer.status_code in {200, 401, 429}
