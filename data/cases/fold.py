"""The case row as the fold of its log: what the events of a case add up to.

`fold_one` and `step` say it in words, one event after another; `fold_events`
says the same for millions of events at once. A test holds them together.

Rules beyond the obvious: ``dispatched_at`` and ``first_feedback_at`` are the
first of their kind, the other moments the last; a rework takes ``handled_at``
and ``verified_at`` back; ``deadline_at`` is the one last written in the log, and
whoever lets the clock run again writes the moved one; ``main_dept_id`` is the
unit last dispatched to, ``assist_dept_ids`` are those called to joint handling;
the level is the one last named, NULL while none was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.cases.lifecycle import ACTS, CLOCK_STOPPED, ENDED, STATES

_Ints = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]
_Acts = Mapping[str, tuple[str, ...]]

KEYS: Final = ("street_code", "case_no")
#: Columns of ``case_event`` that the fold reads.
READ: Final = (*KEYS, "seq", "at", "act", "to_state", "to_dept", "to_officer", "to_level",
               "deadline_at", "score")
_FIRST: Final[_Acts] = {"reported_at": ("report",), "accepted_at": ("accept",), "filed_at": ("file",),
                 "dispatched_at": ("dispatch",), "first_feedback_at": ("feedback",)}
_DONE: Final[_Acts] = {"handled_at": ("handle", "self_done", "answer"), "verified_at": ("check_pass",)}
_LAST: Final[_Acts] = {"closed_at": ("close", "force_close", "self_done", "answer"),
                "visited_at": ("visit",), "ended_at": ()}
_COUNTED: Final = {"rework_count": "rework", "return_count": "return", "postpone_count": "postpone",
                   "urge_count": "urge"}
_FLAGGED: Final = {"is_supervised": "supervise", "is_joint": "joint", "is_whistle": "whistle",
                   "is_self_done": "self_done", "is_forced_close": "force_close"}
MOMENTS: Final = (*_FIRST, *_DONE, *_LAST, "deadline_at", "clock_stopped_at")
TEXTS: Final = ("state", "level_now", "level_closed", "officer_id", "main_dept_id", "first_dept_id")
#: Sorted codes, NULL for none.
LISTS: Final = ("assist_dept_ids",)
NUMBERS: Final = ("event_seq", "stopped_s", *_COUNTED, "satisfaction")
#: Every column of ``case`` that the log decides.
FOLDED: Final = (*TEXTS, *LISTS, *MOMENTS, *NUMBERS, *_FLAGGED)
#: A case before its first event.
NOTHING: Final[Mapping[str, Any]] = {
    **dict.fromkeys((*TEXTS, *LISTS, *MOMENTS, "satisfaction")), "event_seq": 0, "stopped_s": 0,
    **dict.fromkeys(_COUNTED, 0), **dict.fromkeys(_FLAGGED, False),
}


def fold_one(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The folded columns of one case.

    Args:
        events: rows of its log in order of ``seq``; absent columns are NULL.
    """
    folded = dict(NOTHING)
    for event in events:
        folded = step(folded, event)
    return folded


def step(before: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """The folded columns after one more event; ``before`` stays as it is."""
    act, at, state = event["act"], event["at"], event["to_state"]
    after = {name: before[name] for name in FOLDED} | {"state": state, "event_seq": event["seq"]}
    for name, acts in _FIRST.items():
        if act in acts and after[name] is None:
            after[name] = at
    for name, acts in {**_DONE, **_LAST}.items():
        if act in acts:
            after[name] = at
    if act == "rework":
        after |= dict.fromkeys(_DONE)
    if state in ENDED and before["state"] not in ENDED:
        after["ended_at"] = at
    after |= _clock(before, state, at) | _named(after, event)
    after |= {name: after[name] + (act == counted) for name, counted in _COUNTED.items()}
    after |= {name: after[name] or act == flagged for name, flagged in _FLAGGED.items()}
    after["level_closed"] = after["level_now"] if state == "closed" else None
    return after


def _clock(before: Mapping[str, Any], state: str, at: datetime) -> dict[str, Any]:
    """When the clock was stopped and how long it has stood, in whole seconds per stop."""
    stopped_at = before["clock_stopped_at"]
    if state in CLOCK_STOPPED:
        return {"clock_stopped_at": stopped_at or at}
    if stopped_at is None:
        return {}
    return {"clock_stopped_at": None,
            "stopped_s": before["stopped_s"] + (at - stopped_at) // timedelta(seconds=1)}


def _named(after: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Whom and what the event names."""
    named = {"level_now": event.get("to_level"), "officer_id": event.get("to_officer"),
             "deadline_at": event.get("deadline_at"), "satisfaction": event.get("score")}
    if event["act"] == "dispatch":
        named["main_dept_id"] = event.get("to_dept")
        named["first_dept_id"] = after["first_dept_id"] or event.get("to_dept")
    if event["act"] == "joint" and event.get("to_dept"):
        named["assist_dept_ids"] = sorted({*(after["assist_dept_ids"] or ()), event["to_dept"]})
    return {name: value for name, value in named.items() if value is not None}


def fold_events(events: Any) -> pa.Table:
    """The folded columns of many cases at once.

    Args:
        events: Arrow table or data frame with the columns `READ` (those of
            ``case_event``), sorted by case and then ``seq``. Not modified.

    Returns:
        One row per case, in the order of the log: `KEYS` and `FOLDED`, with the
        types of the table ``case``. No events give no rows.
    """
    table = events if isinstance(events, pa.Table) else pa.Table.from_pandas(events, preserve_index=False)
    return Log(table.select(list(READ)).combine_chunks()).folded()


class Log:
    """A sorted log in columns; every answer is one value per case."""

    def __init__(self, table: pa.Table) -> None:
        self._columns = {name: _flat(table[name]) for name in READ}
        rows = table.num_rows
        starts = np.ones(rows, dtype=bool)
        if rows > 1:
            same = np.ones(rows - 1, dtype=bool)
            for key in KEYS:
                column = self._columns[key]
                same &= pc.equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
            starts[1:] = ~same
        self.first = np.flatnonzero(starts)
        self.last = np.append(self.first[1:], rows) - 1 if rows else self.first
        self.case = np.cumsum(starts) - 1
        self.act = _positions(self._columns["act"], ACTS)
        self.state = _positions(self._columns["to_state"], STATES)
        self.at = _flat(self._columns["at"].cast(pa.timestamp("us", tz="UTC")))
        self._us = self.at.cast(pa.int64()).to_numpy(zero_copy_only=False)

    def folded(self) -> pa.Table:
        """All columns."""
        ends = self.state[self.last]
        columns = {name: self._columns[name].take(pa.array(self.first)) for name in KEYS}
        columns["state"] = self._take("to_state", self.last)
        columns["event_seq"] = self._take("seq", self.last).cast(pa.int32())
        columns |= self._moments(ends) | self._people(ends)
        for name, act in _COUNTED.items():
            columns[name] = pa.array(self._count(self._is(act)).astype(np.int32))
        for name, act in _FLAGGED.items():
            columns[name] = pa.array(self._count(self._is(act)) > 0)
        columns["stopped_s"] = pa.array(self._stopped_s())
        return pa.table({name: columns[name] for name in (*KEYS, *FOLDED)})

    def _moments(self, ends: _Ints) -> dict[str, pa.Array]:
        rows = {name: self._last(self._is(*acts), first=True) for name, acts in _FIRST.items()}
        reworked = self._last(self._is("rework"))
        for name, acts in _DONE.items():
            found = self._last(self._is(*acts))
            rows[name] = np.where(found > reworked, found, -1)
        rows |= {name: self._last(self._is(*acts)) for name, acts in _LAST.items()}
        was = self.previous(self.state)
        ending = _among(self.state, ENDED) & ~_among(was, ENDED)
        rows["ended_at"] = self._last(ending)
        stops = self._last(self._stopping())
        rows["clock_stopped_at"] = np.where(_among(ends, CLOCK_STOPPED), stops, -1)
        moments = {name: _pick(self.at, found) for name, found in rows.items()}
        deadline = self._columns["deadline_at"]
        latest = _pick(deadline, self._last(_known(deadline)))
        moments["deadline_at"] = latest.cast(pa.timestamp("us", tz="UTC"))
        return moments

    def _people(self, ends: _Ints) -> dict[str, pa.Array]:
        sent = self._is("dispatch") & _known(self._columns["to_dept"])
        level = self._named("to_level")
        closed = pa.array(ends == STATES.index("closed"))
        return {
            "officer_id": self._named("to_officer"), "level_now": level,
            "level_closed": pc.if_else(closed, level, pa.scalar(None, level.type)),
            "main_dept_id": self._take("to_dept", self._last(sent)),
            "first_dept_id": self._take("to_dept", self._last(sent, first=True)),
            "assist_dept_ids": self._assisting(),
            "satisfaction": self._named("score").cast(pa.int16()),
        }

    def _assisting(self) -> pa.Array:
        """The departments called to joint handling."""
        rows = np.flatnonzero(self._is("joint") & _known(self._columns["to_dept"]))
        called = pa.table({"case": self.case[rows], "dept": self._columns["to_dept"].take(pa.array(rows))})
        called = called.group_by(["case", "dept"]).aggregate([]).sort_by(
            [("case", "ascending"), ("dept", "ascending")])
        counts = np.bincount(called["case"].to_numpy(), minlength=self.first.size)
        ends = np.cumsum(counts)
        offsets = pa.array(np.append(0, ends).astype(np.int32), mask=np.append(counts == 0, False))
        return pa.ListArray.from_arrays(offsets, called["dept"].combine_chunks())

    def _stopping(self) -> _Flags:
        """Events by which the clock stops."""
        return _among(self.state, CLOCK_STOPPED) & ~_among(self.previous(self.state), CLOCK_STOPPED)

    def _stopped_s(self) -> _Ints:
        stopping = self._stopping()
        going = ~_among(self.state, CLOCK_STOPPED) & _among(self.previous(self.state), CLOCK_STOPPED)
        since = np.maximum.accumulate(np.where(stopping, np.arange(stopping.size), 0))
        rows = np.flatnonzero(going)
        seconds = (self._us[rows] - self._us[since[rows]]) // 1_000_000
        total = np.zeros(self.first.size, dtype=np.int64)
        np.add.at(total, self.case[rows], seconds)
        return total

    def previous(self, codes: _Ints) -> _Ints:
        """The value of the event before in the same case; -1 for the first."""
        before = np.roll(codes, 1)
        before[self.first] = -1
        return before

    def _is(self, *acts: str) -> _Flags:
        return _among(self.act, acts, ACTS)

    def _count(self, chosen: _Flags) -> _Ints:
        return np.bincount(self.case[chosen], minlength=self.first.size)

    def _last(self, chosen: _Flags, *, first: bool = False) -> _Ints:
        """Row of each case's last (or first) chosen event; -1 where it has none."""
        rows = np.flatnonzero(chosen)
        found = np.full(self.first.size, -1, dtype=np.int64)
        rows = rows[::-1] if first else rows
        found[self.case[rows]] = rows  # of several rows the one written last stays
        return found

    def _take(self, name: str, rows: _Ints) -> pa.Array:
        return _pick(self._columns[name], rows)

    def _named(self, name: str) -> pa.Array:
        return self._take(name, self._last(_known(self._columns[name])))


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole


def _positions(column: pa.Array, words: tuple[str, ...]) -> _Ints:
    found = pc.index_in(column, value_set=pa.array(words, column.type))
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _among(codes: _Ints, chosen: Iterable[str], words: tuple[str, ...] = STATES) -> _Flags:
    table = np.zeros(len(words) + 1, dtype=bool)  # the last place answers for -1
    table[[words.index(word) for word in chosen]] = True
    return table[codes]


def _known(column: pa.Array) -> _Flags:
    return pc.is_valid(column).to_numpy(zero_copy_only=False)


def _pick(column: pa.Array, rows: _Ints) -> pa.Array:
    return column.take(pa.array(rows, mask=rows < 0))
