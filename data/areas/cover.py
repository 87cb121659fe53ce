"""A regular cover for points without any border: square cells in blocks of blocks.

The cover follows where points are, not how far the farthest one lies: each
distinct place counts once, a stray place far from the bulk is left out, and a
distant cluster with a fair share of the places keeps cells of its own.
"""

from __future__ import annotations

import math
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import ndimage

from data.areas.cells import DEGREES_DIGITS, Ints
from data.areas.codes import AreaError
from data.areas.plane import METRES_PER_DEGREE_LAT, METRES_PER_DEGREE_LON, Plane
from data.areas.rows import area_rows

DEFAULT_ADCODE: Final = "900001"
CELL_RANGE_M: Final = (20.0, 50_000.0)
_MAX_CELLS: Final = 200_000
_TAIL: Final = 0.01
_MARGIN: Final = 0.5
_CLUSTER_SHARE: Final = 0.01
_CLUSTER_PLACES: Final = 3


def derive_from_points(lon: Any, lat: Any, cell_m: float, adcode: str = DEFAULT_ADCODE, *,
                       name: str = "导入区域") -> gpd.GeoDataFrame:
    """A district, streets, communities and grids around points.

    Args:
        lon: degrees, WGS-84; NaN, infinite and impossible values are passed over.
        lat: same length.
        cell_m: side of a grid cell in metres, 20…50,000.
        adcode: six digits that all codes start with.
        name: name of the district.

    Returns:
        Rows of table ``area`` (see `rows.area_rows`), EPSG:4326, ``is_derived`` true,
        district first, sorted by level and code. Cells share their corners exactly.

    Raises:
        AreaError: no usable point, or more cells than three times three digits can name.
    """
    if not CELL_RANGE_M[0] <= cell_m <= CELL_RANGE_M[1]:
        raise AreaError(f"cell_m must be {CELL_RANGE_M[0]:g}..{CELL_RANGE_M[1]:g} metres, got {cell_m}")
    places = _places(np.asarray(lon, dtype=float).ravel(), np.asarray(lat, dtype=float).ravel())
    middle = np.median(places, axis=0)
    step = (cell_m / (METRES_PER_DEGREE_LON * max(math.cos(math.radians(middle[1])), 0.05)),
            cell_m / METRES_PER_DEGREE_LAT)
    kept = _kept(places, step)
    cells = _cells(places[kept], middle, step)
    if len(cells) > _MAX_CELLS:
        raise AreaError(f"cell_m must give at most {_MAX_CELLS} cells, got {len(cells)} with {cell_m} m")
    codes, cells = _codes(cells, adcode)
    polygons = _squares(cells, middle, step)
    plane = Plane(lon=float(middle[0]), lat=float(middle[1]))
    return area_rows(codes, polygons, plane, names={adcode: name})


def _places(lon: Any, lat: Any) -> npt.NDArray[np.float64]:
    """Distinct usable places, about 10 m apart."""
    with np.errstate(invalid="ignore"):
        usable = (np.abs(lon) <= 180) & (np.abs(lat) <= 85) & ~((lon == 0) & (lat == 0))
    if not usable.any():
        raise AreaError(f"points must hold at least one longitude and latitude on Earth, got {len(lon)} rows")
    return np.unique(np.round(np.column_stack((lon[usable], lat[usable])), 4), axis=0)


def _kept(places: npt.NDArray[np.float64], step: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """Places of the bulk and of clusters worth keeping."""
    low, high = np.quantile(places, (_TAIL, 1 - _TAIL), axis=0)
    margin = np.maximum((high - low) * _MARGIN, np.array(step) * 3)
    bulk = ((places >= low - margin) & (places <= high + margin)).all(axis=1)
    if bulk.all():
        return bulk
    far = np.flatnonzero(~bulk)
    # a cluster: places within one coarse cell of twenty grid cells
    coarse = np.floor(places[far] / (np.array(step) * 20)).astype(np.int64)
    _, label, size = np.unique(coarse, axis=0, return_inverse=True, return_counts=True)
    least = max(_CLUSTER_PLACES, math.ceil(_CLUSTER_SHARE * len(places)))
    bulk[far[size[label.reshape(-1)] >= least]] = True
    return bulk


def _cells(places: npt.NDArray[np.float64], middle: Any, step: tuple[float, float]) -> Ints:
    """Occupied cells and the gaps between close ones, as (column, row), sorted."""
    taken = np.unique(np.floor((places - middle) / step).astype(np.int64), axis=0)
    width, height = taken.max(axis=0) - taken.min(axis=0) + 1
    if width * height > 4_000_000:
        return taken
    raster = np.zeros((height + 4, width + 4), dtype=bool)
    corner = taken.min(axis=0) - 2
    raster[taken[:, 1] - corner[1], taken[:, 0] - corner[0]] = True
    closed = ndimage.binary_fill_holes(ndimage.binary_closing(raster, np.ones((3, 3), dtype=bool)))
    row, column = np.nonzero(closed | raster)
    return np.column_stack((column + corner[0], row + corner[1])).astype(np.int64)


def _codes(cells: Ints, adcode: str) -> tuple[list[str], Ints]:
    """15-digit codes: blocks of cells are communities, blocks of those streets; north-west first."""
    edge = max(2, math.ceil(len(cells) ** (1 / 6)))
    while True:
        community = cells // edge
        street = community // edge
        streets = len(np.unique(street, axis=0))
        if streets <= 999 or edge >= 31:
            break
        edge += 1
    if streets > 999:
        raise AreaError(f"cell_m must be larger: the points need {streets} streets, codes name 999")
    order = np.lexsort((cells[:, 0], -cells[:, 1], community[:, 0], -community[:, 1],
                        street[:, 0], -street[:, 1]))
    cells, community, street = cells[order], community[order], street[order]
    new_street = _changes(street)
    new_community = new_street | _changes(community)
    street_no = np.cumsum(new_street)
    community_no = _count_within(new_community, new_street)
    grid_no = _count_within(np.ones(len(cells), dtype=bool), new_community)
    numbers = zip(street_no, community_no, grid_no, strict=True)
    return [f"{adcode}{s:03d}{c:03d}{g:03d}" for s, c, g in numbers], cells


def _changes(values: Ints) -> npt.NDArray[np.bool_]:
    """True where a row differs from the one before; the first row always."""
    return np.concatenate(([True], (values[1:] != values[:-1]).any(axis=1)))


def _count_within(counted: npt.NDArray[np.bool_], starts: npt.NDArray[np.bool_]) -> Ints:
    """Running count of ``counted`` that starts again at 1 at each start."""
    total = np.cumsum(counted)
    return total - np.maximum.accumulate(np.where(starts, total - 1, 0))


def _squares(cells: Ints, middle: Any, step: tuple[float, float]) -> Any:
    low = np.round(middle + cells * step, DEGREES_DIGITS)
    high = np.round(middle + (cells + 1) * step, DEGREES_DIGITS)
    return shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])


def left_out(lon: Any, lat: Any, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Points outside a cover, for a report: ``lon, lat, count``, most frequent first."""
    whole = areas.geometry[areas["level"] == "district"].iloc[0]
    east, north = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    outside = ~shapely.intersects_xy(whole, east, north)
    frame = pd.DataFrame({"lon": east[outside], "lat": north[outside]})
    return frame.groupby(["lon", "lat"], as_index=False).size().rename(columns={"size": "count"}).sort_values(
        "count", ascending=False, ignore_index=True)

