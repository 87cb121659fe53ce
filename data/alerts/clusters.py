"""Clusters of the reported cases of a scope as areas: the scan over its grids and last days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from data.alerts.scan import scan
from data.alerts.study import Cluster, Rules, ScanError
from data.areas.plane import METRES_PER_DEGREE_LAT, METRES_PER_DEGREE_LON
from data.filters import CaseFilter

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from data.readers import Readers

DAYS: Final = 60
#: How the product scans; the longest cluster is two weeks of the sixty days.
RULES: Final = Rules()
#: With fewer grids than these a cluster is no place among others.
FEWEST_GRIDS: Final = 3
#: Clusters that chance makes more often than this are not drawn.
MOST_P: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything that a scan needs, as plain values: it is handed to another process.

    Attributes:
        since, until: the window, aware; whole days of 24 hours.
        codes: the grids.
        lonlat: (lon, lat) of their middles, WGS-84 degrees.
        counts: ``(grid, day, cases)`` by the grid's place in ``codes`` and the day from ``since`` on.
        left_out: cases of the window in none of the grids.
        rules: what may be a cluster.
    """

    since: datetime
    until: datetime
    codes: tuple[str, ...]
    lonlat: tuple[tuple[float, float], ...]
    counts: tuple[tuple[int, int, int], ...]
    left_out: int = 0
    rules: Rules = RULES

    @property
    def days(self) -> int:
        """Days of the window."""
        return round((self.until - self.since) / timedelta(days=1))

    @property
    def digest(self) -> str:
        """The same for equal questions; kept in their place, for they are large."""
        return blake2b(repr(self).encode(), digest_size=16).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; the inverse of `question_from`."""
        return {**asdict(self), "since": self.since.isoformat(), "until": self.until.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaCluster:
    """A cluster in the words of the map.

    Attributes:
        grids: codes, nearest to the middle first.
        lon, lat: the middle of the circle, WGS-84 degrees.
        radius_m: metres to the middle of its furthest grid; 0 for one grid alone.
        since, until: its days, aware.
        observed, expected: cases in it, and cases due in it by chance.
        p_value: share of runs of pure chance with a cluster as strong, see `data.alerts.scan`.
        recurrence_days: after how many days such a one is due by chance once.
    """

    grids: tuple[str, ...]
    lon: float
    lat: float
    radius_m: float
    since: datetime
    until: datetime
    observed: int
    expected: float
    p_value: float
    recurrence_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a scan found.

    Attributes:
        since, until: the window that was scanned.
        total: cases that were scanned; ``left_out`` those of the window in no grid.
        runs: how often chance was tried.
        clusters: with a p of at most `MOST_P`, the strongest first.
    """

    since: datetime
    until: datetime
    total: int
    left_out: int
    runs: int
    clusters: tuple[AreaCluster, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; the inverse of `found_from`."""
        clusters = [{**asdict(one), "since": one.since.isoformat(), "until": one.until.isoformat()}
                    for one in self.clusters]
        return {**asdict(self), "since": self.since.isoformat(), "until": self.until.isoformat(),
                "clusters": clusters}


def window(now: datetime, zone: ZoneInfo, days: int = DAYS) -> tuple[datetime, datetime]:
    """The last whole days: up to the midnight of ``zone`` before ``now``, both aware, in UTC."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    until = midnight.astimezone(now.tzinfo)
    return until - timedelta(days=days), until


def question(readers: Readers, now: datetime, zone: ZoneInfo, *, rules: Rules = RULES) -> Question:
    """What a scan of the readers' scope needs, as of ``now`` (aware).

    All cases of the scope count, whatever their kind. Some milliseconds; runs no scan.
    """
    since, until = window(now, zone)
    counted = readers.cases.daily(CaseFilter(since=since, until=until))
    return question_of(counted, readers.areas.geometry("grid"), since=since, until=until, rules=rules)


def question_of(counted: pd.DataFrame, grids: gpd.GeoDataFrame, *, since: datetime, until: datetime,
                rules: Rules = RULES) -> Question:
    """Lay out counted cases over grids.

    Args:
        counted: ``grid_code, day, cases`` as of `data.cases.daily`.
        grids: ``area_code`` and geometry in EPSG:4326.
        since, until: the window of the counts.
        rules: what may be a cluster.
    """
    grids = grids.sort_values("area_code")
    codes = grids["area_code"].tolist()
    middles = grids.geometry.representative_point()
    at = {code: number for number, code in enumerate(codes)}
    rows = [(at[code], int(day), int(held)) for code, day, held in
            zip(counted["grid_code"], counted["day"], counted["cases"], strict=True) if code in at]
    return Question(since=since, until=until, codes=tuple(codes), counts=tuple(sorted(rows)), rules=rules,
                    lonlat=tuple(zip(middles.x.tolist(), middles.y.tolist(), strict=True)),
                    left_out=int(counted["cases"].sum()) - sum(held for *_, held in rows))


def answer(asked: Question, *, progress: Callable[[float], None] = lambda _share: None,
           stopped: Callable[[], bool] = lambda: False) -> Found:
    """Run the scan: seconds of one core.

    Raises:
        ScanError, ScanStopped: see `data.alerts.scan`.
    """
    counts = np.zeros((len(asked.codes), asked.days), dtype=np.int64)
    for grid, day, held in asked.counts:
        counts[grid, day] += held
    clusters = scan(_metres(asked.lonlat), counts, asked.rules, progress=progress, stopped=stopped)
    return Found(since=asked.since, until=asked.until, total=int(counts.sum()), left_out=asked.left_out,
                 runs=asked.rules.runs,
                 clusters=tuple(_on_map(one, asked) for one in clusters if one.p_value <= MOST_P))


def _metres(lonlat: tuple[tuple[float, float], ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Places in a plane around their middle, metres."""
    places = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    if not len(places):
        return places
    middle = places.mean(axis=0)
    return (places - middle) * (METRES_PER_DEGREE_LON * np.cos(np.radians(middle[1])), METRES_PER_DEGREE_LAT)


def _on_map(one: Cluster, asked: Question) -> AreaCluster:
    lon, lat = asked.lonlat[one.centre]
    return AreaCluster(
        grids=tuple(asked.codes[at] for at in one.members), lon=lon, lat=lat, radius_m=one.radius_m,
        since=asked.until - timedelta(days=one.days), until=asked.until, observed=one.observed,
        expected=one.expected, p_value=one.p_value, recurrence_days=one.recurrence_days)


def question_from(stored: Mapping[str, Any]) -> Question:
    """Rebuild a question from its JSON.

    Raises:
        ScanError: the rules cannot be.
    """
    plain = {**stored, "since": _time(stored["since"]), "until": _time(stored["until"])}
    return Question(**{**plain, "codes": tuple(stored["codes"]), "rules": Rules(**stored["rules"]),
                       "lonlat": tuple((float(lon), float(lat)) for lon, lat in stored["lonlat"]),
                       "counts": tuple((int(a), int(b), int(c)) for a, b, c in stored["counts"])})


def found_from(stored: Mapping[str, Any]) -> Found:
    """Rebuild what was found from its JSON.

    Raises:
        ScanError: it is not what `Found.to_json` writes.
    """
    try:
        clusters = tuple(
            AreaCluster(**{**one, "grids": tuple(one["grids"]), "since": _time(one["since"]),
                           "until": _time(one["until"])}) for one in stored["clusters"])
        return Found(**{**stored, "since": _time(stored["since"]), "until": _time(stored["until"]),
                        "clusters": clusters})
    except (KeyError, TypeError, ValueError) as fault:
        raise ScanError(f"a result must be what a scan writes, got {str(stored)[:80]!r}: {fault}") from None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
