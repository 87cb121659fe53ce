"""Replay: all that the wall asks the server when its clock jumps to an instant never asked for before."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np

from app import desk_of
from benchmarks.city import HOT_DAYS, City, open_city, settings
from benchmarks.filter import change, reported_total
from benchmarks.measure import say, spread, timed
from callbacks.desk import Desk
from callbacks.map_data import positions, stations
from data.access.viewer import CONSOLE
from data.filters import CaseFilter

SEEKS = 80
#: What the clock is asked to show: the window of the wall, then, with nothing and with a street chosen.
WINDOW = timedelta(days=7)
#: Days before the end of the data in which officers were followed.
FOLLOWED = timedelta(days=25)


def moments(city: City, count: int, seed: int = 17) -> list[datetime]:
    """Instants of any stored day, every other one of a day with positions."""
    rng = np.random.default_rng(seed)
    first, last = city.readers.cases.reported_range() or (city.now - FOLLOWED, city.now)
    found = []
    for number in range(count):
        since = max(first, last - FOLLOWED) if number % 2 else first + WINDOW
        span = (last - since).total_seconds()
        found.append((since + timedelta(seconds=float(rng.random()) * span)).replace(microsecond=0))
    return found


def seek(city: City, desk: Desk, at: datetime, street: str | None) -> None:
    """The answers of one jump: numbers, charts, time line, lists, map of cases, forces and resources."""
    past = replace(desk, now=lambda: at, moment=lambda: at)
    areas = frozenset({street}) if street else frozenset()
    filter_ = CaseFilter(since=at - WINDOW, until=at + timedelta(seconds=1), areas=areas)
    change(replace(city, readers=past.readers, now=at), past, filter_)
    positions({}, past.readers, at)
    stations({}, past.readers, at)


def seeks(city: City, asked: list[datetime]) -> list[float]:
    """Milliseconds of each jump, none of them asked for before."""
    desk = replace(desk_of(city.readers, replace(settings(), hot_days=HOT_DAYS), lambda: city.now),
                   viewer=lambda: CONSOLE)
    tree = city.readers.areas.tree()
    streets = tree.loc[tree["level"] == "street", "area_code"].tolist()
    chosen = [streets[number % len(streets)] if number % 4 == 3 else None for number in range(len(asked))]
    return [timed(partial(seek, city, desk, at, street))[0]
            for at, street in zip(asked, chosen, strict=True)]


def folding(city: City, asked: list[datetime]) -> tuple[list[float], list[int]]:
    """Milliseconds and cases of the fold alone, of moments not asked for before."""
    found = [timed(lambda at=at: city.readers.at(at).snapshot.overlay()) for at in asked]
    return [took for took, _ in found], [made.rows.num_rows for _, made in found]


def run(profile: str = "city") -> dict[str, Any]:
    """``seek_p95_ms``: all answers of a jump to any instant of any stored day, one after the other."""
    with open_city(profile) as city:
        seeks(city, moments(city, 4, seed=1))
        took = seeks(city, moments(city, SEEKS))
        say(f"seek {spread(took)}")
        folds, folded = folding(city, moments(city, SEEKS, seed=23))
        live = spread(live_changes(city, SEEKS // 2))
        held = reported_total(city)
    return {
        "seek_p95_ms": spread(took)["p95_ms"],
        "seek_median_ms": spread(took)["median_ms"],
        "fold": {**spread(folds), "cases": int(np.median(folded)), "most_cases": max(folded)},
        "live": live,
        "seeks": SEEKS,
        "cases": held,
        "load_average": os.getloadavg()[0],
    }


def live_changes(city: City, count: int) -> list[float]:
    """The same answers about now, for windows that differ by a minute."""
    desk = replace(desk_of(city.readers, settings(), lambda: city.now), viewer=lambda: CONSOLE)

    def look(number: int) -> None:
        until = city.now - timedelta(minutes=number)
        change(city, desk, CaseFilter(since=until - WINDOW, until=until))
        positions({}, desk.readers, city.now - timedelta(seconds=number))
        stations({}, desk.readers, city.now)

    return [timed(partial(look, number))[0] for number in range(count)]
