"""Deviations (偏离): ways in which the path of a case leaves what is laid down, each a rule over its log.

Rules look at whole logs at once: arrays of all events, those of a case together and in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from data.cases.facts import M1_LIMIT, M3_LIMIT
from data.cases.lifecycle import ACTS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

#: Handled sooner after its dispatch than anybody could get there.
PAPER_S: Final = 300.0
#: Nothing happens for so long while a unit has it and the clock runs.
IDLE_S: Final = 7 * 86_400.0
#: States in which a unit has a case and its clock runs.
WORKING: Final = frozenset({"dispatched", "handling", "returned"})
_CODE: Final = {act: code for code, act in enumerate(ACTS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Events of some cases.

    Attributes:
        first: where the events of each case begin, ascending.
        act: index into `data.cases.lifecycle.ACTS`.
        at: seconds since 1970.
        unit: code of the unit that an act names; -1: none.
        is_working: whether a unit has the case after the event and its clock runs.
        now: the moment of the picture, seconds since 1970.
    """

    first: Ints
    act: Ints
    at: Floats
    unit: Ints
    is_working: Marks
    now: float

    @property
    def case(self) -> Ints:
        """Of each event the number of its case, 0, 1, …"""
        return np.repeat(np.arange(len(self.first)), self.sizes)

    @property
    def sizes(self) -> Ints:
        """How many events each case has."""
        return np.diff(np.append(self.first, len(self.act)))

    @property
    def last(self) -> Ints:
        """Where the last event of each case stands."""
        return self.first + self.sizes - 1

    def count(self, *acts: str) -> Ints:
        """How often each case saw any of some acts."""
        return np.bincount(self.case[self.is_act(*acts)], minlength=len(self.first))

    def first_at(self, *acts: str) -> Floats:
        """When each case first saw any of some acts; infinite: never."""
        found = np.full(len(self.first), np.inf)
        chosen = self.is_act(*acts)
        np.minimum.at(found, self.case[chosen], self.at[chosen])
        return found

    def until_next(self) -> Floats:
        """Seconds from each event to the next of its case, or to now."""
        follows = np.append(self.at[1:], self.now)[:len(self.at)]
        follows[self.last] = self.now
        return np.maximum(follows - self.at, 0.0)

    def is_act(self, *acts: str) -> Marks:
        """Whether each event is one of some acts."""
        return np.isin(self.act, [_CODE[act] for act in acts])


def _handed(log: Log) -> tuple[Ints, Ints]:
    """Case and unit of each dispatch, in order, without a unit that gets it twice in a row."""
    chosen = log.is_act("dispatch") & (log.unit >= 0)
    case, unit = log.case[chosen], log.unit[chosen]
    if not len(case):
        return case, unit
    is_new = np.append(True, (case[1:] != case[:-1]) | (unit[1:] != unit[:-1]))
    return case[is_new], unit[is_new]


def returns(log: Log) -> tuple[Ints, Ints, Ints]:
    """Case, unit, and the unit between, of each time that a unit gets a case back."""
    case, unit = _handed(log)
    back = (case[2:] == case[:-2]) & (unit[2:] == unit[:-2]) if len(case) > 2 else np.zeros(0, bool)
    return case[2:][back], unit[2:][back], unit[1:-1][back]


def _ping_pong(log: Log) -> Marks:
    found = np.zeros(len(log.first), bool)
    found[returns(log)[0]] = True
    return found


def _passed_on(log: Log) -> Marks:
    pairs = np.unique(np.column_stack(_handed(log)), axis=0)
    return np.bincount(pairs[:, 0], minlength=len(log.first)) >= 3


def _unverified(log: Log) -> Marks:
    """Closed, and the last look at it (a pass, a failure, handling) was no pass."""
    looks = log.is_act("handle", "check_pass", "check_fail")
    last = np.full(len(log.first), -1)
    last[log.case[looks]] = log.act[looks]  # the last of each case stays
    return (log.count("close") > 0) & (last != _CODE["check_pass"])


def _late_dispatch(log: Log) -> Marks:
    accepted = log.first_at("accept")
    sent = log.first_at("dispatch", "self_done", "answer", "cancel", "reject", "force_close")
    return np.isfinite(accepted) & (np.minimum(sent, log.now) - accepted > M1_LIMIT.total_seconds())


def _late_feedback(log: Log) -> Marks:
    accepted, sent = log.first_at("accept"), log.first_at("dispatch")
    told = log.first_at("feedback", "handle", "cancel", "force_close")
    is_due = np.isfinite(accepted) & np.isfinite(sent)
    waited = np.where(is_due, np.minimum(told, log.now) - np.where(is_due, accepted, 0.0), 0.0)
    return is_due & (waited > M3_LIMIT.total_seconds())


def _paper(log: Log) -> Marks:
    """Handled within minutes of the last dispatch."""
    found, sent = np.zeros(len(log.first), bool), np.full(len(log.first), -np.inf)
    chosen = log.is_act("dispatch")
    np.maximum.at(sent, log.case[chosen], log.at[chosen])
    done = log.is_act("handle")
    quick = log.at[done] - sent[log.case[done]] < PAPER_S
    found[log.case[done][quick]] = True
    return found


def _idle(log: Log) -> Marks:
    found = np.zeros(len(log.first), bool)
    found[log.case[log.is_working & (log.until_next() > IDLE_S)]] = True
    return found


#: Deviation -> which cases show it.
DEVIATIONS: Final[Mapping[str, Callable[[Log], Any]]] = {
    "ping_pong": _ping_pong,
    "passed_on": _passed_on,
    "unverified": _unverified,
    "forced": lambda log: log.count("force_close") > 0,
    "reworked": lambda log: log.count("rework") >= 2,
    "late_dispatch": _late_dispatch,
    "late_feedback": _late_feedback,
    "paper": _paper,
    # a postponement that was asked for and granted is one
    "stopped": lambda log: log.count("hang") + np.maximum(
        log.count("ask_postpone"), log.count("postpone")) >= 2,
    "idle": _idle,
}
