"""Where a row lies: coordinates to WGS-84 and every way in which they can be wrong."""

from __future__ import annotations

from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import shapely
from pyproj import Transformer

from data.areas.crs import to_wgs84
from data.ingest.columns import Bools, Columns, Floats
from data.ingest.mapping import District
from data.ingest.report import RowReport

NEAR_ZERO: Final = 0.01  # degrees around (0, 0), about 1 km
GEOGRAPHIC: Final = frozenset({"wgs84", "gcj02", "bd09", "epsg:4326", "epsg:4490"})


class Assigns(Protocol):
    """What an index of base grids can do."""

    def assign(self, lon: Floats, lat: Floats) -> Any:
        """The grid of each point, '' outside of all."""


def coordinates(columns: Columns, crs: str, report: RowReport, district: District) -> tuple[Floats, Floats]:
    """Longitude and latitude in WGS-84; NaN where the row was refused.

    Refused with reason ``no_place``, ``not_a_number``, ``null_island``,
    ``unprojected_zero``, ``swapped_coordinates``, ``projected_coordinates`` or,
    where the mapping knows the district's bounds, ``outside_district``.
    """
    lon, lon_word = columns.number("lon")
    lat, lat_word = columns.number("lat")
    got = _pairs(lon, lat)
    report.reject(
        lon_word | lat_word,
        field="lon,lat",
        reason="not_a_number",
        got=_texts(columns),
        expected="decimal numbers",
    )
    absent = ~(np.isfinite(lon) & np.isfinite(lat)) & ~(lon_word | lat_word)
    report.reject(absent, field="lon,lat", reason="no_place", got=got, expected="two finite numbers")
    usable = ~(absent | lon_word | lat_word)
    zero = usable & (np.abs(lon) < NEAR_ZERO) & (np.abs(lat) < NEAR_ZERO)
    geographic = crs.lower() in GEOGRAPHIC
    report.reject(
        zero,
        field="lon,lat",
        reason="null_island" if geographic else "unprojected_zero",
        got=got,
        expected="a place, not 0,0",
    )
    usable &= ~zero
    if geographic:
        usable &= ~_refuse_impossible(lon, lat, usable, report, got=got, district=district)
    lon, lat = np.where(usable, lon, np.nan), np.where(usable, lat, np.nan)
    if usable.any() and crs.lower() not in {"wgs84", "epsg:4326", "epsg:4490"}:
        lon, lat = to_wgs84(lon, lat, crs)
    return _inside(lon, lat, report, district, got)


def _refuse_impossible(
    lon: Floats,
    lat: Floats,
    usable: Bools,
    report: RowReport,
    *,
    got: Any,
    district: District,
) -> Bools:
    """Values that are no degrees; exchanged where the exchange would make sense."""
    possible = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    exchanged = (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    bounds = district.bounds
    if bounds is None:
        swapped = usable & ~possible & exchanged
    else:
        swapped = usable & ~within(lon, lat, bounds) & within(lat, lon, bounds)
        swapped |= usable & ~possible & exchanged
    report.reject(
        swapped,
        field="lon,lat",
        reason="swapped_coordinates",
        got=got,
        expected="longitude first: these look exchanged",
    )
    projected = usable & ~possible & ~swapped
    report.reject(
        projected,
        field="lon,lat",
        reason="projected_coordinates",
        got=got,
        expected="degrees; give --crs EPSG:n if these are metres or feet",
    )
    return swapped | projected


def _inside(
    lon: Floats,
    lat: Floats,
    report: RowReport,
    district: District,
    got: Any,
) -> tuple[Floats, Floats]:
    if district.projected_zero:
        zero_lon, zero_lat = zero_of(district.projected_zero)
        zero = (np.abs(lon - zero_lon) < NEAR_ZERO) & (np.abs(lat - zero_lat) < NEAR_ZERO)
        report.reject(
            zero,
            field="lon,lat",
            reason="unprojected_zero",
            got=got,
            expected=f"a place, not the origin of {district.projected_zero}",
        )
        lon, lat = np.where(zero, np.nan, lon), np.where(zero, np.nan, lat)
    if district.bounds:
        outside = ~np.isnan(lon) & ~within(lon, lat, district.bounds)
        report.reject(
            outside,
            field="lon,lat",
            reason="outside_district",
            got=got,
            expected=f"inside {', '.join(map(str, district.bounds))}",
        )
        lon, lat = np.where(outside, np.nan, lon), np.where(outside, np.nan, lat)
    return lon, lat


def zero_of(crs: str) -> tuple[float, float]:
    """Longitude and latitude that the origin (0, 0) of a projected CRS turns into."""
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(0.0, 0.0)
    return float(lon), float(lat)


def within(lon: Floats, lat: Floats, bounds: tuple[float, float, float, float]) -> Bools:
    """Whether points lie in a box of west, south, east, north; NaN does not."""
    west, south, east, north = bounds
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def assign(lon: Floats, lat: Floats, index: Assigns, report: RowReport, *, refuse: bool = True) -> Any:
    """The base grid of each row ('' where there is none); rows outside all grids are refused."""
    grid = np.asarray(index.assign(lon, lat), dtype=object)
    if refuse:
        outside = ~np.isnan(lon) & (grid == "")
        report.reject(
            outside,
            field="lon,lat",
            reason="outside_district",
            got=_pairs(lon, lat),
            expected="inside a grid of the store",
        )
    return grid


class _pairs:  # noqa: N801 - a list in all but name
    """Texts of points, made only for the rows that are asked for."""

    def __init__(self, lon: Floats, lat: Floats) -> None:
        self._lon, self._lat = lon, lat

    def __getitem__(self, row: int) -> str:
        return f"{self._lon[row]:.6f},{self._lat[row]:.6f}"


def _texts(columns: Columns) -> Any:
    lon, lat = columns.text("lon"), columns.text("lat")
    return _Joined(lon, lat)


class _Joined:
    """Two columns of texts side by side, joined only for the rows that are asked for."""

    def __init__(self, lon: pa.Array, lat: pa.Array) -> None:
        self._lon, self._lat = lon, lat

    def __getitem__(self, row: int) -> str:
        return f"{self._lon[row].as_py()},{self._lat[row].as_py()}"


def shapes(columns: Columns) -> Any:
    """Geometry of map files, CSV's ``geometry`` or ``wkt`` columns aside: None per row without."""
    if "geometry" not in columns.table.column_names:
        return np.full(columns.rows, None, dtype=object)
    values = columns.table.column("geometry").combine_chunks()
    if not pa.types.is_binary(values.type):
        return shapely.from_wkt(np.asarray(values.to_pylist(), dtype=object), on_invalid="ignore")
    return shapely.from_wkb(np.asarray(values.to_pylist(), dtype=object), on_invalid="ignore")


def middles(geometry: Any) -> tuple[Floats, Floats]:
    """A point on each shape; NaN where there is none."""
    points = shapely.point_on_surface(geometry)
    return shapely.get_x(points), shapely.get_y(points)


def point_crs(columns: Columns, crs: str) -> str:
    """Points of a map file are in WGS-84 already; columns of a table are in the run's CRS."""
    return "wgs84" if "geometry" in columns.table.column_names and columns.name("lon") == "lon" else crs
