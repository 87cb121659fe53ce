"""How strong the strongest cylinder of pure chance is: the days dealt anew to the cases, many times.

What is due in a cylinder does not change when days are dealt anew, and its ratio rises with its cases. So a
number of cases can be told for each cylinder from which its ratio reaches a floor; the runs only add and
compare small whole numbers, and ratios are worked out for the few cylinders that reach the floor. A run in
which none does is worked out in full, so that the answer is exact whatever the floor is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from data.alerts.study import ScanStopped, Study
from data.alerts.zones import Floats, Ints

#: Runs worked out in full to find the floor, and the share of the weakest of them that it is.
_TRIED: Final = 4
_FLOOR: Final = 0.85
#: Runs and places taken together, so that their numbers stay in the processor's cache.
_RUNS_AT_ONCE: Final = 64
_PLACES_AT_ONCE: Final = 48
_HALVINGS: Final = 60


def strongest_by_chance(study: Study, *, progress: Callable[[float], None] = lambda _share: None,
                        stopped: Callable[[], bool] = lambda: False) -> Floats:
    """(runs,) the highest ratio of each run; 0 where no cylinder held more than is due.

    Raises:
        ScanStopped: ``stopped`` said so.
    """
    runs = study.rules.runs
    found = np.zeros(runs)
    if not len(study.cases) or not study.zones.order.size:
        progress(1.0)
        return found
    first = min(_TRIED, runs)
    for run in range(first):
        _go_on(stopped)
        found[run] = _in_full(study, _dealt(study, run))
        progress((run + 1) / (runs + 1))
    if first < runs:
        floor = _FLOOR * float(found[:first].min())
        _rest(study, found, first, floor, progress, stopped)
    progress(1.0)
    return found


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise ScanStopped("the scan was told to stop")


def _dealt(study: Study, run: int) -> Ints:
    """The windows of one run: every case keeps its place and gets the day of another."""
    rng = np.random.default_rng((study.rules.seed, run))
    return study.windows(rng.permutation(study.cases[:, 1]))


def _in_full(study: Study, windows: Ints) -> float:
    best = study.strongest(windows, study.zones)
    return best.ratio if best else 0.0


def _rest(study: Study, found: Floats, first: int, floor: float, progress: Callable[[float], None],
          stopped: Callable[[], bool]) -> None:
    """Fill ``found`` from run ``first`` on."""
    parts = _parts(study)
    needs = [_needed(study, part, floor) for part in parts]
    for start in range(first, len(found), _RUNS_AT_ONCE):
        numbers = range(start, min(start + _RUNS_AT_ONCE, len(found)))
        dealt = np.stack([_dealt(study, run) for run in numbers], axis=2).astype(needs[0].dtype)
        for part, need in zip(parts, needs, strict=True):
            _go_on(stopped)
            np.maximum(found[start:numbers.stop], _reached(study, part, need, dealt),
                       out=found[start:numbers.stop])
        for run in numbers:
            if found[run] == 0.0:
                _go_on(stopped)
                found[run] = _in_full(study, dealt[:, :, run - start].astype(np.int64))
        progress(numbers.stop / (len(found) + 1))


def _parts(study: Study) -> list[Ints]:
    """The places with a circle, in parts whose circles go about as far."""
    deep = np.argsort(-study.zones.depth, kind="stable")
    deep = deep[study.zones.depth[deep] > 0]
    return [deep[at:at + _PLACES_AT_ONCE] for at in range(0, len(deep), _PLACES_AT_ONCE)]


def _needed(study: Study, part: Ints, floor: float) -> npt.NDArray[Any]:
    """(K, places, days) how many cases a cylinder needs for the floor; more than there are where none is."""
    most = int(study.by_days[-1])  # no cylinder can hold more
    kind = np.int16 if most < np.iinfo(np.int16).max - 1 else np.int32
    out_of_reach = np.iinfo(kind).max
    edges = _edges(study, most, floor)
    zones, of_circle = study.zones, np.zeros(len(part), dtype=np.int64)
    shape = (int(zones.depth[part].max()), len(part), study.rules.most_days)
    found = np.full(shape, out_of_reach, dtype=kind)
    for k in range(len(found)):
        of_circle = of_circle + study.totals[zones.order[part, k]]
        expected = study.expected(of_circle)
        least = np.searchsorted(edges, expected.ravel()).reshape(expected.shape)
        least[(expected <= 0) | (least > most)] = out_of_reach
        least[zones.depth[part] <= k] = out_of_reach
        found[k] = least
    return found


def _edges(study: Study, most: int, floor: float) -> Floats:
    """(most + 1,) for each number of cases the largest expectation with which the ratio reaches the floor.

    Rises with the number. Found by halving; a hair too large rather than too small.
    """
    counts = np.arange(most + 1)
    low, high = np.zeros(most + 1), counts.astype(float)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        reaches = study.ratio(counts, np.maximum(middle, 1e-300)) >= floor
        low, high = np.where(reaches, middle, low), np.where(reaches, high, middle)
    found: Floats = np.maximum.accumulate(np.where(counts < study.rules.least_cases, 0.0, high * (1 + 1e-9)))
    return found


def _reached(study: Study, part: Ints, need: npt.NDArray[Any], dealt: npt.NDArray[Any]) -> Floats:
    """(runs,) the highest ratio among the cylinders around ``part`` that reach the floor; 0 without any."""
    runs = dealt.shape[2]
    rows = dealt.reshape(len(dealt), -1)
    held = np.zeros((len(part), rows.shape[1]), dtype=dealt.dtype)
    more = np.empty_like(held)
    hits = np.empty((len(part), *dealt.shape[1:]), dtype=bool)
    of_circle = np.zeros(len(part), dtype=np.int64)
    best = np.zeros(runs)
    for k, least in enumerate(need):
        last = study.zones.order[part, k]
        of_circle += study.totals[last]
        held += np.take(rows, last, axis=0, out=more, mode="clip")
        np.greater_equal(held.reshape(hits.shape), least[:, :, None], out=hits)
        at = np.flatnonzero(hits)
        if len(at):
            place, days, run = np.unravel_index(at, hits.shape)
            expected = of_circle[place] * (study.by_days[days] / len(study.cases))
            np.maximum.at(best, run, study.ratio(held.ravel()[at].astype(np.int64), expected))
    return best
