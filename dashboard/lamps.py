"""The lamp of a case: shape, colour and word of its clock, never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dash import html

from dashboard.format import NONE, clock, missing, seconds_between
from dashboard.texts import Say
from data.cases.facts import YELLOW_SHARE
from data.cases.lifecycle import ENDED

SIGNS: Final[Mapping[str, str]] = {
    "ok": "●",
    "warn": "▲",
    "over": "◆",
    "stopped": "■",
    "done": "○",
    "none": "–",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """``key`` is one of `SIGNS`; ``left_s`` seconds to the deadline, negative when past, None without one."""

    key: str
    left_s: float | None = None


def lamp_of(case_: Mapping[str, Any], now: datetime) -> Lamp:
    """The lamp of a case row at ``now``.

    Args:
        case_: ``state, deadline_at, dispatched_at, handled_at, clock_stopped_at``;
            moments aware or missing.
        now: aware.
    """
    if case_.get("state") in ENDED:
        return Lamp(key="done")
    deadline = case_.get("deadline_at")
    if not missing(case_.get("clock_stopped_at")):
        return Lamp(key="stopped", left_s=seconds_between(deadline, case_["clock_stopped_at"]))
    handled = case_.get("handled_at")
    at = now if missing(handled) else handled
    left = seconds_between(deadline, at)
    if left is None:
        return Lamp(key="none")  # nobody set a limit yet: neither in time nor late
    if left < 0:
        return Lamp(key="over", left_s=left)
    whole = seconds_between(deadline, case_.get("dispatched_at"))
    if whole and left <= (1 - YELLOW_SHARE) * whole:
        return Lamp(key="warn", left_s=left)
    return Lamp(key="ok", left_s=left)


def sign(lamp: Lamp, say: Say) -> html.Span:
    """The sign of a lamp with its word for those who do not see the colour."""
    return html.Span(
        [
            html.Span(SIGNS[lamp.key], **{"aria-hidden": "true"}),
            html.Span(say(f"lamp.{lamp.key}"), className="unseen"),
        ],
        className=f"lamp lamp--{lamp.key}",
        title=say(f"lamp.{lamp.key}"),
    )


def time_left(lamp: Lamp, say: Say) -> str:
    """``剩 01:40``, ``超 05:12``, ``停表`` or "—"."""
    if lamp.key == "stopped":
        return say("time.stopped")
    if lamp.key == "done" or lamp.left_s is None:
        return NONE
    return say("time.over" if lamp.left_s < 0 else "time.left", t=clock(lamp.left_s, say("unit.d")))
