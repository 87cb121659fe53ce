"""What changed when cases of one kind were handled differently (换一种办法，结果如何).

Each case was handled in one way, the first of `WAYS` that holds. The outcomes of a way are set against those
of the ordinary way *of the same subclass*: the difference of two shares over strata (Mantel and Haenszel),
its interval out of those of both shares (Newcombe 1998; Wilson's over the number of cases that the weighted
share is worth, after Yan and Su 2010), so that 0 of 22 is not taken for never. It compares what was done and
proves no cause: who chose the way may have seen more than the subclass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import ColumnElement, Double, Integer, and_, case, cast, func, select

from data.analytics.causes import AGAIN, count_of, squares
from data.analytics.fair import FEWEST
from data.analytics.intervals import wilson_of
from data.cases.facts import Clause, Facts, handling_s, instant
from data.cases.points import Box, placed
from data.cases.queries import matches, seen_by
from data.cases.rules import handled_on_time, reworked, scored, through_handling, timed
from data.filters import CaseFilter
from data.sql import Query
from data.tables import cases

if TYPE_CHECKING:
    from data.cases.reader import CaseReader

Floats = npt.NDArray[np.float64]

#: Way -> whether a case was handled so; of several that hold the first.
WAYS: Final[Mapping[str, Callable[[Facts], Clause]]] = {
    "self_done": lambda f: f.is_self_done, "joint": lambda f: f.is_joint, "whistle": lambda f: f.is_whistle,
    "supervised": lambda f: f.is_supervised,
    "handed_on": lambda f: f.dispatched & f.has_first_unit & ~f.first_unit_kept,
}
#: The way of all others, which the ways are compared with.
ORDINARY: Final = "ordinary"
#: Outcome -> which cases show it, and which of them did; `again` asks for places and has a query of its own.
OUTCOMES: Final[Mapping[str, tuple[Callable[[Facts], Clause], Callable[[Facts], Clause]]]] = {
    "on_time": (lambda f: f.handled & f.has_limit, handled_on_time),
    "reworked": (through_handling, reworked),
    "satisfied": (scored, lambda f: scored(f) & f.is_satisfied),
}
#: All outcomes, and those of which less is better.
NAMES: Final = (*OUTCOMES, "again")
LESS_IS_BETTER: Final = frozenset({"reworked", "again"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A share less that of the ordinary way, of the same subclasses; with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval holds no zero."""
        return self.low > 0 or self.high < 0


def ways(reader: CaseReader, filter_: CaseFilter, now: datetime) -> pd.DataFrame:
    """How the cases of a filter were handled, and with what outcome, of those handled by ``now``.

    Returns:
        ``way, category, cases`` and per outcome ``<name>_of`` (cases that show it) and ``<name>``; a row per
        way and subclass that occur together. Of ``again``: reported at least `AGAIN` ago, at a place that the
        viewer may know, and whether the next report of that place came within `AGAIN`.
    """
    box = reader.extent()
    keys = ["way", "category"]
    told = reader.asked(_outcomes, filter_, now).to_pandas().fillna({"category": ""})
    again = reader.asked(lambda own, at: _again(own, at, box, filter_.since, filter_.until),
                         filter_.with_(until=filter_.until + AGAIN), now).to_pandas().fillna({"category": ""})
    joined = told.merge(again, on=keys, how="left").fillna({"again_of": 0, "again": 0})
    return joined.astype({"again_of": int, "again": int})


def hours(reader: CaseReader, filter_: CaseFilter, now: datetime) -> dict[str, float]:
    """Way -> median of the handling time in natural hours, without stopped clocks; none without any."""
    def build(own: CaseFilter, at: datetime) -> Query:
        facts = Facts(at)
        held = (select(_way(facts).label("way"), handling_s().label("took_s"))
                .where(matches(own), timed(facts)).subquery("held"))
        return (select(held.c.way, cast(func.percentile_cont(0.5).within_group(held.c.took_s), Double)
                       .label("p50_s")).group_by(held.c.way))

    return {row["way"]: row["p50_s"] / 3_600 for row in reader.asked(build, filter_, now).to_pylist()}


def difference(found: pd.DataFrame, way: str, outcome: str) -> Difference | None:
    """The outcome of a way less that of the ordinary way, over subclasses that were handled in both.

    Args:
        found: as of `ways`.

    Returns:
        None where fewer than `FEWEST` cases of either way are of subclasses that were handled in both.
    """
    wide = found.pivot_table(index="category", columns="way", values=[outcome, f"{outcome}_of"], fill_value=0,
                             aggfunc="sum")
    if any((name, one) not in wide for name in (outcome, f"{outcome}_of") for one in (way, ORDINARY)):
        return None
    a, n1, b, n0 = (wide[(name, one)].to_numpy(float) for one in (way, ORDINARY)
                    for name in (outcome, f"{outcome}_of"))
    both = (n1 > 0) & (n0 > 0)
    a, n1, b, n0 = a[both], n1[both], b[both], n0[both]
    if min(n1.sum(), n0.sum()) < FEWEST:
        return None
    weight = n1 * n0 / (n1 + n0)
    weight = weight / weight.sum()
    shares = [float((weight * part / whole).sum()) for part, whole in ((a, n1), (b, n0))]
    (low, high), (low_0, high_0) = (_band(share, weight, whole)
                                    for share, whole in zip(shares, (n1, n0), strict=True))
    value = shares[0] - shares[1]
    return Difference(value=value, low=value - math.hypot(shares[0] - low, high_0 - shares[1]),
                      high=value + math.hypot(high - shares[0], shares[1] - low_0))


def _band(share: float, weight: Floats, whole: Floats) -> tuple[float, float]:
    """The 95 % interval of a weighted share over strata of so many cases."""
    return wilson_of(share, 1 / float((weight ** 2 / whole).sum()))


def _way(facts: Facts) -> ColumnElement[str]:
    return case(*((rule(facts), name) for name, rule in WAYS.items()), else_=ORDINARY)


def _outcomes(own: CaseFilter, now: datetime) -> Query:
    facts = Facts(now)
    counted: list[ColumnElement[Any]] = []
    for name, (of, did) in OUTCOMES.items():
        counted += [count_of(of(facts)).label(f"{name}_of"),
                    count_of(and_(of(facts), did(facts))).label(name)]
    way = _way(facts)
    return (select(way.label("way"), cases.c.cat_code.label("category"),
                   cast(func.count(), Integer).label("cases"), *counted)
            .where(matches(own), facts.handled).group_by(way, cases.c.cat_code))


def _again(own: CaseFilter, now: datetime, box: Box, since: datetime, until: datetime) -> Query:
    """Whether the next report of the place of a case came soon, of those of the window itself."""
    facts, order = Facts(now), (cases.c.reported_at, cases.c.case_ref)
    inner = select(
        _way(facts).label("way"), cases.c.cat_code.label("category"), cases.c.reported_at.label("at"),
        facts.handled.label("is_handled"),
        func.lead(cases.c.reported_at).over(partition_by=(cases.c.cat_code, *squares(box)), order_by=order)
        .label("next_at"),
    ).where(matches(own), placed(None, seen_by(own)), cases.c.cat_code.is_not(None),
            facts.reported).subquery("placed")
    is_in = and_(inner.c.at >= instant("first", since), inner.c.at < instant("after", until),
                 inner.c.at <= instant("followed", now - AGAIN), inner.c.is_handled)
    return (select(inner.c.way, inner.c.category, count_of(is_in).label("again_of"),
                   count_of(and_(is_in, inner.c.next_at <= inner.c.at + AGAIN)).label("again"))
            .group_by(inner.c.way, inner.c.category))
