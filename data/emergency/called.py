"""A whistle as a viewer sees it at a moment: who answered and arrived by then, and who is late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa

from data.access.masks import address_mask, without_house
from data.access.protected import is_protected_case
from data.access.sight import Sight
from data.access.viewer import Viewer
from data.emergency.rules import holds
from data.emergency.tables import whistle
from data.tables import cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One department that was called; minutes since the call, None: not yet.

    Attributes:
        is_late: it arrived after the time that was set, or has not and the time is over (or was when the
            whistle ended).
        is_own: the viewer may say that it answered and arrived.
    """

    dept_id: str
    answered: float | None
    arrived: float | None
    is_late: bool
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Whistle:
    """One whistle as a viewer sees it; times are those of the store, aware.

    Attributes:
        lon, lat: of the place, degrees of WGS-84; None: nobody said.
        due_at: until when who is called should arrive.
        ended_at: when the street ended it; None: it did not.
        is_running: not ended, and somebody whom the viewer sees has not arrived.
        may_end: the viewer's scope lets them end it.
    """

    whistle_id: int
    area_code: str
    case_no: str | None
    place: str
    message: str
    due_minutes: int
    at: datetime
    due_at: datetime
    lon: float | None
    lat: float | None
    ended_at: datetime | None
    is_running: bool
    may_end: bool
    calls: tuple[Call, ...]


def told_columns(viewer: Viewer) -> list[sa.ColumnElement[Any]]:
    """What a viewer is told of ``whistle``.

    Who sees people, and the departments, to whom it is said, read what the street wrote; others an address
    as far as the street and texts without house numbers, a screen no reason at all. Without sight of people
    the exact place of a case about protected people is not told.
    """
    sight, told = Sight.of(viewer), {column.name: column for column in whistle.columns}
    if sight.sees_people:
        return list(told.values())
    shown: dict[str, sa.ColumnElement[Any]] = {}
    if sight is Sight.SCREEN or not viewer.scope.departments:
        shown = {"place": sa.func.coalesce(address_mask(told["place"]), "—"),
                 "message": sa.literal("") if sight is Sight.SCREEN else without_house(told["message"])}
    is_open = sa.or_(told["case_no"].is_(None), sa.exists().where(
        cases.c.case_no == told["case_no"], sa.not_(is_protected_case())))
    shown |= {name: sa.case((is_open, told[name])) for name in ("lon", "lat")}
    return [shown[name].label(name) if name in shown else column for name, column in told.items()]


def may_step(viewer: Viewer, area_code: str, dept_id: str) -> bool:
    """The viewer's scope lets them say that the department answered or arrived."""
    departments = viewer.scope.departments
    return holds(viewer.scope, area_code) and (not departments or dept_id in departments)


def may_call(viewer: Viewer, area_code: str) -> bool:
    """The viewer's scope lets them call departments to the area, and end that."""
    return not viewer.scope.departments and holds(viewer.scope, area_code)


def whistle_of(row: Mapping[str, Any], calls: Iterable[Mapping[str, Any]], viewer: Viewer,
               now: datetime) -> Whistle:
    """A row of ``whistle`` with those of ``whistle_call`` that the viewer may see, as of ``now`` (aware).

    What happened later than ``now`` has not happened yet.
    """
    due_at = row["at"] + timedelta(minutes=row["due_minutes"])
    departments = viewer.scope.departments

    def by_now(moment: datetime | None) -> datetime | None:
        return moment if moment is not None and moment <= now else None

    def minutes(moment: datetime | None) -> float | None:
        return None if by_now(moment) is None else (moment - row["at"]).total_seconds() / 60

    ended_at = by_now(row["ended_at"])
    own = tuple(
        Call(dept_id=call["dept_id"], answered=minutes(call["answered_at"]),
             arrived=minutes(call["arrived_at"]),
             is_late=(by_now(call["arrived_at"]) or ended_at or now) > due_at,
             is_own=may_step(viewer, row["area_code"], call["dept_id"]))
        for call in calls if not departments or call["dept_id"] in departments)
    return Whistle(
        **{name: row[name] for name in (
            "whistle_id", "area_code", "case_no", "place", "message", "due_minutes", "at", "lon", "lat")},
        due_at=due_at, ended_at=ended_at, calls=own,
        is_running=ended_at is None and any(call.arrived is None for call in own),
        may_end=may_call(viewer, row["area_code"]))


def figures(found: Iterable[Whistle]) -> dict[str, dict[str, float | None]]:
    """By department: called, arrived, late, and the median minutes to answer and to arrive (None: none)."""
    calls: dict[str, list[Call]] = {}
    for one in found:
        for call in one.calls:
            calls.setdefault(call.dept_id, []).append(call)

    def middle(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None

    return {dept: {"called": len(own), "arrived": sum(call.arrived is not None for call in own),
                   "late": sum(call.is_late for call in own), "answer": middle(call.answered for call in own),
                   "arrive": middle(call.arrived for call in own)}
            for dept, own in sorted(calls.items())}
