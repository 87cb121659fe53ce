"""What a leader looks at: indicators of a period beside earlier ones, units beside each other, trends.

Counts come from the reader's one filter, rates from `data.cases.indicators`. Periods are compared at
the same age: an earlier one as it was when as much time had gone by since its beginning, for its cases
would otherwise have had longer to be closed, and every rate seem to fall. Moments of a case are looked
at as of then; times of rework, cancelling and scores are those of the row as it is (`data.cases.facts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from data.analytics.fair import Comparison, compare
from data.analytics.intervals import wilson
from data.analytics.periods import Period, before, run_of, year_before
from data.cases.indicators import Indicator
from data.cases.rules import COUNTERS

if TYPE_CHECKING:
    from data.cases.counts import CaseCounts
    from data.cases.reader import CaseReader
    from data.filters import CaseFilter

#: Dimensions by which units are set beside each other.
UNITS: Final = ("street", "community", "grid", "department", "officer", "channel", "channel_group",
                "category_class", "category", "level_closed")
#: What makes cases easy or hard, taken out of a comparison: never the dimension that is compared.
MIX: Final = ("category_class", "channel_group")
#: Dimensions of so many units that only the class of the case is taken out.
_MANY: Final = frozenset({"grid", "officer"})
#: What a dimension is itself a part of, or says as well.
_SAME: Final[Mapping[str, frozenset[str]]] = {
    "category_class": frozenset({"category_class"}), "category": frozenset({"category_class"}),
    "channel": frozenset({"channel_group"}), "channel_group": frozenset({"channel_group"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked at.

    Attributes:
        cases: the reader of who asks.
        filter_: which cases; its window is that of the period, see `of`.
        period: the period looked at.
        now: the instant of the picture, aware.
    """

    cases: CaseReader
    filter_: CaseFilter
    period: Period
    now: datetime

    def periods(self) -> dict[str, Period]:
        """``this`` period, the one ``before`` and that of the ``year_before``."""
        return {"this": self.period, "before": before(self.period), "year_before": year_before(self.period)}

    def over(self, period: Period) -> CaseFilter:
        """The filter over a period; of an earlier one as far as this one has come."""
        since, until = (period.since, period.until) if period == self.period \
            else period.as_far_as(self.period, self.now)
        return self.filter_.with_(since=since, until=until)

    def age_of(self, period: Period) -> datetime:
        """When a period was as old as this one is now."""
        return self.now - (self.period.since - period.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class League:
    """Units by one indicator.

    Attributes:
        rows: those of `Comparison.rows`, and ``before`` (rate of the window before, NaN without cases).
            Of an indicator that is no share of cases only ``code, part, whole, rate, before``, best first.
        comparison: None for an indicator that is no share of cases.
    """

    rows: pd.DataFrame
    comparison: Comparison | None


def overview(asked: Question, counters: tuple[str, ...] = COUNTERS) -> dict[str, CaseCounts]:
    """Counters of ``this`` period, of the one ``before`` and of that of the ``year_before``."""
    return {window: asked.cases.counts(asked.over(period), asked.age_of(period), counters)
            for window, period in asked.periods().items()}


def league(asked: Question, dimension: str, indicator: Indicator) -> League:
    """Units beside each other; cases without a code of the dimension are left out of it.

    Raises:
        ValueError: an unknown dimension.
    """
    (found,) = _strata(asked, dimension, [indicator])
    last = before(asked.period)
    counters = tuple(dict.fromkeys((indicator.numerator, indicator.denominator)))
    earlier = asked.cases.counts_by(dimension, asked.over(last), asked.age_of(last), counters)
    rates = pd.Series(_rates(earlier, indicator), index=earlier["code"])
    comparison = compare(found, less_is_better=indicator.less_is_better) \
        if _is_share(found, indicator) else None
    units = comparison.rows if comparison else _plain(found, indicator)
    return League(comparison=comparison, rows=units.assign(before=units["code"].map(rates)))


def compared(asked: Question, dimension: str, indicators: Sequence[Indicator]) -> list[pd.DataFrame]:
    """Units by several indicators from one pass: of each the rows of its `League`, without ``before``,
    intervals and ranks.

    Raises:
        ValueError: an unknown dimension.
    """
    return [compare(found, less_is_better=one.less_is_better, is_ranked=False).rows if _is_share(found, one)
            else _plain(found, one)
            for one, found in zip(indicators, _strata(asked, dimension, indicators), strict=True)]


def _strata(asked: Question, dimension: str, indicators: Sequence[Indicator]) -> list[pd.DataFrame]:
    """What `compare` wants, of each indicator."""
    if dimension not in UNITS:
        raise ValueError(f"a dimension must be one of {', '.join(UNITS)}; got {dimension!r}")
    counters = tuple(dict.fromkeys(
        name for one in indicators for name in (one.numerator, one.denominator)))
    mix = [] if all(one.unit != "share" for one in indicators) else [
        name for name in MIX[:1 if dimension in _MANY else None]
        if name not in _SAME.get(dimension, frozenset())]
    found = asked.cases.crossed((dimension, *mix), asked.over(asked.period), asked.now, counters)
    found = found[found[dimension] != ""]
    stratum = reduce(lambda left, name: left + "|" + found[name], mix[1:], found[mix[0]]) if mix else ""
    return [pd.DataFrame({"code": found[dimension], "stratum": stratum, "part": found[one.numerator],
                          "whole": found[one.denominator]}) for one in indicators]


def trend(asked: Question, indicator: Indicator, count: int = 12) -> pd.DataFrame:
    """The indicator over the period and those before it, oldest first, all at the same age.

    Returns:
        ``code`` (of the period), ``part, whole``, ``rate`` (NaN without cases), ``low, high`` (Wilson's
        95 %, of shares alone).
    """
    periods = run_of(asked.period, count)
    counters = tuple(dict.fromkeys((indicator.numerator, indicator.denominator)))
    found = pd.DataFrame([asked.cases.counts(asked.over(period), asked.age_of(period), counters).to_dict()
                          for period in periods])
    part, whole = found[indicator.numerator].to_numpy(), found[indicator.denominator].to_numpy()
    bands = [_band(int(one), int(of), indicator) for one, of in zip(part, whole, strict=True)]
    return pd.DataFrame({
        "code": [period.code for period in periods], "part": part, "whole": whole,
        "rate": _rates(found, indicator), "low": [band[0] for band in bands],
        "high": [band[1] for band in bands]})


def mix_over(asked: Question, dimension: str, counter: str, count: int = 12) -> pd.DataFrame:
    """A counter by a dimension over the period and those before it, as of now.

    Returns:
        One row per period, oldest first, its code as the index; one column per code that occurs.
    """
    periods = run_of(asked.period, count)
    window = asked.filter_.with_(since=periods[0].since, until=periods[-1].until)
    found = asked.cases.crossed(("span", dimension), window, asked.now, (counter,),
                                edges=[period.since for period in periods[1:]])
    found["span"] = found["span"].astype(int)
    wide = found.pivot_table(index="span", columns=dimension, values=counter, fill_value=0, aggfunc="sum")
    wide = wide.reindex(range(count), fill_value=0)
    return wide.set_axis([period.code for period in periods]).astype("int64")


def _is_share(rows: pd.DataFrame, indicator: Indicator) -> bool:
    """Whether the indicator is a share of the cases that it divides by, here too."""
    return indicator.unit == "share" and bool((rows["part"] <= rows["whole"]).all())


def _plain(rows: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Units by what is no share: largest first, those without cases last."""
    found = rows.groupby("code", as_index=False)[["part", "whole"]].sum()
    found["rate"] = found["part"] * indicator.scale / found["whole"].where(found["whole"] > 0)
    return found.sort_values(["rate", "code"], ascending=[indicator.less_is_better, True], ignore_index=True)


def _rates(counts: pd.DataFrame, indicator: Indicator) -> list[float]:
    """The rate of every row; NaN where there is nothing to divide by."""
    names = (indicator.numerator, indicator.denominator)
    found = (indicator.of(dict(zip(names, row, strict=True)))
             for row in zip(*(counts[name] for name in names), strict=True))
    return [np.nan if rate is None else rate for rate in found]


def _band(part: int, whole: int, indicator: Indicator) -> tuple[Any, Any]:
    band = wilson(part, whole) if indicator.unit == "share" and part <= whole else None
    return band or (np.nan, np.nan)
