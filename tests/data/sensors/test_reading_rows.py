"""Readings: what a sensor may send, how it is written once, and what is told of it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from data.access.scope import EVERYTHING, Scope
from data.access.sight import Sight
from data.access.viewer import CONSOLE
from data.devices.devices import Device, DeviceError, Devices
from data.engine import Store
from data.resources.reader import ResourceReader
from data.sensors.rows import Reading, read_readings
from data.sensors.writer import put_readings
from data.tables import resource
from tests.data.devices.conftest import GRID, NOW, STREET

GOOD = {"at": NOW.isoformat(), "value": 0.25}
#: The store answers.
NO_SNAPSHOT: Any = SimpleNamespace(is_filled=False)


@pytest.fixture(scope="module")
def ground(module_store: Store) -> Store:
    with module_store.engine.begin() as connection:
        connection.execute(sa.insert(resource), [
            {"street_code": STREET, "resource_id": name, "kind": kind, "name": name, "area_code": GRID,
             "lon": 104.1, "lat": 30.7} for name, kind in (
                ("smoke-1", "smoke"), ("meter-1", "water_meter"), ("camera-1", "camera"))])
    return module_store


def _device(store: Store, name: str = "smoke-1") -> Device:
    _, token = Devices(store).issue_sensor(name, name=name, issued_by=CONSOLE, now=NOW)
    found = Devices(store).find(token, now=NOW)
    assert found is not None
    return found


def test_a_sender_belongs_to_one_sensor_and_ends_with_it(ground: Store) -> None:
    found = _device(ground)
    assert (found.kind, found.resource_id, found.officer_id, found.sends_for) == (
        "smoke", "smoke-1", None, "smoke-1")
    for wrong in ("camera-1", "nothing", "a\0b"):
        with pytest.raises(DeviceError, match=r"must be that of one resource of kind .*smoke.*, got"):
            _device(ground, wrong)
    devices = Devices(ground)
    _, token = devices.issue_sensor("smoke-1", name="x", issued_by=CONSOLE, now=NOW)
    for gone, there in ((NOW, False), (None, True)):
        with ground.engine.begin() as connection:
            connection.execute(sa.update(resource).values(deleted_at=gone))
        assert (devices.find(token, now=NOW) is not None) is there


@pytest.mark.parametrize(("wrong", "field"), [
    ({"value": -1}, "value"), ({"value": 21}, "value"), ({"value": None}, "value"),
    ({"value": True}, "value"),
    ({"value": "NaN"}, "value"), ({"kind": "volume"}, "kind"), ({"kind": ["smoke"]}, "kind"),
    ({"unit": "ppm"}, "unit"), ({"resource_id": "smoke-2"}, "resource_id"), ({"at": "yesterday"}, "at"),
    ({"at": (NOW - timedelta(days=8)).isoformat()}, "at"),
    ({"at": (NOW + timedelta(hours=1)).isoformat()}, "at"),
], ids=str)
def test_what_cannot_be_is_refused_and_the_others_are_kept(
    ground: Store, wrong: dict[str, Any], field: str
) -> None:
    rows, faults = read_readings([{**GOOD, **wrong}, GOOD, 7], _device(ground), now=NOW)
    assert rows == [Reading(STREET, "smoke-1", "smoke", NOW, 0.25)]
    assert [(fault.row, fault.field, fault.is_refused) for fault in faults] == [
        (1, field, True), (3, "reading", True)]


def test_a_reading_is_written_once_and_the_first_stands(ground: Store) -> None:
    first = [Reading(STREET, "meter-1", "volume", NOW - timedelta(hours=hours), 40 - hours / 100)
             for hours in (0, 30, 24, 24 * 31)]
    assert put_readings(ground, first) == 4
    assert put_readings(ground, [first[0]._replace(value=99.0), first[0]._replace(kind="battery")]) == 1
    assert put_readings(ground, []) == 0
    reader = ResourceReader(ground, NO_SNAPSHOT, scope=EVERYTHING)
    found = reader.one("meter-1")
    assert found is not None
    assert found["readings"] == [
        {"kind": "battery", "at": NOW, "value": 40.0, "before": None},
        {"kind": "volume", "at": NOW, "value": 40.0, "before": 39.76}]
    nothing = {name: (reader.one(name) or {})["readings"] for name in ("smoke-1", "camera-1")}
    assert nothing == {"smoke-1": [], "camera-1": None}


def test_a_meter_at_a_home_is_there_for_those_who_see_people(ground: Store) -> None:
    put_readings(ground, [Reading(STREET, "meter-1", "volume", NOW, 1.0)])
    for sight in Sight:
        scope = Scope(areas=frozenset({STREET}), sight=sight)
        for one in (scope, Scope(areas=frozenset({"*"}), sight=sight)):
            reader = ResourceReader(ground, NO_SNAPSHOT, scope=one)
            kinds = set(reader.all()["kind"])
            assert ("water_meter" in kinds, "smoke" in kinds) == (sight.sees_people, True)
            assert (reader.one("meter-1") is not None) is sight.sees_people
