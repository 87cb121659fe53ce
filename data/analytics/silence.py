"""Silence (沉默网格): grids that report less than their people and patrol hours lead one to expect.

The expected number is a Poisson regression on the logarithms of residents and of patrol hours; the interval
is that of the negative binomial distribution with the over-dispersion that the grids show (Cameron and
Trivedi 1986, method of moments). Of so many grids some are low by chance: *silent* are those that stay when
the false discovery rate is held at 5 % (Benjamini and Hochberg 1995), *low* those below their interval alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from sklearn.linear_model import PoissonRegressor

if TYPE_CHECKING:
    from data.filters import CaseFilter
    from data.readers import Readers

Array = npt.NDArray[np.float64]

#: Fewer grids tell nothing of what is usual.
FEWEST: Final = 30
#: Both ends of the interval together, and the share of false alarms among the silent.
LEVEL: Final = 0.05
#: Flags, the most pressing first; '' is as expected, or more.
FLAGS: Final = ("silent", "low", "")


def reported(readers: Readers, filter_: CaseFilter, now: datetime) -> pd.DataFrame:
    """What `silence` wants, of the base grids of a filter over its window, as far as it has come."""
    tree = readers.areas.tree()
    grids = tree[(tree["level"] == "grid") & (tree["grid_kind"] == "base")]
    if filter_.areas:
        grids = grids[grids["area_code"].str.startswith(tuple(sorted(filter_.areas)))]
    counts = readers.cases.counts_by("grid", filter_, now, ("reported",)).set_index("code")["reported"]
    hours = readers.patrol.hours_by_grid(filter_.since, min(filter_.until, now))
    code = grids["area_code"]
    return pd.DataFrame({"code": code, "cases": code.map(counts).fillna(0).astype(int),
                         "people": grids["residents"].fillna(0),
                         "hours": code.map(hours).astype(float).fillna(0.0)})


def silence(grids: pd.DataFrame) -> pd.DataFrame:
    """What each grid reported and what was to be expected.

    Args:
        grids: ``code, cases, people, hours`` (of patrol), one row per grid; grids without people are left
            out. Hours that are 0 everywhere are not looked at.

    Returns:
        One row per grid, the least likely first: ``code, cases, people, hours, expected, low, high`` (95 %
        interval of the number of cases), ``p`` (mid-p of so few or fewer), ``flag`` (of `FLAGS`).

    Raises:
        ValueError: fewer than `FEWEST` grids with people.
    """
    held = grids[grids["people"] > 0].reset_index(drop=True)
    if len(held) < FEWEST:
        raise ValueError(f"grids with people must be at least {FEWEST}, got {len(held)}")
    causes = [np.log(held["people"].to_numpy(float))]
    if (held["hours"] > 0).any():
        causes.append(np.log1p(held["hours"].to_numpy(float)))
    told = np.column_stack(causes)
    spread = told.std(axis=0)
    told = (told - told.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    cases = held["cases"].to_numpy(float)
    expected = np.maximum(_expected(told, cases), 1e-9)
    usual = _usual(cases, expected)
    p = usual.cdf(cases - 1) + 0.5 * usual.pmf(cases)
    low, high = usual.ppf(LEVEL / 2), usual.ppf(1 - LEVEL / 2)
    is_silent = stats.false_discovery_control(p) < LEVEL
    flag = np.where(is_silent & (cases < low), "silent", np.where(cases < low, "low", ""))
    found = held.assign(expected=expected, low=low, high=high, p=p, flag=flag)
    return found.sort_values(["p", "code"], ignore_index=True)


def _expected(told: Array, cases: Array) -> Array:
    """The means of the regression; the mean of all where nobody reported anything."""
    if not cases.sum():
        return np.zeros(len(cases))
    return np.asarray(PoissonRegressor(alpha=0.0, max_iter=300).fit(told, cases).predict(told))


def _usual(cases: Array, expected: Array) -> Any:
    """The distribution of the numbers of cases: Poisson, or wider where they scatter more."""
    beyond = float(((cases - expected) ** 2 - expected).sum() / (expected ** 2).sum())
    if beyond <= 1e-6:
        return stats.poisson(expected)
    size = 1 / beyond
    return stats.nbinom(size, size / (size + expected))
