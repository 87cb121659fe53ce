"""Hot spots: classes of all grids of the city over 24 months, and the grids that are silent, from nothing."""

from __future__ import annotations

from typing import Any

from benchmarks.city import open_city
from benchmarks.measure import say, timed
from data.analytics.hotspots import counts_over, hotspots
from data.analytics.periods import before, period_at, run_of
from data.analytics.silence import reported, silence
from data.clock import time_zone
from data.filters import CaseFilter

SLICES = 24


def run(profile: str = "city") -> dict[str, Any]:
    """``seconds`` of the classes, the slowest of three histories; ``silence_s`` beside it."""
    with open_city(profile) as city:
        zone, took = time_zone(city.readers.store), []
        last = before(period_at("month", city.now, zone))
        for _ in range(3):
            slices = run_of(last, SLICES)
            filter_ = CaseFilter(since=slices[0].since, until=slices[-1].until)
            grids = city.readers.areas.geometry("grid")
            ms, found = timed(lambda slices=slices, filter_=filter_, grids=grids: hotspots(
                counts_over(city.readers.cases, filter_, city.now, slices), grids))
            say(f"{last.code} {ms:.0f} ms, {len(found)} grids, {(found['class'] != '').sum()} with a class")
            took.append(ms)
            last = before(last)
        month = CaseFilter(since=slices[-1].since, until=slices[-1].until)
        quiet_ms, _ = timed(lambda: silence(reported(city.readers, month, city.now)))
    return {"seconds": round(max(took) / 1000, 2), "silence_s": round(quiet_ms / 1000, 2),
            "grids": len(found), "slices": SLICES}
