"""Causes: what comes again at the same place, where a few kinds make most of the cases, who is weak in what.

Two cases are *of one place* when they have one subclass and lie in one square of 50 m. A case *comes again*
when one of its place was reported within 30 days before it; it is *chained* when that one had been closed
by then: closed, then reported again. (`domain.md` 2.4: repeats within 50 m, same class, 30 days. Squares
instead of circles: one pass over the cases; two cases 10 m apart on either side of an edge are missed.)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Double, Integer, and_, bindparam, cast, func, select

from data.analytics.measures import Question, compared
from data.analytics.periods import Period
from data.cases.breakdown import span
from data.cases.facts import Facts, instant
from data.cases.heat import cell_degrees
from data.cases.indicators import BY_KEY
from data.cases.points import Box, placed
from data.cases.queries import matches, seen_by
from data.filters import CaseFilter
from data.sql import Query
from data.tables import cases

if TYPE_CHECKING:
    from data.cases.reader import CaseReader

#: A place, in metres, and how long it is remembered.
PLACE_M: Final = 50.0
AGAIN: Final = timedelta(days=30)
#: Share of the cases that the vital few make.
VITAL: Final = 0.8
#: Indicators by which units are found weak.
WEAK_IN: Final = ("closure_rate_standard", "on_time_handling_rate", "rework_rate", "repeat_rate",
                  "satisfaction_rate")


def pareto(counts: pd.DataFrame, counter: str = "reported") -> pd.DataFrame:
    """Codes by a counter, most first: ``code, cases, share, cumulative, is_vital``; none without cases.

    The vital ones are the fewest that make `VITAL` of all (Pareto; Juran 1951).
    """
    found = counts.loc[counts[counter] > 0, ["code", counter]].rename(columns={counter: "cases"})
    found = found.sort_values(["cases", "code"], ascending=[False, True], ignore_index=True)
    share = found["cases"] / max(int(found["cases"].sum()), 1)
    cumulative = share.cumsum()
    return found.assign(share=share, cumulative=cumulative, is_vital=(cumulative - share) < VITAL - 1e-12)


def cells(reader: CaseReader, filter_: CaseFilter, now: datetime) -> pd.DataFrame:
    """Placed cases of the filter by place, from one pass over them.

    Returns:
        ``category, community`` ('' where a case has none), ``lon, lat`` (the middle of the cases, WGS-84),
        ``cases, again, chained``; a row per subclass, square and community, in no order.
    """
    box = reader.extent()

    def build(own: CaseFilter, at: datetime) -> Query:
        seen = _seen(own, at, box, filter_.since).subquery("seen")
        return (select(seen.c.category, seen.c.community, func.avg(seen.c.lon).label("lon"),
                       func.avg(seen.c.lat).label("lat"), cast(func.count(), Integer).label("cases"),
                       count_of(seen.c.is_again).label("again"), count_of(seen.c.is_chained).label("chained"))
                .where(seen.c.is_in).group_by(seen.c.category, seen.c.community, seen.c.ix, seen.c.iy))

    found = reader.asked(build, filter_.with_(since=filter_.since - AGAIN), now).to_pandas()
    return found.assign(community=found["community"].fillna(""))


def recurrences(found: pd.DataFrame, codes: pd.Series) -> pd.DataFrame:
    """Sums of `cells` by some codes of them, most that came again first: ``code, cases, again, chained``."""
    summed = found[["cases", "again", "chained"]].groupby(codes.rename("code")).sum().reset_index()
    return summed.sort_values(["again", "cases", "code"], ascending=[False, False, True], ignore_index=True)


def places(found: pd.DataFrame, limit: int = 20) -> pd.DataFrame:
    """Those of `cells` to which most cases came again, most first; at most ``limit``."""
    chosen = found[found["again"] > 0].sort_values(
        ["again", "cases", "category", "lon", "lat"], ascending=[False, False, True, True, True])
    return chosen.head(limit).reset_index(drop=True)


def squares(box: Box) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Column and row of the square of `PLACE_M` that a case lies in, counted from the south-west of a box."""
    width, height = cell_degrees(box, PLACE_M)
    return (cast(func.floor((cases.c.lon - bindparam("west", box.west, type_=Double))
                            / bindparam("width", width, type_=Double)), Integer),
            cast(func.floor((cases.c.lat - bindparam("south", box.south, type_=Double))
                            / bindparam("height", height, type_=Double)), Integer))


def _seen(own: CaseFilter, now: datetime, box: Box, since: datetime) -> Query:
    """Placed cases with what was reported at their place before them; ``is_in``: of the window itself."""
    ix, iy = squares(box)
    order: Any = {"partition_by": (cases.c.cat_code, ix, iy),
                  "order_by": (cases.c.reported_at, cases.c.case_ref)}
    inner = select(
        cases.c.community_code.label("community"), cases.c.cat_code.label("category"), ix.label("ix"),
        iy.label("iy"), cases.c.lon, cases.c.lat, cases.c.reported_at.label("at"),
        func.lag(cases.c.reported_at).over(**order).label("before_at"),
        func.lag(cases.c.closed_at).over(**order).label("closed_at"),
    ).where(matches(own), placed(None, seen_by(own)), cases.c.cat_code.is_not(None),
            Facts(now).reported).subquery("placed")
    is_in = inner.c.at >= instant("first", since)
    is_again = and_(is_in, inner.c.before_at >= inner.c.at - AGAIN).is_(True)
    return select(inner.c.community, inner.c.category, inner.c.ix, inner.c.iy, inner.c.lon, inner.c.lat,
                  is_in.label("is_in"), is_again.label("is_again"),
                  and_(is_again, inner.c.closed_at <= inner.c.at).is_(True).label("is_chained"))


def tags_over(reader: CaseReader, filter_: CaseFilter, now: datetime, periods: Sequence[Period]
              ) -> pd.DataFrame:
    """How often each cause tag (成因标签) was given: a row per period, its code the index, a column per tag.

    A case may carry several; the filter's own window is replaced by that of the periods.
    """
    def build(own: CaseFilter, at: datetime) -> Query:
        tagged = (select(func.unnest(cases.c.cause_tags).label("tag"),
                         span([period.since for period in periods[1:]]).label("span"))
                  .where(matches(own), Facts(at).reported, cases.c.cause_tags.is_not(None))
                  .subquery("tagged"))
        return (select(tagged.c.tag, tagged.c.span, cast(func.count(), Integer).label("cases"))
                .group_by(tagged.c.tag, tagged.c.span))

    window = filter_.with_(since=periods[0].since, until=periods[-1].until)
    found = reader.asked(build, window, now, of_store=True).to_pandas()
    wide = found.assign(span=found["span"].astype(int)).pivot_table(
        index="span", columns="tag", values="cases", fill_value=0, aggfunc="sum")
    return wide.reindex(range(len(periods)), fill_value=0).set_axis(
        [period.code for period in periods]).astype("int64")


def weak_spots(asked: Question, dimension: str, indicators: Sequence[str] = WEAK_IN) -> pd.DataFrame:
    """Units by how weak they are in several indicators, weakest first.

    Returns:
        ``code``; per indicator ``<key>`` (fair rate), ``<key>_z`` (its funnel score, turned so that
        negative is worse; NaN without cases); ``score``, the mean of the scores that there are,
        ``weak``, in how many the unit stands out or is to be watched.
    """
    chosen = [BY_KEY[key] for key in indicators]
    parts = []
    for one, units in zip(chosen, compared(asked, dimension, chosen), strict=True):
        key, rows = one.key, units.set_index("code").reindex(columns=["fair", "z", "flag"])
        turned = -rows["z"] if one.less_is_better else rows["z"]
        flags = rows["flag"].isin(["high", "watch_high"] if one.less_is_better else ["low", "watch_low"])
        parts.append(pd.DataFrame({key: rows["fair"], f"{key}_z": turned, f"{key}_weak": flags}))
    found = pd.concat(parts, axis=1)
    scores = found[[f"{key}_z" for key in indicators]]
    found["score"] = scores.mean(axis=1)
    found["weak"] = found[[f"{key}_weak" for key in indicators]].fillna(False).astype(bool).sum(axis=1)
    found = found.drop(columns=[f"{key}_weak" for key in indicators])
    found.index.name = "code"
    return found.reset_index().sort_values(["score", "code"], na_position="last", ignore_index=True)


def count_of(clause: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows a clause holds of."""
    return cast(func.count().filter(clause), Integer)
