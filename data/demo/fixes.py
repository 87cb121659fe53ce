"""Positions (定位) of officers who go to and fro along the roads of their grids.

One position a minute while on patrol, with noise, stops, gaps, jumps marked
invalid, officers who go offline, and a few who leave their grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from data.demo.draws import Flags, Floats, Ints, stream
from data.demo.ground import M_PER_DEG_LAT, Ground, m_per_deg_lon
from data.tables import gps_fix

MINUTE_S: Final = 60
DAY_MINUTES: Final = 1_440
#: Patrol blocks per shift: local start minute and share of the day's positions.
BLOCKS: Final = {
    "day": ((8 * 60 + 30, 0.45), (14 * 60 + 30, 0.55)),
    "evening": ((18 * 60, 0.3), (20 * 60 + 55, 0.7)),
    "flex2h": ((9 * 60 + 30, 0.5), (15 * 60, 0.5)),
}
PRESENT_SHARE: Final = 0.97
OFFLINE_SHARE: Final = 0.05
STRAY_SHARE: Final = 0.02
EBIKE_SHARE: Final = 0.2
JUMP_SHARE: Final = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class Patrol:
    """The officers who send positions, in the order of street and id.

    Attributes:
        officer_id, street_code: strings.
        grid: position in the ground's grids.
        shift: keys of `BLOCKS`.
    """

    officer_id: pa.Array
    street_code: pa.Array
    grid: Ints
    shift: np.ndarray


def patrol_of(people: pd.DataFrame, ground: Ground) -> Patrol:
    """The level-1 officers among the people."""
    chosen = people[people["team_level"] == 1].sort_values(["street_code", "officer_id"])
    return Patrol(
        officer_id=pa.array(chosen["officer_id"], pa.string()),
        street_code=pa.array(chosen["street_code"], pa.string()),
        grid=np.searchsorted(ground.grid_code.astype(str), chosen["grid_code"].to_numpy(dtype=str)),
        shift=chosen["shift"].to_numpy(dtype=str),
    )


def fixes_by_day(patrol: Patrol, ground: Ground, days: list[date], end: np.datetime64, *, per_day: int,
                 utc_offset_s: int, seed: int, total: int | None = None) -> Iterator[tuple[date, pa.Table]]:
    """One table of positions per local day, rows by street, officer and time.

    Args:
        days: local days, ascending.
        end: UTC instant (microseconds); later positions fall away.
        per_day: positions of an officer on a full day.
        utc_offset_s: seconds the local time is ahead of UTC.
        seed: of the demo.
        total: stop after so many positions in all; None makes every day whole.
    """
    left = total
    for day in days:
        rng = stream(seed, 50, day.toordinal())
        table = _day(patrol, ground, day, end, per_day=per_day, utc_offset_s=utc_offset_s, rng=rng)
        if left is not None:
            table = table.slice(0, left)
            left -= table.num_rows
        if table.num_rows:
            yield day, table


def local_days(until_local: date, count: int) -> list[date]:
    """The last ``count`` local days, the given one included."""
    return [until_local - timedelta(days=n) for n in range(count - 1, -1, -1)]


def _day(patrol: Patrol, ground: Ground, day: date, end: np.datetime64, *, per_day: int, utc_offset_s: int,
         rng: np.random.Generator) -> pa.Table:
    """All positions of one local day."""
    officers = patrol.grid.size
    minute = _minutes(patrol, per_day, rng)
    stopped = _stops(officers, per_day, rng)
    ebike = rng.random(officers) < EBIKE_SHARE
    speed = np.where(ebike, rng.normal(2.2, 0.3, officers), rng.normal(0.98, 0.1, officers)).clip(0.6, 3.5)
    moving = np.where(stopped, 0.0, speed[:, None] * rng.uniform(0.75, 1.2, (officers, per_day)))
    gone = np.cumsum(moving * MINUTE_S, axis=1) + rng.uniform(0, 4_000, (officers, 1))
    way = np.repeat(patrol.grid[:, None], per_day, axis=1)
    stray = rng.random(officers) < STRAY_SHARE
    away = stray[:, None] & (np.arange(per_day) > per_day * 0.6) & (np.arange(per_day) < per_day * 0.72)
    way = np.where(away, np.minimum(way + 1, ground.grid_code.size - 1), way)
    start = np.datetime64(day, "us") - np.timedelta64(utc_offset_s, "s")
    after = minute * MINUTE_S * 1_000_000 + rng.integers(0, 3_000_000, minute.shape)
    at = start + after.astype("timedelta64[us]")
    sent = _sent(officers, per_day, rng) & (at < end)
    row, column = np.nonzero(sent)
    return _table(patrol, ground, row, rng=rng, way=way[sent], gone=gone[sent], moving=moving[sent],
                  at=at[sent], used=column / per_day)


def _minutes(patrol: Patrol, per_day: int, rng: np.random.Generator) -> Ints:
    """Local minute of the day of every position, (officers, per_day)."""
    shifts, position = np.unique(patrol.shift, return_inverse=True)
    curves = []
    for shift in shifts:
        parts = BLOCKS[shift]
        first = round(per_day * parts[0][1])
        sizes = (first, per_day - first)
        curves.append(np.concatenate([
            begin + np.arange(size) for (begin, _), size in zip(parts, sizes, strict=True)]))
    late = rng.integers(-10, 1, patrol.grid.size)
    return (np.array(curves)[position] + late[:, None]).astype(np.int64)


def _stops(officers: int, per_day: int, rng: np.random.Generator) -> Flags:
    """Minutes at which an officer stands and works rather than walks: about half of the time."""
    rounds = max(per_day // 12, 1)
    begin = rng.integers(0, per_day, (officers, rounds))
    length = rng.integers(3, 18, (officers, rounds))
    change = np.zeros((officers, per_day + 20), dtype=np.int16)
    row = np.repeat(np.arange(officers), rounds)
    np.add.at(change, (row, begin.ravel()), 1)
    np.add.at(change, (row, np.minimum(begin + length, per_day).ravel()), -1)
    found: Flags = np.cumsum(change, axis=1)[:, :per_day] > 0
    return found


def _sent(officers: int, per_day: int, rng: np.random.Generator) -> Flags:
    """Which positions arrive: absences, batteries that die, holes of some minutes, single losses."""
    minute = np.arange(per_day)
    sent = (rng.random((officers, per_day)) > 0.02) & (rng.random(officers) < PRESENT_SHARE)[:, None]
    offline = rng.random(officers) < OFFLINE_SHARE
    dies = np.where(offline, rng.uniform(0.3, 0.95, officers) * per_day, per_day + 1)
    sent &= minute < dies[:, None]
    hole = np.where(rng.random(officers) < 0.25, rng.integers(0, per_day, officers), per_day + 1)
    length = rng.integers(5, 35, officers)
    found: Flags = sent & ~((minute >= hole[:, None]) & (minute < (hole + length)[:, None]))
    return found


def _table(patrol: Patrol, ground: Ground, row: Ints, *, rng: np.random.Generator, way: Ints, gone: Floats,
           moving: Floats, at: np.ndarray, used: Floats) -> pa.Table:
    """Positions with noise as rows of table ``gps_fix``."""
    lon, lat, heading = ground.walks.at(way, gone)
    jump = rng.random(row.size) < JUMP_SHARE
    noise = np.where(jump, 120.0, 3.0)
    lon = lon + rng.standard_normal(row.size) * noise / m_per_deg_lon(lat)
    lat = lat + rng.standard_normal(row.size) * noise / M_PER_DEG_LAT
    accuracy = np.where(jump, rng.uniform(40, 150, row.size), rng.uniform(3, 12, row.size))
    position = pa.array(row)
    codes = pa.array(ground.grid_code, pa.string())
    columns = {
        "street_code": patrol.street_code.take(position),
        "officer_id": patrol.officer_id.take(position),
        "at": pa.array(at).cast(pa.timestamp("us", "UTC")),
        "lon": np.round(lon, 6), "lat": np.round(lat, 6),
        "speed_mps": np.round(moving, 2), "heading": np.round(heading, 0),
        "accuracy_m": np.round(accuracy, 1),
        "battery": (100 - 65 * used).astype(np.int16),
        "valid": ~jump,
        "grid_code": codes.take(pa.array(way)),
    }
    return pa.table({column.name: columns[column.name] for column in gps_fix.columns})
