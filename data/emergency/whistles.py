"""Whistles (街道吹哨, 部门报到): a street calls departments to a place; when each answered and arrived."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, record_in
from data.access.seen import narrow
from data.access.viewer import Viewer
from data.cases.acting import actor_of
from data.cases.commands import CommandError, perform_in
from data.cases.lifecycle import LifecycleError, allowed_acts
from data.emergency.called import Whistle, may_call, may_step, told_columns, whistle_of
from data.emergency.rules import (
    WHISTLES,
    EmergencyError,
    RefusedError,
    UnknownError,
    chosen,
    held,
    said,
    whole,
)
from data.emergency.tables import whistle, whistle_call
from data.tables import cases

if TYPE_CHECKING:
    from data.engine import Store

LISTED: Final = 200
STEPS: Final = ("answer", "arrive")
#: Places that differ by less are one, in degrees: about a metre.
SAME_PLACE: Final = 1e-5
#: Departments that one whistle calls.
MAX_CALLED: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where departments are called to.

    Attributes:
        area_code: of the place.
        case_no: a case of the viewer, checked by the caller; None: of no case.
        lon, lat: degrees of WGS-84; None: nobody said.
    """

    area_code: str
    case_no: str | None = None
    lon: float | None = None
    lat: float | None = None


class Whistles:
    """The whistles of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(self, viewer: Viewer, now: datetime, *, case_no: str | None = None,
                point: tuple[float, float] | None = None, area: str | None = None,
                running: bool = False) -> list[Whistle]:
        """Those of the viewer's areas (and departments, where these restrict), the newest first; `LISTED`.

        Args:
            now: of the store, aware: nothing later is told, and who has not arrived by then may be late.
            case_no: only those called from this case.
            point: only those of no case at this place, degrees of WGS-84.
            area: only those for this area alone, of no case and no place in it.
            running: only those that have not ended and that somebody has not come to.
        """
        scope = viewer.scope
        query = (sa.select(*told_columns(viewer)).where(held(whistle.c.area_code, scope), whistle.c.at <= now)
                 .order_by(whistle.c.whistle_id.desc()).limit(LISTED))
        if scope.departments:
            query = query.where(_called(whistle_call.c.dept_id.in_(scope.departments)))
        if case_no is not None:
            query = query.where(whistle.c.case_no == case_no)
        if point is not None:
            query = query.where(whistle.c.case_no.is_(None),
                                sa.func.abs(whistle.c.lon - point[0]) < SAME_PLACE,
                                sa.func.abs(whistle.c.lat - point[1]) < SAME_PLACE)
        if area is not None:
            query = query.where(whistle.c.case_no.is_(None), whistle.c.lon.is_(None),
                                whistle.c.area_code == area)
        if running:
            query = query.where(_not_by(whistle.c.ended_at, now),
                                _called(_not_by(whistle_call.c.arrived_at, now), *(
                                    [whistle_call.c.dept_id.in_(scope.departments)]
                                    if scope.departments else [])))
        with self._store.engine.begin() as connection:
            narrow(connection, scope)
            rows = connection.execute(query).mappings().all()
            calls = connection.execute(
                sa.select(whistle_call)
                .where(whistle_call.c.whistle_id.in_([row["whistle_id"] for row in rows]))
                .order_by(whistle_call.c.dept_id)).mappings().all()
        return [whistle_of(dict(row), [dict(call) for call in calls
                                       if call["whistle_id"] == row["whistle_id"]], viewer, now)
                for row in rows]

    def blow(self, said_: Mapping[str, Any], spot: Spot, departments: Iterable[str], *,
             by: Viewer, now: datetime, known: Iterable[str]) -> int:
        """Call departments; the number of the whistle. It stands in the log of its case as well.

        Args:
            said_: place, message, due_minutes, as a form says them.
            spot: inside the viewer's scope.
            known: ids of the departments that there are.

        Raises:
            EmergencyError: something said is no use.
            RefusedError: the case has changed meanwhile.
        """
        if not may_call(by, spot.area_code):
            raise EmergencyError(f"area must be one of yours, got {spot.area_code[:20]!r}")
        called = chosen("departments", departments, known)
        if not 0 < len(called) <= MAX_CALLED:
            raise EmergencyError(f"departments must be 1..{MAX_CALLED}, got {len(called) or 'none'}")
        values = {"area_code": spot.area_code, "case_no": spot.case_no, "lon": spot.lon, "lat": spot.lat,
                  "place": said("place", said_.get("place"), 100),
                  "message": said("message", said_.get("message"), 500), "at": now, "called_by": by.name,
                  "due_minutes": whole("due_minutes", said_.get("due_minutes"), 1, 10_080)}
        with self._store.engine.begin() as connection:
            number: int = connection.execute(
                sa.insert(whistle).values(values).returning(whistle.c.whistle_id)).scalar_one()
            connection.execute(sa.insert(whistle_call), [
                {"whistle_id": number, "dept_id": dept} for dept in called])
            if spot.case_no is not None:
                _note_in_case(connection, spot.case_no, str(values["message"]), by, now)
            _record(connection, by, "whistle_blown", number, {"departments": called}, now)
            _tell(connection, spot.area_code, called)
        return number

    def step(self, whistle_id: int, dept_id: str, step: str, *, by: Viewer, now: datetime) -> None:
        """A department answers or arrives; who arrives has answered.

        Raises:
            UnknownError: there is no such call for the viewer.
            EmergencyError: no such step.
            RefusedError: it did already, or the whistle has ended.
        """
        (named,) = chosen("step", [step], STEPS)
        with self._store.engine.begin() as connection:
            row = connection.execute(
                sa.select(whistle_call, whistle.c.area_code, whistle.c.ended_at).join(
                    whistle, whistle.c.whistle_id == whistle_call.c.whistle_id)
                .where(whistle_call.c.whistle_id == whistle_id, whistle_call.c.dept_id == dept_id)
                .with_for_update()).mappings().one_or_none()
            if row is None or not may_step(by, row["area_code"], dept_id):
                raise UnknownError(f"whistle_id and department must be a call of yours, got {whistle_id}")
            if row["ended_at"] is not None:
                raise RefusedError("the whistle has ended")
            did = "arrived" if named == "arrive" else "answered"
            if row[f"{did}_at"] is not None or (did == "answered" and row["arrived_at"] is not None):
                raise RefusedError(f"the department has {did} already")
            values = {f"{did}_at": now, f"{did}_by": by.name}
            if did == "arrived" and row["answered_at"] is None:
                values |= {"answered_at": now, "answered_by": by.name}
            connection.execute(sa.update(whistle_call).values(values).where(
                whistle_call.c.whistle_id == whistle_id, whistle_call.c.dept_id == dept_id))
            _record(connection, by, f"whistle_{did}", whistle_id, {"department": dept_id}, now)
            _tell(connection, row["area_code"], [dept_id])

    def end(self, whistle_id: int, *, by: Viewer, now: datetime) -> None:
        """The street ends it: it is done, or nobody is needed any more.

        Raises:
            UnknownError: there is no such whistle for the viewer.
            RefusedError: it has ended.
        """
        with self._store.engine.begin() as connection:
            row = connection.execute(
                sa.select(whistle.c.area_code, whistle.c.ended_at)
                .where(whistle.c.whistle_id == whistle_id).with_for_update()).mappings().one_or_none()
            if row is None or not may_call(by, row["area_code"]):
                raise UnknownError(f"whistle_id must be that of a whistle of yours, got {whistle_id}")
            if row["ended_at"] is not None:
                raise RefusedError("the whistle has ended already")
            connection.execute(sa.update(whistle).values(ended_at=now, ended_by=by.name).where(
                whistle.c.whistle_id == whistle_id))
            called = connection.execute(sa.select(whistle_call.c.dept_id).where(
                whistle_call.c.whistle_id == whistle_id)).scalars().all()
            _record(connection, by, "whistle_ended", whistle_id, {}, now)
            _tell(connection, row["area_code"], called)


def _not_by(column: sa.ColumnElement[Any], now: datetime) -> sa.ColumnElement[bool]:
    """It had not happened by a moment."""
    return sa.or_(column.is_(None), column > now)


def _called(*about: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The whistle calls somebody of whom this is true."""
    return sa.exists().where(whistle_call.c.whistle_id == whistle.c.whistle_id, *about)


def _note_in_case(connection: sa.Connection, case_no: str, message: str, by: Viewer, now: datetime) -> None:
    """The act ``whistle`` in the log of the case, where its state has room for one.

    Who has no role in which to act upon cases this way has the system note it.
    """
    state = connection.execute(sa.select(cases.c.state).where(cases.c.case_no == case_no)).scalar()
    if state is None or "whistle" not in allowed_acts(state):
        return
    try:
        role = actor_of("whistle", state, by.roles)
    except LifecycleError:
        role = "system"
    try:
        perform_in(connection, case_no, "whistle", at=now, actor_role=role, actor_id=by.actor,
                   note=message)
    except (CommandError, LifecycleError) as error:
        raise RefusedError(str(error)) from error


def _tell(connection: sa.Connection, area_code: str, departments: Iterable[str]) -> None:
    """Tell the other workers, when the transaction ends: where and of whom something changed."""
    told = json.dumps({"area_code": area_code, "departments": sorted(departments)})
    connection.execute(sa.select(sa.func.pg_notify(WHISTLES, told)))


def _record(connection: sa.Connection, by: Viewer, action: str, number: int, detail: dict[str, Any],
            now: datetime) -> None:
    record_in(connection, Entry(account_id=by.account_id, account_name=by.name, address=None, action=action,
                                object_kind="whistle", object_id=str(number), detail=detail), now=now)
