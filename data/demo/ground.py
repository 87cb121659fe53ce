"""The demo's places as arrays: what the generators draw from.

All coordinates WGS-84 degrees; positions refer to grids in the order of their codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from data.demo.walks import Walks, build_walks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Strings = npt.NDArray[np.object_]

M_PER_DEG_LAT = 111_320.0
#: Points on the roads of one grid from which cases on roads are drawn.
ROAD_POINTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Base grids with their buildings and roads.

    Attributes:
        grid_code, shape, lon, lat, households: one per grid, sorted by code.
        street, community: position of the grid's street and community in the code lists.
        building_first, building_count: the grid's run in the building arrays
            (which are sorted by grid); count 0 where a grid has none.
        road_lon, road_lat: (grids, `ROAD_POINTS`) points on roads and inside the
            grid; NaN where no such point was found.
        walks: one way along the roads for every grid.
    """

    grid_code: Strings
    shape: Strings
    lon: Floats
    lat: Floats
    households: Floats
    street: Ints
    community: Ints
    street_codes: Strings
    street_names: Strings
    community_codes: Strings
    community_names: Strings
    building_id: Strings
    building_address: Strings
    building_lon: Floats
    building_lat: Floats
    building_first: Ints
    building_count: Ints
    road_lon: Floats
    road_lat: Floats
    walks: Walks


def m_per_deg_lon(lat: Any) -> Any:
    """Metres in one degree of longitude at latitude ``lat`` (degrees)."""
    return M_PER_DEG_LAT * np.cos(np.radians(lat))


def build_ground(areas: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame,
                 rng: np.random.Generator) -> Ground:
    """Sort grids, buildings and roads into arrays.

    Args:
        areas: all levels in EPSG:4326, columns of table ``area``.
        roads: lines in EPSG:4326.
        buildings: columns of table ``building``.
        rng: draws the ways along the roads.
    """
    grids = areas[(areas["level"] == "grid") & (areas["grid_kind"] == "base")].sort_values("area_code")
    codes = grids["area_code"].to_numpy(dtype=object)
    streets = areas[areas["level"] == "street"].sort_values("area_code")
    communities = areas[areas["level"] == "community"].sort_values("area_code")
    street_codes = streets["area_code"].to_numpy(dtype=object)
    community_codes = communities["area_code"].to_numpy(dtype=object)
    shapes = grids.geometry.to_numpy(dtype=object)
    housed = buildings[buildings["grid_code"].isin(codes)].sort_values(["grid_code", "building_id"])
    position = np.searchsorted(codes.astype(str), housed["grid_code"].to_numpy(dtype=str))
    count = np.bincount(position, minlength=len(codes)).astype(np.int64)
    walks = build_walks(roads.geometry.to_numpy(dtype=object), shapes, rng)
    road_lon, road_lat = _road_points(walks, shapes, rng)
    return Ground(
        grid_code=codes, shape=shapes,
        lon=grids["lon"].to_numpy(dtype=float), lat=grids["lat"].to_numpy(dtype=float),
        households=grids["households"].fillna(350).to_numpy(dtype=float),
        street=np.searchsorted(street_codes.astype(str), [code[:9] for code in codes]),
        community=np.searchsorted(community_codes.astype(str), [code[:12] for code in codes]),
        street_codes=street_codes, street_names=streets["name"].to_numpy(dtype=object),
        community_codes=community_codes, community_names=communities["name"].to_numpy(dtype=object),
        building_id=housed["building_id"].to_numpy(dtype=object),
        building_address=housed["address"].fillna("").to_numpy(dtype=object),
        building_lon=housed["lon"].to_numpy(dtype=float), building_lat=housed["lat"].to_numpy(dtype=float),
        building_first=np.cumsum(count) - count, building_count=count,
        road_lon=road_lon, road_lat=road_lat, walks=walks,
    )


def _road_points(walks: Walks, shapes: Strings, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Points along each grid's way, drawn a little towards its middle so that they lie inside."""
    grids = len(shapes)
    way = np.repeat(np.arange(grids), ROAD_POINTS)
    lon, lat, _ = walks.at(way, rng.random(way.size) * walks.length_m[way])
    inner = shapely.point_on_surface(shapes)[way]
    middle_lon, middle_lat = shapely.get_x(inner), shapely.get_y(inner)
    east = (middle_lon - lon) * m_per_deg_lon(lat)
    north = (middle_lat - lat) * M_PER_DEG_LAT
    step = 6.0 / np.maximum(np.hypot(east, north), 6.0)  # six metres off the axis of the road
    lon, lat = lon + (middle_lon - lon) * step, lat + (middle_lat - lat) * step
    outside = ~shapely.contains_xy(shapes[way], lon, lat)
    lon[outside] = lat[outside] = np.nan
    return lon.reshape(grids, ROAD_POINTS), lat.reshape(grids, ROAD_POINTS)
