"""Whistles (街道吹哨, 部门报到): a street calls departments to a place; when each answered and arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, record_in
from data.access.seen import narrow
from data.access.viewer import Viewer
from data.emergency.rules import EmergencyError, RefusedError, UnknownError, chosen, held, holds, said, whole
from data.emergency.tables import whistle, whistle_call

if TYPE_CHECKING:
    from data.engine import Store

LISTED: Final = 200
STEPS: Final = ("answer", "arrive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One department that was called; minutes since the call, None: not yet.

    Attributes:
        is_late: it arrived after the time that was set, or has not and the time is over.
        is_own: the viewer may say that it answered and arrived.
    """

    dept_id: str
    answered: float | None
    arrived: float | None
    is_late: bool
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Whistle:
    """One whistle as a viewer sees it; ``at`` is a time of the store, aware."""

    whistle_id: int
    area_code: str
    case_no: str | None
    place: str
    message: str
    due_minutes: int
    at: datetime
    calls: tuple[Call, ...]


class Whistles:
    """The whistles of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(self, viewer: Viewer, now: datetime, *, case_no: str | None = None) -> list[Whistle]:
        """Those of the viewer's areas (and departments, where these restrict), the newest first; `LISTED`.

        Args:
            now: of the store, aware: who has not arrived by then may be late.
            case_no: only those called from this case.
        """
        scope = viewer.scope
        query = (sa.select(whistle).where(held(whistle.c.area_code, scope))
                 .order_by(whistle.c.whistle_id.desc()).limit(LISTED))
        if scope.departments:
            query = query.where(whistle.c.whistle_id.in_(sa.select(whistle_call.c.whistle_id).where(
                whistle_call.c.dept_id.in_(scope.departments))))
        if case_no is not None:
            query = query.where(whistle.c.case_no == case_no)
        with self._store.engine.begin() as connection:
            narrow(connection, scope)
            rows = connection.execute(query).mappings().all()
            calls = connection.execute(
                sa.select(whistle_call)
                .where(whistle_call.c.whistle_id.in_([row["whistle_id"] for row in rows]))
                .order_by(whistle_call.c.dept_id)).mappings().all()
        return [_shown(row, calls, viewer, now) for row in rows]

    def blow(self, said_: Mapping[str, Any], area_code: str, departments: Iterable[str], *,
             by: Viewer, now: datetime, known: Iterable[str], case_no: str | None = None) -> int:
        """Call departments; the number of the whistle.

        Args:
            said_: place, message, due_minutes, as a form says them.
            area_code: of the place; inside the viewer's scope.
            known: ids of the departments that there are.
            case_no: a case of the viewer, checked by the caller; None: of no case.

        Raises:
            EmergencyError: something said is no use.
        """
        if by.scope.departments or not holds(by.scope, area_code):
            raise EmergencyError(f"area must be one of yours, got {area_code[:20]!r}")
        called = chosen("departments", departments, known)
        if not called:
            raise EmergencyError("departments must be at least one, got none")
        values = {"area_code": area_code, "case_no": case_no, "place": said("place", said_.get("place"), 100),
                  "message": said("message", said_.get("message"), 500), "at": now, "called_by": by.name,
                  "due_minutes": whole("due_minutes", said_.get("due_minutes"), 1, 10_080)}
        with self._store.engine.begin() as connection:
            number: int = connection.execute(
                sa.insert(whistle).values(values).returning(whistle.c.whistle_id)).scalar_one()
            connection.execute(sa.insert(whistle_call), [
                {"whistle_id": number, "dept_id": dept} for dept in called])
            _record(connection, by, "whistle_blown", number, {"departments": called[:50]}, now)
        return number

    def step(self, whistle_id: int, dept_id: str, step: str, *, by: Viewer, now: datetime) -> None:
        """A department answers or arrives; who arrives has answered.

        Raises:
            UnknownError: there is no such call for the viewer.
            EmergencyError: no such step.
            RefusedError: it did already.
        """
        (named,) = chosen("step", [step], STEPS)
        with self._store.engine.begin() as connection:
            row = connection.execute(
                sa.select(whistle_call, whistle.c.area_code).join(
                    whistle, whistle.c.whistle_id == whistle_call.c.whistle_id)
                .where(whistle_call.c.whistle_id == whistle_id, whistle_call.c.dept_id == dept_id)
                .with_for_update()).mappings().one_or_none()
            if row is None or not _may(by, row["area_code"], dept_id):
                raise UnknownError(f"whistle_id and department must be a call of yours, got {whistle_id}")
            did = "arrived" if named == "arrive" else "answered"
            if row[f"{did}_at"] is not None or (did == "answered" and row["arrived_at"] is not None):
                raise RefusedError(f"the department has {did} already")
            values = {f"{did}_at": now, f"{did}_by": by.name}
            if did == "arrived" and row["answered_at"] is None:
                values |= {"answered_at": now, "answered_by": by.name}
            connection.execute(sa.update(whistle_call).values(values).where(
                whistle_call.c.whistle_id == whistle_id, whistle_call.c.dept_id == dept_id))
            _record(connection, by, f"whistle_{did}", whistle_id, {"department": dept_id}, now)


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


def _may(viewer: Viewer, area_code: str, dept_id: str) -> bool:
    departments = viewer.scope.departments
    return holds(viewer.scope, area_code) and (not departments or dept_id in departments)


def _shown(row: sa.RowMapping, calls: Iterable[sa.RowMapping], viewer: Viewer, now: datetime) -> Whistle:
    due = row["at"] + timedelta(minutes=row["due_minutes"])
    departments = viewer.scope.departments

    def minutes(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - row["at"]).total_seconds() / 60

    own = [call for call in calls if call["whistle_id"] == row["whistle_id"]
           and (not departments or call["dept_id"] in departments)]
    return Whistle(
        **{name: row[name] for name in (
            "whistle_id", "area_code", "case_no", "place", "message", "due_minutes", "at")},
        calls=tuple(Call(dept_id=call["dept_id"], answered=minutes(call["answered_at"]),
                         arrived=minutes(call["arrived_at"]), is_late=(call["arrived_at"] or now) > due,
                         is_own=_may(viewer, row["area_code"], call["dept_id"])) for call in own))


def _record(connection: sa.Connection, by: Viewer, action: str, number: int, detail: dict[str, Any],
            now: datetime) -> None:
    record_in(connection, Entry(account_id=by.account_id, account_name=by.name, address=None, action=action,
                                object_kind="whistle", object_id=str(number), detail=detail), now=now)
