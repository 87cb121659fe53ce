"""An emergency as a viewer sees it, read from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from data.access.viewer import Viewer
from data.emergency.rules import UnknownError, held, holds, says_names
from data.emergency.stages import Stages, stages
from data.emergency.tables import (
    emergency,
    emergency_called,
    emergency_event,
    emergency_task,
    task_signup,
)
from data.emergency.told import is_called, named, told


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One area that is called.

    Attributes:
        is_own: the area lies inside the viewer's scope; else the viewer lies inside it, and is told of
            nobody's sign-up but their own.
        members: name -> since when, of those signed up; empty where names are not told.
        count: how many signed up; None where that is not told.
        is_in: the viewer signed up.
        stages: when the first signed up and when it was full; None where that is not told.
    """

    task_id: int
    area_code: str
    capacity: int
    is_own: bool
    members: Mapping[str, datetime]
    count: int | None
    is_in: bool
    stages: Stages | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One emergency as a viewer sees it; times are those of the store, aware.

    Attributes:
        by_name: people are called by name.
        people: their names, for who sees names and all its areas; else none.
        is_called: the viewer is called: by name, by a role, or as everybody is.
        is_whole: the viewer sees all its areas, and may end it.
        message: empty on a screen.
        events: its log, the oldest first: at, act, task_id and area_code (None: the whole), actor, member,
            note (None on a screen), is_mine; of areas around the viewer's scope only what they did
            themselves.
    """

    emergency_id: int
    kind: str
    title: str
    message: str
    roles: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    by_name: bool
    people: tuple[str, ...]
    is_called: bool
    is_whole: bool
    tasks: tuple[Task, ...]
    events: tuple[Mapping[str, Any], ...]


def with_reach(connection: sa.Connection, found: Sequence[Emergency], viewer: Viewer) -> list[Emergency]:
    """Whether each reaches beyond what the viewer sees, and if not, whom it names; asked as the owner."""
    wider = beyond(connection, [one.emergency_id for one in found], viewer)
    own = [one.emergency_id for one in found if one.emergency_id not in wider] if says_names(viewer) else []
    rows = connection.execute(
        sa.select(emergency_called.c.emergency_id, emergency_called.c.name)
        .where(emergency_called.c.emergency_id.in_(own)).order_by(emergency_called.c.name)).all()
    return [replace(one, is_whole=one.emergency_id not in wider,
                    people=tuple(row.name for row in rows if row.emergency_id == one.emergency_id))
            for one in found]


def beyond(connection: sa.Connection, numbers: Sequence[int], viewer: Viewer) -> set[int]:
    """Which emergencies call areas outside the viewer's scope; asked as the owner of the store."""
    tasks = emergency_task.c
    return set(connection.execute(sa.select(tasks.emergency_id).where(
        tasks.emergency_id.in_(numbers), sa.not_(held(tasks.area_code, viewer.scope)))).scalars())


def read(connection: sa.Connection, emergency_id: int, viewer: Viewer) -> Emergency:
    """One emergency; what reaches beyond the viewer is added by `with_reach`.

    Raises:
        UnknownError: it does not exist for the viewer.
    """
    head = connection.execute(sa.select(emergency, named(viewer).label("is_named")).where(
        emergency.c.emergency_id == emergency_id)).mappings().one_or_none()
    tasks, scope = emergency_task.c, viewer.scope
    seen = connection.execute(sa.select(emergency_task).where(
        told(viewer), tasks.emergency_id == emergency_id).order_by(tasks.area_code)).mappings().all()
    if head is None or not seen:
        raise UnknownError(f"emergency_id must be that of an emergency of yours, got {emergency_id}")
    areas = {row["task_id"]: row["area_code"] for row in seen}
    inside, me = {task for task, code in areas.items() if holds(scope, code)}, _account_of(viewer)
    signed = connection.execute(
        sa.select(task_signup).where(
            sa.or_(task_signup.c.task_id.in_(inside), task_signup.c.member == me),
            task_signup.c.task_id.in_(areas), task_signup.c.withdrawn_at.is_(None))
        .order_by(task_signup.c.at, task_signup.c.member)).mappings().all()
    event = emergency_event.c
    log = connection.execute(sa.select(emergency_event).where(
        sa.or_(event.task_id.is_(None), event.task_id.in_(inside),
               sa.and_(event.task_id.in_(areas), event.actor == me)),
        event.emergency_id == emergency_id).order_by(event.event_id)).mappings().all()
    return Emergency(
        **{name: head[name] for name in (
            "emergency_id", "kind", "title", "started_at", "ended_at", "by_name")},
        message="" if viewer.is_screen else head["message"],
        roles=tuple(head["roles"]), people=(), is_whole=False,
        is_called=is_called(head, viewer, is_named=head["is_named"]),
        tasks=tuple(_task(row, signed, viewer, log if row["task_id"] in inside else None) for row in seen),
        events=tuple(_event(row, areas, viewer) for row in log))


def _account_of(viewer: Viewer) -> str | None:
    """Under which name the viewer takes part; None: a screen, which may be called as an account is."""
    return None if viewer.account_id is None else viewer.name


def _task(row: sa.RowMapping, signed: Iterable[sa.RowMapping], viewer: Viewer,
          log: Sequence[sa.RowMapping] | None) -> Task:
    """A task; ``log`` is that of its emergency, None where the area lies around the viewer's scope."""
    own = [one for one in signed if one["task_id"] == row["task_id"]]
    is_own = log is not None
    names = {one["member"]: one["at"] for one in own} if is_own and says_names(viewer) else {}
    return Task(task_id=row["task_id"], area_code=row["area_code"], capacity=row["capacity"], is_own=is_own,
                members=names, count=len(own) if is_own else None,
                is_in=any(one["member"] == _account_of(viewer) for one in own),
                stages=None if log is None else stages(log, row["task_id"], row["capacity"]))


def _event(row: sa.RowMapping, areas: Mapping[int, str], viewer: Viewer) -> Mapping[str, Any]:
    """An event; names only for those who are told names, and what people wrote not on a screen."""
    names = says_names(viewer)
    return {"at": row["at"], "act": row["act"], "task_id": row["task_id"],
            "note": None if viewer.is_screen else row["note"],
            "area_code": areas.get(row["task_id"]), "is_mine": row["actor"] == _account_of(viewer),
            "actor": row["actor"] if names else None, "member": row["member"] if names else None}
