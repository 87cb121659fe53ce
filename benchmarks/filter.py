"""All queries behind one filter change, together: tiles, charts, area colours, time line, heat, list."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import func, select

from benchmarks.city import SIZES, City, grow, open_city, some_filters
from benchmarks.measure import plain_answer, plain_frame, say, spread, timed
from data.cases.rules import WALL
from data.filters import CaseFilter
from data.tables import cases as cases_table

CHANGES = 80
PLAIN_CHANGES = 24
GROWTH_CHANGES = 40


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


def changes(city: City, filters: list[CaseFilter]) -> list[float]:
    """Milliseconds of each filter change, none of them asked before."""
    return [timed(partial(change, city, filter_))[0] for filter_ in filters]


def plain_changes(city: City, filters: list[CaseFilter]) -> list[float]:
    """The same by pandas over all cases in one frame."""
    frame = plain_frame(city.readers)
    return [timed(partial(plain_answer, frame, filter_, city.now))[0] for filter_ in filters]


def growth(
    city: City, filters: list[CaseFilter], sizes: tuple[int, ...], cases: int
) -> dict[str, dict[str, float]]:
    """Number of cases -> the times of the filter changes; leaves the largest in the snapshot."""
    found = {}
    for size in sizes:
        held = grow(city, size) if abs(size - cases) > cases / 5 else cases
        found[str(held)] = spread(changes(city, filters))
        say(f"{held} cases {found[str(held)]}")
        if held < cases:
            city.readers.snapshot._load()  # all cases again
    return found


def run(profile: str = "city", sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """``p95_ms`` of the load set and ``ratio_plain`` (plain p95 over ours), with the growth."""
    with open_city(profile) as city:
        filters = some_filters(city, CHANGES)
        changes(city, some_filters(city, 5, seed=1))
        ours = changes(city, filters)
        say(f"ours {spread(ours)}")
        plain = plain_changes(city, filters[:PLAIN_CHANGES])
        say(f"plain {spread(plain)}")
        held = reported_total(city)
        grown = growth(city, filters[:GROWTH_CHANGES], sizes, held)
    return {
        "p95_ms": spread(ours)["p95_ms"],
        "ratio_plain": round(spread(plain)["p95_ms"] / spread(ours)["p95_ms"], 2),
        "median_ms": spread(ours)["median_ms"],
        "plain": spread(plain),
        "ratio_plain_same_filters": round(float(np.median(np.divide(plain, ours[:PLAIN_CHANGES]))), 2),
        "cases": held,
        "changes": CHANGES,
        "load_average": os.getloadavg()[0],
        "growth": grown,
    }


def reported_total(city: City) -> int:
    """How many cases the snapshot holds."""
    return int(city.readers.snapshot.run(select(func.count()).select_from(cases_table))["count_1"][0].as_py())
