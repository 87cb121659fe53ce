"""Small areas for tests: squares of 0.01 degrees, named like a district."""

from __future__ import annotations

import geopandas as gpd
import shapely

SIDE = 0.01


def square(column: int, row: int, width: int = 1, height: int = 1) -> shapely.Polygon:
    """A box of cells at lon 104 + column, lat 30 + row."""
    west, south = 104 + column * SIDE, 30 + row * SIDE
    return shapely.box(west, south, 104 + (column + width) * SIDE, 30 + (row + height) * SIDE)


def district() -> gpd.GeoDataFrame:
    """One district, one street, two communities, four grids in a row, all well."""
    shapes = {
        "510108": square(0, 0, 4), "510108001": square(0, 0, 4),
        "510108001001": square(0, 0, 2), "510108001002": square(2, 0, 2),
        "510108001001001": square(0, 0), "510108001001002": square(1, 0),
        "510108001002001": square(2, 0), "510108001002002": square(3, 0),
    }
    levels = {6: "district", 9: "street", 12: "community", 15: "grid"}
    grids = {12: 800, 9: 1600, 6: 1600, 15: 400}
    return gpd.GeoDataFrame({
        "area_code": list(shapes), "level": [levels[len(code)] for code in shapes],
        "parent_code": [code[:-3] if len(code) > 6 else None for code in shapes],
        "grid_kind": ["base" if len(code) == 15 else None for code in shapes],
        "members": [None] * len(shapes), "households": [grids[len(code)] for code in shapes],
        "chief_officer_id": ["O1" if len(code) == 15 else None for code in shapes],
    }, geometry=list(shapes.values()), crs="EPSG:4326")
