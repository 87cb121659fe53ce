"""An emergency in words, for the pages that show it: local times, spans, names of areas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from callbacks.system import Office
from dashboard.format import NONE, number
from dashboard.texts import Say
from data.emergency.reading import Emergency, Task
from data.emergency.rules import SERVICE
from data.emergency.stages import minutes_between

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR


def span(minutes: float | None, say: Say) -> str:
    """A span as people say it: minutes, from one hour on hours, from one day on days; a dash for none."""
    if minutes is None:
        return NONE
    whole = int(minutes)
    if whole < _HOUR:
        return say("emergency.span.min", n=whole)
    if whole < _DAY:
        return say("emergency.span.h", h=whole // _HOUR, n=whole % _HOUR)
    return say("emergency.span.d", d=whole // _DAY, h=whole % _DAY // _HOUR)


def shown(one: Emergency, office: Office, named: Callable[[str], str]) -> dict[str, Any]:
    """An emergency in words; times are local, ``first``, ``full`` and ``over`` minutes since it began."""
    return {
        "id": one.emergency_id, "kind": one.kind, "title": one.title, "message": one.message,
        "roles": one.roles, "by_name": one.by_name, "people": "、".join(one.people),
        "is_over": one.ended_at is not None, "is_called": one.is_called, "is_whole": one.is_whole,
        "started": office.shown(one.started_at),
        "ended": office.shown(one.ended_at), "state": _state(one),
        "tasks": [_task(task, one, named) for task in one.tasks],
        "events": [{**event, "at": office.shown(event["at"]),
                    "area": named(event["area_code"]) if event["area_code"] else NONE}
                   for event in one.events],
    }


def _state(one: Emergency) -> str:
    """The text that says how far it is."""
    if one.kind == SERVICE:
        return "emergency.service.running" if one.ended_at is None else "emergency.service.ended"
    return "emergency.running" if one.ended_at is None else "emergency.ended"


def sums(one: Emergency, say: Say, now: datetime) -> dict[str, str]:
    """What heads its report: how long, how soon somebody came, how many, how much was told.

    Only of areas inside the viewer's scope; a dash where there is none.
    """
    own = [task for task in one.tasks if task.is_own]
    first = [task.stages.first_at for task in own if task.stages and task.stages.first_at]
    signed = f"{sum(task.count or 0 for task in own)} / {sum(task.capacity for task in own)}"
    return {
        "lasted": span(minutes_between(one.started_at, one.ended_at or now), say),
        "first": span(minutes_between(one.started_at, min(first, default=None)), say),
        "signed": signed if own else NONE,
        "told": number(sum(event["act"] == "report" for event in one.events)),
    }


def _task(task: Task, one: Emergency, named: Callable[[str], str]) -> dict[str, Any]:
    stages, start = task.stages, one.started_at
    return {
        "id": task.task_id, "area": named(task.area_code), "is_own": task.is_own, "is_in": task.is_in,
        "members": "、".join(task.members) or NONE, "count": task.count, "capacity": task.capacity,
        "signed": f"{NONE if task.count is None else task.count} / {task.capacity}",
        "first": number(minutes_between(start, stages.first_at) if stages else None, 1),
        "full": number(minutes_between(start, stages.full_at) if stages else None, 1),
        "over": number(minutes_between(start, one.ended_at), 1),
    }
