"""The life cycle of a case (案件): one table of transitions, obeyed by every writer.

Importer, demo and every act of a user ask this table; nobody else decides what
may follow what. States and acts are those of the domain reference, section 2.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Clock = Literal["none", "start", "stop", "resume", "set", "end"]

#: In order of the main path; the side states follow.
STATES: Final = (
    "reported", "accepted", "filed", "dispatched", "handling", "verifying", "closed",
    "verify_first", "returned", "hanging", "postponing", "rejected", "cancelled",
)
ENDED: Final = frozenset({"closed", "rejected", "cancelled"})
OPEN: Final = frozenset(STATES) - ENDED
#: Somebody is on the way or works on it.
IN_HAND: Final = ("dispatched", "handling")
CLOCK_STOPPED: Final = frozenset({"hanging", "postponing"})
ACCEPTED_ON: Final = OPEN - {"reported", "verify_first"}

OPERATORS: Final = frozenset({"operator", "dispatcher", "leader", "system"})
UNITS: Final = frozenset({"dept_desk", "street_desk", "officer", "leader", "system"})


class LifecycleError(ValueError):
    """An act that the case's state or the actor's role does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One permitted move.

    ``to_state`` is None where the act leaves the state as it is. ``clock`` says
    what happens to the handling clock: ``start`` sets the first deadline,
    ``stop`` halts it, ``resume`` moves the deadline by the time stood still,
    ``set`` replaces the deadline, ``end`` freezes it.
    """

    act: str
    sources: frozenset[str]
    to_state: str | None
    who: frozenset[str]
    clock: Clock = "none"
    stamps: str | None = None  # the ``*_at`` column of the case that the act sets


def _move(
    act: str,
    sources: Iterable[str],
    to_state: str | None,
    who: Iterable[str],
    clock: Clock = "none",
    *,
    stamps: str | None = None,
) -> Transition:
    return Transition(
        act=act, sources=frozenset(sources), to_state=to_state,
        who=frozenset(who), clock=clock, stamps=stamps,
    )


_ANYONE: Final = OPERATORS | UNITS | {"reporter", "verifier"}
_WORKING: Final = ("dispatched", "handling")

TRANSITIONS: Final = (
    _move("verify_first", ["reported"], "verify_first", OPERATORS | {"verifier"}),
    _move("accept", ["reported", "verify_first"], "accepted", OPERATORS, stamps="accepted_at"),
    _move("reject", ["reported", "verify_first", "accepted"], "rejected", OPERATORS, "end",
          stamps="ended_at"),
    _move("file", ["accepted"], "filed", OPERATORS, stamps="filed_at"),
    _move("dispatch", ["filed", "returned"], "dispatched", OPERATORS, "start", stamps="dispatched_at"),
    _move("receive", ["dispatched"], "handling", UNITS),
    _move("return", _WORKING, "returned", UNITS),
    _move("arrive", ["handling"], None, UNITS),
    _move("feedback", _WORKING, None, UNITS, stamps="first_feedback_at"),
    _move("handle", _WORKING, "verifying", UNITS, "end", stamps="handled_at"),
    _move("self_done", ["accepted"], "closed", {"officer", "system"}, "end", stamps="handled_at"),
    _move("answer", ["accepted"], "closed", OPERATORS, "end", stamps="handled_at"),
    _move("check_pass", ["verifying"], None, {"verifier", "officer", "system"}, stamps="verified_at"),
    _move("check_fail", ["verifying"], None, {"verifier", "officer", "system"}),
    _move("rework", ["verifying"], "handling", OPERATORS | {"verifier"}, "resume"),
    _move("close", ["verifying"], "closed", OPERATORS, "end", stamps="closed_at"),
    _move("force_close", OPEN, "closed", {"leader", "system"}, "end", stamps="closed_at"),
    _move("hang", _WORKING, "hanging", OPERATORS, "stop"),
    _move("unhang", ["hanging"], "handling", OPERATORS, "resume"),
    _move("ask_postpone", _WORKING, "postponing", UNITS, "stop"),
    _move("postpone", [*_WORKING, "postponing"], "handling", OPERATORS, "set"),
    _move("refuse_postpone", ["postponing"], "handling", OPERATORS, "resume"),
    _move("escalate", ACCEPTED_ON, None, _ANYONE),
    _move("devolve", ACCEPTED_ON, None, OPERATORS),
    _move("joint", ACCEPTED_ON, None, {"leader", "system"}),
    _move("whistle", ACCEPTED_ON, None, {"street_desk", "leader", "system"}),
    _move("split", ACCEPTED_ON, None, OPERATORS),
    _move("urge", ACCEPTED_ON, None, OPERATORS),
    _move("supervise", ACCEPTED_ON, None, {"leader", "operator", "system"}),
    _move("cancel", OPEN, "cancelled", OPERATORS, "end", stamps="ended_at"),
    _move("visit", ["closed"], None, OPERATORS, stamps="visited_at"),
)
_BY_ACT: Final = {transition.act: transition for transition in TRANSITIONS}

#: The act that creates a case; it has no state before it.
REPORT: Final = "report"
ACTS: Final = (REPORT, *_BY_ACT)


def allowed_acts(state: str) -> tuple[str, ...]:
    """The acts that a case in ``state`` admits, in the order of the table."""
    return tuple(t.act for t in TRANSITIONS if state in t.sources)


def transition(act: str, state: str | None, role: str | None = None) -> Transition:
    """The permitted move for ``act`` out of ``state``.

    Args:
        act: one of `ACTS`.
        state: the state the case is in; None before it exists.
        role: who acts; None skips the check of the role (replaying a log).

    Raises:
        LifecycleError: unknown act, or the state or the role does not allow it;
            the message names what would be allowed.
    """
    if act == REPORT:
        if state is not None:
            raise LifecycleError(f"act 'report' creates a case, but this one is in state {state!r}")
        return Transition(act=REPORT, sources=frozenset(), to_state="reported",
                          who=_ANYONE, stamps="reported_at")
    found = _BY_ACT.get(act)
    if found is None:
        raise LifecycleError(f"act must be one of {', '.join(ACTS)}; got {act!r}")
    if state not in found.sources:
        allowed = ", ".join(allowed_acts(state)) if state else REPORT
        raise LifecycleError(f"act {act!r} is not allowed in state {state!r}; allowed: {allowed}")
    if role is not None and role not in found.who:
        raise LifecycleError(f"role {role!r} may not {act!r}; allowed: {', '.join(sorted(found.who))}")
    return found
