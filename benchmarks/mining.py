"""The closure X-ray: the paths of all cases of a year of the city, from the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from benchmarks.city import open_city
from benchmarks.measure import say, timed
from data.analytics.mining import mine
from data.filters import CaseFilter


def run(profile: str = "city") -> dict[str, Any]:
    """``seconds`` of the year before now, the median of three; ``slowest_s`` of them."""
    with open_city(profile) as city:
        filter_, took = CaseFilter(since=city.now - timedelta(days=365), until=city.now), []
        for _ in range(3):
            ms, found = timed(lambda: mine(city.readers.cases, filter_, city.now))
            say(f"{ms:.0f} ms, {found.cases} cases, {found.events} events")
            took.append(ms)
    return {"seconds": round(sorted(took)[1] / 1000, 2), "slowest_s": round(max(took) / 1000, 2),
            "cases": found.cases, "events": found.events}
