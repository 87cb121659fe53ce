"""Readings over HTTP: who may send them, and what a hostile sensor gets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import create_app
from data import meta
from data.access.viewer import CONSOLE
from data.readers import build_readers
from data.sensors.tables import reading
from data.settings import Settings
from data.tables import resource
from tests.data.devices.conftest import GRID, NOW, OFFICER, STREET, fill
from tests.signed_in import access_of, client_of, now, signed_in

GOOD = {"at": NOW.isoformat(), "value": 0.25}


class Sender:
    """A sensor that asks the application."""

    def __init__(self, wall: Any, access: Any) -> None:
        self.wall, self.devices = wall, access.devices
        self.access = access
        self.device_id, self.token = self.devices.issue_sensor("smoke-1", name="s", issued_by=CONSOLE,
                                                               now=now())

    def post(self, body: Any, *, token: str | None = None, path: str = "/api/readings",
             kind: str = "application/json") -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.wall.server.test_client().post(path, data=raw, headers={
            "Content-Type": kind, "Authorization": f"Bearer {self.token if token is None else token}"})


@pytest.fixture(scope="module")
def sender(module_store: Any) -> Iterator[Sender]:
    fill(module_store)
    with module_store.engine.begin() as connection:
        connection.execute(sa.insert(resource).values(
            street_code=STREET, resource_id="smoke-1", kind="smoke", name="s", area_code=GRID, lon=104.1,
            lat=30.7))
    meta.put(module_store, "clock", {"at": NOW.isoformat()})
    readers = build_readers(module_store, Settings())
    readers.snapshot.refresh()
    access = access_of(module_store)
    yield Sender(create_app(Settings(), readers=readers, access=access), access)
    readers.snapshot.stop()


def _stored(store: Any) -> list[tuple[Any, ...]]:
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(
            reading.c.resource_id, reading.c.kind, reading.c.value).order_by(reading.c.at, reading.c.kind))]


def test_one_and_many_and_the_same_again(sender: Sender, module_store: Any) -> None:
    answer = sender.post(GOOD)
    assert (answer.status_code, answer.get_json()) == (
        200, {"received": 1, "stored": 1, "repeated": 0, "rejected": 0, "faults": []})
    many = [GOOD, {**GOOD, "kind": "battery", "value": 80}, {**GOOD, "value": 99}]
    answer = sender.post({"readings": many})
    told = answer.get_json()
    assert (answer.status_code, told["received"], told["stored"], told["repeated"], told["rejected"]) == (
        200, 3, 1, 1, 1)
    assert told["faults"] == [{"row": 3, "field": "value", "got": "99", "expected": "a number 0..20 dB/m",
                               "severity": "rejected"}]
    assert _stored(module_store) == [("smoke-1", "battery", 80.0), ("smoke-1", "smoke", 0.25)]
    device = next(one for one in sender.devices.listing() if one.device_id == sender.device_id)
    assert (device.refused, device.last_fault) == (1, "value must be a number 0..20 dB/m; got 99")


@pytest.mark.parametrize(("body", "kind", "status", "said"), [
    (b"{", "application/json", 400, "the body must be JSON"),
    ([], "application/json", 400, "readings must be 1 to 5000"),
    (7, "application/json", 400, "the body must be a reading, a list of readings"),
    ({"readings": 7}, "application/json", 400, "readings must be a list of readings, got int"),
    (GOOD, "application/gpx+xml", 415, "Content-Type must be application/json"),
    ({**GOOD, "at": "?"}, "application/json", 422, "ISO 8601"),
], ids=["broken", "empty", "number", "no list", "gpx", "no moment"])
def test_what_cannot_be_read_is_said(sender: Sender, body: Any, kind: str, status: int, said: str) -> None:
    answer = sender.post(body, kind=kind)
    assert answer.status_code == status
    assert said in answer.get_data(as_text=True)


def test_only_a_sensor_sends_readings_and_it_sends_nothing_else(sender: Sender) -> None:
    _, officers = sender.devices.issue(OFFICER, name="PDA", issued_by=CONSOLE, now=now())
    assert sender.post(GOOD, token=officers).status_code == 403
    fix = {"lon": 104.1, "lat": 30.7, "at": NOW.isoformat()}
    assert sender.post(fix, path="/api/fixes").status_code == 403
    assert sender.post(fix, path="/api/fixes", token=officers).status_code == 200
    assert sender.post(GOOD, token="x" * 43).status_code == 401
    assert sender.post(GOOD, token="").status_code == 401
    page = client_of(sender.wall, signed_in(sender.access))
    assert page.post("/api/readings", json=GOOD).status_code == 403
    late = {**GOOD, "at": (NOW - timedelta(minutes=1)).isoformat()}
    device_id, token = sender.devices.issue_sensor("smoke-1", name="t", issued_by=CONSOLE, now=now())
    assert sender.post(late, token=token).status_code == 200
    sender.devices.revoke(device_id, by=CONSOLE, now=now())
    assert sender.post(late, token=token).status_code == 401
