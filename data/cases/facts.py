"""What is true of one case at a moment: the columns of a row, seen at ``now``.

`FACTS` look at the moments a case went through (``*_at``) so that a ``now`` in the
past counts what had happened by then; each is true or false, never NULL.

Known limit: cancelled and rejected, times of rework, return and postponement,
flags and the score of a visit are those of the row as it is, not as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Double,
    bindparam,
    cast,
    column,
    extract,
    func,
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
_DAY: Final = timedelta(days=1)


def instant(name: str, value: datetime) -> ColumnElement[datetime]:
    """A bound aware instant; the same name is sent to the engine only once."""
    return bindparam(name, value, type_=DateTime(timezone=True))


def epoch(moment: ColumnElement[Any]) -> ColumnElement[float]:
    """Seconds since 1970 of an instant, as a double on both engines."""
    return cast(extract("epoch", moment), Double)


def _sure(clause: ColumnElement[Any]) -> Clause:
    return func.coalesce(clause, False)


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


class NamedFacts(Facts):
    """The facts as columns of a subquery, so that each is computed once per case.

    ``used`` collects the names that rules asked for.
    """

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.used: set[str] = set()

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        if name not in FACTS:
            raise AttributeError(f"facts are {', '.join(FACTS)}; got {name!r}")
        self.used.add(name)
        return column(name, BigInteger if name in _NUMBERS else Boolean)

    def columns(self) -> list[ColumnElement[Any]]:
        """What the subquery selects: every fact used, by name."""
        return [FACTS[name](self.now).label(name) for name in sorted(self.used)]


_NUMBERS: Final = frozenset({"rework_count", "score", "handling_s"})
