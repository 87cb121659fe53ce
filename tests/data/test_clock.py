"""The store's now, and times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from data import meta
from data.clock import Clock, ClockError, StoreClock, own_clock, parse_instant, store_now, time_zone, zone
from data.engine import Store

SHANGHAI = ZoneInfo("Asia/Shanghai")
WALL = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_store_without_clock_is_at_the_time_of_the_wall(store: Store) -> None:
    assert store_now(store, WALL) == WALL
    meta.put(store, "clock", {"at": "2019-05-12T00:00:00+08:00"})
    assert store_now(store, WALL) == datetime(2019, 5, 11, 16, 0, tzinfo=UTC)


def test_the_zone_is_that_of_the_district(store: Store) -> None:
    assert time_zone(store) == SHANGHAI
    meta.put(store, "time_zone", "America/New_York")
    assert time_zone(store) == ZoneInfo("America/New_York")


@pytest.mark.parametrize(("text", "end", "hour"), [
    ("2019-05-12", False, datetime(2019, 5, 11, 16, tzinfo=UTC)),
    ("2019-05-12", True, datetime(2019, 5, 12, 16, tzinfo=UTC)),
    ("2019-05-12T01:30", True, datetime(2019, 5, 11, 17, 30, tzinfo=UTC)),
    (" 2019-05-12T01:30Z ", False, datetime(2019, 5, 12, 1, 30, tzinfo=UTC)),
])
def test_times_without_offset_are_local_and_a_day_ends_at_midnight(
    text: str, end: bool, hour: datetime,
) -> None:
    assert parse_instant(text, SHANGHAI, end=end) == hour


@pytest.mark.parametrize("text", ["noon", "", "2019-13-01", "9999-12-31", "0001-01-01T00:00"])
def test_what_is_no_time_is_shown(text: str) -> None:
    with pytest.raises(ClockError, match=f"a time must be ISO 8601.* got '{text}'"):
        parse_instant(text, SHANGHAI, end=True)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd"])
def test_what_is_no_zone_is_shown(name: str) -> None:
    with pytest.raises(ClockError, match="time zone must be an IANA name"):
        zone(name)


def test_a_clock_asks_the_store_again_only_when_its_data_changed(store: Store) -> None:
    versions = ["1"]
    clock = StoreClock(store, lambda: versions[0])
    assert clock.now(WALL) == WALL
    meta.put(store, "clock", {"at": "2019-05-12T00:00:00+08:00"})
    assert clock.now(WALL) == WALL
    versions[0] = "2"
    assert clock.now(WALL) == datetime(2019, 5, 11, 16, 0, tzinfo=UTC)


RUNNING = {"at": "2019-05-12T00:00:00+08:00", "since": "2026-11-22T12:00:00+00:00", "rate": 60}
AT = datetime(2019, 5, 11, 16, 0, tzinfo=UTC)


def test_a_running_clock_goes_at_its_rate(store: Store) -> None:
    meta.put(store, "clock", RUNNING)
    assert store_now(store, WALL) == AT
    assert store_now(store, WALL + timedelta(seconds=30)) == AT + timedelta(minutes=30)
    assert store_now(store, WALL - timedelta(hours=1)) == AT, "a wall that is set back takes nothing back"


def test_a_running_clock_stops_where_nobody_keeps_it_running(store: Store) -> None:
    meta.put(store, "clock", {**RUNNING, "until": "2019-05-12T00:10:00+08:00"})
    clock = own_clock(store)
    assert clock is not None
    assert (clock.now(WALL + timedelta(seconds=9)), clock.stands(WALL + timedelta(seconds=9))) == (
        AT + timedelta(minutes=9), False)
    for seconds in (10, 1000):
        wall = WALL + timedelta(seconds=seconds)
        assert (clock.now(wall), clock.stands(wall)) == (AT + timedelta(minutes=10), True)
    assert own_clock(store) == Clock(at=AT, since=WALL, rate=60, until=AT + timedelta(minutes=10))
    meta.put(store, "clock", clock.as_json())
    assert own_clock(store) == clock


@pytest.mark.parametrize("kept", [{"rate": 1}, {**RUNNING, "rate": 0}, {**RUNNING, "rate": "fast"},
                                  {**RUNNING, "rate": True}])
def test_what_is_no_clock_is_shown(store: Store, kept: dict[str, object]) -> None:
    meta.put(store, "clock", kept)
    with pytest.raises(ClockError, match="the clock of the store must have at and a rate over 0, got"):
        own_clock(store)


def test_a_clock_that_begins_to_run_is_noticed_within_a_second(store: Store) -> None:
    meta.put(store, "clock", {"at": RUNNING["at"]})
    clock = StoreClock(store, lambda: "1")
    assert (clock.now(WALL), clock.rate(WALL)) == (AT, 0)
    meta.put(store, "clock", RUNNING)
    wall = WALL + timedelta(seconds=1)
    assert (clock.now(wall), clock.rate(wall)) == (AT + timedelta(minutes=1), 60)
    meta.remove(store, "clock")
    wall += timedelta(seconds=1)
    assert (clock.now(wall), clock.rate(wall)) == (wall, 1)
