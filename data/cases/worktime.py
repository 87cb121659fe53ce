"""Working time and the limits that are counted in it.

A working day is 08:00-12:00 and 14:00-18:00 local, 480 minutes; Saturdays,
Sundays and holidays are free unless a make-up day puts them back. Instants are
``datetime64[us]`` in UTC, NaT where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Instants = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]

HOURS: Final = ((time(8), time(12)), (time(14), time(18)))
MINUTES_PER_WORK_DAY: Final = 480
#: Unit of a limit -> minutes of one unit; working minutes for the ``work_*`` units.
UNIT_MINUTES: Final[Mapping[str, int]] = {
    "urgent_hour": 60, "work_hour": 60, "work_day": MINUTES_PER_WORK_DAY, "natural_day": 1440,
}
_WORKING_UNITS: Final = frozenset({"work_hour", "work_day"})
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_MINUTE_US: Final = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """Which days are worked, in which time zone."""

    tz: ZoneInfo = _SHANGHAI
    holidays: frozenset[date] = frozenset()
    makeup: frozenset[date] = frozenset()  # worked although a weekend or holiday

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None, tz: ZoneInfo) -> WorkCalendar:
        """The calendar kept under meta key ``calendar``: lists of ISO dates; None = weekends only."""
        value = value or {}
        return cls(tz=tz, **{name: frozenset(map(date.fromisoformat, value.get(name, ())))
                             for name in ("holidays", "makeup")})

    def is_worked(self, day: date) -> bool:
        """Whether people work on that local day."""
        return day in self.makeup or (day.weekday() < 5 and day not in self.holidays)


def limit_minutes(value: float | Floats, unit: str) -> float | Floats:
    """A limit in minutes; working minutes where the unit counts working time.

    Raises:
        ValueError: an unknown unit.
    """
    if unit not in UNIT_MINUTES:
        raise ValueError(f"limit unit must be one of {', '.join(UNIT_MINUTES)}; got {unit!r}")
    return value * UNIT_MINUTES[unit]


def add_limit(starts: Instants, value: float | Floats, unit: str, calendar: WorkCalendar) -> Instants:
    """The deadlines of limits that begin at ``starts``.

    Args:
        starts: UTC instants.
        value: number of units, one or one per start; NaN gives NaT.
        unit: one of `UNIT_MINUTES`.
        calendar: counts for the ``work_*`` units only.

    Returns:
        UTC instants, never before the start. A limit used up exactly at noon or
        in the evening ends there, not at the next beginning of work.

    Raises:
        ValueError: an unknown unit, or a negative limit.
    """
    begun = np.asarray(starts, dtype="datetime64[us]")
    amount = np.broadcast_to(np.asarray(limit_minutes(value, unit), dtype=float), begun.shape)
    if np.any(amount < 0):
        raise ValueError(f"a limit must not be negative, got {float(np.nanmin(amount))} minutes")
    known = ~np.isnat(begun) & ~np.isnan(amount)
    ends = np.full(begun.shape, np.datetime64("NaT"), dtype="datetime64[us]")
    if not known.any():
        return ends
    us = np.rint(amount[known] * _MINUTE_US).astype(np.int64)
    if unit not in _WORKING_UNITS:
        ends[known] = begun[known] + us.astype("timedelta64[us]")
        return ends
    start = begun[known].astype(np.int64)
    opens, done = _covering(calendar, start, int(us.max()))
    target = _worked(opens, done, start) + us
    slot = np.searchsorted(done[1:], target, side="left")
    reached = opens[slot, 0] + target - done[slot]
    ends[known] = np.maximum(reached, start).astype("datetime64[us]")
    return ends


def work_minutes(starts: Instants, ends: Instants, calendar: WorkCalendar) -> Floats:
    """Working minutes between pairs of instants; NaN where one is NaT, negative if reversed."""
    first = np.asarray(starts, dtype="datetime64[us]")
    last = np.asarray(ends, dtype="datetime64[us]")
    known = ~np.isnat(first) & ~np.isnat(last)
    minutes = np.full(first.shape, np.nan)
    if known.any():
        begun, ended = first[known].astype(np.int64), last[known].astype(np.int64)
        opens, done = _covering(calendar, np.concatenate([begun, ended]), 0)
        minutes[known] = (_worked(opens, done, ended) - _worked(opens, done, begun)) / _MINUTE_US
    return minutes


def _covering(calendar: WorkCalendar, instants: _Ints, further: int) -> tuple[_Ints, _Ints]:
    """Spans of work from before the first instant to ``further`` microseconds of work after the last."""
    end = int(instants.max())
    first, last = (datetime.fromtimestamp(edge / 1e6, UTC).year for edge in (int(instants.min()), end))
    while True:
        opens, done = _spans(calendar, first - 1, last + 1)
        if end < opens[-1, 1] and done[-1] - int(_worked(opens, done, np.array([end]))[0]) >= further:
            return opens, done
        last += 1 + (last - first)


@lru_cache(maxsize=32)
def _spans(calendar: WorkCalendar, first_year: int, last_year: int) -> tuple[_Ints, _Ints]:
    """Spans of work as (begin, end) in microseconds UTC, and the work done before each and after all."""
    edges = []
    day = date(max(first_year, 1), 1, 1)
    while day <= date(min(last_year, 9998), 12, 31):
        if calendar.is_worked(day):
            edges += [[_instant(day, at, calendar.tz) for at in hours] for hours in HOURS]
        day += timedelta(days=1)
    if not edges:
        raise ValueError(f"the calendar has no working day from {first_year} to {last_year}")
    spans = np.array(edges, dtype=np.int64)
    done = np.concatenate([[0], np.cumsum(spans[:, 1] - spans[:, 0])])
    return spans, done


def _instant(day: date, at: time, tz: ZoneInfo) -> int:
    local = datetime.combine(day, at, tz)
    return round(local.timestamp()) * 1_000_000


def _worked(opens: _Ints, done: _Ints, instants: _Ints) -> _Ints:
    """Microseconds of work from the first span up to each instant."""
    slot = np.maximum(np.searchsorted(opens[:, 0], instants, side="right") - 1, 0)
    within = np.clip(instants - opens[slot, 0], 0, opens[slot, 1] - opens[slot, 0])
    worked: _Ints = done[slot] + within
    return worked
