"""Out of grid (越界): who has been further from the own grid than allowed for longer than allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
import sqlalchemy as sa

from data.alerts.rules.forces import ASTRAY
from data.alerts.rules.model import Found, Rule
from data.areas.plane import METRES_PER_DEGREE_LAT, METRES_PER_DEGREE_LON
from data.tables import area

KIND: Final = "officer_out"


def astray(connection: sa.Connection, rule: Rule, now: datetime) -> list[Found]:
    """Officers on duty outside their grid, with metres as value; grids without a shape are left out.

    Args:
        now: aware.
    """
    rows = connection.execute(sa.text(ASTRAY), {"now": now, "area": rule.area}).mappings().all()
    if not rows:
        return []
    wanted = sorted({row["grid_code"] for row in rows})
    shapes = {row.area_code: shapely.from_wkb(bytes(row.geometry)) for row in connection.execute(
        sa.select(area.c.area_code, area.c.geometry).where(
            area.c.area_code.in_(wanted), area.c.geometry.is_not(None)))}
    return list(_found(rule, [dict(row) for row in rows if row["grid_code"] in shapes], shapes))


def _found(rule: Rule, rows: Sequence[Mapping[str, Any]], shapes: Mapping[str, Any]) -> Iterator[Found]:
    allowed, window = rule.threshold or 0.0, timedelta(seconds=rule.window_s or 0)
    for _, group in groupby(rows, key=lambda row: (row["street_code"], row["officer_id"])):
        fixes = list(group)
        metres = away_m(shapes[fixes[0]["grid_code"]], [(row["lon"], row["lat"]) for row in fixes])
        inside = np.flatnonzero(metres <= allowed)
        first = int(inside[-1]) + 1 if inside.size else 0
        last = fixes[-1]
        if first == len(fixes) or last["at"] - fixes[first]["at"] < window:
            continue
        yield Found(rule=rule, subject_type="officer", subject_id=last["officer_id"],
                    street_code=last["street_code"], community_code=last["community_code"],
                    grid_code=last["grid_code"], lon=last["lon"], lat=last["lat"],
                    value=round(float(metres[-1]), 1),
                    since=fixes[first]["at"] + window if inside.size else None)


def away_m(shape: Any, lonlat: Sequence[tuple[float, float]]) -> npt.NDArray[np.float64]:
    """Metres from a shape (degrees) to places (degrees), 0 inside; equirectangular around the shape."""
    scale = np.array([METRES_PER_DEGREE_LON * np.cos(np.radians(shape.centroid.y)), METRES_PER_DEGREE_LAT])
    plane = shapely.transform(shape, lambda points: points * scale)
    distances: npt.NDArray[np.float64] = shapely.distance(plane, shapely.points(np.array(lonlat) * scale))
    return distances
