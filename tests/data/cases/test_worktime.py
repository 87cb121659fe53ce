"""Working time: boundaries by hand, and the same by counting minutes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cases.worktime import HOURS, WorkCalendar, add_limit, limit_minutes, work_minutes

TZ = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(tz=TZ, holidays=frozenset({date(2026, 5, 1), date(2026, 5, 4), date(2026, 5, 5)}),
                        makeup=frozenset({date(2026, 5, 9)}))


def utc(*local: str) -> np.ndarray:
    moments = [datetime.fromisoformat(text).replace(tzinfo=TZ).timestamp() for text in local]
    return np.array([int(moment * 1e6) for moment in moments]).astype("datetime64[us]")


@pytest.mark.parametrize(("start", "value", "unit", "end"), [
    ("2026-04-27 09:00", 2.0, "work_hour", "2026-04-27 11:00"),
    ("2026-04-27 11:00", 1.0, "work_hour", "2026-04-27 12:00"),
    ("2026-04-27 11:00", 2.0, "work_hour", "2026-04-27 15:00"),
    ("2026-04-27 13:00", 1.0, "work_hour", "2026-04-27 15:00"),
    ("2026-04-27 20:00", 0.5, "work_hour", "2026-04-28 08:30"),
    ("2026-04-27 09:00", 1.0, "work_day", "2026-04-28 09:00"),
    ("2026-04-30 16:00", 1.0, "work_day", "2026-05-06 16:00"),
    ("2026-05-08 17:00", 1.0, "work_day", "2026-05-09 17:00"),
    ("2026-05-02 10:00", 1.0, "work_day", "2026-05-06 18:00"),
    ("2026-05-02 10:00", 0.0, "work_day", "2026-05-02 10:00"),
    ("2026-05-02 10:00", 3.0, "urgent_hour", "2026-05-02 13:00"),
    ("2026-05-02 10:00", 2.0, "natural_day", "2026-05-04 10:00"),
])
def test_limits_end_when_the_working_time_is_used_up(start: str, value: float, unit: str, end: str) -> None:
    assert add_limit(utc(start), value, unit, CALENDAR) == utc(end)


def test_unknown_starts_and_limits_stay_unknown() -> None:
    starts = np.array(["2026-05-06T01:00", "NaT"], dtype="datetime64[us]")
    assert np.isnat(add_limit(starts, np.array([np.nan, 1.0]), "work_hour", CALENDAR)).all()
    assert add_limit(starts[:0], 1.0, "work_day", CALENDAR).size == 0


@pytest.mark.parametrize(("value", "unit", "message"), [
    (1.0, "fortnight", "must be one of urgent_hour, work_hour, work_day, natural_day; got 'fortnight'"),
    (-1.0, "work_hour", "a limit must not be negative, got -60.0 minutes"),
])
def test_what_is_no_limit_is_shown(value: float, unit: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        add_limit(utc("2026-05-06 09:00"), value, unit, CALENDAR)


def test_a_calendar_without_working_days_is_refused() -> None:
    never = WorkCalendar(tz=TZ, holidays=frozenset(date(2025, 1, 1) + timedelta(days=n) for n in range(1200)))
    with pytest.raises(ValueError, match="no working day from 2025 to 2027"):
        add_limit(utc("2026-05-06 09:00"), 1.0, "work_day", never)


def minutes_by_counting(start: datetime, minutes: int) -> datetime:
    """The slow way: one minute after another."""
    at, left = start, minutes
    while left:
        local = at.astimezone(TZ)
        working = CALENDAR.is_worked(local.date()) and any(a <= local.time() < b for a, b in HOURS)
        left -= working
        at += timedelta(minutes=1)
    return at


@given(st.integers(0, 60 * 24 * 20), st.integers(1, 900))
def test_the_same_by_counting_minutes(offset: int, minutes: int) -> None:
    start = datetime(2026, 4, 25, tzinfo=TZ) + timedelta(minutes=offset)
    expected = int(minutes_by_counting(start, minutes).timestamp() * 1e6)
    found = add_limit(utc(start.replace(tzinfo=None).isoformat()), minutes / 60, "work_hour", CALENDAR)
    assert found.astype(np.int64)[0] == expected
    assert work_minutes(utc(start.replace(tzinfo=None).isoformat()), found, CALENDAR)[0] == minutes


def test_summer_time_changes_the_instant_and_not_the_local_hour() -> None:
    berlin = WorkCalendar(tz=ZoneInfo("Europe/Berlin"))
    friday = np.array(["2026-03-27T15:00"], dtype="datetime64[us]")  # 16:00 local, before the change
    assert add_limit(friday, 1.0, "work_day", berlin)[0] == np.datetime64("2026-03-30T14:00")


def test_limits_in_minutes() -> None:
    assert [limit_minutes(2.0, unit) for unit in ("urgent_hour", "work_hour", "work_day", "natural_day")] == [
        120, 120, 960, 2880]
