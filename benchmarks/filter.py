"""All queries behind one filter change, together: tiles, charts, area colours, time line, heat, list."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.city import SIZES, City, grow, open_city, some_filters
from benchmarks.measure import plain_answer, plain_frame, say, spread, timed
from data.cases.rules import WALL
from data.filters import CaseFilter

CHANGES = 80
PLAIN_CHANGES = 24
_GROWTH_CHANGES = 40


def change(city: City, filter_: CaseFilter) -> None:
    """What the server answers when the filter changes once."""
    cases, now = city.readers.cases, city.now
    cases.counts(filter_, now, WALL)
    for dimension in ("channel", "category_class", "street", "grid"):
        cases.counts_by(dimension, filter_, now)
    cases.histogram(filter_)
    cases.point_count(filter_, now=now)
    cases.heat(filter_, zoom=12, now=now)
    cases.listing(filter_, now, "deadline", 20, 0, only="open")


def run(profile: str = "city", sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """``p95_ms`` of the load set and ``ratio_plain`` (plain p95 over ours), with the growth."""
    with open_city(profile) as city:
        filters = some_filters(city, CHANGES)
        for filter_ in some_filters(city, 5, seed=1):
            change(city, filter_)
        ours = [timed(lambda f=filter_: change(city, f))[0] for filter_ in filters]
        say(f"ours {spread(ours)}")
        frame = plain_frame(city.readers)
        plain = [
            timed(lambda f=filter_: plain_answer(frame, f, city.now))[0]
            for filter_ in filters[:PLAIN_CHANGES]
        ]
        say(f"plain {spread(plain)}")
        cases = len(frame)
        del frame
        growth = {}
        for size in sizes:
            held = grow(city, size) if abs(size - cases) > cases / 5 else cases
            times = [timed(lambda f=filter_: change(city, f))[0] for filter_ in filters[:_GROWTH_CHANGES]]
            growth[str(held)] = spread(times)
            say(f"{held} cases {growth[str(held)]}")
            if held < cases:
                city.readers.snapshot._load()  # all cases again
    return {
        "p95_ms": spread(ours)["p95_ms"],
        "ratio_plain": round(spread(plain)["p95_ms"] / spread(ours)["p95_ms"], 2),
        "median_ms": spread(ours)["median_ms"],
        "plain": spread(plain),
        "cases": cases,
        "changes": CHANGES,
        "ratio_plain_same_filters": round(float(np.median(np.divide(plain, ours[:PLAIN_CHANGES]))), 2),
        "growth": growth,
    }
