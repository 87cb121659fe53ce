"""GeoJSON, Shapefile and GeoPackage as rows with WKB geometry in WGS-84."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely
from pyogrio.errors import DataSourceError

from data.areas.crs import to_wgs84
from data.ingest.errors import IngestError
from data.uploads.archives import open_zip


def read(path: Path, crs: str | None) -> pa.Table:
    """The features; columns as texts or numbers, plus ``geometry`` (WKB, WGS-84).

    Args:
        path: a file that GDAL reads.
        crs: what the coordinates are in; None believes the file, and a file that
            says nothing is WGS-84.

    Raises:
        IngestError: not readable, or without geometry.
    """
    try:
        with warnings.catch_warnings():
            # repeated feature ids are the account's business, not GDAL's
            warnings.simplefilter("ignore", RuntimeWarning)
            frame = gpd.read_file(source_of(path))
    except (DataSourceError, OSError, ValueError, UnicodeDecodeError) as error:
        raise IngestError(f"{path.name} is not a readable map file: {error}") from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise IngestError(f"{path.name} must hold features with geometry, got a table without")
    geometry = _in_wgs84(frame, crs)
    rows = {str(name): _column(frame[name]) for name in frame.columns if name != frame.geometry.name}
    rows.pop("geometry", None)
    rows["geometry"] = pa.array(
        [None if shape is None else shapely.to_wkb(shape) for shape in geometry], pa.binary()
    )
    points = [
        shape if shape is not None and shape.geom_type == "Point" and not shape.is_empty else None
        for shape in geometry
    ]
    if any(point is not None for point in points):
        rows.setdefault("lon", pa.array([None if p is None else p.x for p in points], pa.float64()))
        rows.setdefault("lat", pa.array([None if p is None else p.y for p in points], pa.float64()))
    return pa.table(rows)


def source_of(path: Path) -> Any:
    """What GDAL is to open: of an archive its one map file, by name.

    Left to choose, GDAL would follow what else lies there.

    Raises:
        IngestError: an archive without such a file, or with several.
        UploadError: no archive.
    """
    if path.suffix.lower() != ".zip":
        return path
    with open_zip(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith((".shp", ".gpkg"))]
    if len(names) != 1:
        raise IngestError(f"{path.name} must hold one shapefile or one GeoPackage, got {len(names)}")
    return f"/vsizip/{path.resolve()}/{names[0]}"


def _in_wgs84(frame: gpd.GeoDataFrame, crs: str | None) -> list[Any]:
    shapes = list(frame.geometry)
    if crs is None:
        if frame.crs is not None and frame.crs.to_epsg() not in {4326, 4490}:
            shapes = list(frame.geometry.to_crs("EPSG:4326"))
        return shapes
    if crs.lower() == "wgs84":
        return shapes

    def convert(coordinates: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        lon, lat = to_wgs84(coordinates[:, 0], coordinates[:, 1], crs)
        return np.column_stack([lon, lat])

    return [
        None if shape is None else shapely.transform(shapely.force_2d(shape), convert) for shape in shapes
    ]


def _column(values: Any) -> pa.Array:
    """Numbers stay numbers; everything else is text, lists joined by a comma."""
    if values.dtype.kind in "fi":
        return pa.array(values.to_numpy())
    return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, (list, tuple, np.ndarray)):
        return ",".join(str(item) for item in value) or None
    text = str(value)
    return None if text in {"nan", "None", "NaT", "<NA>"} else text
