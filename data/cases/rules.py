"""What is counted about cases: every business rule once, as a named clause.

Rules combine the facts of `data.cases.facts` by ``&``, ``|`` and ``~``, so that the same rule
speaks SQL and holds for arrays of facts already known. Counters are sums over cases and add up
over areas, categories, channels and units; `data.cases.indicators` divides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from data.cases.facts import Clause, Facts


def cancelled(f: Facts) -> Clause:
    """作废."""
    return f.is_cancelled & f.ended


def valid(f: Facts) -> Clause:
    """有效上报: reached dispatch and was not cancelled."""
    return f.dispatched & ~cancelled(f)


def is_open(f: Facts) -> Clause:
    """在办: accepted and not ended."""
    return f.accepted & ~f.ended


def waiting(f: Facts) -> Clause:
    """待受理: reported, neither accepted nor ended."""
    return f.reported & ~f.accepted & ~f.ended


def in_handling(f: Facts) -> Clause:
    """处置中: dispatched, not handled, not ended; includes those whose clock stands."""
    return f.dispatched & ~f.handled & ~f.ended


def verifying(f: Facts) -> Clause:
    """核查中: accepted and handled, waiting for the check or the closing."""
    return f.accepted & f.handled & ~f.ended


def clock_stopped(f: Facts) -> Clause:
    """缓办、延期待批: not handled, the clock stands."""
    return f.clock_stopped & ~f.handled & ~f.ended


def overdue(f: Facts) -> Clause:
    """超期未处置: not handled, past the deadline, not ended, clock running."""
    return f.past_due & ~f.handled & ~f.ended & ~f.clock_stopped


def due_soon(f: Facts) -> Clause:
    """临期 (yellow lamp): not overdue, at least `YELLOW_SHARE` of the limit gone by."""
    return f.yellow & ~f.past_due & ~f.clock_stopped & in_handling(f)


def handled_on_time(f: Facts) -> Clause:
    """按期处置: handled before the deadline, or on the spot."""
    return f.handled & f.in_time


def closed_on_time(f: Facts) -> Clause:
    """按期结案: closed, and on time is inherited from the handling."""
    return f.closed & handled_on_time(f)


def need_close(f: Facts) -> Clause:
    """应结案: handled or closed, or not handled in spite of its deadline; not cancelled."""
    return (f.handled | f.closed | overdue(f)) & ~cancelled(f)


def need_close_limited(f: Facts) -> Clause:
    """应按期结案: due to close, and a limit was set or it was done on the spot."""
    return need_close(f) & f.has_limit


def through_handling(f: Facts) -> Clause:
    """经处置: dispatched, and handled at least once."""
    return f.dispatched & (f.handled | f.was_reworked)


def reworked(f: Facts) -> Clause:
    """返工: sent back by the check at least once."""
    return f.dispatched & f.was_reworked


def need_check(f: Facts) -> Clause:
    """应核查: handled by a unit (what is answered or done on the spot is not checked)."""
    return f.dispatched & f.handled


def assigned(f: Facts) -> Clause:
    """派遣 to a named unit."""
    return f.dispatched & f.has_first_unit


def public(f: Facts) -> Clause:
    """公众举报: came through a hotline or the internet."""
    return f.reported & f.from_public


def m1_due(f: Facts) -> Clause:
    """130: a day has passed since acceptance, or it is already deployed or done."""
    return f.accepted & (~f.younger_1_d | f.dispatched | f.handled)


def m1_met(f: Facts) -> Clause:
    """130: deployed or done within a day of acceptance."""
    return f.accepted & (f.dispatched & f.deployed_in_m1 | f.handled & f.handled_in_m1)


def m3_due(f: Facts) -> Clause:
    """130: three days have passed since acceptance, or feedback was given."""
    return f.accepted & (~f.younger_3_d | f.first_feedback | f.handled)


def m3_met(f: Facts) -> Clause:
    """130: feedback, interim or complete, within three days of acceptance."""
    return f.accepted & (f.first_feedback & f.answered_in_m3 | f.handled & f.handled_in_m3)


def timed(f: Facts) -> Clause:
    """Handled by a unit, so that its handling time can be measured."""
    return f.dispatched & f.handled & f.took_time


def scored(f: Facts) -> Clause:
    """回访 that brought a score."""
    return f.visited & f.has_score


#: Counter -> the cases it counts. With `SUMS`, the fields of `CaseCounts`.
RULES: Final[Mapping[str, Callable[[Facts], Clause]]] = {
    "reported": lambda f: f.reported,
    "valid": valid,
    "public": public,
    "valid_public": lambda f: public(f) & valid(f),
    "waiting": waiting,
    "accepted": lambda f: f.accepted,
    "filed": lambda f: f.filed,
    "dispatched": lambda f: f.dispatched,
    "assigned": assigned,
    "assigned_right": lambda f: assigned(f) & f.first_unit_kept,
    "handled": lambda f: f.handled,
    "handled_on_time": handled_on_time,
    "handled_late": lambda f: f.handled & f.has_limit & ~f.in_time,
    "handled_needed": lambda f: f.handled & need_close(f),
    "handled_needed_on_time": lambda f: handled_on_time(f) & need_close(f),
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
    "rejected": lambda f: f.is_rejected & f.ended,
    "cancelled": cancelled,
    "through_handling": through_handling,
    "reworked": reworked,
    "returned": lambda f: f.dispatched & f.was_returned,
    "postponed": lambda f: f.dispatched & f.was_postponed,
    "urged": lambda f: f.accepted & f.was_urged,
    "need_check": need_check,
    "checked": lambda f: need_check(f) & f.verified,
    "self_done": lambda f: f.handled & f.is_self_done,
    "forced_close": lambda f: f.closed & f.is_forced_close,
    "supervised": lambda f: f.reported & f.is_supervised,
    "joint": lambda f: f.reported & f.is_joint,
    "whistle": lambda f: f.reported & f.is_whistle,
    "repeated": lambda f: f.reported & f.is_repeat,
    "typical": lambda f: f.reported & f.is_typical,
    "visited": lambda f: f.visited,
    "scored": scored,
    "satisfied": lambda f: scored(f) & f.is_satisfied,
    "timed": timed,
    "m1_due": m1_due,
    "m1_met": m1_met,
    "m3_due": m3_due,
    "m3_met": m3_met,
    "open_0_1_d": lambda f: is_open(f) & f.younger_1_d,
    "open_1_3_d": lambda f: is_open(f) & f.younger_3_d & ~f.younger_1_d,
    "open_3_7_d": lambda f: is_open(f) & f.younger_7_d & ~f.younger_3_d,
    "open_7_15_d": lambda f: is_open(f) & f.younger_15_d & ~f.younger_7_d,
    "open_15_d": lambda f: is_open(f) & ~f.younger_15_d,
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
