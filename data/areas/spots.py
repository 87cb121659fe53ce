"""Cases by the ground they lie on, for grids that cases are not assigned to (unit grids, compounds)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Integer, cast, select

from data.cases.facts import Facts
from data.cases.points import Box, placed
from data.cases.queries import matches, seen_by
from data.cases.rules import RULES, WALL
from data.filters import CaseFilter
from data.sql import Query
from data.tables import cases

#: Answers a query with a table.
Frame = Callable[[Query], pd.DataFrame]
#: Degrees around a polygon, so that its east and north edges lie inside the box.
_MARGIN: Final = 1e-6


def spots(filter_: CaseFilter, *, now: datetime, box: Box) -> Query:
    """One row per placed case in the box: ``case_no, lon, lat`` and the counters of `WALL` as 0 or 1."""
    facts = Facts(now)
    flags = [cast(RULES[name](facts), Integer).label(name) for name in WALL]
    return (select(cases.c.case_no, cases.c.lon, cases.c.lat, *flags)
            .where(matches(filter_), placed(box, seen_by(filter_)), facts.reported))


def box_of(shapes: Any) -> Box:
    """The box around one or several polygons in EPSG:4326."""
    west, south, east, north = shapely.total_bounds(shapes)
    return Box(west=max(west - _MARGIN, -180.0), south=max(south - _MARGIN, -90.0),
               east=min(east + _MARGIN, 180.0), north=min(north + _MARGIN, 90.0))


def counts_in(shapes: Any, codes: list[str], ask: Frame, filter_: CaseFilter, now: datetime) -> pd.DataFrame:
    """Counters of `WALL` of the cases on each of some grounds; a case may lie on several or none.

    Args:
        shapes: polygons in EPSG:4326, one per code.
        ask: answers a query with a table.

    Returns:
        ``code`` and the counters, one row per code in the given order, 0 without cases.
    """
    empty = pd.DataFrame(0, index=pd.RangeIndex(len(codes)), columns=list(WALL))
    if not len(codes):
        return empty.assign(code=[])
    found = ask(spots(filter_, now=now, box=box_of(shapes)))
    points = shapely.points(found["lon"].to_numpy(dtype=float), found["lat"].to_numpy(dtype=float))
    which, where = shapely.STRtree(np.asarray(shapes)).query(points, predicate="intersects")
    sums = found[list(WALL)].iloc[which].groupby(where).sum()
    return sums.reindex(empty.index, fill_value=0).astype("int64").assign(code=codes)
