"""Everything that stands still in a demo district, ready for the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.areas.cells import Ints, dissolve
from data.areas.codes import apportion
from data.demo.buildings import buildings, households_per_grid
from data.demo.districts import DISTRICTS
from data.demo.network import roads
from data.demo.overlays import compound_codes, compounds, professional_grids, unit_grids, work_grids
from data.demo.scenery import features
from data.demo.streets import Partition, outline, partition

#: Communities whose floating population the source speaks of (S4: 怡福, 关家).
FLOATING_SITES: Final = ("怡福社区", "关家社区")
#: Columns of ``area`` that are filled here; the others stay empty.
AREA_COLUMNS: Final = (
    "area_code", "name", "level", "parent_code", "street_code", "grid_kind", "professional_field", "members",
    "area_m2", "lon", "lat", "households", "residents", "floating", "chief_officer_id", "is_derived",
    "is_synthetic", "source_system", "geometry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Frames with the columns of data/tables.py, EPSG:4326, sorted by their code or id.

    Attributes:
        areas: district, streets, communities, base grids, and the grids of `data.demo.overlays`.
        roads: pieces along the cell borders; ``chief_id`` None.
        features: water and green.
        buildings: geometry column ``footprint``; ``chief_id`` None.
    """

    areas: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    features: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame


def build_places(profile: str, seed: int) -> Places:
    """Build a demo district; the same profile and seed give the same frames.

    Args:
        profile: a key of `DISTRICTS`.
        seed: any whole number ≥ 0.

    Raises:
        ValueError: unknown profile.
    """
    if profile not in DISTRICTS:
        raise ValueError(f"profile must be one of {sorted(DISTRICTS)}, got {profile!r}")
    district = DISTRICTS[profile]
    rng = np.random.default_rng([seed, int(district.adcode)])
    ground = partition(district, rng)
    streets = roads(ground, rng)
    scenery = features(district.facts, outline(district.facts), ground.plane, rng)
    households = households_per_grid(district, ground.codes, rng)
    houses = buildings(ground, streets, scenery, households, rng)
    houses["compound_id"] = compound_codes(ground, houses)
    areas = _areas(ground, houses, households, rng)
    return Places(areas=areas, roads=streets, features=scenery, buildings=houses)


def _areas(ground: Partition, houses: gpd.GeoDataFrame, households: Ints, rng: np.random.Generator
           ) -> gpd.GeoDataFrame:
    """All levels of the partition and all overlays."""
    residents = _residents(ground, households, rng)
    people = pd.DataFrame({"households": households, "residents": residents,
                           "floating": _floating(ground, residents)})
    grids = _frame(ground, ground.codes, ground.polygons, people)
    grids["level"], grids["grid_kind"] = "grid", "base"
    levels = [grids]
    for level, digits in (("community", 12), ("street", 9), ("district", 6)):
        parents = np.array([code[:digits] for code in ground.codes])
        codes, labels = np.unique(parents, return_inverse=True)
        frame = _frame(ground, codes.tolist(), dissolve(ground.polygons, labels),
                       people.groupby(labels).sum())
        frame["level"] = level
        frame["is_derived"] = level != "district" or ground.district.is_patch
        levels.insert(0, frame)
    overlays = [work_grids(ground, people, rng), professional_grids(ground, people),
                compounds(ground, houses, people), unit_grids(ground, houses, people)]
    areas = pd.concat([*levels, *(frame for frame in overlays if frame is not None)], ignore_index=True)
    for column in ("parent_code", "street_code", "grid_kind", "professional_field", "members"):
        values = areas[column].astype(object)
        areas[column] = values.where(values.notna(), None)
    return gpd.GeoDataFrame(areas[list(AREA_COLUMNS)], geometry="geometry", crs="EPSG:4326")


def _residents(ground: Partition, households: Ints, rng: np.random.Generator) -> Ints:
    weights = households * rng.normal(1, 0.05, len(households)).clip(0.85, 1.15)
    return np.array(apportion(ground.district.residents, weights.tolist()), dtype=np.int64)


def _floating(ground: Partition, residents: Ints) -> Ints:
    """Floating residents (流动人口) of each base grid: the district's share, uneven between communities."""
    rng = np.random.default_rng([int(ground.district.adcode), 79])
    codes, community = np.unique([code[:12] for code in ground.codes], return_inverse=True)
    pull = rng.lognormal(0.0, 0.25, len(codes)).clip(0.5, 1.6)
    pull[np.isin([ground.known[code].name for code in codes], FLOATING_SITES)] = 1.7
    weights = residents * pull[community] * rng.lognormal(0.0, 0.1, len(residents)).clip(0.8, 1.2)
    share = ground.district.floating_share
    found = np.array(apportion(round(share * int(residents.sum())), weights.tolist()), dtype=np.int64)
    return np.minimum(found, (0.9 * residents).astype(np.int64))


def _name(ground: Partition, code: str) -> str:
    if len(code) == 6:
        return ground.district.name
    if code in ground.known:
        return ground.known[code].name
    community = ground.known[code[:12]].name
    return f"{community.removesuffix('社区')}第{int(code[12:])}网格"


def _is_made_up(ground: Partition, code: str) -> bool:
    """Whether the area itself (not only its border) was invented."""
    if len(code) == 6:
        return False
    return code not in ground.known or ground.known[code].origin == "synthetic"


def _frame(ground: Partition, codes: list[str], polygons: Any, people: pd.DataFrame) -> pd.DataFrame:
    middle = shapely.get_coordinates(shapely.point_on_surface(polygons))
    return pd.DataFrame({
        "area_code": codes, "name": [_name(ground, code) for code in codes],
        "parent_code": [code[:-3] if len(code) > 6 else None for code in codes],
        "street_code": [code[:9] if len(code) >= 9 else None for code in codes],
        "grid_kind": None, "professional_field": None, "members": None,
        "area_m2": np.round(shapely.area(polygons) * float(np.prod(ground.plane.scale)), 1),
        "lon": np.round(middle[:, 0], 7), "lat": np.round(middle[:, 1], 7),
        "households": people["households"].to_numpy(), "residents": people["residents"].to_numpy(),
        "floating": people["floating"].to_numpy(), "chief_officer_id": None, "is_derived": True,
        "is_synthetic": [_is_made_up(ground, code) for code in codes], "source_system": "demo",
        "geometry": polygons})
