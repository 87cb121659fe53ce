"""What of the emergencies is somebody's own: tasks they are called to, and those they took part in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from data.emergency.reading import Emergency

#: So many that are over are told.
PAST: Final = 10


def called_to(found: Iterable[Emergency]) -> list[Emergency]:
    """Those under way that call the viewer, in the order given."""
    return [one for one in found if one.ended_at is None and one.is_called]


def taken_part(found: Iterable[Emergency]) -> list[Emergency]:
    """Those that are over in which the viewer did something or was signed up; at most `PAST`."""
    over = [one for one in found if one.ended_at is not None and (
        any(task.is_in for task in one.tasks)
        or any(event["is_mine"] and event["task_id"] is not None for event in one.events))]
    return over[:PAST]
