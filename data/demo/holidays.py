"""Public holidays and the working weekends that make up for them, as a calendar for the store.

From memory of the yearly notices of the State Council; the operator edits the
list under meta key ``calendar``. Other years than these know weekends only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from data.cases.worktime import WorkCalendar
from data.demo.profiles import LOCAL

#: First and last day of each holiday.
HOLIDAYS: Final = tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in (
    ("2019-01-01", "2019-01-01"), ("2019-02-04", "2019-02-10"), ("2019-04-05", "2019-04-07"),
    ("2019-05-01", "2019-05-04"), ("2019-06-07", "2019-06-09"), ("2019-09-13", "2019-09-15"),
    ("2019-10-01", "2019-10-07"),
    ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
))
_MAKEUP: Final = (
    "2019-02-02", "2019-02-03", "2019-04-28", "2019-05-05", "2019-09-29", "2019-10-12",
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
)


def calendar_json() -> Mapping[str, list[str]]:
    """The value of meta key ``calendar``: lists of ISO dates."""
    days = []
    for begin, end in HOLIDAYS:
        days += [(begin + timedelta(days=n)).isoformat() for n in range((end - begin).days + 1)]
    return {"holidays": days, "makeup": list(_MAKEUP)}


def demo_calendar() -> WorkCalendar:
    """The calendar by which the demo's limits are counted."""
    return WorkCalendar.from_json(calendar_json(), LOCAL)
