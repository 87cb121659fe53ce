"""The last position of every officer and vehicle, kept in memory for the streams of one process."""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import cos, hypot, radians
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import and_, select, true

from data.access.scope import Scope
from data.cases.points import Box
from data.live.places import Place, holds, of_area
from data.resources.nearest import MOVING
from data.resources.tables import resource_event
from data.sql import Query
from data.tables import gps_fix, officer, resource

if TYPE_CHECKING:
    from data.engine import Store

#: Older fixes are no position of now; as the layer of officers has it.
MAX_AGE: Final = timedelta(hours=8)
#: A device's clock may run ahead by so much.
AHEAD: Final = timedelta(minutes=1)
#: Steps in metres for which it is kept who made one: a screen whose pixel is 20 m wide shows no smaller one.
STEPS_M: Final = (0.0, 5.0, 20.0)
#: Who made no such step is told again after so long, so that the age on the screen stays true.
KEEP: Final = timedelta(seconds=30)
DEGREE_M: Final = 111_195.0
#: ``lon, lat, at``.
Spot = tuple[float, float, datetime]
_MARKS: Final = 2**32


class Position(NamedTuple):
    """Where an officer was last; degrees of WGS-84, heading in degrees from north (None: unknown).

    Of a vehicle ``officer_id`` is its id and ``role`` its kind.

    Attributes:
        place: where the officer belongs, which decides who sees the position.
        mark: a number that means the officer until the marks are drawn anew, for who may not see ids.
        told: for each of `STEPS_M` the number of the change in the hub that brought the last such step.
        shown: for each of them where and when that was: ``lon, lat, at``.
    """

    officer_id: str
    place: Place
    at: datetime
    lon: float
    lat: float
    heading: float | None
    grid_code: str
    role: str
    mark: int
    told: tuple[int, ...]
    shown: tuple[Spot, ...]


def level_of(step_m: float) -> int:
    """Which of `STEPS_M` is the largest that a screen may go by, one pixel of which is ``step_m`` metres."""
    return max(0, bisect_right(STEPS_M, step_m) - 1)


def last_fixes(since: datetime, until: datetime, streets: Iterable[str] | None) -> Query:
    """The last valid fix in ``[since, until]`` of each officer of the streets (None: of all).

    One look into the key of the fixes for each officer, so that neither many fixes nor late ones matter.
    """
    last = (select(gps_fix.c.at, gps_fix.c.lon, gps_fix.c.lat, gps_fix.c.heading, gps_fix.c.grid_code)
            .where(gps_fix.c.street_code == officer.c.street_code,
                   gps_fix.c.officer_id == officer.c.officer_id,
                   gps_fix.c.at >= since, gps_fix.c.at <= until, gps_fix.c.valid)
            .order_by(gps_fix.c.at.desc()).limit(1).lateral("last"))
    found = (select(officer.c.street_code, officer.c.officer_id, officer.c.community_code,
                    officer.c.grid_code.label("own_grid_code"), officer.c.dept_id, officer.c.role, last)
             .select_from(officer.join(last, true())))
    known = officer.c.deleted_at.is_(None)
    return found.where(known if streets is None else and_(known, officer.c.street_code.in_(sorted(streets))))


def last_drives(since: datetime, until: datetime, streets: Iterable[str] | None) -> Query:
    """The last known place in ``[since, until]`` of each vehicle and team of the streets (None: of all)."""
    last = (select(resource_event.c.at, resource_event.c.lon, resource_event.c.lat, resource_event.c.heading)
            .where(resource_event.c.street_code == resource.c.street_code,
                   resource_event.c.resource_id == resource.c.resource_id,
                   resource_event.c.at >= since, resource_event.c.at <= until,
                   resource_event.c.lon.is_not(None), resource_event.c.lat.is_not(None))
            .order_by(resource_event.c.at.desc()).limit(1).lateral("last"))
    known = and_(resource.c.deleted_at.is_(None), resource.c.kind.in_(sorted(MOVING)))
    found = select(resource.c.street_code, resource.c.resource_id.label("officer_id"), resource.c.area_code,
                   resource.c.dept_id, resource.c.kind.label("role"), last).select_from(
                       resource.join(last, true()))
    return found.where(known if streets is None else and_(known, resource.c.street_code.in_(sorted(streets))))


class Positions:
    """Who is where. Not thread-safe: its hub guards it."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Position] = {}
        self._marks: set[int] = set()

    def __iter__(self) -> Iterator[Position]:
        return iter(self._held.values())

    def take(self, rows: Iterable[dict[str, object]], number: int) -> int:
        """Put rows of `last_fixes` in the place of older positions; how many officers moved."""
        moved = 0
        for row in rows:
            key = (str(row["street_code"]), str(row["officer_id"]))
            old = self._held.get(key)
            if old is None or row["at"] > old.at:  # type: ignore[operator]  # rows carry times
                self._held[key] = _position(row, old, old.mark if old else self._mark(), number)
                moved += 1
        return moved

    def draw_marks(self) -> None:
        """New marks for everybody: nobody without sight of ids can follow a person for long."""
        self._marks.clear()
        self._held = {key: held._replace(mark=self._mark()) for key, held in self._held.items()}

    def inside(self, scope: Scope, *, after: int, since: datetime, box: Box | None,
               level: int = 0) -> list[Position]:
        """Positions of a scope's officers, not older than ``since``, who made a step ``after`` a number.

        Args:
            level: index of the step in `STEPS_M`.
        """
        return [one for one in self._held.values()
                if one.told[level] > after and one.at >= since and holds(scope, one.place)
                and (box is None or (box.west <= one.lon < box.east and box.south <= one.lat < box.north))]

    def _mark(self) -> int:
        mark = secrets.randbelow(_MARKS)
        while mark in self._marks:
            mark = secrets.randbelow(_MARKS)
        self._marks.add(mark)
        return mark


def _position(row: dict[str, object], old: Position | None, mark: int, number: int) -> Position:
    departments = (str(row["dept_id"]),) if row["dept_id"] else ()
    place = of_area(str(row["area_code"] or ""), departments) if "area_code" in row else Place(
        str(row["street_code"]), str(row["community_code"] or ""), str(row["own_grid_code"] or ""),
        departments)
    here: Spot = (row["lon"], row["lat"], row["at"])  # type: ignore[assignment]
    before = zip(old.told, old.shown, strict=True) if old else ((number, here) for _ in STEPS_M)
    steps = [(number, here) if _is_step(shown, here, step) else (told, shown)
             for step, (told, shown) in zip(STEPS_M, before, strict=True)]
    return Position(str(row["officer_id"]), place, here[2], here[0], here[1], row["heading"],  # type: ignore[arg-type]
                    str(row.get("grid_code") or ""), str(row["role"]), mark, *zip(*steps, strict=True))


def _is_step(shown: Spot, here: Spot, step_m: float) -> bool:
    """It is as far as that from where it was shown last, or that is too long ago."""
    east = (here[0] - shown[0]) * cos(radians(here[1]))
    return here[2] - shown[2] >= KEEP or hypot(east, here[1] - shown[1]) * DEGREE_M >= step_m


def read_last(store: Store, now: datetime, streets: Iterable[str] | None) -> list[dict[str, object]]:
    """Rows of `last_fixes` as the store has them at ``now``, its own time, aware."""
    found = store.arrow(last_fixes(now - MAX_AGE, now + AHEAD, streets))
    rows: list[dict[str, object]] = found.to_pylist()
    return rows


def read_drives(store: Store, now: datetime, streets: Iterable[str] | None) -> list[dict[str, object]]:
    """Rows of `last_drives` as the store has them at ``now``, its own time, aware."""
    found = store.arrow(last_drives(now - MAX_AGE, now + AHEAD, streets))
    rows: list[dict[str, object]] = found.to_pylist()
    return rows
