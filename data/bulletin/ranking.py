"""Units of a bulletin in order: by the composite index, with what its interval leaves open.

The index of a unit is the sum of its three rates by the weights of the day (`data.analytics.weights`). Its
interval is the same sum over the ends of the Wilson intervals of the rates: as wide as it can be, for the
rates of a unit go up and down together. A rank reaches from behind those that are surely better to before
those that are surely worse. A unit with fewer than `data.analytics.fair.FEWEST` cases has no rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from data.analytics.fair import FEWEST
from data.analytics.intervals import wilson
from data.analytics.weights import PARTS, Weights
from data.cases.indicators import BY_KEY, rates

#: The rates that the index weighs, and the counters that they divide.
OF_INDEX: Final = tuple(BY_KEY[key] for key in PARTS.values())
NEEDED: Final = tuple(dict.fromkeys(
    ("reported", "overdue", *(name for one in OF_INDEX for name in (one.numerator, one.denominator)))))
#: The counter that tells whether a unit has cases enough.
ENOUGH: Final = BY_KEY[PARTS["closure"]].denominator

Row = dict[str, Any]


def ranked(now: pd.DataFrame, before: pd.DataFrame, weights: Weights, weights_before: Weights) -> list[Row]:
    """Units, best first; those without a rank last, most cases first.

    Args:
        now: ``code`` and the counters `NEEDED` of each unit; codes of '' are left out.
        before: the same of the period before.
        weights: of the period's last day; ``weights_before`` of the one before.

    Returns:
        Of each ``code, counts``, the three rates by key (None: nothing to divide by), ``index, low, high``
        (0..100; None where it cannot be reckoned), ``rank, rank_low, rank_high`` (None: too few cases),
        ``index_before, rank_before`` (None: there was none).
    """
    rows = [_row(code, counts, weights) for code, counts in _units(now)]
    earlier = {row["code"]: row for row in _in_order(
        [_row(code, counts, weights_before) for code, counts in _units(before)])}
    for row in (found := _in_order(rows)):
        last = earlier.get(row["code"], {})
        row |= {"index_before": last.get("index"), "rank_before": last.get("rank")}
    return found


def _units(counts: pd.DataFrame) -> list[tuple[str, dict[str, int]]]:
    return [(row["code"], {name: int(row[name]) for name in NEEDED})
            for row in counts.to_dict("records") if row["code"]]


def _row(code: str, counts: Mapping[str, int], weights: Weights) -> Row:
    rated = {key: rate for key, rate in rates(counts).items() if key in PARTS.values()}
    index = weights.index(rated) if counts[ENOUGH] >= FEWEST else None
    ends = [_ends(counts, weights, side) for side in (0, 1)] if index is not None else [None, None]
    return {"code": code, "counts": dict(counts), **rated, "index": index, "low": ends[0], "high": ends[1]}


def _ends(counts: Mapping[str, int], weights: Weights, side: int) -> float:
    """One end of the interval of the index."""
    total = 0.0
    for part, one in zip(PARTS, OF_INDEX, strict=True):
        share = wilson(counts[one.numerator], counts[one.denominator]) or (0.0, 0.0)
        total += getattr(weights, part) * (1 - share[1 - side] if part == "rework" else share[side])
    return total


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """The rows with their ranks; equal indices share the better one."""
    held = sorted((row for row in rows if row["index"] is not None),
                  key=lambda row: (-row["index"], row["code"]))
    rest = sorted((row for row in rows if row["index"] is None),
                  key=lambda row: (-row["counts"][ENOUGH], row["code"]))
    for row in held:
        row |= {"rank": 1 + sum(other["index"] > row["index"] for other in held),
                "rank_low": 1 + sum(other["low"] > row["high"] for other in held),
                "rank_high": len(held) - sum(other["high"] < row["low"] for other in held)}
    for row in rest:
        row |= {"rank": None, "rank_low": None, "rank_high": None}
    return [*held, *rest]
