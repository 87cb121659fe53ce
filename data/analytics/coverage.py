"""Coverage (四无): no gap in place, people, time and matter (S3:13 地无缝隙、人无遗漏、时无盲点、事无失控).

Of every base grid: whether an officer was there in the period, and at night; whether it has a chief; whether
its residents are on record; its open cases and those overdue. Sums over grids: children sum to their parent.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pandas as pd

if TYPE_CHECKING:
    from data.filters import CaseFilter
    from data.readers import Readers

#: Hours of the local day that are the night: 20:00 to 06:00.
NIGHT: Final = frozenset({*range(20, 24), *range(6)})
#: What is summed over grids.
SUMS: Final = ("grids", "patrolled", "by_night", "with_chief", "on_record", "households", "served", "open",
               "overdue")


def grids(readers: Readers, filter_: CaseFilter, now: datetime, presence: pd.DataFrame) -> pd.DataFrame:
    """The base grids of a filter.

    Args:
        presence: as of `data.patrol.reader.PatrolReader.presence`, over the window of the filter.

    Returns:
        A row per grid, by code: ``code, hours, night_h`` (of patrol), and `SUMS`: ``grids`` (1), ``patrolled,
        by_night, with_chief, on_record`` (0 or 1; on record: a number of residents is known), ``households``
        (0 where unknown), ``served`` (those of a grid with a chief), ``open, overdue`` (cases).
    """
    tree = readers.areas.tree()
    held = tree[(tree["level"] == "grid") & (tree["grid_kind"] == "base")]
    if filter_.areas:
        held = held[held["area_code"].str.startswith(tuple(sorted(filter_.areas)))]
    code = held["area_code"]
    hours = presence.groupby("grid_code")["slots"].sum() / 2
    night = presence[presence["hour"].isin(NIGHT)].groupby("grid_code")["slots"].sum() / 2
    cases = readers.cases.counts_by("grid", filter_, now, ("open", "overdue")).set_index("code")
    chiefs = code.map(readers.areas.chiefs()).fillna(value=False).astype(bool)
    households = held["households"].fillna(0).astype(int)
    found = pd.DataFrame({
        "code": code, "hours": code.map(hours).astype(float).fillna(0.0),
        "night_h": code.map(night).astype(float).fillna(0.0), "grids": 1, "with_chief": chiefs.astype(int),
        "on_record": held["residents"].notna().astype(int), "households": households,
        "served": households.where(chiefs, 0), **{
            name: code.map(cases[name]).fillna(0).astype(int) for name in ("open", "overdue")}})
    told = {"patrolled": (found["hours"] > 0).astype(int), "by_night": (found["night_h"] > 0).astype(int)}
    return found.assign(**told).sort_values("code", ignore_index=True)


def summed(found: pd.DataFrame, codes: pd.Series) -> pd.DataFrame:
    """`SUMS` of `grids` by some codes of them: ``code`` and the sums, by code."""
    return found.groupby(codes.rename("code"))[[*SUMS]].sum().reset_index()


def by_clock(presence: pd.DataFrame) -> list[int]:
    """In how many grids somebody was at some time in each hour of the local day, 0..23."""
    seen = presence.groupby("hour")["grid_code"].nunique()
    return [int(seen.get(hour, 0)) for hour in range(24)]


def span_of(presence: pd.DataFrame, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """From when to when there are tracks, aware; None: there are none."""
    if presence.empty:
        return None
    return tuple(pd.Timestamp(one).tz_convert(zone).to_pydatetime()  # type: ignore[return-value]
                 for one in (presence["first"].min(), presence["last"].max()))
