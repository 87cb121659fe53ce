"""All queries behind one filter change, together: tiles, charts, time line, pressing cases, map."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import func, select

from app import desk_of
from benchmarks.city import SIZES, City, grow, open_city, settings, some_filters
from benchmarks.measure import plain_answer, plain_frame, say, spread, timed
from callbacks.charts import area_shares, category_shares, channel_shares
from callbacks.desk import Desk
from callbacks.pressing import pressing
from dashboard.view import View
from data.access.viewer import CONSOLE
from data.cases.rules import WALL
from data.filters import CaseFilter
from data.tables import cases as cases_table

CHANGES = 80
PLAIN_CHANGES = 24
GROWTH_CHANGES = 40


def change(city: City, desk: Desk, filter_: CaseFilter) -> None:
    """All that the wall asks the store when the filter changes once, as its callbacks ask it."""
    cases, now = city.readers.cases, city.now
    cases.counts(filter_, now, WALL)
    channel_shares(filter_, "zh", desk=desk)
    category_shares(filter_, "zh", desk=desk)
    area_shares(filter_, View(area=scope_of(filter_)), desk=desk)
    cases.histogram(filter_)
    pressing(filter_, "near", desk=desk)
    cases.counts_by("grid", filter_, now)
    cases.point_count(filter_, now=now)
    cases.heat(filter_, box=city.box, zoom=12, now=now)


def scope_of(filter_: CaseFilter) -> str | None:
    """The area of the view; the wall follows one chosen area."""
    return next(iter(filter_.areas)) if len(filter_.areas) == 1 else None


def changes(city: City, filters: list[CaseFilter]) -> list[float]:
    """Milliseconds of each filter change, none of them asked before."""
    desk = replace(desk_of(city.readers, settings(), lambda: city.now), viewer=lambda: CONSOLE)
    return [timed(partial(change, city, desk, filter_))[0] for filter_ in filters]


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
