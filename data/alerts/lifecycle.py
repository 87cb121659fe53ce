"""The life cycle of an alert: one table of transitions, obeyed by the engine and by everybody's acts.

open -confirm-> confirmed -handle-> handling -clear-> cleared; a false alarm ends from each of them.
Formula of the fold: an alert is its first event, then each later one upon what stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

STATES: Final = ("open", "confirmed", "handling", "cleared", "false")
ENDED: Final = frozenset({"cleared", "false"})
STANDING: Final = frozenset(STATES) - ENDED
#: Roles in which accounts act upon alerts, as upon cases (`data.cases.acting.ACTS_AS`).
DESKS: Final = frozenset({"operator", "leader", "street_desk", "dept_desk"})
SYSTEM: Final = frozenset({"system"})


class AlertActError(ValueError):
    """An act that the alert's state or the actor's role does not allow; the message names what is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One permitted move.

    Attributes:
        to_state: None where the act leaves the state as it is.
        needs_note: it must give a reason in words.
    """

    act: str
    sources: frozenset[str]
    to_state: str | None
    who: frozenset[str]
    needs_note: bool = False


def _move(act: str, sources: Iterable[str], to_state: str | None, who: frozenset[str] = DESKS, *,
          needs_note: bool = False) -> Transition:
    return Transition(act=act, sources=frozenset(sources), to_state=to_state, who=who, needs_note=needs_note)


TRANSITIONS: Final = (
    _move("confirm", ["open"], "confirmed"),
    _move("handle", ["confirmed"], "handling"),
    _move("clear", ["handling"], "cleared"),
    _move("false", STANDING, "false", needs_note=True),
    _move("shelve", STANDING, None, needs_note=True),
    _move("unshelve", STANDING, None),
    _move("link", STANDING, None),
    _move("repeat", STANDING, None, SYSTEM),
    _move("lapse", ["open"], "cleared", SYSTEM),  # the condition ended by itself and nobody had confirmed it
)
_BY_ACT: Final = {transition.act: transition for transition in TRANSITIONS}
#: The act that creates an alert; it has no state before it.
FIRE: Final = "fire"
ACTS: Final = (FIRE, *_BY_ACT)


def allowed_acts(state: str, role: str | None = None) -> tuple[str, ...]:
    """The acts that a state, and a role where one is given, admit, in the order of the table."""
    return tuple(t.act for t in TRANSITIONS if state in t.sources and (role is None or role in t.who))


def transition(act: str, state: str | None, role: str | None = None) -> Transition:
    """The permitted move for ``act`` out of ``state``.

    Args:
        act: one of `ACTS`.
        state: None before the alert exists.
        role: who acts; None skips the check of the role (replaying a log).

    Raises:
        AlertActError: unknown act, or the state or the role does not allow it.
    """
    if act == FIRE:
        if state is not None:
            raise AlertActError(f"act 'fire' creates an alert, but this one is in state {state!r}")
        return Transition(act=FIRE, sources=frozenset(), to_state="open", who=SYSTEM)
    found = _BY_ACT.get(act)
    if found is None:
        raise AlertActError(f"act must be one of {', '.join(ACTS)}; got {act!r}")
    if state not in found.sources:
        allowed = ", ".join(allowed_acts(state, role)) if state else FIRE
        raise AlertActError(f"act {act!r} is not allowed in state {state!r}; allowed: {allowed or 'nothing'}")
    if role is not None and role not in found.who:
        raise AlertActError(f"role {role!r} may not {act!r}; allowed: {', '.join(sorted(found.who))}")
    return found


#: What of an alert its log says; the rest is said by the first event once and for all.
FOLDED: Final = ("state", "last_at", "count", "value", "case_no", "shelved_until", "ended_at")


def step(before: Mapping[str, Any] | None, event: Mapping[str, Any]) -> dict[str, Any]:
    """`FOLDED` after an event.

    Args:
        before: `FOLDED` before it; None for the first event.
        event: ``at, act, to_state, details`` of ``alert_event``; times in details are ISO 8601 texts.
    """
    told = event["details"] or {}
    if before is None:
        return {"state": event["to_state"], "last_at": event["at"], "count": 1, "value": told.get("value"),
                "case_no": told.get("case_no"), "shelved_until": None, "ended_at": None}
    after = dict(before) | {"state": event["to_state"]}
    if event["act"] == "repeat":
        after |= {"last_at": event["at"], "count": before["count"] + 1, "value": told.get("value")}
    if event["act"] == "shelve":
        after["shelved_until"] = datetime.fromisoformat(told["until"])
    if event["act"] == "unshelve" or event["to_state"] in ENDED:
        after["shelved_until"] = None
    if event["act"] == "link":
        after["case_no"] = told["case_no"]
    if event["to_state"] in ENDED:
        after["ended_at"] = event["at"]
    return after


def fold(events: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """`FOLDED` of a log in order; None for an empty one.

    Raises:
        AlertActError: an event that the table does not permit.
    """
    found: dict[str, Any] | None = None
    for event in events:
        move = transition(event["act"], found["state"] if found else None)
        if event["to_state"] != (move.to_state or event["from_state"]):
            raise AlertActError(f"to_state after {event['act']!r} must be"
                                f" {move.to_state or event['from_state']!r}, got {event['to_state']!r}")
        found = step(found, event)
    return found
