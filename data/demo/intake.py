"""What is reported in the demo: when, what, where, by which channel, and how hard it is.

One `Intake` holds one row per case, in the order of reporting.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import shapely

from data.demo.draws import Flags, Floats, Ints, pick, pick_by_row, rake
from data.demo.ground import M_PER_DEG_LAT, ROAD_POINTS, Ground, m_per_deg_lon
from data.demo.mix import (
    CATEGORY_SHARE,
    DEVICE_TILT,
    EVENING,
    HOURS,
    LEVEL_SHARE,
    ON_ROADS,
    PATROL_TILT,
    WEEKDAY,
)
from data.demo.profiles import TIME_ZONE, Profile
from data.exchange.categories import Category, categories
from data.exchange.channels import CHANNELS

Instants = npt.NDArray[np.datetime64]

BY_CODE: Final[dict[str, Category]] = {row.cat_code: row for row in categories()}
#: The subclasses of the demo; ``Intake.category`` counts in this order.
CATEGORIES: Final = tuple(BY_CODE[code] for code in CATEGORY_SHARE)
GROUP_OF: Final = {row.channel_code: row.group_code for row in CHANNELS}
LEVELS: Final = ("grid", "community", "street", "district")
REPEAT_SHARE: Final = 0.09
HOT_SPOTS_PER_CLASS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Facts of cases before anybody works on them; arrays of one length.

    Attributes:
        reported: UTC, ascending.
        category, channel, grid: positions in `CATEGORIES`, the profile's channels, the ground's grids.
        building: position in the ground's buildings; -1 on a road.
        level: position in `LEVELS` of the level that will end the case.
        source: position of the case that this one repeats; -1 when it is new.
        lon, lat: WGS-84 degrees, inside the grid.
    """

    reported: Instants
    category: Ints
    channel: Ints
    grid: Ints
    building: Ints
    level: Ints
    source: Ints
    lon: Floats
    lat: Floats

    def keep(self, chosen: Flags) -> Intake:
        """Only the chosen cases; a repeat of a case that is gone becomes a new one."""
        place = np.where(chosen, np.cumsum(chosen) - 1, -1)
        kept = {field.name: getattr(self, field.name)[chosen] for field in fields(self)}
        source = kept["source"]
        return Intake(**{**kept, "source": np.where(source >= 0, place[source], -1)})


def channel_codes(profile: Profile) -> tuple[str, ...]:
    """The profile's channels; ``Intake.channel`` counts in this order."""
    return tuple(profile.channels)


def channel_groups(profile: Profile) -> npt.NDArray[np.str_]:
    """The group of each of the profile's channels."""
    return np.array([GROUP_OF[code] for code in profile.channels])


def draw_intake(profile: Profile, ground: Ground, until: datetime, rng: np.random.Generator,
                count: int) -> Intake:
    """Draw the cases of a whole demo.

    Args:
        count: cases reported on full days of the window; those after ``until`` fall away.
    """
    first = profile.first_day(until)
    kind = _draw_kinds(profile, rng, count)
    reported = _draw_times(profile, first, until, kind, rng)
    early = reported < np.datetime64(until.astimezone(ZoneInfo("UTC")).replace(tzinfo=None), "us")
    reported, category, channel = reported[early], kind[0][early], kind[1][early]
    order = np.argsort(reported, kind="stable")
    reported, category, channel = reported[order], category[order], channel[order]
    grid = _draw_grids(ground, category, rng)
    classes = np.array([row.cat_code[:3] for row in CATEGORIES])
    level_table = np.array([LEVEL_SHARE[name] for name in classes])
    level = pick_by_row(rng, level_table, category)
    building, lon, lat = _draw_places(ground, category, grid, rng)
    intake = Intake(reported=reported, category=category, channel=channel, grid=grid, building=building,
                    level=level, source=np.full(reported.size, -1), lon=lon, lat=lat)
    return _repeat_some(intake, rng)


def _draw_kinds(profile: Profile, rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Category and channel of each case, from a table raked to both margins."""
    shares = np.array([*CATEGORY_SHARE.values()])
    channels = np.array([*profile.channels.values()], dtype=float)
    groups = channel_groups(profile)
    tilt = np.ones((shares.size, channels.size))
    for row, code in enumerate(CATEGORY_SHARE):
        tilt[row, groups == "patrol"] = PATROL_TILT.get(code[:3], 1.0)
        tilt[row, groups == "device"] = max(DEVICE_TILT.get(code[:3], 1.0), 1e-6)
    table = rake(tilt * shares[:, None] * channels, shares / shares.sum(), channels / channels.sum())
    drawn = pick(rng, table.ravel(), count)
    return drawn // channels.size, drawn % channels.size


def _draw_times(profile: Profile, first: date, until: datetime, kind: tuple[Ints, Ints],
                rng: np.random.Generator) -> Instants:
    """Local days by weekday and holiday, hours by channel group, as UTC instants."""
    last = (until - timedelta(microseconds=1)).astimezone(ZoneInfo(TIME_ZONE)).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weight = np.array([WEEKDAY[day.weekday()] * _holiday_factor(day) for day in days])
    weight *= rng.lognormal(0.0, 0.07, len(days))
    day = pick(rng, weight, kind[0].size)
    names = [*HOURS]
    groups = np.array([names.index(group) for group in channel_groups(profile)])
    late = np.array([row.cat_code in EVENING for row in CATEGORIES])
    curve = np.where(late[kind[0]], names.index("evening"), groups[kind[1]])
    hour = pick_by_row(rng, np.array([*HOURS.values()]), curve)
    second = rng.integers(0, 3_600, day.size)
    offset = int(until.astimezone(ZoneInfo(TIME_ZONE)).utcoffset() / timedelta(seconds=1))  # type: ignore[operator]
    start = np.datetime64(first, "us") - np.timedelta64(offset, "s")
    return start + (day * 86_400 + hour * 3_600 + second).astype("timedelta64[s]")


def _holiday_factor(day: date) -> float:
    """Fewer cases round the Spring Festival and the October holidays."""
    festivals = {2019: date(2019, 2, 5), 2020: date(2020, 1, 25), 2021: date(2021, 2, 12),
                 2022: date(2022, 2, 1), 2023: date(2023, 1, 22), 2024: date(2024, 2, 10),
                 2025: date(2025, 1, 29), 2026: date(2026, 2, 17), 2027: date(2027, 2, 6)}
    festival = festivals.get(day.year)
    if festival and -2 <= (day - festival).days <= 6:
        return 0.35
    return 0.7 if day.month == 10 and day.day <= 7 else 1.0


def _draw_grids(ground: Ground, category: Ints, rng: np.random.Generator) -> Ints:
    """Grids by households, with a few hot spots of each class."""
    size = ground.grid_code.size
    base = ground.households * rng.lognormal(0.0, 0.35, size)
    classes = sorted({row.cat_code[:3] for row in CATEGORIES})
    weights = np.tile(base, (len(classes), 1))
    for row in range(len(classes)):
        hot = rng.integers(0, size, HOT_SPOTS_PER_CLASS)
        near = np.hypot((ground.lon[:, None] - ground.lon[hot]) * m_per_deg_lon(ground.lat[:, None]),
                        (ground.lat[:, None] - ground.lat[hot]) * M_PER_DEG_LAT)
        strength = rng.uniform(6.0, 14.0, HOT_SPOTS_PER_CLASS)
        weights[row] *= 1.0 + (strength * np.exp(-((near / 350.0) ** 2))).sum(axis=1)
    number = np.array([classes.index(row.cat_code[:3]) for row in CATEGORIES])
    return pick_by_row(rng, weights, number[category])


def _draw_places(ground: Ground, category: Ints, grid: Ints,
                 rng: np.random.Generator) -> tuple[Ints, Floats, Floats]:
    """A building of the grid with a few metres of noise, a point on its roads, or its middle."""
    size = grid.size
    housed = ground.building_count[grid] > 0
    nth = (rng.random(size) * ground.building_count[grid]).astype(np.int64)
    building = np.where(housed, ground.building_first[grid] + nth, -1)
    column = rng.integers(0, ROAD_POINTS, size)
    road_lon, road_lat = ground.road_lon[grid, column], ground.road_lat[grid, column]
    outdoors = np.array([row.cat_code in ON_ROADS for row in CATEGORIES])[category]
    on_road = (outdoors & (rng.random(size) < 0.8) | ~housed) & ~np.isnan(road_lon)
    building = np.where(on_road, -1, building)
    at = np.maximum(building, 0)
    has = building >= 0
    own_lon = np.where(has, ground.building_lon[at] if at.size else 0.0, ground.lon[grid])
    own_lat = np.where(has, ground.building_lat[at] if at.size else 0.0, ground.lat[grid])
    lon, lat = np.where(on_road, road_lon, own_lon), np.where(on_road, road_lat, own_lat)
    moved_lat = lat + rng.normal(0.0, 5.0, size) / M_PER_DEG_LAT
    moved_lon = lon + rng.normal(0.0, 5.0, size) / m_per_deg_lon(lat)
    inside = shapely.contains_xy(ground.shape[grid], moved_lon, moved_lat)
    return building, np.where(inside, moved_lon, lon), np.where(inside, moved_lat, lat)


def _repeat_some(intake: Intake, rng: np.random.Generator) -> Intake:
    """Some cases report again what was reported up to 30 days before at the same place."""
    size = intake.reported.size
    chosen = rng.random(size) < REPEAT_SHARE
    oldest = np.searchsorted(intake.reported, intake.reported - np.timedelta64(30, "D"))
    span = np.arange(size) - oldest
    source = oldest + (rng.random(size) * span).astype(np.int64)
    chosen &= (span > 0) & ~chosen[np.minimum(source, size - 1)]
    source = np.where(chosen, source, -1)
    copied: dict[str, Any] = {
        name: np.where(chosen, getattr(intake, name)[source], getattr(intake, name))
        for name in ("category", "grid", "building", "level", "lon", "lat")
    }
    return replace(intake, source=source, **copied)
