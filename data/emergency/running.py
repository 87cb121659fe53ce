"""What is under way, held in memory by every worker: which of it each viewer is told, and when it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa

from data.access.viewer import Viewer
from data.emergency.rules import SERVICE, holds
from data.emergency.tables import emergency, emergency_called, emergency_event, emergency_task
from data.emergency.told import is_told


def under_way() -> sa.Select[Any]:
    """The tasks of what is under way, the newest first, each with who is called and its last event."""
    named = (sa.select(sa.func.array_agg(emergency_called.c.account_id))
             .where(emergency_called.c.emergency_id == emergency.c.emergency_id).scalar_subquery())
    last = (sa.select(sa.func.max(emergency_event.c.event_id))
            .where(emergency_event.c.emergency_id == emergency.c.emergency_id,
                   emergency_event.c.task_id == emergency_task.c.task_id).scalar_subquery())
    return (sa.select(emergency.c.emergency_id, emergency.c.kind, emergency.c.title, emergency.c.started_at,
                      emergency.c.roles, emergency.c.by_name, last.label("last_event"),
                      sa.func.coalesce(named, sa.text("'{}'")).label("accounts"), emergency_task.c.area_code)
            .join(emergency_task, emergency_task.c.emergency_id == emergency.c.emergency_id)
            .where(emergency.c.ended_at.is_(None))
            .order_by(emergency.c.emergency_id.desc(), emergency_task.c.area_code))


def running(rows: Iterable[Mapping[Any, Any]], viewer: Viewer) -> tuple[Mapping[str, Any], ...]:
    """Emergencies of which the viewer is told, the newest first: id, kind, title, started_at, areas.

    Service tasks are none: no wall turns to them.
    """
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        if row["kind"] != SERVICE and is_told(row, viewer):
            one = found.setdefault(row["emergency_id"], {
                "id": row["emergency_id"], "kind": row["kind"], "title": row["title"],
                "started_at": row["started_at"], "areas": []})
            one["areas"].append(row["area_code"])
    return tuple(found.values())


def mark(rows: Sequence[Mapping[Any, Any]], viewer: Viewer, salt: bytes) -> str:
    """A text that changes with all that the viewer is told of what is under way, service tasks too.

    What happens in areas around the viewer's scope does not change it.

    Args:
        salt: secret, so that numbers of events, which count outside the scope too, cannot be guessed.
    """
    seen = [(row["emergency_id"], row["area_code"],
             row["last_event"] if holds(viewer.scope, row["area_code"]) else None)
            for row in rows if is_told(row, viewer)]
    return blake2b(repr(seen).encode(), key=salt, digest_size=6).hexdigest()
