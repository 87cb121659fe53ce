"""Where vehicles and teams are and what they do: a pure function of seed and time, as officers walk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import sqlalchemy as sa

from data.demo.draws import Floats, Ints, stream
from data.demo.walks import Walks
from data.resources.writer import State
from data.tables import resource

#: Kinds that move -> metres a second while they patrol.
SPEEDS: Final = {"police_car": 6.0, "patrol_car": 5.0, "ebike": 3.5, "fire_engine": 6.0, "ambulance": 6.0,
                 "redband": 1.0, "patrol_team": 1.1, "stability_team": 4.0}
#: What a vehicle does for so long: state, share, how fast it then moves (as a part of its patrol speed).
SLOT_S: Final = 1_200
DOES: Final = (("idle", 0.58, 1.0), ("assigned", 0.18, 1.6), ("busy", 0.16, 0.0), ("offline", 0.08, 0.0))
EVERY_S: Final = 30
_SLOTS: Final = 86_400 // SLOT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicles:
    """What moves, by key.

    Attributes:
        way: position of the way in the walks; speed_mps: while on patrol; offset_m: where on it they begin.
    """

    street_code: list[str]
    resource_id: list[str]
    way: Ints
    speed_mps: Floats
    offset_m: Floats


def load_vehicles(connection: sa.Connection, codes: list[str], seed: int) -> Vehicles:
    """The resources that move and stand in a base grid.

    Args:
        codes: of the grids, in the order of the walks.
    """
    place = {code: position for position, code in enumerate(codes)}
    rows = [row for row in connection.execute(
        sa.select(resource.c.street_code, resource.c.resource_id, resource.c.kind, resource.c.area_code)
        .where(resource.c.kind.in_(sorted(SPEEDS)), resource.c.deleted_at.is_(None))
        .order_by(resource.c.street_code, resource.c.resource_id)) if row.area_code in place]
    rng = stream(seed, 94)
    return Vehicles(
        street_code=[row.street_code for row in rows], resource_id=[row.resource_id for row in rows],
        way=np.array([place[row.area_code] for row in rows], dtype=np.int64),
        speed_mps=np.array([SPEEDS[row.kind] for row in rows]) * rng.uniform(0.8, 1.2, len(rows)),
        offset_m=rng.uniform(0, 4_000, len(rows)))


def moments(since: int, until: int) -> range:
    """The seconds in ``(since, until]`` at which vehicles report."""
    return range((since // EVERY_S + 1) * EVERY_S, until + 1, EVERY_S)


def states(vehicles: Vehicles, walks: Walks, second: int, *, seed: int) -> list[State]:
    """What all vehicles report at a second since 1970; an offline one reports its last place."""
    count = len(vehicles.resource_id)
    if not count:
        return []
    day, rest = divmod(second, 86_400)
    drawn = stream(seed, 95, day).choice(len(DOES), size=(count, _SLOTS), p=[share for _, share, _ in DOES])
    pace = np.array([fast for _, _, fast in DOES])[drawn] * SLOT_S
    slot, within = divmod(rest, SLOT_S)
    done = pace[:, :slot].sum(axis=1) + pace[:, slot] * within / SLOT_S
    lon, lat, heading = walks.at(vehicles.way, vehicles.offset_m + vehicles.speed_mps * done)
    at, moves = datetime.fromtimestamp(second, UTC), pace[:, slot] > 0
    names = [DOES[one][0] for one in drawn[:, slot].tolist()]
    return [State(street, code, at, name, east, north, course if moving else None)
            for street, code, name, east, north, course, moving in zip(
                vehicles.street_code, vehicles.resource_id, names, np.round(lon, 6).tolist(),
                np.round(lat, 6).tolist(), np.round(heading, 0).tolist(), moves.tolist(), strict=True)]
