"""Sensors of a demo district, what they read, and the points that officers must pass. All are invented.

A reading is a pure function of seed, sensor and time: history and simulation tell the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from data.demo.draws import Floats, Ints, stream
from data.demo.ground import Ground
from data.demo.resources import Kind, spread
from data.sensors.rows import Reading

KINDS: Final = (
    Kind("smoke", "烟感", "district", 24, None, "fire"),
    Kind("manhole", "井盖", "district", 16, None, "urban_mgmt"),
    Kind("water_meter", "独居老人水表", "district", 12, None, "civil"),
)
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
#: Chance of an incident on a day, how long it lasts, and what is then read; a reading each `STEP_S` of it.
INCIDENTS: Final = {"smoke": (0.012, 1_500, 2.4), "manhole": (0.02, 7_200, 38.0)}
STEP_S: Final = 300
#: Share of the days on which nobody is at home, so that no water is used; the days are counted from an epoch.
AWAY: Final = 0.03
_EPOCH_DAY, _DAYS = 17_500, 8_192
#: Water is used evenly between these local hours, so many cubic metres a day.
_UP, _ABED = 6.0, 22.0
_DAILY_M3: Final = (0.09, 0.24)
#: Local minutes in which a patrol point is due, by the shift of the officer on whose way it lies.
DUE: Final = {"day": (480, 1_080), "evening": (1_050, 1_440), "flex2h": (540, 1_080)}
POINTS_A_PLAN: Final = 2
RADIUS_M: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensors:
    """Sensors in the order of street and id."""

    street_code: list[str]
    resource_id: list[str]
    kind: list[str]


def build_sensors(ground: Ground, rng: np.random.Generator) -> pd.DataFrame:
    """One row per sensor, columns of ``resource``, as many in every district, enough to show each kind.

    What they read is their state, so they have none.
    """
    rows = pd.concat([spread(kind, ground, rng) for kind in KINDS], ignore_index=True)
    return rows.assign(status=None, is_synthetic=True, source_system="demo")


def sensors_of(rows: pd.DataFrame) -> Sensors:
    """The sensors among resources."""
    known = rows.sort_values(["street_code", "resource_id"])
    return Sensors(street_code=known["street_code"].tolist(), resource_id=known["resource_id"].tolist(),
                   kind=known["kind"].tolist())


def readings(sensors: Sensors, since: int, until: int, *, zone: ZoneInfo, seed: int) -> list[Reading]:
    """What the sensors tell in ``(since, until]``, seconds since 1970; each hourly, in an incident oftener.

    Args:
        zone: of the district; water is used by its hours.
    """
    return [Reading(sensors.street_code[place], sensors.resource_id[place], kind,
                    datetime.fromtimestamp(second, UTC), value)
            for place, own in enumerate(sensors.kind)
            for second, kind, value in _told(place, own, since, until, zone=zone, seed=seed)]


def _told(place: int, own: str, since: int, until: int, *, zone: ZoneInfo, seed: int
          ) -> Iterator[tuple[int, str, float]]:
    """Second, kind and value of each reading of one sensor."""
    incidents = [one for day in range((since - DAY_S) // DAY_S, until // DAY_S + 1)
                 for one in _incident(place, own, day, seed)]
    moments = {*_hourly(place, since, until), *(
        second for begin, end in incidents for second in range(begin, end + 1, STEP_S)
        if since < second <= until)}
    for second in sorted(moments):
        if own == "water_meter":
            yield second, "volume", _volume(place, second, zone, seed)
        else:
            happens = any(begin <= second < end for begin, end in incidents)
            calm = (second // HOUR_S * 7 + place * 3) % 6
            kind, step = ("smoke", 0.01) if own == "smoke" else ("tilt", 0.5)
            yield second, kind, INCIDENTS[own][2] if happens else round(calm * step, 2)
        if second // HOUR_S % 24 == place % 24 and second % HOUR_S == _phase(place):
            yield second, "battery", float(100 - (second // DAY_S + place * 7) % 60)


def _phase(place: int) -> int:
    return place * 431 % HOUR_S


def _hourly(place: int, since: int, until: int) -> range:
    first = since + 1 + (_phase(place) - since - 1) % HOUR_S
    return range(first, until + 1, HOUR_S)


def _incident(place: int, own: str, day: int, seed: int) -> Iterator[tuple[int, int]]:
    """Begin and end of what happens to a sensor on a day (UTC), if anything does."""
    if own not in INCIDENTS:
        return
    chance, lasts, _ = INCIDENTS[own]
    drawn, at = _draws(seed, day)
    if drawn[place % drawn.size] < chance:
        begin = day * DAY_S + int(at[place % at.size])
        yield begin, begin + lasts


@cache
def _draws(seed: int, day: int) -> tuple[Floats, Ints]:
    rng = stream(seed, 96, day)
    return rng.random(4_096), rng.integers(0, DAY_S - 7_200, 4_096)


@cache
def _home(place: int, seed: int) -> tuple[float, Ints]:
    """Cubic metres a day, and on how many days somebody was at home before each day since the epoch."""
    rng = stream(seed, 97, place)
    daily = float(rng.uniform(*_DAILY_M3))
    return daily, np.concatenate([[0], np.cumsum(rng.random(_DAYS) >= AWAY)])


def _volume(place: int, second: int, zone: ZoneInfo, seed: int) -> float:
    """The standing of a meter, cubic metres to a litre."""
    local = datetime.fromtimestamp(second, zone)
    day = min(max(local.toordinal() - 719_163 - _EPOCH_DAY, 0), _DAYS - 1)  # 719,163: ordinal of 1970-01-01
    daily, at_home = _home(place, seed)
    hour = local.hour + local.minute / 60 + local.second / HOUR_S
    part = min(max((hour - _UP) / (_ABED - _UP), 0.0), 1.0) * int(at_home[day + 1] - at_home[day])
    return round(20 + daily * (int(at_home[day]) + part), 3)


def span_of(until: datetime, days: int = 2) -> tuple[int, int]:
    """The seconds of the history of readings before the end of a demo (aware), as of `readings`."""
    last = int((until - timedelta(seconds=1)).timestamp())
    return last - days * DAY_S, last


def build_points(areas: gpd.GeoDataFrame, ground: Ground, people: pd.DataFrame) -> pd.DataFrame:
    """A few patrol points in each work grid, columns of ``patrol_point``: where the ways of its grids begin.

    Args:
        areas: grids of every kind; not modified.
        people: those of tier one have the shifts by which points are due; not modified.
    """
    first = people[people["team_level"] == 1]
    shifts = dict(zip(first["grid_code"], first["shift"], strict=True))
    plans = areas[areas["grid_kind"] == "work"].sort_values("area_code")
    place = {code: position for position, code in enumerate(ground.grid_code.tolist())}
    rows = []
    for plan, name, members in zip(plans["area_code"], plans["name"], plans["members"], strict=True):
        for nth, grid in enumerate([code for code in members if code in place][:POINTS_A_PLAN]):
            way = np.array([place[grid]])
            lon, lat, _ = ground.walks.at(way, np.zeros(1))
            begin, end = DUE[shifts.get(grid, "day")]
            rows.append({
                "street_code": grid[:9], "point_id": f"{plan}-{nth + 1}", "name": f"{name}必巡点{nth + 1}",
                "grid_code": grid, "plan_code": plan, "lon": round(float(lon[0]), 6),
                "lat": round(float(lat[0]), 6), "radius_m": RADIUS_M, "from_min": begin, "until_min": end})
    columns = ["street_code", "point_id", "name", "grid_code", "plan_code", "lon", "lat", "radius_m",
               "from_min", "until_min"]
    return pd.DataFrame(rows, columns=columns).assign(is_synthetic=True, source_system="demo")
