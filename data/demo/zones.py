"""Zones of the six nets of prevention (六张网) of a demo district, from its ground. All are invented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from data.areas.plane import plane_of
from data.exchange.departments import station_dept_id

#: Roads that a patrol of the open street goes along, and how far beside them.
_MAIN: Final = ("trunk", "primary", "secondary")
_BESIDE_M, _UNIT_M, _CAMERA_M = 45.0, 70.0, 110.0
#: Grids of a street that are key areas: those with the most households.
_KEY_GRIDS: Final = 2


def build_zones(areas: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, resources: pd.DataFrame
                ) -> gpd.GeoDataFrame:
    """One row per zone, columns of ``patrol_zone``, EPSG:4326.

    Args:
        areas: streets, communities and base grids as of `data.demo.places`; not modified.
        roads: their ``class_code``; not modified.
        resources: as of `data.demo.resources.build_resources`; not modified.
    """
    rows = [*_open_streets(areas, roads), *_communities(areas), *_key_areas(areas), *_units(resources, areas),
            *_networks(areas), *_technology(areas, resources)]
    frame = pd.DataFrame(rows)
    number = frame.groupby("net").cumcount() + 1
    ids = [f"{net}-{n:04d}" for net, n in zip(frame["net"], number, strict=True)]
    frame = frame.assign(zone_id=ids, street_code=frame["area_code"].str[:9], is_synthetic=True,
                         source_system="demo")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=areas.crs)


def _level(areas: gpd.GeoDataFrame, level: str) -> gpd.GeoDataFrame:
    found = areas[areas["level"] == level]
    return found[found["grid_kind"].fillna("base") == "base"].sort_values("area_code")


def _zone(net: str, area: str, name: str, dept: str, shape: Any) -> dict[str, Any]:
    return {"net": net, "area_code": area, "name": name, "dept_id": dept, "geometry": shape}


def _around(shapes: Any, metres: float) -> Any:
    """Everything within some metres of shapes in degrees, as one shape."""
    plane = plane_of(shapes)
    return plane.degrees(shapely.union_all(shapely.buffer(plane.metres(shapes), metres, quad_segs=3)))


def _open_streets(areas: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    main = roads[roads["class_code"].isin(_MAIN)].geometry.to_numpy()
    for one in _level(areas, "street").itertuples():
        own = shapely.intersection(main, one.geometry)
        own = own[~shapely.is_empty(own)]
        if len(own):
            yield _zone("open_street", one.area_code, f"{one.name}巡逻带", "police",
                        shapely.intersection(_around(own, _BESIDE_M), one.geometry))


def _communities(areas: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    for one in _level(areas, "community").itertuples():
        dept = station_dept_id(one.area_code)
        yield _zone("community", one.area_code, f"{one.name}防区", dept, one.geometry)


def _key_areas(areas: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    grids = _level(areas, "grid")
    ranked = grids.sort_values(["households", "area_code"], ascending=[False, True], kind="stable")
    largest = ranked.groupby(ranked["area_code"].str[:9]).head(_KEY_GRIDS).sort_values("area_code")
    for one in largest.itertuples():
        yield _zone("key_area", one.area_code, f"{one.name}重点区", "police", one.geometry)


def _units(resources: pd.DataFrame, areas: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    known = set(areas["area_code"])
    for one in resources[resources["kind"] == "partner_unit"].itertuples():
        if one.area_code in known:
            shape = _around(shapely.points([[one.lon, one.lat]]), _UNIT_M)
            yield _zone("unit", str(one.area_code), f"{one.name}内部防区", "police", shape)


def _networks(areas: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    for one in _level(areas, "street").itertuples():
        yield _zone("network", one.area_code, f"{one.name}网络巡查责任区", "police", one.geometry)


def _technology(areas: gpd.GeoDataFrame, resources: pd.DataFrame) -> Iterator[dict[str, Any]]:
    cameras = resources[resources["kind"] == "camera"]
    for one in _level(areas, "street").itertuples():
        own = cameras[cameras["street_code"] == one.area_code]
        if len(own):
            seen = _around(shapely.points(own[["lon", "lat"]].to_numpy(dtype=float)), _CAMERA_M)
            yield _zone("technology", one.area_code, f"{one.name}视频覆盖区", "police",
                        shapely.intersection(seen, one.geometry))
