"""Outlines, centres and roads out of files, in WGS-84, for `areas derive`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from data.areas.codes import AreaError
from data.areas.crs import to_wgs84
from data.ingest.admit import admit
from data.ingest.errors import IngestError
from data.ingest.readers_geo import source_of

_LON: Final = ("lon", "lng", "long", "longitude", "lon_wgs84", "x", "经度")
_LAT: Final = ("lat", "latitude", "lat_wgs84", "y", "纬度")
_NAME: Final = ("name", "名称", "street", "街道")
_CODE: Final = ("area_code", "code", "adcode", "编码")
_CODE_FORM: Final = r"\d{6}(?:\d{3}){0,3}"


def read_geo(path: Path, crs: str) -> gpd.GeoDataFrame:
    """A GeoJSON, Shapefile or GeoPackage in WGS-84.

    Args:
        path: the file.
        crs: what the numbers are; ``wgs84`` trusts the file's own reference system.

    Raises:
        AreaError: not readable, over a limit of `data.uploads.limits`, no geometry.
        data.areas.crs.CrsError: unknown system.
    """
    try:
        admit(path)
        frame = gpd.read_file(source_of(path))
    except IngestError as refusal:
        raise AreaError(str(refusal)) from refusal
    except (DataSourceError, DataLayerError, OSError, ValueError) as fault:
        raise AreaError(f"{path.name} must be GeoJSON, Shapefile or GeoPackage: {fault}") from fault
    if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.is_empty.all():
        raise AreaError(f"{path.name} must hold geometry, got {len(frame)} rows without")
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    if crs == "wgs84" and frame.crs is not None:
        return frame.to_crs("EPSG:4326")

    def convert(points: Any) -> Any:
        return np.column_stack(to_wgs84(points[:, 0], points[:, 1], crs))

    shapes = shapely.transform(np.asarray(frame.geometry, dtype=object), convert)
    return gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=shapes, crs="EPSG:4326")


def read_outline(path: Path, crs: str, adcode: str | None = None) -> tuple[Any, str | None, str | None]:
    """The union of a file's polygons, with the code and name of the district if it says so.

    Args:
        path: see `read_geo`. crs: see `read_geo`.
        adcode: take only the feature with this code.
    """
    frame = read_geo(path, crs)
    frame = frame[np.isin(shapely.get_type_id(np.asarray(frame.geometry)), (3, 6))]
    code = _code_column(frame)
    if adcode is not None and code is not None and len(frame) > 1:
        frame = frame[frame[code].astype(str).str[:6] == adcode]
    if frame.empty:
        raise AreaError(f"{path.name} must hold a polygon{f' of {adcode}' if adcode else ''}, got none")
    if len(frame) > 1 and code is not None and frame[code].astype(str).str[:6].nunique() > 1:
        found = ", ".join(sorted(frame[code].astype(str).str[:6].unique())[:8])
        raise AreaError(f"{path.name} must hold one district, got {found}; choose with --adcode")
    shape = shapely.union_all(shapely.make_valid(np.asarray(frame.geometry, dtype=object)))
    name = _column(frame, _NAME)
    first_code = str(frame[code].iloc[0])[:6] if code else ""
    return (shape, first_code if len(first_code) == 6 and first_code.isdigit() else None,
            str(frame[name].iloc[0]) if name and isinstance(frame[name].iloc[0], str) else None)


def read_centres(path: Path, crs: str) -> gpd.GeoDataFrame:
    """Points with ``name`` and ``area_code`` where the file has them (CSV or a geo file)."""
    frame = _read_csv(path, crs) if path.suffix.lower() in (".csv", ".txt") else read_geo(path, crs)
    middles = shapely.centroid(np.asarray(frame.geometry, dtype=object))
    found = gpd.GeoDataFrame(geometry=list(middles), crs="EPSG:4326")
    for target, column in (("name", _column(frame, _NAME)), ("area_code", _code_column(frame))):
        if column is not None:
            found[target] = frame[column].astype(object).to_numpy()
    return _only_streets(found) if "area_code" in found else found


def _only_streets(centres: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Of a list of several levels only the streets; statistics codes lose their empty group."""
    code = centres["area_code"].astype(str).str.replace(r"^(\d{9})000$", r"\1", regex=True)
    centres["area_code"] = code
    street = (code.str.len() == 9) & (code.str[6:] != "000")
    return centres[street] if street.any() else centres


def _read_csv(path: Path, crs: str) -> gpd.GeoDataFrame:
    try:
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except (OSError, ValueError) as fault:
        raise AreaError(f"{path.name} must be a CSV file in UTF-8: {fault}") from fault
    lon, lat = _column(table, _LON), _column(table, _LAT)
    if lon is None or lat is None:
        raise AreaError(f"{path.name} must have columns lon and lat, got {list(table.columns)[:12]}")
    east, north = to_wgs84(pd.to_numeric(table[lon], errors="coerce"),
                           pd.to_numeric(table[lat], errors="coerce"), crs)
    known = np.isfinite(east) & np.isfinite(north)
    return gpd.GeoDataFrame(table[known], geometry=shapely.points(east[known], north[known]), crs="EPSG:4326")


def _code_column(frame: pd.DataFrame) -> str | None:
    """The column of area codes; one of that name that holds something else (dialling codes) is none."""
    for name in _CODE:
        column = _column(frame, (name,))
        if column is not None and frame[column].astype(str).str.fullmatch(_CODE_FORM).all():
            return column
    return None


def _column(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    lower = {str(column).lower(): str(column) for column in frame.columns}
    return next((lower[name] for name in names if name in lower), None)
