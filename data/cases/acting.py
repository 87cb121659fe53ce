"""Who of the screen may do which act upon a case, and what the act must say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from data.cases.lifecycle import TRANSITIONS, LifecycleError, transition

#: Role of an account -> the role in which it acts upon cases; others act upon none.
ACTS_AS: Final[Mapping[str, str]] = {
    "operator": "operator", "leader": "leader", "street_op": "street_desk", "dept_op": "dept_desk",
}
#: Most pressing acts first: what the card offers at first sight.
FIRST: Final = ("accept", "file", "dispatch", "receive", "handle", "close", "rework", "urge", "supervise")
LEVELS: Final = ("grid", "community", "street", "district")
SCORES: Final = (100, 80, 50, 0, -100)
#: Natural days by which a limit is moved.
POSTPONED_DAYS: Final = (1, 3, 7)
MAX_NOTE: Final = 500
#: What may be said of an act.
SAID: Final = frozenset({"note", "dept", "level", "days", "score"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What an act must say beside itself.

    Attributes:
        note: it must give a reason in words; others may.
        dept: it must name the department that gets the case.
        level: it must name the level that gets the case.
        days: it must say by how many days the limit moves.
        score: it must say how satisfied the reporter is.
    """

    note: bool = False
    dept: bool = False
    level: bool = False
    days: bool = False
    score: bool = False


_NEEDS: Final[Mapping[str, Needs]] = {
    "dispatch": Needs(dept=True), "postpone": Needs(days=True, note=True), "visit": Needs(score=True),
    "escalate": Needs(level=True, note=True), "devolve": Needs(level=True), "hang": Needs(note=True),
    "cancel": Needs(note=True), "reject": Needs(note=True), "return": Needs(note=True),
    "rework": Needs(note=True), "force_close": Needs(note=True), "refuse_postpone": Needs(note=True),
    "supervise": Needs(note=True), "joint": Needs(dept=True), "ask_postpone": Needs(note=True),
    "whistle": Needs(note=True),
}


#: What a department does upon a case that another has: it was called to joint handling, or had it before.
BESIDE: Final = frozenset({"arrive", "feedback"})


class ActError(ValueError):
    """What was said about an act cannot be; the message names field, value got and expected."""


def needs_of(act: str) -> Needs:
    """What an act must say."""
    return _NEEDS.get(act, Needs())


def acting_roles(roles: Iterable[str]) -> tuple[str, ...]:
    """The roles in which an account with some roles acts upon cases, in the order of `ACTS_AS`."""
    held = set(roles)
    return tuple(actor for role, actor in ACTS_AS.items() if role in held)


def open_to(state: str, roles: Iterable[str]) -> tuple[str, ...]:
    """The acts that a state and the roles of an account allow, `FIRST` first."""
    actors = frozenset(acting_roles(roles))
    found = [move.act for move in TRANSITIONS if state in move.sources and actors & move.who]
    return tuple(sorted(found, key=lambda act: FIRST.index(act) if act in FIRST else len(FIRST)))


def beside(acts: Iterable[str], main_dept: str | None, departments: Collection[str]) -> tuple[str, ...]:
    """Those of some acts that are open to an account of some departments.

    Args:
        main_dept: the department that has the case; None: it was sent to none yet.
        departments: those of the account; none: departments do not restrict it.
    """
    is_beside = bool(departments) and main_dept not in departments
    return tuple(act for act in acts if act in BESIDE or not is_beside)


def actor_of(act: str, state: str, roles: Iterable[str]) -> str:
    """The role in which an account does an act.

    Raises:
        LifecycleError: the state or none of its roles allows it; the message names what would be.
    """
    move, held = transition(act, state), tuple(roles)
    for actor in acting_roles(held):
        if actor in move.who:
            return actor
    allowed = ", ".join(open_to(state, held)) or "nothing"
    raise LifecycleError(f"act {act!r} is not open to the roles {', '.join(sorted(held))} in state {state!r};"
                         f" allowed: {allowed}")


def details_of(act: str, said: Mapping[str, Any], *, deadline: datetime | None, now: datetime,
               departments: Iterable[str]) -> dict[str, Any]:
    """What `data.cases.commands.perform` is told of what somebody said.

    Args:
        said: ``note, dept, level, days, score``; what is absent or empty was not said.
        deadline: the limit of the case as it stands, aware; None: it has none.
        now: aware; a limit that has passed is moved from here.
        departments: those that may get a case.

    Raises:
        ActError: something is missing, unknown or cannot be.
    """
    told = {name: value for name, value in said.items() if value not in (None, "")}
    if unknown := sorted(set(told) - SAID):
        raise ActError(f"details must be among {', '.join(sorted(SAID))}; got {unknown[:5]}")
    needs = needs_of(act)
    found: dict[str, Any] = {"note": _note(told.get("note"), is_needed=needs.note)}
    if needs.dept:
        found["to_dept"] = _one_of("dept", told.get("dept"), sorted(departments))
    if needs.level:
        found["to_level"] = _one_of("level", told.get("level"), LEVELS)
    if needs.score:
        found["score"] = _one_of("score", told.get("score"), SCORES)
    if needs.days:
        days = _one_of("days", told.get("days"), POSTPONED_DAYS)
        found["deadline_at"] = max(deadline or now, now) + timedelta(days=days)
    return {name: value for name, value in found.items() if value is not None}


def _note(note: Any, *, is_needed: bool) -> str | None:
    if note is not None and not isinstance(note, str):
        raise ActError(f"note must be a text, got {type(note).__name__}")
    text = "".join(sign for sign in note or "" if sign.isprintable() or sign == "\n").strip()
    if is_needed and not text:
        raise ActError(f"note must be a text of 1 to {MAX_NOTE} signs, got none")
    if len(text) > MAX_NOTE:
        raise ActError(f"note must have at most {MAX_NOTE} signs, got {len(text)}")
    return text or None


def _one_of(field: str, value: Any, allowed: Iterable[Any]) -> Any:
    choices = list(allowed)
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value not in choices:
        shown = ", ".join(str(choice) for choice in choices[:12])
        raise ActError(f"{field} must be one of {shown}{', …' if len(choices) > 12 else ''};"
                       f" got {str(value)[:40]!r}")
    return value


