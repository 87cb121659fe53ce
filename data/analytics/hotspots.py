"""Emerging hot spots (热点演变): which grids are hot in their surroundings, and since when.

A grid is *hot* in a slice of time when it and its neighbours have more cases than chance would put
together: the statistic Gi* of Getis and Ord (1992; Ord and Getis 1995), one-sided, with the false discovery
rate of each slice held at 5 % (Benjamini and Hochberg 1995). Whether its heat rises or falls over the slices
is told by Mann (1945) and Kendall's test of the scores. The classes are those of space-time hot spot
analysis, as ArcGIS Pro documents them ("How Emerging Hot Spot Analysis works").
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from esda import G_Local
from libpysal.weights import W, fuzzy_contiguity
from scipy import stats

from data.analytics.periods import Period
from data.filters import CaseFilter

if TYPE_CHECKING:
    from data.cases.reader import CaseReader

Array = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

#: Share of false alarms among the hot grids of a slice, and the level of a trend.
LEVEL: Final = 0.05
#: Share of the slices in which a persistent spot is hot.
MOSTLY: Final = 0.9
#: Fewer slices tell no history.
FEWEST: Final = 6
#: Classes, the most pressing first; '' is none.
CLASSES: Final = ("new", "intensifying", "persistent", "consecutive", "sporadic", "oscillating",
                  "diminishing", "historical", "")
#: Degrees between outlines that touch: about two metres.
_TOUCH: Final = 2e-5


def counts_over(reader: CaseReader, filter_: CaseFilter, now: datetime, slices: Sequence[Period]
                ) -> pd.DataFrame:
    """Cases reported by grid (the index) and slice (columns 0, 1, …, oldest first); only grids with any.

    Args:
        filter_: its window is replaced by that of the slices.
        slices: one after the other.
    """
    window = filter_.with_(since=slices[0].since, until=slices[-1].until)
    found = reader.crossed(("span", "grid"), window, now, ("reported",),
                           edges=[one.since for one in slices[1:]])
    found = found[found["grid"] != ""].assign(span=found["span"].astype(int))
    wide = found.pivot_table(index="grid", columns="span", values="reported", fill_value=0, aggfunc="sum")
    return wide.reindex(columns=range(len(slices)), fill_value=0).astype("int64")


def neighbours(grids: gpd.GeoDataFrame) -> W:
    """Which grids touch: ``area_code, geometry`` (EPSG:4326); one that touches nobody has itself alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # islands are no fault here
        found: W = fuzzy_contiguity(grids.set_index("area_code"), buffering=True, buffer=_TOUCH,
                                    silence_warnings=True)
    return found


def scores(counts: pd.DataFrame, touching: W) -> Array:
    """Gi* of every grid in every slice, as standard scores; 0 in a slice without variance.

    Args:
        counts: one row per grid, as of `counts_over`, in the order of ``touching``.
    """
    found = np.zeros(counts.shape)
    for column, one in enumerate(counts.to_numpy(dtype=float).T):
        if one.std() > 0:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found[:, column] = G_Local(one, touching, transform="B", permutations=0, star=True).Zs
    return np.nan_to_num(found)


def hot(found: Array) -> Marks:
    """Which scores are hot: one-sided, the false discovery rate of each slice at `LEVEL`."""
    return np.asarray(stats.false_discovery_control(stats.norm.sf(found), axis=0) < LEVEL)


def trends(found: Array) -> tuple[Array, Array]:
    """Kendall's tau of each row against time, and its two-sided p; 0 and 1 of a row that never changes."""
    order = np.arange(found.shape[1])
    told = [stats.kendalltau(order, row) if row.std() > 0 else (0.0, 1.0) for row in found]
    return np.array([one[0] for one in told]), np.array([one[1] for one in told])


def class_of(marks: Sequence[bool], cold: Sequence[bool], tau: float, p: float) -> str:
    """The class of one grid by its history of hot and cold slices, oldest first; '' for none."""
    count, last = len(marks), bool(marks[-1])
    share, rising, falling = sum(marks) / count, p < LEVEL and tau > 0, p < LEVEL and tau < 0
    if not any(marks):
        return ""
    if not last:
        return "historical" if share >= MOSTLY else ""
    if sum(marks) == 1:
        return "new"
    if share >= MOSTLY:
        return "intensifying" if rising else "diminishing" if falling else "persistent"
    run = next((place for place, one in enumerate(reversed(list(marks))) if not one), count)
    if run == sum(marks):
        return "consecutive"
    return "oscillating" if any(cold) else "sporadic"


def hotspots(counts: pd.DataFrame, grids: gpd.GeoDataFrame) -> pd.DataFrame:
    """Grids by class.

    Args:
        counts: as of `counts_over`; grids without cases count as 0.
        grids: all grids, ``area_code, geometry`` (EPSG:4326).

    Returns:
        One row per grid, the most pressing class first, within it the hottest: ``code``, ``class``, ``z``
        (score of the last slice), ``hot`` (number of hot slices), ``tau, p`` (trend), ``cases`` (of the last
        slice), ``before`` (their mean over the earlier slices).

    Raises:
        ValueError: fewer than `FEWEST` slices.
    """
    if counts.shape[1] < FEWEST:
        raise ValueError(f"slices must be at least {FEWEST}, got {counts.shape[1]}")
    if grids.empty:
        return pd.DataFrame(columns=["code", "class", "z", "hot", "tau", "p", "cases", "before"])
    whole = counts.reindex(grids["area_code"].tolist(), fill_value=0)
    found = scores(whole, neighbours(grids))
    marks, cold = hot(found), hot(-found)
    tau, p = trends(found)
    rows: dict[str, Any] = {
        "code": whole.index.to_numpy(),
        "class": [class_of(row, below, one, level) for row, below, one, level
                  in zip(marks, cold, tau, p, strict=True)],
        "z": found[:, -1], "hot": marks.sum(axis=1), "tau": tau, "p": p,
        "cases": whole.iloc[:, -1].to_numpy(), "before": whole.iloc[:, :-1].mean(axis=1).to_numpy()}
    made = pd.DataFrame(rows)
    order = made["class"].map({name: place for place, name in enumerate(CLASSES)})
    return made.assign(order=order).sort_values(
        ["order", "z", "code"], ascending=[True, False, True], ignore_index=True).drop(columns="order")
