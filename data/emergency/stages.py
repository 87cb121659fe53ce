"""How soon a call was followed: published, first sign-up, full, ended; read off the log of an emergency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

_STEPS: Final = {"sign_up": 1, "withdraw": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Instants of one task, of the store, aware.

    Attributes:
        first_at: the first sign-up, also of who withdrew later; None: nobody signed up.
        full_at: when as many were signed up as it takes, for the first time; None: never.
    """

    first_at: datetime | None
    full_at: datetime | None


def stages(log: Iterable[Mapping[Any, Any]], task_id: int, capacity: int) -> Stages:
    """Fold the log (act, task_id, at; the oldest first) of an emergency for one of its tasks."""
    first: datetime | None = None
    full: datetime | None = None
    signed = 0
    for event in log:
        if event["task_id"] != task_id or event["act"] not in _STEPS:
            continue
        signed += _STEPS[event["act"]]
        first = first or event["at"]
        if full is None and signed >= capacity:
            full = event["at"]
    return Stages(first_at=first, full_at=full)


def minutes_between(earlier: datetime, later: datetime | None) -> float | None:
    """Minutes from one instant to another; None where there is no other."""
    return None if later is None else (later - earlier).total_seconds() / 60
