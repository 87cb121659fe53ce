"""What is counted about cases: every business rule once, as a named clause.

Rules combine the facts of `data.cases.facts`. Counters are sums over cases and add up
over areas, categories, channels and units; `data.cases.indicators` divides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, not_, or_

from data.cases.facts import Clause, Facts


def cancelled(f: Facts) -> Clause:
    """作废."""
    return and_(f.is_cancelled, f.ended)


def valid(f: Facts) -> Clause:
    """有效上报: reached dispatch and was not cancelled."""
    return and_(f.dispatched, not_(cancelled(f)))


def is_open(f: Facts) -> Clause:
    """在办: accepted and not ended."""
    return and_(f.accepted, not_(f.ended))


def waiting(f: Facts) -> Clause:
    """待受理: reported, neither accepted nor ended."""
    return and_(f.reported, not_(f.accepted), not_(f.ended))


def in_handling(f: Facts) -> Clause:
    """处置中: dispatched, not handled, not ended; includes those whose clock stands."""
    return and_(f.dispatched, not_(f.handled), not_(f.ended))


def verifying(f: Facts) -> Clause:
    """核查中: accepted and handled, waiting for the check or the closing."""
    return and_(f.accepted, f.handled, not_(f.ended))


def clock_stopped(f: Facts) -> Clause:
    """缓办、延期待批: not handled, the clock stands."""
    return and_(f.clock_stopped, not_(f.handled), not_(f.ended))


def overdue(f: Facts) -> Clause:
    """超期未处置: not handled, past the deadline, not ended, clock running."""
    return and_(f.past_due, not_(f.handled), not_(f.ended), not_(f.clock_stopped))


def due_soon(f: Facts) -> Clause:
    """临期 (yellow lamp): not overdue, at least `YELLOW_SHARE` of the limit gone by."""
    return and_(f.yellow, not_(f.past_due), not_(f.clock_stopped), in_handling(f))


def handled_on_time(f: Facts) -> Clause:
    """按期处置: handled before the deadline, or on the spot."""
    return and_(f.handled, f.in_time)


def closed_on_time(f: Facts) -> Clause:
    """按期结案: closed, and on time is inherited from the handling."""
    return and_(f.closed, handled_on_time(f))


def need_close(f: Facts) -> Clause:
    """应结案: handled or closed, or not handled in spite of its deadline; not cancelled."""
    return and_(or_(f.handled, f.closed, overdue(f)), not_(cancelled(f)))


def need_close_limited(f: Facts) -> Clause:
    """应按期结案: due to close, and a limit was set or it was done on the spot."""
    return and_(need_close(f), f.has_limit)


def through_handling(f: Facts) -> Clause:
    """经处置: dispatched, and handled at least once."""
    return and_(f.dispatched, or_(f.handled, f.was_reworked))


def reworked(f: Facts) -> Clause:
    """返工: sent back by the check at least once."""
    return and_(f.dispatched, f.was_reworked)


def need_check(f: Facts) -> Clause:
    """应核查: handled by a unit (what is answered or done on the spot is not checked)."""
    return and_(f.dispatched, f.handled)


def assigned(f: Facts) -> Clause:
    """派遣 to a named unit."""
    return and_(f.dispatched, f.has_first_unit)


def public(f: Facts) -> Clause:
    """公众举报: came through a hotline or the internet."""
    return and_(f.reported, f.from_public)


def m1_due(f: Facts) -> Clause:
    """130: a day has passed since acceptance, or it is already deployed or done."""
    return and_(f.accepted, or_(not_(f.younger_1_d), f.dispatched, f.handled))


def m1_met(f: Facts) -> Clause:
    """130: deployed or done within a day of acceptance."""
    return and_(f.accepted, or_(and_(f.dispatched, f.deployed_in_m1), and_(f.handled, f.handled_in_m1)))


def m3_due(f: Facts) -> Clause:
    """130: three days have passed since acceptance, or feedback was given."""
    return and_(f.accepted, or_(not_(f.younger_3_d), f.first_feedback, f.handled))


def m3_met(f: Facts) -> Clause:
    """130: feedback, interim or complete, within three days of acceptance."""
    return and_(f.accepted, or_(and_(f.first_feedback, f.answered_in_m3), and_(f.handled, f.handled_in_m3)))


def timed(f: Facts) -> Clause:
    """Handled by a unit, so that its handling time can be measured."""
    return and_(f.dispatched, f.handled, f.took_time)


def scored(f: Facts) -> Clause:
    """回访 that brought a score."""
    return and_(f.visited, f.has_score)


#: Counter -> the cases it counts. With `SUMS`, the fields of `CaseCounts`.
RULES: Final[Mapping[str, Callable[[Facts], Clause]]] = {
    "reported": lambda f: f.reported,
    "valid": valid,
    "public": public,
    "valid_public": lambda f: and_(public(f), valid(f)),
    "waiting": waiting,
    "accepted": lambda f: f.accepted,
    "filed": lambda f: f.filed,
    "dispatched": lambda f: f.dispatched,
    "assigned": assigned,
    "assigned_right": lambda f: and_(assigned(f), f.first_unit_kept),
    "handled": lambda f: f.handled,
    "handled_on_time": handled_on_time,
    "handled_late": lambda f: and_(f.handled, f.has_limit, not_(f.in_time)),
    "handled_needed": lambda f: and_(f.handled, need_close(f)),
    "handled_needed_on_time": lambda f: and_(handled_on_time(f), need_close(f)),
    "closed": lambda f: f.closed,
    "closed_on_time": closed_on_time,
    "need_close": need_close,
    "need_close_limited": need_close_limited,
    "open": is_open,
    "in_handling": in_handling,
    "verifying": verifying,
    "clock_stopped": clock_stopped,
    "due_soon": due_soon,
    "overdue": overdue,
    "rejected": lambda f: and_(f.is_rejected, f.ended),
    "cancelled": cancelled,
    "through_handling": through_handling,
    "reworked": reworked,
    "returned": lambda f: and_(f.dispatched, f.was_returned),
    "postponed": lambda f: and_(f.dispatched, f.was_postponed),
    "urged": lambda f: and_(f.accepted, f.was_urged),
    "need_check": need_check,
    "checked": lambda f: and_(need_check(f), f.verified),
    "self_done": lambda f: and_(f.handled, f.is_self_done),
    "forced_close": lambda f: and_(f.closed, f.is_forced_close),
    "supervised": lambda f: and_(f.reported, f.is_supervised),
    "joint": lambda f: and_(f.reported, f.is_joint),
    "whistle": lambda f: and_(f.reported, f.is_whistle),
    "repeated": lambda f: and_(f.reported, f.is_repeat),
    "typical": lambda f: and_(f.reported, f.is_typical),
    "visited": lambda f: f.visited,
    "scored": scored,
    "satisfied": lambda f: and_(scored(f), f.is_satisfied),
    "timed": timed,
    "m1_due": m1_due,
    "m1_met": m1_met,
    "m3_due": m3_due,
    "m3_met": m3_met,
    "open_0_1_d": lambda f: and_(is_open(f), f.younger_1_d),
    "open_1_3_d": lambda f: and_(is_open(f), f.younger_3_d, not_(f.younger_1_d)),
    "open_3_7_d": lambda f: and_(is_open(f), f.younger_7_d, not_(f.younger_3_d)),
    "open_7_15_d": lambda f: and_(is_open(f), f.younger_15_d, not_(f.younger_7_d)),
    "open_15_d": lambda f: and_(is_open(f), not_(f.younger_15_d)),
}

#: Counter -> the number that is summed, and over which cases.
SUMS: Final[Mapping[str, tuple[str, Callable[[Facts], Clause]]]] = {
    "rework_times": ("rework_count", lambda f: f.dispatched),
    "satisfaction_sum": ("score", scored),
    "handling_s_sum": ("handling_s", timed),
}

COUNTERS: Final = (*RULES, *SUMS)

#: What tiles, charts and area colours of the wall need.
WALL: Final = (
    "reported", "accepted", "handled", "closed", "closed_on_time", "need_close",
    "need_close_limited", "open", "in_handling", "due_soon", "overdue",
)


def check_counters(names: Iterable[str]) -> None:
    """Refuse names that are no counters.

    Raises:
        ValueError: with the counters there are.
    """
    for name in names:
        if name not in RULES and name not in SUMS:
            raise ValueError(f"a counter must be one of {', '.join(COUNTERS)}; got {name!r}")


def summand(name: str, facts: Facts) -> ColumnElement[int]:
    """What one case adds to a counter of `SUMS`."""
    number, rule = SUMS[name]
    return case((rule(facts), getattr(facts, number)), else_=0)


def aggregate(name: str, facts: Facts) -> ColumnElement[int]:
    """The labelled aggregate of one counter.

    Raises:
        ValueError: the name is no counter.
    """
    check_counters((name,))
    if name in RULES:
        return func.count().filter(RULES[name](facts)).label(name)
    return cast(func.coalesce(func.sum(summand(name, facts)), 0), BigInteger).label(name)
