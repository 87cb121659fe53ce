"""Which base grid a point lies in: asked once per row, at the door.

A raster over the areas answers most points by one look-up: a raster cell that
lies wholly in one grid needs no geometry. Only points in cells that a border
crosses are tested exactly, with a tree of the polygons. A point on a border
shared by several grids goes to the smaller code.
"""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from data.areas.codes import AreaError

Codes = npt.NDArray[np.str_]
_OUTSIDE: Final = -1
_MIXED: Final = -2
#: Raster cells along a side: about sixteen per grid, within these bounds.
_RASTER: Final = (16, 800)


class AreaIndex:
    """Finds the base grid of points; made once, read-only, safe to share between threads."""

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        """Build the index.

        Args:
            areas: one row per area in EPSG:4326 with ``area_code`` and geometry.
                Where ``grid_kind`` is given, only base grids count; where
                ``level`` is given, only grids. Not modified.

        Raises:
            AreaError: a column is missing or the CRS is another one.
        """
        grids = _base_grids(areas).sort_values("area_code")
        codes = grids["area_code"].astype(str).to_numpy(dtype=object)
        self.codes: Codes = np.array([*codes, ""], dtype=str)
        polygons = np.asarray(grids.geometry, dtype=object)
        self._polygons = np.where(shapely.is_valid(polygons), polygons, shapely.make_valid(polygons))
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)
        self._bounds = tuple(shapely.total_bounds(self._polygons)) if len(polygons) else (0.0,) * 4
        self._side = int(np.clip(16 * np.sqrt(len(polygons)), *_RASTER))
        self._raster = self._rasterise()

    def __len__(self) -> int:
        return len(self._polygons)

    def assign(self, lon: Any, lat: Any) -> Codes:
        """Grid code of each point; '' where it lies in none (or is NaN or infinite).

        Args:
            lon: degrees, WGS-84. lat: same length.
        """
        return self.codes[self.locate(lon, lat)]

    def locate(self, lon: Any, lat: Any) -> npt.NDArray[np.int64]:
        """Like `assign`, as positions in ``codes``; -1 (the '' at its end) outside."""
        east, north = np.asarray(lon, dtype=float).ravel(), np.asarray(lat, dtype=float).ravel()
        if east.shape != north.shape:
            raise AreaError(f"lon and lat must have the same length, got {len(east)} and {len(north)}")
        found = np.full(len(east), _OUTSIDE, dtype=np.int64)
        west, south, right, top = self._bounds
        with np.errstate(invalid="ignore"):
            inside = (east >= west) & (east <= right) & (north >= south) & (north <= top)
        if len(self) == 0 or not inside.any():
            return found
        where = np.flatnonzero(inside)
        guess = self._raster[self._cells(east[where], north[where])]
        found[where] = np.where(guess == _MIXED, _OUTSIDE, guess)
        exact = where[guess == _MIXED]
        found[exact] = self._test(shapely.points(east[exact], north[exact]))
        return found

    def _test(self, points: Any) -> npt.NDArray[np.int64]:
        best = np.full(len(points), len(self), dtype=np.int64)
        point, polygon = self._tree.query(points)
        hit = shapely.intersects(self._polygons[polygon], points[point])
        np.minimum.at(best, point[hit], polygon[hit])
        return np.where(best == len(self), _OUTSIDE, best)

    def _cells(self, lon: Any, lat: Any) -> tuple[Any, Any]:
        west, south, right, top = self._bounds
        column = ((lon - west) / max(right - west, 1e-12) * self._side).astype(np.int64)
        row = ((lat - south) / max(top - south, 1e-12) * self._side).astype(np.int64)
        return np.clip(row, 0, self._side - 1), np.clip(column, 0, self._side - 1)

    def _rasterise(self) -> npt.NDArray[np.int64]:
        """Per raster cell the polygon that holds it whole, outside, or mixed."""
        raster = np.full((self._side, self._side), _OUTSIDE, dtype=np.int64)
        if len(self) == 0:
            return raster
        west, south, right, top = self._bounds
        xs, ys = np.linspace(west, right, self._side + 1), np.linspace(south, top, self._side + 1)
        crossed = self._crossed(xs, ys)
        # no border lies between neighbours that none touches: one test answers for the whole run
        begins = ~crossed
        begins[:, 1:] &= crossed[:, :-1]
        row, column = np.nonzero(begins)
        raster[row, column] = self._test(
            shapely.points((xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2))
        first = np.maximum.accumulate(np.where(begins, np.arange(self._side), 0), axis=1)
        raster = np.take_along_axis(raster, first, axis=1)
        raster[crossed] = _MIXED
        return raster

    def _crossed(self, xs: Any, ys: Any) -> npt.NDArray[np.bool_]:
        """Raster cells that some border touches; generous by one cell around each sample."""
        mark = np.zeros((self._side, self._side), dtype=bool)
        step = min(xs[1] - xs[0], ys[1] - ys[0]) / 2
        lines = shapely.segmentize(shapely.boundary(self._polygons), max(step, 1e-9))
        row, column = self._cells(*shapely.get_coordinates(lines).T)
        last = self._side - 1
        for down in (-1, 0, 1):
            for aside in (-1, 0, 1):
                mark[np.clip(row + down, 0, last), np.clip(column + aside, 0, last)] = True
        return mark


def _base_grids(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if "area_code" not in areas.columns:
        raise AreaError(f"areas must have the column area_code, got {list(areas.columns)}")
    if areas.crs is not None and areas.crs.to_epsg() not in (4326, 4490):
        raise AreaError(f"areas must be in EPSG:4326, got {areas.crs.to_string()}")
    chosen = np.ones(len(areas), dtype=bool)
    if "level" in areas.columns:
        chosen &= (areas["level"] == "grid").to_numpy()
    if "grid_kind" in areas.columns:
        chosen &= (areas["grid_kind"].isna() | (areas["grid_kind"] == "base")).to_numpy()
    geometry = areas.geometry
    return areas[chosen & geometry.notna().to_numpy() & ~geometry.is_empty.to_numpy()]


def empty_index() -> AreaIndex:
    """An index without areas; it answers '' for every point."""
    return AreaIndex(gpd.GeoDataFrame({"area_code": []}, geometry=[], crs="EPSG:4326"))
