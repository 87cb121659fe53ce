"""Base grids to rows of table ``area`` at every level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.areas.cells import dissolve
from data.areas.codes import DIGITS, LEVELS
from data.areas.plane import Plane

SOURCE: Final = "derived"
_WORDS: Final = {"district": "区域", "street": "街区", "community": "片区", "grid": "网格"}
_COLUMNS: Final = (
    "area_code", "name", "level", "parent_code", "street_code", "grid_kind", "professional_field", "members",
    "area_m2", "lon", "lat", "households", "residents", "chief_officer_id", "is_derived", "is_synthetic",
    "source_system", "geometry")


def area_rows(codes: list[str], polygons: Any, plane: Plane, *, names: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Rows of all levels out of base grids whose borders were derived.

    Args:
        codes: 15-digit codes, ascending.
        polygons: one per code, degrees, sharing their vertices.
        plane: to measure areas in.
        names: names by code where known; others get a word and their number.

    Returns:
        EPSG:4326, district first, then streets, communities, grids, each by code.
        Households and residents are empty: nobody counted them.
    """
    frames = []
    for level in LEVELS:
        digits = DIGITS[level]
        level_codes, labels = np.unique([code[:digits] for code in codes], return_inverse=True)
        merged = polygons if level == "grid" else dissolve(polygons, labels)
        middle = shapely.get_coordinates(shapely.point_on_surface(merged))
        frames.append(pd.DataFrame({
            "area_code": level_codes.astype(object),
            "name": [names.get(code) or _numbered(level, code) for code in level_codes],
            "level": level, "area_m2": np.round(shapely.area(merged) * float(np.prod(plane.scale)), 1),
            "lon": np.round(middle[:, 0], 7), "lat": np.round(middle[:, 1], 7), "geometry": merged}))
    rows = pd.concat(frames, ignore_index=True)
    rows["parent_code"] = _objects(code[:-3] if len(code) > 6 else None for code in rows["area_code"])
    rows["street_code"] = _objects(code[:9] if len(code) >= 9 else None for code in rows["area_code"])
    rows["grid_kind"] = _objects("base" if level == "grid" else None for level in rows["level"])
    for column in ("professional_field", "members", "households", "residents", "chief_officer_id"):
        rows[column] = _objects(None for _ in range(len(rows)))
    rows["is_derived"], rows["is_synthetic"], rows["source_system"] = True, False, SOURCE
    return gpd.GeoDataFrame(rows[list(_COLUMNS)], geometry="geometry", crs="EPSG:4326")


def _objects(values: Iterable[str | None]) -> pd.Series:
    """A column that keeps None as None."""
    return pd.Series(list(values), dtype=object)


def _numbered(level: str, code: str) -> str:
    """Such as 网格 003-001-012: the word of the level and the numbers below the district."""
    numbers = "-".join(code[at:at + 3] for at in range(6, len(code), 3))
    return f"{_WORDS[level]}{numbers}"
