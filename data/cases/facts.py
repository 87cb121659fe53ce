"""What is true of one case at a moment: the columns of a row, seen at ``now``, and marks made of that.

`FACTS` look at the moments a case went through (``*_at``) so that a ``now`` in the
past counts what had happened by then; each is true or false, never NULL.

Known limit: cancelled and rejected, times of rework, return and postponement,
flags and the score of a visit are those of the row as it is, not as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Double,
    Integer,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
)

from data.tables import cases, channel

Clause = ColumnElement[bool]

#: Channel groups through which the public speaks (公众举报).
PUBLIC_GROUPS: Final = ("hotline", "internet")
#: Milestones of the 130 module: deployed after one day, answered after three (natural days).
M1_LIMIT: Final = timedelta(hours=24)
M3_LIMIT: Final = timedelta(hours=72)
#: A lamp turns yellow when this share of the limit is used up.
YELLOW_SHARE: Final = 0.7
#: Satisfaction from which a visited reporter counts as satisfied (满意).
SATISFIED_FROM: Final = 80
#: Bits of the smaller of the two integers that marks are kept in.
_BITS: Final = 31
_DAY: Final = timedelta(days=1)


def instant(name: str, value: datetime) -> ColumnElement[datetime]:
    """A bound aware instant; the same name is sent to the engine only once."""
    return bindparam(name, value, type_=DateTime(timezone=True))


def epoch(moment: ColumnElement[Any]) -> ColumnElement[float]:
    """Seconds since 1970 of an instant, as a double on both engines."""
    return cast(extract("epoch", moment), Double)


def _sure(clause: ColumnElement[Any]) -> Clause:
    return clause.is_(True)  # a fifth quicker than coalesce


def _by_now(moment: ColumnElement[Any]) -> Callable[[datetime], Clause]:
    return lambda now: _sure(moment <= instant("now", now))


def _younger(age: timedelta) -> Callable[[datetime], Clause]:
    name = f"ago_{int(age.total_seconds())}"
    return lambda now: _sure(cases.c.accepted_at > instant(name, now - age))


def _fixed(value: Callable[[], ColumnElement[Any]]) -> Callable[[datetime], ColumnElement[Any]]:
    return lambda _now: value()


def _column(name: str) -> Callable[[datetime], ColumnElement[Any]]:
    return lambda _now: cases.c[name]


def _yellow(now: datetime) -> Clause:
    begun, due = epoch(cases.c.dispatched_at), epoch(cases.c.deadline_at)
    at = bindparam("now_s", now.timestamp(), type_=Double)
    return _sure(at - begun >= bindparam("yellow", YELLOW_SHARE, type_=Double) * (due - begun))


def _from_public() -> Clause:
    groups = select(channel.c.channel_code).where(channel.c.group_code.in_(PUBLIC_GROUPS))
    return _sure(cases.c.channel_code.in_(groups))


def handling_s() -> ColumnElement[float]:
    """处置用时: seconds from dispatch to handling, less the time the clock stood."""
    return epoch(cases.c.handled_at) - epoch(cases.c.dispatched_at) - cast(cases.c.stopped_s, Double)


#: Fact -> what is true (or the number) of one case, seen at ``now``.
FACTS: Final[Mapping[str, Callable[[datetime], ColumnElement[Any]]]] = {
    **{name: _by_now(cases.c[f"{name}_at"]) for name in (
        "reported", "accepted", "filed", "dispatched", "first_feedback",
        "handled", "verified", "closed", "visited", "ended", "clock_stopped")},
    "past_due": lambda now: _sure(cases.c.deadline_at < instant("now", now)),
    # without a limit nothing is late and nothing in time; what was done on the spot is in time
    "in_time": _fixed(lambda: func.coalesce(cases.c.handled_at <= cases.c.deadline_at,
                                            cases.c.is_self_done)),
    "has_limit": _fixed(lambda: or_(cases.c.deadline_at.is_not(None), cases.c.is_self_done)),
    "yellow": _yellow,
    "is_cancelled": _fixed(lambda: cases.c.state == "cancelled"),
    "is_rejected": _fixed(lambda: cases.c.state == "rejected"),
    "from_public": _fixed(_from_public),
    "has_first_unit": _fixed(lambda: cases.c.first_dept_id.is_not(None)),
    "first_unit_kept": _fixed(lambda: _sure(cases.c.first_dept_id == cases.c.main_dept_id)),
    "deployed_in_m1": _fixed(lambda: _sure(cases.c.dispatched_at <= cases.c.accepted_at + M1_LIMIT)),
    "handled_in_m1": _fixed(lambda: _sure(cases.c.handled_at <= cases.c.accepted_at + M1_LIMIT)),
    "answered_in_m3": _fixed(lambda: _sure(cases.c.first_feedback_at <= cases.c.accepted_at + M3_LIMIT)),
    "handled_in_m3": _fixed(lambda: _sure(cases.c.handled_at <= cases.c.accepted_at + M3_LIMIT)),
    **{f"younger_{days}_d": _younger(days * _DAY) for days in (1, 3, 7, 15)},
    "was_reworked": _fixed(lambda: cases.c.rework_count > 0),
    "was_returned": _fixed(lambda: cases.c.return_count > 0),
    "was_postponed": _fixed(lambda: cases.c.postpone_count > 0),
    "was_urged": _fixed(lambda: cases.c.urge_count > 0),
    **{name: _column(name) for name in (
        "is_supervised", "is_joint", "is_whistle", "is_self_done", "is_forced_close",
        "is_repeat", "is_typical", "rework_count")},
    "has_score": _fixed(lambda: cases.c.satisfaction.is_not(None)),
    "is_satisfied": _fixed(lambda: _sure(cases.c.satisfaction >= SATISFIED_FROM)),
    "score": _fixed(lambda: func.coalesce(cases.c.satisfaction, 0)),
    "took_time": _fixed(lambda: _sure(cases.c.handled_at >= cases.c.dispatched_at)),
    "handling_s": _fixed(lambda: func.coalesce(func.floor(handling_s()), 0)),
}


class Facts:
    """The facts by name, written out where they are used (for a WHERE)."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        if name not in FACTS:
            raise AttributeError(f"facts are {', '.join(FACTS)}; got {name!r}")
        return FACTS[name](self.now)


#: Facts that rules only ask of cases not handled; the marks of all others, nearly all, do not tell them.
PENDING: Final = frozenset({"past_due", "yellow", "clock_stopped"})


class UsedFacts:
    """Collects in ``used`` the names of the facts that rules ask for."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def __getattr__(self, name: str) -> np.bool_:
        if name not in FACTS:
            raise AttributeError(f"facts are {', '.join(FACTS)}; got {name!r}")
        self.used.add(name)
        return np.True_


class KnownFacts:
    """Facts read from marks: bit n of a mark is the n-th of ``names``."""

    def __init__(self, marks: np.ndarray[Any, np.dtype[Any]], names: Sequence[str]) -> None:
        self._marks, self._bits = marks, {name: bit for bit, name in enumerate(names)}

    def __getattr__(self, name: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
        if name not in self._bits:
            raise AttributeError(f"marks tell {', '.join(self._bits)}; got {name!r}")
        return (self._marks >> self._bits[name] & 1).astype(bool)


def mark(names: Sequence[str], now: datetime) -> ColumnElement[int]:
    """The facts of a case in one number, as `KnownFacts` reads it."""
    kind = Integer() if len(names) <= _BITS else BigInteger()
    none: ColumnElement[int] = literal(0, kind)
    number, pending = none, none
    for bit, name in enumerate(names):
        one = case((FACTS[name](now), literal(1 << bit, kind)), else_=none)
        if name in PENDING:
            pending = pending + one
        else:
            number = number + one
    if PENDING.intersection(names):
        number = number + case((FACTS["handled"](now), none), else_=pending)
    return number
