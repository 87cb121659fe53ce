"""What is written reaches a scope once, whatever dies on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from data import embedded_cluster
from data.access.scope import EVERYTHING, Scope
from data.cases.commands import perform, report
from data.emergency.rules import WHISTLES
from data.engine import Store, open_store
from data.live.hub import Hub
from data.live.listener import ALERTS, FIXES, Listener
from data.sensors.rows import Reading
from data.sensors.writer import put_readings
from data.settings import Settings
from data.snapshot import Snapshot
from data.tables import cases, officer, resource
from tests.data.cases.samples import STREETS

NOW = datetime(2026, 3, 6, 8, tzinfo=UTC)
PATIENCE_S = 60.0


@dataclass
class Screen:
    """A page that goes on from its cursor and counts what it is told."""

    hub: Hub
    scope: Scope = EVERYTHING
    cursor: str | None = None
    told: Counter[int] = field(default_factory=Counter)
    kinds: list[str] = field(default_factory=list)
    positions: dict[str, Any] = field(default_factory=dict)
    vehicles: dict[str, Any] = field(default_factory=dict)
    resets: int = 0

    def ask(self) -> None:
        delta = self.hub.since(self.cursor, self.scope)
        self.cursor = delta.cursor
        self.told.update(delta.handles or ())
        self.kinds += delta.kinds
        self.resets += delta.reset
        self.positions |= {one.officer_id: one for one in delta.positions}
        self.vehicles |= {one.officer_id: one for one in delta.vehicles}

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while True:
            self.ask()
            if is_so():
                return
            assert time.monotonic() < end, f"not within {PATIENCE_S} s: {what}; {self.told}"
            self.hub.wait(self.hub.since(self.cursor, self.scope).told, 0.1)


@dataclass
class Room:
    """A process that listens, and a screen in front of it."""

    store: Store
    snapshot: Snapshot
    listener: Listener
    screen: Screen

    def report(self, street: str = STREETS[0]) -> int:
        number = report(self.store, {"street_code": street}, at=NOW)
        found = self.store.arrow(sa.select(cases.c.case_ref).where(cases.c.case_no == number))
        return int(found["case_ref"][0].as_py())


@contextmanager
def listening(store: Store, every_s: float = 60.0) -> Iterator[Room]:
    """By default the snapshot looks once a minute: what comes sooner came by a wake-up."""
    snapshot, hub = Snapshot(store, 4000, every_s=every_s), Hub(lambda: NOW)
    snapshot.observe(hub.tell)
    snapshot.start()
    listener = Listener(store, hub, wake=snapshot.wake, now=lambda: NOW)
    listener.start()
    screen = Screen(hub)
    try:
        screen.until(lambda: listener.connected == 1, "it listens")
        yield Room(store, snapshot, listener, screen)
    finally:
        listener.stop()
        snapshot.stop()


@pytest.fixture
def room(store: Store) -> Iterator[Room]:
    with listening(store) as made:
        yield made


def kill_connections(store: Store) -> None:
    """End every connection that listens, as an administrator or a firewall does."""
    with store.engine.begin() as connection:
        connection.execute(sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query ILIKE 'LISTEN%' OR query = 'SELECT 1'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"))


def test_a_written_case_is_told_at_once_and_once(room: Room) -> None:
    first = room.report()
    room.screen.until(lambda: bool(room.screen.told), "the report")
    found = room.store.arrow(sa.select(cases.c.case_no).where(cases.c.case_ref == first))
    perform(room.store, found["case_no"][0].as_py(), "accept", at=NOW, actor_role="operator")
    room.screen.until(lambda: room.screen.told[first] == 2, "the act")
    second = room.report(STREETS[1])
    room.screen.until(lambda: second in room.screen.told, "another report")
    assert room.screen.told == {first: 2, second: 1}
    other = Screen(room.screen.hub, Scope(frozenset({STREETS[2]})))
    other.ask()
    cursor = other.cursor
    third = room.report()
    room.screen.until(lambda: third in room.screen.told, "the third")
    other.ask()
    assert (dict(other.told), other.kinds) == ({}, [])
    assert cursor != other.cursor


def test_a_case_that_leaves_a_scope_is_told_there_too(room: Room) -> None:
    handle = room.report()
    room.screen.until(lambda: handle in room.screen.told, "the report")
    police = Screen(room.screen.hub, Scope(frozenset({"*"}), frozenset({"police"})))
    police.ask()
    for department, heard in (("police", 1), ("water", 2), ("health", 2)):
        with room.store.engine.begin() as connection:
            connection.execute(sa.update(cases).where(cases.c.case_ref == handle).values(
                main_dept_id=department, changed_xid=sa.text("pg_current_xact_id()::text::bigint")))
        room.snapshot.refresh()
        room.snapshot.settle()
        police.ask()
        assert police.told[handle] == heard, department


def test_a_killed_connection_loses_and_doubles_nothing(room: Room) -> None:
    wanted = []
    for turn in range(1, 4):
        wanted.append(room.report())
        kill_connections(room.store)
        wanted += [room.report(), room.report()]
        room.screen.until(lambda turn=turn: room.listener.connected > turn, "it listens again")
        wanted.append(room.report())
    room.screen.until(lambda: set(wanted) <= set(room.screen.told), "all reports")
    assert room.screen.told == Counter(wanted)
    assert room.screen.resets == 0
    assert "alerts" in room.screen.kinds, "what was said meanwhile is asked for"


@pytest.fixture
def own_store() -> Iterator[Store]:
    """A store on an embedded server of its own, that tests may kill."""
    folder = Path(tempfile.mkdtemp(prefix="grid-live-"))
    opened = open_store(Settings(data_dir=folder))
    yield opened
    opened.close()
    if embedded_cluster.is_alive(folder / "pg18"):
        embedded_cluster.stop(folder / "pg18")
    shutil.rmtree(folder, ignore_errors=True)


def test_a_killed_database_comes_back_and_nothing_is_lost_or_doubled(own_store: Store) -> None:
    folder = own_store._server.folder
    with listening(own_store, every_s=0.3) as room:
        wanted = [room.report(), room.report()]
        room.screen.until(lambda: set(wanted) <= set(room.screen.told), "the first reports")
        os.kill(int(embedded_cluster.pid_file(folder)["pid"]), signal.SIGKILL)
        room.screen.until(lambda: room.snapshot.failed_since is not None, "the failure is known")
        room.screen.until(lambda: room.listener.connected == 2, "it listens to a new server")
        room.screen.until(lambda: room.snapshot.failed_since is None, "the snapshot goes on")
        wanted += [room.report(), room.report()]
        room.screen.until(lambda: set(wanted) <= set(room.screen.told), "the last reports")
        assert room.screen.told == Counter(wanted)
        assert room.screen.resets == 0
    assert own_store._server.others() is not None, "whoever revived it holds on to it"


def test_a_server_that_was_let_go_is_not_started_again(own_store: Store) -> None:
    folder = own_store._server.folder
    own_store.close()
    embedded_cluster.stop(folder)  # the connections just closed may still have been counted
    own_store.revive()
    assert not embedded_cluster.is_alive(folder)


def walk(store: Store, officers: dict[str, str], at: datetime, lon: float) -> None:
    store.append("gps_fix", pa.table({
        "street_code": list(officers.values()), "officer_id": list(officers), "at": [at] * len(officers),
        "lon": [lon] * len(officers), "lat": [38.9] * len(officers)}))


def say(store: Store, channel: str, payload: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_notify(channel, payload)))


def test_positions_arrive_also_when_the_word_of_them_is_garbled_or_lost(store: Store) -> None:
    people = {"G1": STREETS[0], "G2": STREETS[1]}
    with store.engine.begin() as connection:
        connection.execute(sa.insert(officer), [
            {"street_code": street, "officer_id": name, "role": "grid_officer"}
            for name, street in people.items()])
    walk(store, people, NOW - timedelta(minutes=5), 121.0)
    with listening(store) as room:
        held = room.screen.positions
        room.screen.until(lambda: len(held) == 2, "positions from before the start")
        walk(store, people, NOW - timedelta(minutes=4), 121.1)
        say(store, FIXES, json.dumps({"street_codes": [STREETS[0]], "count": 1}))
        room.screen.until(lambda: held["G1"].lon == 121.1, "the one that was told")
        assert held["G2"].lon == 121.0
        say(store, FIXES, "{nothing")
        room.screen.until(lambda: held["G2"].lon == 121.1, "garbled: all are looked at")
        walk(store, people, NOW - timedelta(minutes=3), 121.2)
        kill_connections(store)
        room.screen.until(lambda: {one.lon for one in held.values()} == {121.2}, "after a new connection")
        walk(store, {"G1": STREETS[0]}, NOW - timedelta(minutes=9), 119.0)
        say(store, FIXES, json.dumps({"street_codes": [STREETS[0]], "count": 1}))
        walk(store, {"G2": STREETS[1]}, NOW - timedelta(minutes=2), 121.3)
        say(store, FIXES, json.dumps({"street_codes": STREETS[:2], "count": 1}))
        room.screen.until(lambda: held["G2"].lon == 121.3, "the next fix")
        assert held["G1"].lon == 121.2, "a fix that came late moves nobody back"


def test_alerts_are_told_where_they_are(room: Room) -> None:
    grid = Screen(room.screen.hub, Scope(frozenset({f"{STREETS[0]}001001"})))
    grid.ask()
    say(room.store, ALERTS, json.dumps({"alert_id": 7, "street_code": STREETS[0]}))
    room.screen.until(lambda: room.screen.kinds == ["alerts"], "the alert")
    grid.ask()
    assert grid.kinds == [], "of a street it is told to who sees the street"
    say(room.store, ALERTS, json.dumps({"alert_id": 7, "street_code": STREETS[0],
                                        "grid_code": f"{STREETS[0]}001001"}))
    room.screen.until(lambda: room.screen.kinds == ["alerts"] * 2, "the other alert")
    grid.ask()
    assert grid.kinds == ["alerts"]


def test_a_whistle_is_told_where_it_is_and_to_whom_it_is_about(room: Room) -> None:
    scopes = [Scope(frozenset({f"{STREETS[0]}001"})), Scope(frozenset({STREETS[1]})),
              Scope(frozenset({"*"}), frozenset({"police"})), Scope(frozenset({"*"}), frozenset({"fire"}))]
    screens = [Screen(room.screen.hub, scope) for scope in scopes]
    for screen in screens:
        screen.ask()
    version = room.screen.hub.version(scopes[0])
    say(room.store, WHISTLES, json.dumps({"area_code": f"{STREETS[0]}001001", "departments": ["police"]}))
    room.screen.until(lambda: room.screen.kinds == ["whistle"], "the whistle")
    for screen in screens:
        screen.ask()
    assert [screen.kinds for screen in screens] == [["whistle"], [], ["whistle"], []]
    assert room.screen.hub.version(scopes[0]) == version, "figures are the same"


def test_a_reading_is_told_where_its_sensor_stands_and_that_of_a_home_to_nobody(room: Room) -> None:
    grids = [f"{street}001001" for street in STREETS[:2]]
    with room.store.engine.begin() as connection:
        connection.execute(sa.insert(resource), [
            {"street_code": grids[0][:9], "resource_id": "smoke-1", "kind": "smoke", "area_code": grids[0],
             "dept_id": "fire", "name": "s"},
            {"street_code": grids[0][:9], "resource_id": "meter-1", "kind": "water_meter",
             "area_code": grids[0], "dept_id": None, "name": "w"},
            {"street_code": grids[1][:9], "resource_id": "cover-1", "kind": "manhole", "area_code": grids[1],
             "dept_id": None, "name": "c"}])
    scopes = [Scope(frozenset({grids[0]})), Scope(frozenset({grids[1]})),
              Scope(frozenset({"*"}), frozenset({"fire"})), Scope(frozenset({"*"}), frozenset({"police"}))]
    screens = [Screen(room.screen.hub, scope) for scope in scopes]
    for screen in screens:
        screen.ask()
    version = room.screen.hub.version(scopes[0])
    put_readings(room.store, [Reading(grids[0][:9], "meter-1", "volume", NOW, 1.0)])
    put_readings(room.store, [Reading(grids[0][:9], "smoke-1", "smoke", NOW, 0.1)])
    room.screen.until(lambda: room.screen.kinds == ["readings"], "the reading")
    put_readings(room.store, [Reading(grids[0][:9], "smoke-1", "smoke", NOW, 0.1)])
    put_readings(room.store, [Reading(grids[1][:9], "cover-1", "tilt", NOW, 3.0)])
    room.screen.until(lambda: room.screen.kinds == ["readings", "readings"], "the other one")
    for screen in screens:
        screen.ask()
    assert [screen.kinds for screen in screens] == [["readings"], ["readings"], ["readings"], []]
    assert room.screen.hub.version(scopes[0]) == version, "figures are the same"


def test_another_channel_is_looked_at_when_it_speaks_and_after_each_connection(store: Store) -> None:
    looked: list[str] = []
    hub = Hub(lambda: NOW)
    listener = Listener(store, hub, wake=lambda: None, now=lambda: NOW,
                        heard={"cast_changed": lambda: looked.append("cast")})
    screen = Screen(hub)
    listener.start()
    try:
        screen.until(lambda: looked == ["cast"], "it looks when it begins to listen")
        with store.engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_notify('cast_changed', 'whatever')"))
        screen.until(lambda: looked == ["cast"] * 2, "it looks when somebody speaks")
        kill_connections(store)
        screen.until(lambda: looked == ["cast"] * 3, "it looks when it listens again")
    finally:
        listener.stop()
