"""What a leader looks at: indicators of a period beside earlier ones, units beside each other, trends.

Counts come from the reader's one filter, rates from `data.cases.indicators`; all of it is as of
``now``: what was reported in an earlier period has had longer to be closed, and screens say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
_WINDOWS: Final = ("this", "before", "year_before")


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

    def windows(self) -> dict[str, tuple[datetime, datetime]]:
        """``this`` period, the same stretch of the one ``before`` and of the ``year_before``."""
        found = {"this": (self.period.since, self.period.until)}
        for name, earlier in (("before", before(self.period)), ("year_before", year_before(self.period))):
            found[name] = earlier.as_far_as(self.period, self.now)
        return found

    def of(self, window: str = "this") -> CaseFilter:
        """The filter over one of the windows."""
        since, until = self.windows()[window]
        return self.filter_.with_(since=since, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class League:
    """Units by one indicator.

    Attributes:
        rows: those of `Comparison.rows`, and ``reported``, ``before`` (rate of the window before,
            NaN without cases). Of an indicator that is no share of cases only ``code, part, whole,
            rate, before, reported``, largest rate first.
        comparison: None for an indicator that is no share of cases.
    """

    rows: pd.DataFrame
    comparison: Comparison | None


def overview(asked: Question) -> dict[str, CaseCounts]:
    """All counters of the three windows of a question."""
    return {window: asked.cases.counts(asked.of(window), asked.now, COUNTERS) for window in _WINDOWS}


def league(asked: Question, dimension: str, indicator: Indicator) -> League:
    """Units beside each other; cases without a code of the dimension are left out of it.

    Raises:
        ValueError: an unknown dimension.
    """
    if dimension not in UNITS:
        raise ValueError(f"a dimension must be one of {', '.join(UNITS)}; got {dimension!r}")
    counters = tuple(dict.fromkeys(("reported", indicator.numerator, indicator.denominator)))
    mix = [] if indicator.unit != "share" else [
        name for name in MIX[:1 if dimension in _MANY else None]
        if name not in _SAME.get(dimension, frozenset())]
    found = asked.cases.crossed((dimension, *mix), asked.of(), asked.now, counters)
    found = found.rename(columns={dimension: "code"})
    found = found[found["code"] != ""]
    earlier = asked.cases.counts_by(dimension, asked.of("before"), asked.now, counters)
    rows = pd.DataFrame({
        "code": found["code"],
        "stratum": [] if found.empty else found[mix].agg("|".join, axis=1) if mix else "",
        "part": found[indicator.numerator], "whole": found[indicator.denominator]})
    reported = found.groupby("code")["reported"].sum()
    rates = pd.Series(_rates(earlier, indicator), index=earlier["code"])
    compared = compare(rows, less_is_better=indicator.less_is_better) if _is_share(rows, indicator) else None
    units = compared.rows if compared else _plain(rows, indicator)
    return League(comparison=compared, rows=units.assign(
        reported=units["code"].map(reported), before=units["code"].map(rates)))


def trend(asked: Question, indicator: Indicator, count: int = 12) -> pd.DataFrame:
    """The indicator over the period and those before it, oldest first.

    Returns:
        ``code`` (of the period), ``part, whole``, ``rate`` (NaN without cases), ``low, high`` (Wilson's
        95 %, of shares alone).
    """
    periods = run_of(asked.period, count)
    counters = tuple(dict.fromkeys((indicator.numerator, indicator.denominator)))
    found = _by_period(asked, periods, (), counters).set_index("span").reindex(range(count), fill_value=0)
    part, whole = found[indicator.numerator].to_numpy(), found[indicator.denominator].to_numpy()
    bands = [_band(int(one), int(of), indicator) for one, of in zip(part, whole, strict=True)]
    return pd.DataFrame({
        "code": [period.code for period in periods], "part": part, "whole": whole,
        "rate": _rates(found, indicator), "low": [band[0] for band in bands],
        "high": [band[1] for band in bands]})


def mix_over(asked: Question, dimension: str, counter: str, count: int = 12) -> pd.DataFrame:
    """A counter by a dimension over the period and those before it.

    Returns:
        One row per period, oldest first, its code as the index; one column per code that occurs.
    """
    periods = run_of(asked.period, count)
    found = _by_period(asked, periods, (dimension,), (counter,))
    wide = found.pivot_table(index="span", columns=dimension, values=counter, fill_value=0, aggfunc="sum")
    wide = wide.reindex(range(count), fill_value=0)
    return wide.set_axis([period.code for period in periods]).astype("int64")


def _by_period(asked: Question, periods: Sequence[Period], dimensions: tuple[str, ...],
               counters: tuple[str, ...]) -> pd.DataFrame:
    """Counts by period (``span``: its place, an integer) and dimensions, from one pass."""
    window = asked.filter_.with_(since=periods[0].since, until=periods[-1].until)
    found = asked.cases.crossed(("span", *dimensions), window, asked.now, counters,
                                edges=[period.since for period in periods[1:]])
    return found.assign(span=found["span"].astype(int))


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
