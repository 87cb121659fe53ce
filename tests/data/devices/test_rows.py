"""What a position must be, and that a bad one harms no other."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.areas.crs import wgs84_to_gcj02
from data.devices.devices import Device
from data.devices.rows import read_rows
from tests.data.devices.conftest import NOW, OFFICER, STREET

DEVICE = Device(device_id=1, name="PDA", street_code=STREET, officer_id=OFFICER, crs="wgs84", issued_by=None,
                created_at=NOW, expires_at=None, revoked_at=None, seen_at=None, refused=0, last_fault=None)
GOOD = {"lon": 104.105, "lat": 30.665, "at": NOW.isoformat()}


def read(*sent, device=DEVICE):
    return read_rows(list(sent), device, now=NOW)


def fault_of(**changes):
    rows, faults = read({**GOOD, **changes})
    assert rows == []
    assert len(faults) == 1
    assert faults[0].is_refused
    return faults[0].field, faults[0].got, faults[0].expected


def test_a_position_with_everything():
    rows, faults = read({**GOOD, "speed_mps": 1.4, "heading": 270, "accuracy_m": 8, "battery": 79.6})
    assert faults == []
    assert rows[0] == (STREET, OFFICER, NOW, 104.105, 30.665, 1.4, 270.0, 8.0, 80, True)


def test_a_position_with_the_least():
    assert read(GOOD)[0][0] == (STREET, OFFICER, NOW, 104.105, 30.665, None, None, None, None, True)


@pytest.mark.parametrize("at", [
    "2026-05-11T04:00:00Z", "2026-05-11T12:00:00+08:00", " 2026-05-11T04:00:00.999+00:00 ",
    int(NOW.timestamp()), NOW.timestamp() * 1000, str(int(NOW.timestamp())), NOW.timestamp() + 0.9,
])
def test_times_as_devices_write_them(at):
    rows, faults = read({**GOOD, "at": at})
    assert faults == []
    assert rows[0].at == NOW
    assert rows[0].at.tzinfo is UTC


@pytest.mark.parametrize("at", [None, "", "2026-05-11T04:00:00", "yesterday", True, [1], {"a": 1}, "9" * 5000,
                                float("nan"), float("inf"), -1e30, 10**400])
def test_times_that_are_none(at):
    field, _, expected = fault_of(at=at)
    assert field == "at"
    assert expected.startswith("ISO 8601 with an offset")


@pytest.mark.parametrize(("off", "allowed"), [
    (timedelta(minutes=5), True), (timedelta(minutes=5, seconds=1), False),
    (-timedelta(days=7), True), (-timedelta(days=7, seconds=1), False)])
def test_times_near_the_store_s_now_only(off, allowed):
    rows, faults = read({**GOOD, "at": (NOW + off).isoformat()})
    assert (len(rows), len(faults)) == ((1, 0) if allowed else (0, 1))
    if not allowed:
        assert NOW.isoformat() in faults[0].expected


@pytest.mark.parametrize(("field", "value"), [
    ("lon", 180.01), ("lat", -90.01), ("lon", None), ("lat", ""), ("lon", "east"), ("lat", math.nan),
    ("lon", math.inf), ("lat", True), ("lon", [104]), ("lat", 10**400), ("lon", "１０４e9999")])
def test_places_that_are_none(field, value):
    assert fault_of(**{field: value})[0] == field


def test_no_place_known_is_no_place():
    assert fault_of(lon=0, lat=0.0)[0] == "lon,lat"


def test_a_position_of_somebody_else_is_refused():
    assert fault_of(officer_id="W0002")[:2] == ("officer_id", "W0002")
    assert fault_of(officer_id=None)[0] == "officer_id"
    assert len(read({**GOOD, "officer_id": OFFICER})[0]) == 1


@pytest.mark.parametrize(("field", "value"), [
    ("speed_mps", 200.1), ("heading", -1), ("accuracy_m", "far"), ("battery", 101), ("battery", {})])
def test_a_bad_value_beside_the_place_is_left_out_and_said(field, value):
    rows, faults = read({**GOOD, field: value})
    assert getattr(rows[0], field) is None
    assert [(fault.row, fault.field, fault.is_refused) for fault in faults] == [(1, field, False)]
    assert faults[0].as_json()["severity"] == "flagged"


def test_bad_ones_are_told_one_by_one_and_the_rest_is_kept():
    rows, faults = read(GOOD, {**GOOD, "lon": 999}, 7, {**GOOD, "at": "?"}, {**GOOD, "lat": 30.666}, None)
    assert [row.lat for row in rows] == [30.665, 30.666]
    assert [(fault.row, fault.field) for fault in faults] == [
        (2, "lon"), (3, "position"), (4, "at"), (6, "position")]


def test_coordinates_of_the_device_s_own_system_become_wgs84():
    lon, lat = wgs84_to_gcj02([104.105], [30.665])
    sent = {**GOOD, "lon": float(lon[0]), "lat": float(lat[0])}
    assert abs(sent["lon"] - 104.105) > 0.001
    row = read(sent, device=replace(DEVICE, crs="gcj02"))[0][0]
    assert (row.lon, row.lat) == (pytest.approx(104.105, abs=1e-6), pytest.approx(30.665, abs=1e-6))


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
SENT = st.lists(JSON | st.fixed_dictionaries(
    {}, optional={name: JSON | st.floats(-200, 200) | st.datetimes(timezones=st.just(UTC)).map(
        datetime.isoformat) for name in ("lon", "lat", "at", "speed_mps", "battery", "officer_id")}))


@given(SENT)
def test_whatever_is_sent_each_is_taken_or_told(sent):
    rows, faults = read(*sent)
    refused = {fault.row for fault in faults if fault.is_refused}
    assert len(rows) + len(refused) == len(sent)
    assert json.dumps([fault.as_json() for fault in faults], ensure_ascii=False).encode()
    for fault in faults:
        assert len(fault.got) <= 60
        assert fault.got.isprintable()
