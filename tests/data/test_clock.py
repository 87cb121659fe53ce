"""The store's now, and times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from data import meta
from data.clock import ClockError, StoreClock, parse_instant, store_now, time_zone, zone
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
