"""Emergencies (平急转换): published to areas, members sign up and report, ended with all of it on record."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, record_in
from data.access.roles import Permission
from data.access.viewer import Viewer
from data.emergency.people import Person, called, people
from data.emergency.reading import Emergency, beyond, read, with_reach
from data.emergency.rules import (
    CALLED,
    KINDS,
    MAX_AREAS,
    SERVICE,
    Called,
    EmergencyError,
    RefusedError,
    UnknownError,
    chosen,
    held,
    holds,
    said,
    tell,
    whole,
)
from data.emergency.running import mark, running, under_way
from data.emergency.tables import (
    emergency,
    emergency_called,
    emergency_event,
    emergency_task,
    task_signup,
)
from data.emergency.told import is_called, named, narrow_to, told

if TYPE_CHECKING:
    from data.engine import Store

LISTED: Final = 50


class Emergencies:
    """The emergencies of one store, the areas of those under way held in memory. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store, self._guard = store, threading.Lock()
        self._running: tuple[sa.RowMapping, ...] = ()
        self._salt = token_bytes(16)

    # ---- what is under way ----

    def refresh(self) -> None:
        """Read what is under way; called when the database says that it changed.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database could not be asked; what was held stays.
        """
        with self._guard, self._store.engine.connect() as connection:
            self._running = tuple(connection.execute(under_way()).mappings())

    def running(self, viewer: Viewer) -> tuple[Mapping[str, Any], ...]:
        """Emergencies under way of which the viewer is told, see `data.emergency.running.running`."""
        return running(self._running, viewer)

    def mark(self, viewer: Viewer) -> str:
        """Another text whenever something changed of what the viewer is told is under way."""
        return mark(self._running, viewer, self._salt)

    # ---- asking ----

    def listing(self, viewer: Viewer, *, services: bool = False) -> list[Emergency]:
        """Those of which the viewer is told: under way first, then the newest; at most `LISTED`.

        Args:
            services: service tasks instead of emergencies.
        """
        query = (sa.select(emergency.c.emergency_id)
                 .where(emergency.c.emergency_id.in_(sa.select(emergency_task.c.emergency_id).where(
                     told(viewer))),
                        (emergency.c.kind == SERVICE) == services)
                 .order_by(emergency.c.ended_at.is_not(None), emergency.c.emergency_id.desc())
                 .limit(LISTED))
        with self._store.engine.begin() as connection:
            narrow_to(connection, viewer)
            numbers = connection.execute(query).scalars().all()
            found = [read(connection, number, viewer) for number in numbers]
        return self._with_reach(found, viewer)

    def one(self, emergency_id: int, viewer: Viewer) -> Emergency:
        """One of them.

        Raises:
            UnknownError: it does not exist for the viewer.
        """
        with self._store.engine.begin() as connection:
            narrow_to(connection, viewer)
            found = read(connection, emergency_id, viewer)
        return self._with_reach([found], viewer)[0]

    def people(self, viewer: Viewer) -> list[Person]:
        """Whom the viewer may call by name, see `data.emergency.people.people`."""
        return people(self._store, viewer)

    def _with_reach(self, found: Sequence[Emergency], viewer: Viewer) -> list[Emergency]:
        with self._store.engine.connect() as connection:
            return with_reach(connection, found, viewer)

    # ---- acting ----

    def publish(self, said_: Mapping[str, Any], areas: Iterable[str], whom: Called, *,
                by: Viewer, now: datetime, known: Iterable[str]) -> int:
        """Call people of areas out; the number of the emergency.

        Args:
            said_: kind, title, message, capacity (of each area), as a form says them.
            whom: who is called; by name only accounts inside the scope of the caller.
            now: of the store, aware.
            known: codes of the areas that there are.

        Raises:
            EmergencyError: something said is no use.
        """
        (kind,) = chosen("kind", [str(said_.get("kind"))], (*KINDS, SERVICE))
        own = [code for code in known if holds(by.scope, code)] if not by.scope.departments else []
        codes = chosen("areas", areas, own)
        if not 1 <= len(codes) <= MAX_AREAS:
            raise EmergencyError(f"areas must be 1..{MAX_AREAS} codes, got {len(codes)}")
        values: dict[str, Any] = {"kind": kind, "title": said("title", said_.get("title"), 60),
                  "message": said("message", said_.get("message"), 500),
                  "roles": chosen("roles", whom.roles, CALLED), "started_at": now, "started_by": by.name}
        capacity = whole("capacity", said_.get("capacity"), 1, 10_000)
        with self._store.engine.begin() as connection:
            named = called(connection, whom.people, codes, by)
            number: int = connection.execute(
                sa.insert(emergency).values(**values, by_name=bool(named))
                .returning(emergency.c.emergency_id)).scalar_one()
            if named:
                connection.execute(sa.insert(emergency_called), [
                    {"emergency_id": number, "account_id": one.account_id, "name": one.name}
                    for one in named])
            connection.execute(sa.insert(emergency_task), [
                {"emergency_id": number, "area_code": code, "capacity": capacity} for code in codes])
            _log(connection, number, None, "publish", by, now, note=values["title"])
            record_in(connection, _entry(by, "emergency_published", number, {
                "areas": codes[:50], "people": [one.name for one in named][:50]}), now=now)
        self.refresh()
        return number

    def sign_up(self, task_id: int, *, by: Viewer, now: datetime, member: str | None = None) -> None:
        """Sign up, or sign somebody up; a member who withdrew may come back.

        Args:
            member: who, said by somebody who may dispatch; None: the viewer.

        Raises:
            EmergencyError: the name is no use.
            UnknownError: there is no such task for the viewer, or they are not called.
            RefusedError: it is over, or full, or they are in already.
        """
        who = by.name if member is None else said("member", member, 40)
        with self._store.engine.begin() as connection:
            number = _locked(connection, task_id, by, for_other=member is not None)
            signed = {row.member: row.withdrawn_at is None for row in connection.execute(
                sa.select(task_signup).where(task_signup.c.task_id == task_id))}
            capacity = connection.execute(sa.select(emergency_task.c.capacity).where(
                emergency_task.c.task_id == task_id)).scalar_one()
            if signed.get(who):
                raise RefusedError(f"member is signed up already: {who}")
            if sum(signed.values()) >= capacity:
                raise RefusedError(f"the task is full: capacity is {capacity}")
            values = {"at": now, "signed_by": by.name, "withdrawn_at": None}
            one = (task_signup.c.task_id == task_id) & (task_signup.c.member == who)
            connection.execute(sa.update(task_signup).where(one).values(values) if who in signed
                               else sa.insert(task_signup).values(task_id=task_id, member=who, **values))
            _log(connection, number, task_id, "sign_up", by, now, member=who)
            if member is not None:
                record_in(connection, _entry(by, "emergency_signed_up", number, {"task_id": task_id}),
                          now=now)
        self.refresh()

    def withdraw(self, task_id: int, *, by: Viewer, now: datetime) -> None:
        """Sign the viewer off.

        Raises:
            UnknownError: there is no such task for the viewer.
            RefusedError: it is over, or they are not signed up.
        """
        with self._store.engine.begin() as connection:
            number = _locked(connection, task_id, by)
            changed = connection.execute(sa.update(task_signup).values(withdrawn_at=now).where(
                task_signup.c.task_id == task_id, task_signup.c.member == by.name,
                task_signup.c.withdrawn_at.is_(None)))
            if not changed.rowcount:
                raise RefusedError(f"member is not signed up: {by.name}")
            _log(connection, number, task_id, "withdraw", by, now, member=by.name)
        self.refresh()

    def report(self, task_id: int, text: str, *, by: Viewer, now: datetime) -> None:
        """Say how it stands in the area of a task.

        Raises:
            EmergencyError: the text is no use.
            UnknownError: there is no such task for the viewer.
            RefusedError: it is over.
        """
        note = said("text", text, 500)
        with self._store.engine.begin() as connection:
            _log(connection, _locked(connection, task_id, by), task_id, "report", by, now, note=note)
        self.refresh()

    def end(self, emergency_id: int, *, by: Viewer, now: datetime) -> None:
        """Back to the ordinary (转平); what was is its report.

        Raises:
            UnknownError: it does not exist for the viewer.
            RefusedError: it is over, or reaches beyond what the viewer sees.
        """
        with self._store.engine.begin() as connection:
            read(connection, emergency_id, by)
            if beyond(connection, [emergency_id], by) or by.scope.departments:
                raise RefusedError("only who sees all areas of an emergency ends it")
            changed = connection.execute(
                sa.update(emergency).values(ended_at=now, ended_by=by.name)
                .where(emergency.c.emergency_id == emergency_id, emergency.c.ended_at.is_(None)))
            if not changed.rowcount:
                raise RefusedError("the emergency is over already")
            _log(connection, emergency_id, None, "end", by, now)
            record_in(connection, _entry(by, "emergency_ended", emergency_id, {}), now=now)
        self.refresh()


def _locked(connection: sa.Connection, task_id: int, by: Viewer, *, for_other: bool = False) -> int:
    """The emergency of a task of which the viewer is told, both locked until the transaction ends."""
    row = connection.execute(
        sa.select(emergency_task.c.area_code, emergency.c.emergency_id, emergency.c.roles,
                  emergency.c.ended_at, emergency.c.by_name, named(by).label("is_named"))
        .join(emergency, emergency.c.emergency_id == emergency_task.c.emergency_id)
        .where(told(by), held(emergency_task.c.area_code, by.scope) if for_other else sa.true(),
               emergency_task.c.task_id == task_id)
        .with_for_update(of=[emergency, emergency_task])).mappings().one_or_none()
    if row is None or not (is_called(row, by, is_named=row["is_named"]) or by.may(Permission.DISPATCH)):
        raise UnknownError(f"task_id must be that of a task of yours, got {task_id}")
    if row["ended_at"] is not None:
        raise RefusedError("the emergency is over")
    return int(row["emergency_id"])


def _log(connection: sa.Connection, number: int, task_id: int | None, act: str, by: Viewer,
         now: datetime, *, member: str | None = None, note: str | None = None) -> None:
    connection.execute(sa.insert(emergency_event).values(
        emergency_id=number, task_id=task_id, at=now, act=act, actor=by.name, member=member, note=note))
    tell(connection, number)


def _entry(by: Viewer, action: str, number: int, detail: dict[str, Any]) -> Entry:
    return Entry(account_id=by.account_id, account_name=by.name, address=None, action=action,
                 object_kind="emergency", object_id=str(number), detail=detail)
