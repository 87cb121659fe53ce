"""Synthetic buildings: rectangles along the roads of every grid, with floors and households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from data.areas.cells import Ints
from data.areas.codes import apportion
from data.areas.plane import Floats, Plane
from data.demo.addresses import addresses
from data.demo.districts import District
from data.demo.streets import Partition

#: A slot along the road: frontage and depth in metres, the gap to the next house included.
SLOT_M: Final = (44.0, 31.0)
_ROAD_HALF_M: Final = 9.0
_SHRINK: Final = (1.0, 0.82, 0.66, 0.52, 0.4, 0.3, 0.22, 0.15)
_KINDS: Final = ("residential", "mixed", "commercial", "office", "public", "industrial")
_KIND_SHARE: Final = (0.74, 0.12, 0.05, 0.04, 0.03, 0.02)
#: How many households a house of each style draws: walk-up, slab with lift, tower.
_STYLE_PULL: Final = np.array([1.0, 1.9, 3.2])
_STYLE_SHARE: Final = (0.58, 0.28, 0.14)
_FLAT_M2: Final = 105.0
_COLUMNS: Final = (
    "street_code", "building_id", "community_code", "grid_code", "name", "address", "kind", "floors", "units",
    "height_m", "built_year", "households", "chief_id", "compound_id", "lon", "lat", "footprint",
    "is_synthetic", "source_system")


def households_per_grid(district: District, codes: list[str], rng: np.random.Generator) -> Ints:
    """Households of each grid; they add up to residents / persons per household.

    Where the mean allows it every grid lies in 300…500; the recorded community of
    Zhongshan (2,158 households in 10 grids) is exact.
    """
    total = round(district.residents / district.persons_per_household)
    counts = np.zeros(len(codes), dtype=np.int64)
    recorded = np.array([code[:12] in district.fixed_grids for code in codes])
    if recorded.any():
        counts[recorded] = apportion(RECORDED_HOUSEHOLDS, rng.uniform(0.9, 1.1, int(recorded.sum())).tolist())
    free = int((~recorded).sum())
    rest = total - int(counts.sum())
    least = 302 if rest / free < 500 else int(0.66 * rest / free)
    pull = np.minimum(rng.gamma(1.6, 1.0, free), 5.0)
    counts[~recorded] = apportion(rest, pull.tolist(), least=least)
    return counts


#: 青云林海 of the sources: 2,158 households and 75 buildings in 10 grids.
RECORDED_HOUSEHOLDS: Final = 2158
RECORDED_BUILDINGS: Final = 75


def _buildings_per_grid(district: District, codes: list[str], households: Ints, rng: np.random.Generator
                        ) -> Ints:
    counts = np.zeros(len(codes), dtype=np.int64)
    recorded = np.array([code[:12] in district.fixed_grids for code in codes])
    total = district.buildings
    if recorded.any():
        counts[recorded] = apportion(RECORDED_BUILDINGS, households[recorded].tolist(), least=4)
        total -= RECORDED_BUILDINGS
    weights = households[~recorded] * rng.lognormal(0, 0.25, int((~recorded).sum()))
    counts[~recorded] = apportion(total, weights.tolist(), least=4)
    return counts


@dataclass(frozen=True, slots=True)
class _Slots:
    """Places for houses: centre and axis (metres), scale, grid."""

    centre: Floats
    axis: Floats
    scale: Floats
    grid: Ints


def _frames(rooms: Any) -> tuple[Floats, Floats]:
    """Origin corner and unit vector of the longer side of each room's tight rectangle."""
    corners = shapely.get_coordinates(shapely.get_exterior_ring(shapely.oriented_envelope(rooms)))
    corners = corners.reshape(len(rooms), 5, 2)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    longer = np.where((np.hypot(*first.T) >= np.hypot(*second.T))[:, None], first, second)
    return corners[:, 0], longer / np.hypot(*longer.T)[:, None]


def _grid_of_slots(room: Any, origin: Floats, axis: Floats, scale: float) -> Floats:
    """Centres of a regular pattern of slots over a room's extent, metres."""
    turn = np.column_stack((axis, (-axis[1], axis[0])))
    local = (shapely.get_coordinates(room) - origin) @ turn
    width, depth = SLOT_M[0] * scale, SLOT_M[1] * scale
    low, high = local.min(axis=0), local.max(axis=0)
    across = np.arange(low[0] + width / 2, high[0], width)
    along = np.arange(low[1] + depth / 2, high[1], depth)
    grid = np.stack(np.meshgrid(across, along), axis=-1).reshape(-1, 2)
    return grid @ turn.T + origin


def rectangles(centre: Floats, axis: Floats, width: Floats, depth: Floats) -> Any:
    """Rectangles around centres, their width along ``axis``; metres."""
    half_w = axis * (width / 2)[:, None]
    half_d = np.column_stack((-axis[:, 1], axis[:, 0])) * (depth / 2)[:, None]
    corners = np.stack((centre - half_w - half_d, centre + half_w - half_d, centre + half_w + half_d,
                        centre - half_w + half_d), axis=1)
    return shapely.polygons(corners)


def _slots(rooms: Any, wanted: Ints, rng: np.random.Generator) -> _Slots:
    """Exactly ``wanted`` slots per room, those nearest to the roads first."""
    origin, axis = _frames(rooms)
    shapely.prepare(rooms)
    chosen: list[tuple[Floats, Ints, Floats]] = []
    open_rooms = np.flatnonzero(wanted > 0)
    for scale in _SHRINK:
        found = [_grid_of_slots(rooms[i], origin[i], axis[i], scale) for i in open_rooms]
        room = np.repeat(open_rooms, [len(points) for points in found])
        centre = np.concatenate(found) if found else np.zeros((0, 2))
        size = np.full(len(room), scale)
        boxes = rectangles(centre, axis[room], SLOT_M[0] * 0.9 * size, SLOT_M[1] * 0.8 * size)
        fits = shapely.contains_properly(rooms[room], boxes)
        room, centre, size = room[fits], centre[fits], size[fits]
        depth = shapely.distance(shapely.boundary(rooms)[room], shapely.points(centre))
        order = np.lexsort((depth + rng.uniform(0, 45, len(depth)), room))
        room, centre, size = room[order], centre[order], size[order]
        rank = np.arange(len(room)) - np.searchsorted(room, room)
        enough = np.bincount(room, minlength=len(rooms)) >= wanted
        take = enough[room] & (rank < wanted[room])
        chosen.append((centre[take], room[take], size[take]))
        open_rooms = open_rooms[~enough[open_rooms]]
        if len(open_rooms) == 0:
            break
    else:
        short = dict(zip(open_rooms.tolist(), wanted[open_rooms].tolist(), strict=True))
        raise ValueError(f"grids must have room for their buildings, got too little in {short}")
    centre, grid, scale_ = (np.concatenate(part) for part in zip(*chosen, strict=True))
    order = np.lexsort((centre[:, 0], -centre[:, 1], grid))
    return _Slots(centre[order], axis[grid[order]], scale_[order], grid[order])


def _rooms(ground: Partition, features: gpd.GeoDataFrame) -> Any:
    """What is left of each grid for houses: inside the roads, off water and green; metres."""
    main = np.array([max(shapely.get_parts(polygon), key=shapely.area) for polygon in ground.polygons])
    inset = shapely.buffer(ground.plane.metres(main), -_ROAD_HALF_M)
    scenery = shapely.buffer(ground.plane.metres(np.asarray(features.geometry)), 4.0)
    water = np.asarray(features["kind"] == "water")
    dry = shapely.difference(inset, shapely.union_all(scenery[water]))
    free = shapely.difference(dry, shapely.union_all(scenery[~water]))
    # a grid that is nearly all park keeps its houses in the park, one nearly all water at the water
    enough = 0.25 * shapely.area(inset)
    return np.where(shapely.area(free) >= enough, free, np.where(shapely.area(dry) >= enough, dry, inset))


def buildings(ground: Partition, roads: gpd.GeoDataFrame, features: gpd.GeoDataFrame, households: Ints,
              rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Buildings of the district.

    Args:
        ground: the partition; roads: for addresses; features: kept free.
        households: per grid, in the order of ``ground.codes``.

    Returns:
        One row per building (``building`` of data/tables.py), EPSG:4326, geometry
        column ``footprint``, sorted by ``building_id``. ``households`` of the rows of
        a grid add up to its households; ``chief_id`` is None (slot of the 楼栋长).
    """
    counts = _buildings_per_grid(ground.district, ground.codes, households, rng)
    slots = _slots(_rooms(ground, features), counts, rng)
    frame = _facts(slots, households, rng)
    codes = np.array(ground.codes)[slots.grid]
    rank = np.arange(len(codes)) - np.searchsorted(slots.grid, slots.grid) + 1
    frame["grid_code"] = codes
    frame["community_code"] = [code[:12] for code in codes]
    frame["street_code"] = [code[:9] for code in codes]
    frame["building_id"] = [f"B{code}{number:03d}" for code, number in zip(codes, rank, strict=True)]
    degrees = ground.plane.to_degrees(slots.centre)
    frame["lon"], frame["lat"] = degrees[:, 0], degrees[:, 1]
    frame = pd.concat((frame, addresses(frame, ground, roads, slots.centre)), axis=1)
    frame["footprint"] = _footprints(frame, slots, ground.plane)
    frame["chief_id"] = None
    frame["is_synthetic"] = True
    frame["source_system"] = "demo"
    return gpd.GeoDataFrame(frame[list(_COLUMNS)], geometry="footprint", crs="EPSG:4326")


def _facts(slots: _Slots, households: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """Kind, size, floors and households of each house."""
    count = len(slots.grid)
    first = np.searchsorted(slots.grid, slots.grid) == np.arange(count)
    kind = np.where(first, 0, rng.choice(len(_KINDS), count, p=_KIND_SHARE))
    style = rng.choice(3, count, p=_STYLE_SHARE)
    width = SLOT_M[0] * slots.scale * np.where(style == 2, 0.55, rng.uniform(0.62, 0.88, count))
    depth = SLOT_M[1] * slots.scale * np.where(style == 2, 0.66, rng.uniform(0.4, 0.52, count))
    lived_in = kind <= 1
    pull = np.where(lived_in, width * depth * _STYLE_PULL[style] * np.where(kind == 1, 0.7, 1.0), 0.0)
    homes = np.zeros(count, dtype=np.int64)
    for number, total in enumerate(households):
        members = _members(slots, number, lived_in)
        homes[members] = apportion(int(total), pull[members].tolist(), least=1)
    flats = np.maximum(width * depth / _FLAT_M2, 1.0)
    lived_floors = np.clip(np.ceil(homes / flats) + (kind == 1), 2, 34)
    other_floors = np.clip(np.round(rng.lognormal(1.35, 0.6, count)), 1, 28)
    floors = np.where(lived_in, lived_floors, np.where(kind == 5, np.minimum(other_floors, 4), other_floors))
    year = np.where(floors > 11, rng.integers(2004, 2019, count), rng.integers(1982, 2011, count))
    return pd.DataFrame({
        "kind": np.array(_KINDS)[kind], "floors": floors.astype(np.int64), "households": homes,
        "units": np.where(lived_in, np.maximum(1, np.round(width / 18)), 1).astype(np.int64),
        "height_m": np.round(floors * np.where(lived_in, 3.0, 3.6), 1), "built_year": year,
        "width": width, "depth": depth})


def _members(slots: _Slots, number: int, lived_in: npt.NDArray[np.bool_]) -> Ints:
    start, end = np.searchsorted(slots.grid, (number, number + 1))
    return np.arange(start, end)[lived_in[start:end]]


def _footprints(frame: pd.DataFrame, slots: _Slots, plane: Plane) -> Any:
    boxes = rectangles(slots.centre, slots.axis, frame["width"].to_numpy(), frame["depth"].to_numpy())
    return shapely.transform(plane.degrees(boxes), lambda points: np.round(points, 7))
