"""The store's base grids as an index of points, and a derived cover where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely
from sqlalchemy import func, or_, select

from data.areas.assign import AreaIndex
from data.areas.codes import AreaError
from data.areas.derive import derive_from_points
from data.ingest import places
from data.ingest.columns import Bools, Columns, Floats, require
from data.ingest.errors import IngestError
from data.ingest.mapping import District, Mapping
from data.ingest.merge import merge
from data.ingest.report import RowReport
from data.ingest.run import Run
from data.tables import area

if TYPE_CHECKING:
    from data.engine import Store

MIN_CELL_M: Final = 20.0
MAX_CELL_M: Final = 50_000.0
#: Points farther from the middle than this many times the spread of the bulk are strays.
STRAY: Final = 3.0


def _base() -> Any:
    return (
        area.c.level == "grid",
        or_(area.c.grid_kind == "base", area.c.grid_kind.is_(None)),
        area.c.geometry.is_not(None),
        area.c.deleted_at.is_(None),
    )


def has_grids(store: Store) -> bool:
    """Whether the store has any base grid with a polygon."""
    with store.engine.connect() as connection:
        return bool(connection.execute(select(func.count()).select_from(area).where(*_base())).scalar_one())


def first_street(store: Store) -> str:
    """The smallest street code of the store; '' where it has none."""
    with store.engine.connect() as connection:
        return (
            connection.execute(
                select(func.min(area.c.area_code)).where(area.c.level == "street")
            ).scalar_one()
            or ""
        )


def load_index(store: Store) -> AreaIndex:
    """The base grids of the store, ready to assign points."""
    with store.engine.connect() as connection:
        rows = connection.execute(
            select(area.c.area_code, area.c.geometry).where(*_base()).order_by(area.c.area_code)
        ).all()
    frame = gpd.GeoDataFrame(
        {"area_code": [row.area_code for row in rows], "level": "grid", "grid_kind": "base"},
        geometry=shapely.from_wkb(np.asarray([bytes(row.geometry) for row in rows], dtype=object)),
        crs="EPSG:4326",
    )
    return AreaIndex(frame)


def need_areas(run: Run) -> None:
    """Make sure that points can be assigned; derives a cover if the run asks for one.

    Raises:
        IngestError: the store has no areas and no cell size was given.
    """
    if has_grids(run.store):
        return
    if run.derive_cell_m is None:
        raise IngestError(
            "the store has no areas: import their outlines first (python app.py import areas FILE), "
            "or add --derive-areas METRES to cover the places of this file with square cells"
        )
    if not MIN_CELL_M <= run.derive_cell_m <= MAX_CELL_M:
        raise IngestError(
            f"--derive-areas must be {MIN_CELL_M:.0f}..{MAX_CELL_M:.0f} metres, got {run.derive_cell_m}"
        )
    lon, lat = _all_points(run)
    if run.stop():
        return  # a cover of half the places would be a wrong one
    if not len(lon):
        raise IngestError(f"{run.path.name} has no usable place to derive areas from")
    district = run.mapping.district
    try:
        frame = derive_from_points(
            lon, lat, run.derive_cell_m, district.code, name=district.name or run.path.stem
        )
    except AreaError as error:
        raise IngestError(str(error)) from error
    merge(run.store, area, area_rows(frame, district, run.mapping), batch=True)


def area_rows(frame: gpd.GeoDataFrame, district: District, mapping: Mapping) -> pa.Table:
    """Derived areas as rows of ``area``; the district takes the mapping's name."""
    rows: dict[str, Any] = {
        name: pa.Array.from_pandas(frame[name])
        for name in frame.columns
        if name in area.c and name != frame.geometry.name
    }
    rows["geometry"] = pa.array(shapely.to_wkb(frame.geometry.to_numpy()), pa.binary())
    if district.name:
        named = np.where(frame["level"].to_numpy() == "district", district.name, frame["name"].to_numpy())
        rows["name"] = pa.array(named, pa.string())
    rows["source_system"] = pa.array([mapping.source_system] * len(frame))
    return pa.table(rows)


def _all_points(run: Run) -> tuple[Floats, Floats]:
    """The usable places of the whole file; strays far from the bulk are left out."""
    parts = [np.zeros((0, 2))]
    for table, report in run.batches(geometry=True):
        lon, lat = entity_points(Columns(table, run.mapping), run, report)
        kept = ~np.isnan(lon) & ~report.rejected
        parts.append(np.column_stack([np.round(lon[kept], 7), np.round(lat[kept], 7)]))
    points = np.concatenate(parts)
    if run.mapping.district.bounds is None and len(points):
        points = points[~strays(points[:, 0]) & ~strays(points[:, 1])]
    return points[:, 0], points[:, 1]


def entity_points(columns: Columns, run: Run, report: RowReport) -> tuple[Floats, Floats]:
    """Points of a batch in WGS-84: its columns, or the middles of its shapes; NaN = refused."""
    if columns.name("lon") and columns.name("lat"):
        return places.coordinates(columns, places.point_crs(columns, run.crs), report, run.mapping.district)
    if "geometry" not in columns.table.column_names:
        require(columns.table.column_names, run.mapping, [("lon",), ("lat",)])
    lon, lat = places.middles(places.shapes(columns))
    report.reject(np.isnan(lon), field="geometry", reason="no_place", got=None, expected="a shape")
    return lon, lat


def strays(values: Floats) -> Bools:
    """Values beyond `STRAY` times the span of the middle 98 %, from its ends."""
    low, high = np.quantile(values, [0.01, 0.99])
    margin = STRAY * max(high - low, 0.01)
    return np.asarray((values < low - margin) | (values > high + margin))
