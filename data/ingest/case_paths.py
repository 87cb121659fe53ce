"""From stage times to a legal event log (流转) and its fold, for whole batches at once.

A source knows some moments of a case; the life cycle wants every move between
them. `plan` lays one column per move beside the rows, `events` and `fold` read
the same matrix, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa

from data.cases.lifecycle import REPORT, transition
from data.ingest.columns import Bools
from data.ingest.report import RowReport, Told
from data.ingest.times import NAT, Times

#: The main path; each move and the field of the mapping that holds its time.
MAIN: Final = (
    (REPORT, "reported"),
    ("accept", "accepted"),
    ("file", "filed"),
    ("dispatch", "dispatched"),
    ("receive", "received"),
    ("handle", "handled"),
    ("check_pass", "closed"),
    ("close", "closed"),
)
#: How many moves of `MAIN` lead to a state, and the last move where it is none of them.
TARGETS: Final[dict[str, tuple[int, str]]] = {
    "reported": (1, ""),
    "accepted": (2, ""),
    "filed": (3, ""),
    "dispatched": (4, ""),
    "handling": (5, ""),
    "verifying": (6, ""),
    "closed": (8, ""),
    "verify_first": (1, "verify_first"),
    "returned": (4, "return"),
    "hanging": (5, "hang"),
    "postponing": (5, "ask_postpone"),
    "rejected": (1, "reject"),
    "cancelled": (1, "cancel"),
}
STAGES: Final = ("filed", "dispatched", "received", "handled")
_FINALS: Final = ("", "answer", "verify_first", "return", "hang", "ask_postpone", "reject", "cancel")
_ACTS: Final = tuple(act for act, _ in MAIN) + _FINALS[1:]
_WIDTH: Final = len(MAIN) + 1
TOLERANCE: Final = timedelta(seconds=120)  # clocks truncated to the minute, seen up to 1:58
_STAMPED: Final[dict[str, tuple[str, ...]]] = {
    REPORT: ("reported_at",),
    "accept": ("accepted_at",),
    "file": ("filed_at",),
    "dispatch": ("dispatched_at",),
    "handle": ("handled_at",),
    "check_pass": ("verified_at",),
    "close": ("closed_at", "ended_at"),
    "answer": ("handled_at", "closed_at", "ended_at"),
    "reject": ("ended_at",),
    "cancel": ("ended_at",),
    "hang": ("clock_stopped_at",),
    "ask_postpone": ("clock_stopped_at",),
}

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Plan:
    """One row per case, one column per move of `MAIN` and one for a last move beside it.

    ``at`` is NaT and ``taken`` False where the case did not make the move;
    ``final`` is the position in `_FINALS` of the last column's move.
    """

    at: Times
    taken: Bools
    final: Ints

    def take(self, rows: Any) -> Plan:
        """Some of the rows."""
        return Plan(self.at[rows], self.taken[rows], self.final[rows])

    @property
    def lengths(self) -> Ints:
        """Events of each case."""
        return self.taken.sum(axis=1)


def plan(state: Any, times: dict[str, Times], report: RowReport) -> Plan:
    """Lay out the moves that lead to ``state``.

    Args:
        state: life-cycle states, '' where the row was refused.
        times: per field of `MAIN` the instants known, NaT where not; ``reported``
            and ``closed`` must be there. Without any of `STAGES` a closed case is
            answered directly (直接办结).
        report: gets what was filled in, truncated or refused.

    Returns:
        Moves whose time is unknown happen with the one before; a case that is
        closed without a time closes with its last known moment (``no_close_time``).
    """
    rows = len(state)
    at = np.full((rows, _WIDTH), NAT)
    for position, (_, name) in enumerate(MAIN):
        if name in times:
            at[:, position] = times[name]
    codes, kinds = np.unique(np.asarray(state, dtype=str), return_inverse=True)
    targets = [TARGETS.get(code, (0, "")) for code in codes]
    count = np.asarray([target[0] for target in targets])[kinds]
    final = np.asarray([_FINALS.index(target[1]) for target in targets])[kinds]
    staged = np.zeros(rows, dtype=bool)
    for name in STAGES:
        if name in times:
            staged |= ~np.isnat(times[name])
    closed = count == len(MAIN)
    final = np.where(closed & ~staged, _FINALS.index("answer"), final)
    count = np.where(closed & ~staged, 2, count)
    count = _left_early(at, count, final)
    ends = final > 0
    at[:, -1] = np.where(ends, times["closed"], NAT)
    taken = np.arange(_WIDTH)[None, :] < count[:, None]
    taken[:, -1] = ends
    missing = closed & np.isnat(times["closed"])
    report.flag(
        missing, field="closed", reason="no_close_time", got=None, expected="the time at which it was closed"
    )
    return _in_order(Plan(at, taken, final), times, report)


def _left_early(at: Times, count: Ints, final: Ints) -> Ints:
    """A cancelled case went as far as its last known stage, a refused one at most to acceptance."""
    known = ~np.isnat(at[:, :6])
    reach = known.shape[1] - known[:, ::-1].argmax(axis=1)
    reach = np.maximum(np.where(known.any(axis=1), reach, 1), 1)
    cancelled = final == _FINALS.index("cancel")
    rejected = final == _FINALS.index("reject")
    return np.where(cancelled, reach, np.where(rejected, np.minimum(reach, 2), count))


def _in_order(raw: Plan, times: dict[str, Times], report: RowReport) -> Plan:
    """Fill unknown moments from the left; refuse what runs backwards, forgive a minute."""
    lowest = np.iinfo(np.int64).min
    stamps = raw.at.view(np.int64).reshape(raw.at.shape)
    given = np.where(raw.taken, stamps, lowest)
    filled = np.maximum.accumulate(given, axis=1)
    behind = np.where(raw.taken & (given != lowest), filled - np.where(given == lowest, filled, given), 0)
    tolerance = int(TOLERANCE.total_seconds() * 1e6)
    ending = behind[:, -2:].max(axis=1)
    closed = times["closed"]
    with np.errstate(invalid="ignore"):
        before = ~np.isnat(closed) & (closed.view(np.int64) < stamps[:, 0] - tolerance) & (ending > tolerance)
    report.reject(
        before,
        field="closed",
        reason="closed_before_reported",
        got=Told(lambda row: str(closed[row])),
        expected="not before it was reported",
    )
    late = (behind > tolerance).any(axis=1) & ~before
    worst = behind.argmax(axis=1)
    names = [name for _, name in MAIN] + ["closed"]
    report.reject(
        late,
        field="stages",
        reason="stage_order",
        got=Told(lambda row: names[worst[row]]),
        expected="stages one after another",
    )
    report.flag(
        (behind > 0).any(axis=1) & ~late & ~before,
        field="closed",
        reason="truncated_to_minute",
        got=Told(lambda row: str(closed[row])),
        expected="not before the stage that precedes it; within two minutes",
    )
    at = np.where(raw.taken, filled, np.iinfo(np.int64).min).view("M8[us]").reshape(raw.at.shape)
    return Plan(at, raw.taken, raw.final)


def states(planned: Plan) -> tuple[Ints, Ints]:
    """State before and after each move, as positions in `STATE_NAMES` (-1 = none)."""
    rows = len(planned.final)
    before = np.full((rows, _WIDTH), -1, dtype=np.int64)
    after = np.full((rows, _WIDTH), -1, dtype=np.int64)
    now = np.full(rows, -1, dtype=np.int64)
    for position in range(_WIDTH):
        before[:, position] = now
        reached = _reached(planned, position, now)
        now = np.where(planned.taken[:, position], reached, now)
        after[:, position] = now
    return before, after


def _reached(planned: Plan, position: int, now: Ints) -> Ints:
    if position < len(MAIN):
        to_state = _to_state(MAIN[position][0])
        return now if to_state is None else np.full(len(now), STATE_NAMES.index(to_state))
    table = np.asarray([-1, *(STATE_NAMES.index(_to_state(act) or "") for act in _FINALS[1:])])
    return table[planned.final]


def _to_state(act: str) -> str | None:
    if act == REPORT:
        return "reported"
    sources = {
        "accept": "reported",
        "file": "accepted",
        "dispatch": "filed",
        "receive": "dispatched",
        "handle": "handling",
        "check_pass": "verifying",
        "close": "verifying",
        "answer": "accepted",
        "verify_first": "reported",
        "return": "dispatched",
        "hang": "handling",
        "ask_postpone": "handling",
        "reject": "reported",
        "cancel": "reported",
    }
    return transition(act, sources[act]).to_state


STATE_NAMES: Final = tuple(TARGETS)


def events(
    planned: Plan,
    street_code: pa.Array,
    case_no: pa.Array,
    *,
    after: Ints | None = None,
    to_dept: pa.Array | None = None,
    deadline: Times | None = None,
) -> pa.Table:
    """The log as rows of ``case_event``, in order of case and seq.

    Args:
        planned: the moves.
        street_code, case_no: keys, one per row of the plan.
        after: per row how many events are in the store already; None = none.
        to_dept: handed to by the dispatch.
        deadline: set by the dispatch, NaT = none.
    """
    before, now = states(planned)
    seq = planned.taken.cumsum(axis=1)
    wanted = planned.taken if after is None else planned.taken & (seq > after[:, None])
    rows, columns = np.nonzero(wanted)
    index = pa.array(rows)
    act = np.where(columns < len(MAIN), columns, len(MAIN) - 1 + planned.final[rows])
    dispatch = columns == 3
    table: dict[str, Any] = {
        "street_code": street_code.take(index),
        "case_no": case_no.take(index),
        "seq": pa.array(seq[rows, columns].astype(np.int32)),
        "at": instants(planned.at[rows, columns]),
        "act": pa.array(_ACTS).take(pa.array(act)),
        "from_state": _names(before[rows, columns]),
        "to_state": _names(now[rows, columns]),
        "actor_role": pa.array(["system"]).take(pa.array(np.zeros(len(rows), dtype=np.int64))),
    }
    if to_dept is not None:
        table["to_dept"] = to_dept.take(pa.array(rows, mask=~dispatch))
    if deadline is not None:
        table["deadline_at"] = instants(np.where(dispatch, deadline[rows], NAT))
    return pa.table(table)


def fold(
    planned: Plan, *, to_dept: pa.Array | None = None, deadline: Times | None = None
) -> dict[str, pa.Array]:
    """The folded columns of ``case``: what `data.cases.fold` makes of the same log."""
    _, after = states(planned)
    stamps: dict[str, Times] = {}
    for position in range(_WIDTH):
        for number, act in _acts_of(position):
            made = planned.taken[:, position] & ((planned.final == number) if number else True)
            for name in _STAMPED.get(act, ()):
                value = np.where(made, planned.at[:, position], NAT)
                stamps[name] = value if name not in stamps else np.where(made, value, stamps[name])
    folded: dict[str, pa.Array] = {
        "state": _names(after[:, -1]),
        "event_seq": pa.array(planned.lengths.astype(np.int32)),
    }
    folded |= {name: instants(value) for name, value in stamps.items()}
    returned = planned.final == _FINALS.index("return")
    folded["return_count"] = pa.array(returned.astype(np.int32))
    dispatched = planned.taken[:, 3]
    if to_dept is not None:
        rows = pa.array(np.arange(len(dispatched)), mask=~dispatched)
        folded["main_dept_id"] = folded["first_dept_id"] = to_dept.take(rows)
    if deadline is not None:
        folded["deadline_at"] = instants(np.where(dispatched, deadline, NAT))
    return folded


def _acts_of(position: int) -> list[tuple[int, str]]:
    """The moves that a column may hold, with the ``final`` they need (0 = any)."""
    if position < len(MAIN):
        return [(0, MAIN[position][0])]
    return list(enumerate(_FINALS))[1:]


def instants(at: Times) -> pa.Array:
    """Numpy instants as arrow timestamps in UTC, NaT as null."""
    return pa.array(at.astype("M8[us]"), pa.timestamp("us", tz="UTC"))


def _names(codes: Ints) -> pa.Array:
    return pa.array(STATE_NAMES).take(pa.array(codes, mask=codes < 0))
