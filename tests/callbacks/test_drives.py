"""Positions of vehicles over HTTP: into their log, to the screens of their scope, and into the past."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from app import create_app
from data import meta
from data.access.scope import Scope
from data.access.viewer import CONSOLE
from data.devices.devices import DeviceError
from data.live.listener import Listener
from data.readers import build_readers
from data.resources.tables import resource_event
from data.resources.writer import State, put_states
from data.settings import Settings
from data.tables import resource
from layers.columns import decode
from tests.data.devices.conftest import GRID, NOW, OFFICER, STREET, fill
from tests.data.live.test_listener import Screen
from tests.signed_in import access_of, client_of, now, signed_in

CAR, OTHER, ELSEWHERE = "police_car-1", "police_car-2", "510108002"
LON, LAT = 104.105, 30.665


@pytest.fixture(scope="module")
def room(module_store: Any) -> Iterator[Any]:
    fill(module_store)
    with module_store.engine.begin() as connection:
        connection.execute(sa.insert(resource), [
            {"street_code": STREET, "resource_id": CAR, "kind": "police_car", "name": "car", "status": "busy",
             "area_code": GRID, "lon": LON, "lat": LAT},
            {"street_code": ELSEWHERE, "resource_id": OTHER, "kind": "police_car", "name": "car",
             "status": "idle", "area_code": ELSEWHERE, "lon": LON, "lat": LAT},
            {"street_code": STREET, "resource_id": "smoke-1", "kind": "smoke", "name": "s", "status": None,
             "area_code": GRID, "lon": LON, "lat": LAT}])
    meta.put(module_store, "clock", {"at": NOW.isoformat()})
    readers, access = build_readers(module_store, Settings()), access_of(module_store)
    readers.snapshot.refresh()
    app = create_app(Settings(), readers=readers, access=access)
    _, token = access.devices.issue_vehicle(CAR, name="radio", issued_by=CONSOLE, now=now())
    listener = Listener(module_store, app.live, wake=readers.snapshot.wake, now=lambda: NOW)
    listener.start()
    yield SimpleNamespace(store=module_store, app=app, readers=readers, access=access, token=token)
    listener.stop()
    readers.snapshot.stop()


def east(degrees: float) -> float:
    return round(LON + degrees, 7)


def send(room: Any, body: Any, path: str = "/api/fixes") -> Any:
    return room.app.server.test_client().post(path, data=json.dumps(body), headers={
        "Content-Type": "application/json", "Authorization": f"Bearer {room.token}"})


def at(seconds: int, lon: float = LON, lat: float = LAT, **more: Any) -> dict[str, Any]:
    return {"lon": lon, "lat": lat, "at": (NOW + timedelta(seconds=seconds)).isoformat(), **more}


def logged(room: Any) -> list[tuple[Any, ...]]:
    named = (resource_event.c[name] for name in ("at", "status", "lon", "lat", "heading"))
    with room.store.engine.connect() as connection:
        return [(round((row[0] - NOW).total_seconds()), *row[1:]) for row in connection.execute(
            sa.select(*named).where(resource_event.c.resource_id == CAR).order_by(resource_event.c.at))]


def row_of(room: Any) -> tuple[Any, ...]:
    with room.store.engine.connect() as connection:
        return tuple(connection.execute(sa.select(resource.c.status, resource.c.lon, resource.c.lat).where(
            resource.c.resource_id == CAR)).one())


def test_a_drive_is_logged_shown_and_replayed(room: Any) -> None:
    screen = Screen(room.app.live)
    beside = Screen(room.app.live, scope=Scope(frozenset({ELSEWHERE})))
    for one in (screen, beside):
        one.ask()
    heard: list[Any] = []
    room.readers.snapshot.observe(heard.extend)

    # ten seconds each: a start, a drive to the east, a told state and heading, and what cannot be
    sent = [at(-60), at(-50, east(0.001)), at(-40, east(0.002), heading=12, status="assigned"),
            at(-30, east(0.5)), at(-20, east(0.00201)), at(-10, east(0.003), valid=False),
            at(-10, east(0.003), resource_id=OTHER), at(-5, east(0.002), status="gone"), at(3600)]
    answer = send(room, sent)
    assert answer.status_code == 200
    told = answer.json
    assert (told["received"], told["stored"], told["repeated"], told["rejected"]) == (9, 5, 0, 4)
    assert {(one["row"], one["field"], one["severity"]) for one in told["faults"]} == {
        (4, "lon,lat", "rejected"), (6, "valid", "rejected"), (7, "resource_id", "rejected"),
        (8, "status", "flagged"), (9, "at", "rejected")}
    assert logged(room) == [
        (-60, "busy", LON, LAT, None), (-50, "busy", east(0.001), LAT, 90.0),
        (-40, "assigned", east(0.002), LAT, 12.0), (-20, "assigned", east(0.00201), LAT, None),
        (-5, "assigned", east(0.002), LAT, None)]
    assert row_of(room) == ("assigned", east(0.002), LAT)
    assert send(room, sent[:2]).json["repeated"] == 2, "sent again it changes nothing"

    screen.until(lambda: CAR in screen.vehicles, "the car on the screen")
    assert (screen.vehicles[CAR].lon, screen.vehicles[CAR].heading) == (east(0.002), None)
    beside.ask()
    assert not beside.vehicles, "another street hears nothing of it"
    room.readers.snapshot.refresh()
    room.readers.snapshot.settle()
    assert [one.kind for one in heard] == ["forces"], "a new state is a change"
    past = room.readers.at(NOW - timedelta(seconds=45)).seen_by(CONSOLE).resources.all()
    own = past[past["resource_id"] == CAR].iloc[0]
    assert (own["status"], own["lon"], own["heading"]) == ("busy", east(0.001), 90.0)

    # a move alone is no change: pages hear of it by the stream; a small one leaves the row as it was
    heard.clear()
    assert send(room, [at(-3, east(0.00205)), at(0, east(0.0035))]).status_code == 200
    assert row_of(room)[1] == east(0.0035)
    assert send(room, at(1, east(0.00355))).json["stored"] == 1
    assert row_of(room)[1] == east(0.0035)
    room.readers.snapshot.refresh()
    room.readers.snapshot.settle()
    assert heard == []
    screen.until(lambda: screen.vehicles[CAR].lon == east(0.00355), "the last place")


def test_other_devices_and_other_formats(room: Any) -> None:
    issue = room.access.devices.issue_vehicle
    for wrong in ("smoke-1", "nobody", OFFICER):
        with pytest.raises(DeviceError, match="resource_id must be that of one resource of kind"):
            issue(wrong, name="x", issued_by=CONSOLE, now=now())
    with pytest.raises(DeviceError, match="crs must be one of"):
        issue(CAR, name="x", issued_by=CONSOLE, now=now(), crs="bd-09")
    assert send(room, {"at": NOW.isoformat(), "value": 1}, "/api/readings").status_code == 403
    seconds = int((NOW + timedelta(seconds=4)).timestamp())
    answer = room.app.server.test_client().get("/api/osmand", query_string={
        "id": room.token, "lat": LAT, "lon": east(0.004), "timestamp": seconds, "bearing": 45})
    assert (answer.status_code, answer.json["stored"]) == (200, 1)
    assert logged(room)[-1] == (4, "assigned", east(0.004), LAT, 45.0)
    assert send(room, []).status_code == 400
    assert send(room, {"lon": 0, "lat": 0, "at": NOW.isoformat()}).status_code == 422


def test_a_step_of_the_simulation_is_told_as_well(room: Any) -> None:
    screen = Screen(room.app.live)
    put_states(room.store, [State(ELSEWHERE, OTHER, NOW, "idle", LON, LAT, 270.0)])
    screen.until(lambda: OTHER in screen.vehicles, "the other car")
    page = client_of(room.app, signed_in(room.access))
    columns, _, about = decode(b64decode(page.get("/api/delta").json["vehicles"]))
    assert about["whole"]
    assert columns["heading"][about["ids"].index(OTHER)] == 270
