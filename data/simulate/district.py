"""What of a store the simulation plays with: ground, officers, and cases to go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import shapely
import sqlalchemy as sa

from data.areas.assign import AreaIndex
from data.clock import time_zone
from data.demo.draws import Floats, Ints, stream
from data.demo.sensors import Sensors
from data.demo.walks import Walks, build_walks
from data.engine import Store
from data.ingest.grids import load_index
from data.sensors.kinds import SENSORS
from data.simulate.driving import Vehicles, load_vehicles
from data.tables import area, cases, category, channel, officer, resource, road

#: Reports go by cases of so many days before the beginning, at most so many of them.
PATTERN_DAYS: Final = 28
MAX_PATTERNS: Final = 4_000
#: Columns of a pattern; with the place they are what a new report says.
SAID: Final = ("street_code", "community_code", "grid_code", "title", "description", "cat_code",
               "channel_code", "nature", "urgency", "lon", "lat", "address",
               "reporter_kind", "reporter_masked", "limit_min")


class DistrictError(ValueError):
    """A store that cannot be played; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Officers:
    """Who walks, in the order of the grids.

    Attributes:
        street_code, officer_id: texts.
        shift: keys of `data.demo.people.SHIFT_MINUTES`.
        way: position of their way in ``walks``.
        speed_mps, offset_m, phase_s: how each walks; drawn from the seed.
    """

    street_code: list[str]
    officer_id: list[str]
    shift: list[str]
    way: Ints
    speed_mps: Floats
    offset_m: Floats
    phase_s: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A store's ground and people as they stand at the beginning.

    Attributes:
        patterns: cases to go by, by number: `SAID`, ``level``, ``main_dept_id``.
        a_day: mean number of reports.
        first_dept: category -> the department that has it first.
        patrols: codes of the channels by which officers report.
        officer_of: grid -> its officer.
    """

    zone: ZoneInfo
    index: AreaIndex
    walks: Walks
    officers: Officers
    vehicles: Vehicles
    sensors: Sensors
    patterns: list[Mapping[str, Any]]
    a_day: float
    first_dept: Mapping[str, str]
    patrols: frozenset[str]
    officer_of: Mapping[str, str]


def load_district(store: Store, *, begin: datetime, seed: int) -> District:
    """Read all that the simulation goes by.

    Args:
        begin: the store's time at which it begins, aware.
        seed: decides how each officer walks.

    Raises:
        DistrictError: no base grids, no officers of grids, or no cases in the days before ``begin``.
    """
    with store.engine.connect() as connection:
        shapes = _shapes(connection)
        roads = [bytes(row.geometry) for row in connection.execute(
            sa.select(road.c.geometry).where(road.c.deleted_at.is_(None)).order_by(road.c.road_id))]
        people = connection.execute(
            sa.select(officer.c.street_code, officer.c.officer_id, officer.c.grid_code, officer.c.shift)
            .where(officer.c.team_level == 1, officer.c.grid_code.is_not(None),
                   officer.c.deleted_at.is_(None))
            .order_by(officer.c.street_code, officer.c.officer_id)).all()
        patterns, a_day = _patterns(connection, begin)
        first = {row.cat_code: row.first_dept_id for row in connection.execute(
            sa.select(category.c.cat_code, category.c.first_dept_id)
            .where(category.c.first_dept_id.is_not(None)))}
        vehicles, sensors = load_vehicles(connection, sorted(shapes), seed), _sensors(connection)
        patrols = frozenset(connection.execute(
            sa.select(channel.c.channel_code).where(channel.c.group_code == "patrol")).scalars())
    walkers = [one for one in people if one.grid_code in shapes]
    for what, held in (("base grids with borders", shapes), ("officers of base grids", walkers),
                       (f"cases in the {PATTERN_DAYS} days before its clock", patterns)):
        if not held:
            raise DistrictError(f"the store must have {what}, got none; build a demo first")
    codes = sorted(shapes)
    walks = build_walks(shapely.from_wkb(np.asarray(roads, dtype=object)),
                        np.asarray([shapes[code] for code in codes], dtype=object), stream(seed, 90))
    return District(
        zone=time_zone(store), index=load_index(store), walks=walks, officers=_officers(walkers, codes, seed),
        vehicles=vehicles, sensors=sensors,
        patterns=patterns, a_day=a_day, first_dept=first, patrols=patrols,
        officer_of={one.grid_code: one.officer_id for one in reversed(walkers)})


def _sensors(connection: sa.Connection) -> Sensors:
    rows = sorted(tuple(row) for row in connection.execute(
        sa.select(resource.c.street_code, resource.c.resource_id, resource.c.kind)
        .where(resource.c.kind.in_(sorted(SENSORS)), resource.c.deleted_at.is_(None))))
    return Sensors(street_code=[row[0] for row in rows], resource_id=[row[1] for row in rows],
                   kind=[row[2] for row in rows])


def _shapes(connection: sa.Connection) -> dict[str, Any]:
    rows = connection.execute(sa.select(area.c.area_code, area.c.geometry).where(
        area.c.level == "grid", sa.or_(area.c.grid_kind == "base", area.c.grid_kind.is_(None)),
        area.c.geometry.is_not(None), area.c.deleted_at.is_(None))).all()
    return {row.area_code: shapely.from_wkb(bytes(row.geometry)) for row in rows}


def _patterns(connection: sa.Connection, begin: datetime) -> tuple[list[Mapping[str, Any]], float]:
    """Cases to go by, spread evenly over their numbers, and how many there were a day."""
    since = begin - timedelta(days=PATTERN_DAYS)
    inside = sa.and_(cases.c.reported_at >= since, cases.c.reported_at < begin, cases.c.deleted_at.is_(None),
                     cases.c.lon.is_not(None), cases.c.lat.is_not(None), cases.c.cat_code.is_not(None))
    count, first = connection.execute(
        sa.select(sa.func.count(), sa.func.min(cases.c.reported_at)).where(inside)).one()
    if not count:
        return [], 0.0
    numbered = sa.select(*(cases.c[name] for name in SAID), cases.c.case_no, cases.c.main_dept_id,
                         sa.func.coalesce(cases.c.level_closed, cases.c.level_now, "grid").label("level"),
                         sa.func.row_number().over(order_by=cases.c.case_no).label("place")
                         ).where(inside).subquery()
    every = max(1, -(-count // MAX_PATTERNS))
    rows = connection.execute(sa.select(numbered).where(numbered.c.place % every == 0)
                              .order_by(numbered.c.case_no)).mappings().all()
    days = max((begin - first) / timedelta(days=1), 1.0)
    return [dict(row) for row in rows], count / days


def _officers(people: list[Any], codes: list[str], seed: int) -> Officers:
    rng, count = stream(seed, 91), len(people)
    place = {code: position for position, code in enumerate(codes)}
    return Officers(
        street_code=[one.street_code for one in people], officer_id=[one.officer_id for one in people],
        shift=[one.shift or "day" for one in people],
        way=np.array([place[one.grid_code] for one in people], dtype=np.int64),
        speed_mps=rng.normal(1.0, 0.12, count).clip(0.6, 1.5), offset_m=rng.uniform(0, 4_000, count),
        phase_s=rng.integers(0, 3_600, count))
