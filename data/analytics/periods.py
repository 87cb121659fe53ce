"""Periods of the evaluation: day, week, half-month (半月), month, quarter and year, by the local calendar.

A period has a code that sorts and travels in addresses: ``2019-05-03``, ``2019-W18`` (ISO 8601),
``2019-05-H1`` and ``2019-05-H2`` (1st to 15th, 16th to the end: the bulletin's), ``2019-05``,
``2019-Q2``, ``2019``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: Kinds of periods, shortest first.
KINDS: Final = ("day", "week", "half_month", "month", "quarter", "year")
#: The last day of the first half of a month.
HALF: Final = 15
_DAY: Final = timedelta(days=1)


class PeriodError(ValueError):
    """A period that cannot be; the message names what was got and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Some whole days of the local calendar.

    Attributes:
        kind: of `KINDS`.
        first: its first day.
        after: the day after its last.
        zone: of the local calendar.
    """

    kind: str
    first: date
    after: date
    zone: ZoneInfo

    @property
    def code(self) -> str:
        """As in addresses, see the module."""
        return _CODES[self.kind](self.first)

    @property
    def since(self) -> datetime:
        """Its first instant, aware."""
        return datetime.combine(self.first, time(), self.zone)

    @property
    def until(self) -> datetime:
        """The first instant after it, aware."""
        return datetime.combine(self.after, time(), self.zone)

    def is_over(self, now: datetime) -> bool:
        """Nothing can be reported in it any more."""
        return now >= self.until

    def as_far_as(self, other: Period, now: datetime) -> tuple[datetime, datetime]:
        """The part of this period that has gone by when as much of ``other`` has as at ``now``.

        A period in progress is compared with the same stretch of an earlier one, never with the
        whole of it; at least one second, at most the whole.
        """
        if other.is_over(now):
            return self.since, self.until
        gone = max(now - other.since, timedelta(seconds=1))
        return self.since, min(self.since + gone, self.until)


def period_of(kind: str, day: date, zone: ZoneInfo) -> Period:
    """The period of a kind that a local day lies in.

    Raises:
        PeriodError: there is no such kind.
    """
    if kind not in KINDS:
        raise PeriodError(f"a period must be one of {', '.join(KINDS)}; got {str(kind)[:40]!r}")
    first = _FIRST[kind](day)
    return Period(kind=kind, first=first, after=_after(kind, first), zone=zone)


def period_at(kind: str, now: datetime, zone: ZoneInfo) -> Period:
    """The period of a kind in progress at an aware instant."""
    return period_of(kind, now.astimezone(zone).date(), zone)


def last_day(period: Period) -> date:
    """Its last local day: the one whose weights it is reckoned with."""
    return period.after - _DAY


def before(period: Period) -> Period:
    """The period before (环比)."""
    return period_of(period.kind, period.first - _DAY, period.zone)


def year_before(period: Period) -> Period:
    """The same period of the year before (同比).

    Of a week: that of the same ISO number, the last week where that year has no week 53.
    29 February answers with the 28th.
    """
    first = period.first
    if period.kind == "week":
        year, week, _ = first.isocalendar()
        last = date(year - 1, 12, 28).isocalendar().week  # 28 December lies in the last week
        day = date.fromisocalendar(year - 1, min(week, last), 1)
    else:
        longest = monthrange(first.year - 1, first.month)[1]
        day = first.replace(year=first.year - 1, day=min(first.day, longest))
    return period_of(period.kind, day, period.zone)


def run_of(period: Period, count: int) -> list[Period]:
    """``count`` periods one after the other, the given one last."""
    found = [period]
    while len(found) < count:
        found.append(before(found[-1]))
    return found[::-1]


def read_period(code: str, zone: ZoneInfo) -> Period:
    """The period of a code.

    Raises:
        PeriodError: it is none.
    """
    for kind, pattern in _PATTERNS.items():
        found = re.fullmatch(pattern, code)
        if found:
            try:
                return period_of(kind, _READ[kind](*(int(part) for part in found.groups())), zone)
            except (ValueError, OverflowError):
                break
    raise PeriodError("a period must be written as 2019-05-03, 2019-W18, 2019-05-H1, 2019-05, 2019-Q2 or"
                      f" 2019, in the years 1901..2199; got {code[:40]!r}")


def _after(kind: str, first: date) -> date:
    if kind == "day":
        return first + _DAY
    if kind == "week":
        return first + 7 * _DAY
    if kind == "half_month" and first.day <= HALF:
        return first.replace(day=HALF + 1)
    months = {"half_month": 1, "month": 1, "quarter": 3, "year": 12}[kind]
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)


_FIRST: Final[Mapping[str, Callable[[date], date]]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "half_month": lambda day: day.replace(day=1 if day.day <= HALF else HALF + 1),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=day.month - (day.month - 1) % 3, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
_CODES: Final[Mapping[str, Callable[[date], str]]] = {
    "day": lambda day: f"{day:%Y-%m-%d}",
    "week": lambda day: "{}-W{:02}".format(*day.isocalendar()[:2]),
    "half_month": lambda day: f"{day:%Y-%m}-H{1 if day.day <= HALF else 2}",
    "month": lambda day: f"{day:%Y-%m}",
    "quarter": lambda day: f"{day:%Y}-Q{(day.month + 2) // 3}",
    "year": lambda day: f"{day:%Y}",
}
_YEAR: Final = "((?:19(?!00)|20|21)[0-9]{2})"
_TWO: Final = "([0-9]{2})"
_PATTERNS: Final[Mapping[str, str]] = {
    "day": f"{_YEAR}-{_TWO}-{_TWO}",
    "week": f"{_YEAR}-W{_TWO}",
    "half_month": f"{_YEAR}-{_TWO}-H([12])",
    "month": f"{_YEAR}-{_TWO}",
    "quarter": f"{_YEAR}-Q([1-4])",
    "year": _YEAR,
}
_READ: Final[Mapping[str, Callable[..., date]]] = {
    "day": date,
    "week": lambda year, week: date.fromisocalendar(year, week, 1),
    "half_month": lambda year, month, half: date(year, month, 1 if half == 1 else HALF + 1),
    "month": lambda year, month: date(year, month, 1),
    "quarter": lambda year, quarter: date(year, quarter * 3 - 2, 1),
    "year": lambda year: date(year, 1, 1),
}
