"""Derived areas into the store, in place of those derived before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import func, select

from data import bulk, meta
from data.areas.assign import AreaIndex
from data.areas.codes import AreaError
from data.tables import area, building, cases, road

if TYPE_CHECKING:
    from data.engine import Copying, Store


def to_arrow(areas: gpd.GeoDataFrame) -> pa.Table:
    """Rows of table ``area``: geometry as WKB, missing values as nulls."""
    columns: dict[str, Any] = {
        name: pa.Array.from_pandas(areas[name]) for name in areas.columns
        if name in area.c and name != areas.geometry.name}
    columns["geometry"] = pa.array(shapely.to_wkb(np.asarray(areas.geometry, dtype=object)), pa.binary())
    return pa.table(columns)


def require_free(store: Store) -> None:
    """Refuse to move borders under what was already assigned to them.

    Raises:
        AreaError: the store holds surveyed or demo areas, cases or buildings.
    """
    with store.engine.connect() as connection:
        def count(table: Any, *clauses: Any) -> int:
            query = select(func.count()).select_from(table).where(table.c.deleted_at.is_(None), *clauses)
            return int(connection.execute(query).scalar_one())

        surveyed = count(area, area.c.level == "grid", area.c.is_derived.is_(False))
        assigned = {"cases": count(cases), "buildings": count(building)}
    if meta.get(store, "synthetic") is not None:
        raise AreaError("the store must be free of a demo, got one: use another GRID_DATA_DIR")
    if surveyed:
        raise AreaError(f"the store must have no surveyed grids, got {surveyed}: derived ones replace none")
    taken = ", ".join(f"{number} {what}" for what, number in assigned.items() if number)
    if taken:
        raise AreaError(f"areas must be derived before rows are assigned to them, got {taken}: "
                        "use another GRID_DATA_DIR, or import with --derive-areas")


def write_derived(store: Store, areas: gpd.GeoDataFrame) -> dict[str, int]:
    """Put areas into the store in one transaction; earlier derived ones that are gone become tombstones.

    Roads are given their new street. Returns counts: inserted, updated, removed, roads.
    """
    rows = to_arrow(areas)
    roads = _streets_of_roads(store, areas)
    with store.copying() as copy:
        gone = copy.execute(
            "UPDATE area SET deleted_at = now(), updated_at = now(),"
            " changed_xid = pg_current_xact_id()::text::bigint"
            " WHERE deleted_at IS NULL AND is_derived AND NOT (area_code = ANY($1)) RETURNING area_code",
            [areas["area_code"].tolist()])
        inserted, updated = bulk.upsert_into(copy, area.name, rows, ["area_code"])
        if roads.num_rows:
            _move_roads(copy, roads)
    _describe(store, areas)
    return {"inserted": inserted, "updated": updated, "removed": 0 if gone is None else gone.num_rows,
            "roads": roads.num_rows}


def read_areas(store: Store) -> gpd.GeoDataFrame:
    """Areas of the store that are in force, as `validate` wants them, by code."""
    wanted = ("area_code", "level", "parent_code", "grid_kind", "members", "households", "residents",
              "chief_officer_id", "geometry")
    rows = store.arrow(select(*(area.c[name] for name in wanted)).where(area.c.deleted_at.is_(None))
                       .order_by(area.c.area_code))
    shapes = shapely.from_wkb(np.array(rows["geometry"].to_pylist(), dtype=object))
    frame = pd.DataFrame({name: rows[name].to_pylist() for name in wanted if name != "geometry"})
    return gpd.GeoDataFrame(frame, geometry=list(shapes), crs="EPSG:4326")


def read_buildings(store: Store) -> pd.DataFrame:
    """Buildings of the store with a place: ``building_id, grid_code, lon, lat``."""
    columns = (building.c.building_id, building.c.grid_code, building.c.lon, building.c.lat)
    return store.arrow(select(*columns).where(building.c.deleted_at.is_(None), building.c.lon.is_not(None))
                       .order_by(building.c.building_id)).to_pandas()


def roads_of(store: Store) -> gpd.GeoDataFrame:
    """Roads of the store: ``road_id`` and lines in EPSG:4326."""
    rows = store.arrow(select(road.c.road_id, road.c.geometry).where(road.c.deleted_at.is_(None))
                       .order_by(road.c.road_id))
    lines = shapely.from_wkb(np.array(rows["geometry"].to_pylist(), dtype=object))
    return gpd.GeoDataFrame({"road_id": rows["road_id"].to_pylist()}, geometry=list(lines), crs="EPSG:4326")


def _streets_of_roads(store: Store, areas: gpd.GeoDataFrame) -> pa.Table:
    roads = roads_of(store)
    if roads.empty:
        return pa.table({"road_id": pa.array([], pa.string()), "street_code": pa.array([], pa.string())})
    lines = np.asarray(roads.geometry, dtype=object)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    codes = AreaIndex(areas).assign(middle[:, 0], middle[:, 1])
    return pa.table({"road_id": pa.array(roads["road_id"].tolist(), pa.string()),
                     "street_code": pa.array([code[:9] or None for code in codes], pa.string())})


def _move_roads(copy: Copying, roads: pa.Table) -> None:
    copy.execute("CREATE TEMP TABLE stage_road (road_id text, street_code text) ON COMMIT DROP")
    copy.ingest("stage_road", roads, temporary=True)
    copy.execute(
        "UPDATE road SET street_code = s.street_code, updated_at = now(),"
        " changed_xid = pg_current_xact_id()::text::bigint"
        " FROM stage_road s WHERE road.road_id = s.road_id"
        " AND road.street_code IS DISTINCT FROM s.street_code")


def _describe(store: Store, areas: gpd.GeoDataFrame) -> None:
    """Say which district the store is about where it does not say so yet, or said so by an earlier cover."""
    top = areas[areas["level"] == "district"].iloc[0]
    known = meta.get(store, "district")
    if known is None or known.get("derived"):
        meta.put(store, "district", {"code": top["area_code"], "name": top["name"], "name_en": top["name"],
                                     "lon": float(top["lon"]), "lat": float(top["lat"]), "derived": True})
