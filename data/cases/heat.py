"""Case heat: weighted cells made by the server, so that the payload is bounded by the screen."""

from __future__ import annotations

from datetime import datetime
from math import ceil, cos, hypot, isfinite, radians
from typing import Final

import numpy as np
import pyarrow as pa
from sqlalchemy import Double, Integer, bindparam, cast, func, select

from data.cases.facts import Facts
from data.cases.points import Box, placed
from data.cases.queries import matches, seen_by
from data.filters import CaseFilter
from data.sql import Query
from data.tables import cases

MAX_CELLS: Final = 20_000
METRES_PER_DEGREE: Final = 111_320.0
#: Metres of a pixel at zoom 0 on the equator, tiles of 512 pixels as the map counts them.
_METRES_PER_PIXEL: Final = 78_271.517
#: Pixels that one cell should cover on the screen.
PIXELS_PER_CELL: Final = 6.0
SMALLEST_M: Final = 10.0
LARGEST_M: Final = 20_000.0


def cell_metres(zoom: float, latitude: float) -> float:
    """The cell size for a zoom of the map, on a ladder of doublings so that answers repeat.

    Raises:
        ValueError: a zoom outside 0..24 or a latitude outside -85..85.
    """
    if not (isfinite(zoom) and 0 <= zoom <= 24 and isfinite(latitude) and -85 <= latitude <= 85):
        raise ValueError(f"zoom must be 0..24 and latitude -85..85, got {zoom!r} and {latitude!r}")
    wanted = PIXELS_PER_CELL * _METRES_PER_PIXEL * cos(radians(latitude)) / 2**zoom
    size = SMALLEST_M
    while size < min(wanted, LARGEST_M):
        size *= 2
    return size


def heat(filter_: CaseFilter, *, now: datetime, box: Box, cell_m: float) -> Query:
    """One row per occupied cell of the box: ``ix, iy`` (from its west and south edge), ``weight`` (cases).

    Cells are ``cell_m`` metres wide and high at the middle latitude of the box.

    Raises:
        ValueError: ``cell_m`` outside 1..100000, or so small that the box has over 10^9 columns or rows.
    """
    if not (isfinite(cell_m) and 1 <= cell_m <= 100_000):
        raise ValueError(f"cell_m must be 1..100000 metres, got {cell_m!r}")
    width, height = cell_degrees(box, cell_m)
    column = func.floor((cases.c.lon - bindparam("west", box.west, type_=Double))
                        / bindparam("width", width, type_=Double))
    row = func.floor((cases.c.lat - bindparam("south", box.south, type_=Double))
                     / bindparam("height", height, type_=Double))
    cells = (select(cast(column, Integer).label("ix"), cast(row, Integer).label("iy"))
             .where(matches(filter_), placed(box, seen_by(filter_)), Facts(now).reported).subquery("cells"))
    return (select(cells.c.ix, cells.c.iy, cast(func.count(), Integer).label("weight"))
            .group_by(cells.c.ix, cells.c.iy))


def cell_degrees(box: Box, cell_m: float) -> tuple[float, float]:
    """Width and height in degrees of a cell of ``cell_m`` metres in the middle of the box."""
    height = cell_m / METRES_PER_DEGREE
    return height / max(cos(radians((box.south + box.north) / 2)), 0.05), height


def smallest_cell(box: Box) -> float:
    """The size in metres from which the box has at most 4 x `MAX_CELLS` cells, occupied or not.

    It only keeps a hostile request from asking for a cell per case.
    """
    middle = cos(radians((box.south + box.north) / 2))
    wide = (box.east - box.west) * METRES_PER_DEGREE * max(middle, 0.05)
    high = (box.north - box.south) * METRES_PER_DEGREE
    return max(SMALLEST_M, hypot(wide, high) / ceil(hypot(4 * MAX_CELLS, 4 * MAX_CELLS)))


def coarser(cells: pa.Table) -> pa.Table:
    """Four cells put together to one: half the resolution, the same sum of weights."""
    halved = pa.table({
        "ix": np.floor_divide(cells["ix"].to_numpy(), 2),
        "iy": np.floor_divide(cells["iy"].to_numpy(), 2),
        "weight": cells["weight"],
    })
    merged = halved.group_by(["ix", "iy"]).aggregate([("weight", "sum")])
    return merged.rename_columns(["ix", "iy", "weight"])


def centres(cells: pa.Table, box: Box, cell_m: float) -> pa.Table:
    """The cells by their centres: ``lon, lat`` (WGS-84 degrees), ``weight`` (cases, float32)."""
    width, height = cell_degrees(box, cell_m)
    return pa.table({
        "lon": box.west + (cells["ix"].to_numpy() + 0.5) * width,
        "lat": box.south + (cells["iy"].to_numpy() + 0.5) * height,
        "weight": cells["weight"].to_numpy().astype("float32"),
    })
