"""Everything that stands still in a demo district, ready for the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.areas.cells import Ints, dissolve
from data.areas.codes import apportion, overlay_code
from data.demo.buildings import buildings, households_per_grid
from data.demo.network import roads
from data.demo.scenery import features
from data.demo.streets import DISTRICTS, Partition, outline, partition

FIELDS: Final = ("work_safety", "city_mgmt", "hazard", "care", "attention")
_FIELD_ZH: Final = {"work_safety": "安全生产", "city_mgmt": "城市管理", "hazard": "隐患排查",
                    "care": "关爱服务", "attention": "重点关注"}
#: Professional grids of a field per street.
_FIELD_PARTS: Final = {"work_safety": 2, "city_mgmt": 3, "hazard": 1, "care": 2, "attention": 1}
#: Columns of ``area`` that are filled here; the others stay empty.
AREA_COLUMNS: Final = (
    "area_code", "name", "level", "parent_code", "street_code", "grid_kind", "professional_field", "members",
    "area_m2", "lon", "lat", "households", "residents", "chief_officer_id", "is_derived", "is_synthetic",
    "source_system", "geometry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Frames with the columns of data/tables.py, EPSG:4326, sorted by their code or id.

    Attributes:
        areas: district, streets, communities, base grids, work and professional grids.
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
        profile: ``chenghua``, ``zhongshan`` or ``city`` (the places of Chenghua).
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
    scenery = features(district.adcode, outline(district.adcode), ground.plane, rng)
    households = households_per_grid(district, ground.codes, rng)
    houses = buildings(ground, streets, scenery, households, rng)
    return Places(areas=_areas(ground, households, rng), roads=streets, features=scenery, buildings=houses)


def _areas(ground: Partition, households: Ints, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """All levels of the partition and both overlays."""
    residents = _residents(ground, households, rng)
    grids = _frame(ground, ground.codes, ground.polygons, households, residents)
    grids["level"], grids["grid_kind"] = "grid", "base"
    levels = [grids]
    for level, digits in (("community", 12), ("street", 9), ("district", 6)):
        parents = np.array([code[:digits] for code in ground.codes])
        codes, labels = np.unique(parents, return_inverse=True)
        frame = _frame(ground, codes.tolist(), dissolve(ground.polygons, labels),
                       np.bincount(labels, weights=households).astype(np.int64),
                       np.bincount(labels, weights=residents).astype(np.int64))
        frame["level"] = level
        frame["is_derived"] = level != "district"
        levels.insert(0, frame)
    overlays = [_work_grids(ground, households, residents, rng),
                _professional_grids(ground, households, residents)]
    areas = pd.concat([*levels, *overlays], ignore_index=True)
    for column in ("parent_code", "street_code", "grid_kind", "professional_field", "members"):
        values = areas[column].astype(object)
        areas[column] = values.where(values.notna(), None)
    return gpd.GeoDataFrame(areas[list(AREA_COLUMNS)], geometry="geometry", crs="EPSG:4326")


def _residents(ground: Partition, households: Ints, rng: np.random.Generator) -> Ints:
    weights = households * rng.normal(1, 0.05, len(households)).clip(0.85, 1.15)
    return np.array(apportion(ground.district.residents, weights.tolist()), dtype=np.int64)


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


def _frame(ground: Partition, codes: list[str], polygons: Any, households: Ints, residents: Ints
           ) -> pd.DataFrame:
    middle = shapely.get_coordinates(shapely.point_on_surface(polygons))
    return pd.DataFrame({
        "area_code": codes, "name": [_name(ground, code) for code in codes],
        "parent_code": [code[:-3] if len(code) > 6 else None for code in codes],
        "street_code": [code[:9] if len(code) >= 9 else None for code in codes],
        "grid_kind": None, "professional_field": None, "members": None,
        "area_m2": np.round(shapely.area(polygons) * float(np.prod(ground.plane.scale)), 1),
        "lon": np.round(middle[:, 0], 7), "lat": np.round(middle[:, 1], 7),
        "households": households, "residents": residents, "chief_officer_id": None, "is_derived": True,
        "is_synthetic": [_is_made_up(ground, code) for code in codes], "source_system": "demo",
        "geometry": polygons})


def _work_grids(ground: Partition, households: Ints, residents: Ints, rng: np.random.Generator
                ) -> pd.DataFrame:
    """Work grids: two or three consecutive base grids of one community."""
    labels = np.empty(len(ground.codes), dtype=np.int64)
    communities = np.array([code[:12] for code in ground.codes])
    number, start = 0, 0
    while start < len(communities):
        left = int(np.searchsorted(communities, communities[start], side="right")) - start
        size = left if left <= 3 else 2 if left == 4 else int(rng.integers(2, 4))
        labels[start:start + size] = number
        number, start = number + 1, start + size
    return _overlay(ground, labels, "W", households, residents)


def _professional_grids(ground: Partition, households: Ints, residents: Ints) -> pd.DataFrame:
    """Five fields, each covering every street with one to three free areas of its own."""
    frames = []
    codes = np.array(ground.codes)
    _, street = np.unique([code[:9] for code in codes], return_inverse=True)
    rank = np.arange(len(codes)) - np.searchsorted(street, street)
    size = np.bincount(street)[street]
    before = 0
    for field in FIELDS:
        parts = _FIELD_PARTS[field]
        labels = street * parts + rank * parts // size
        frame = _overlay(ground, labels, "P", households, residents, first=before + 1)
        frame["professional_field"] = field
        frame["name"] = [f"{ground.known[code[:9]].name}{_FIELD_ZH[field]}专业网格{int(code[-3:]) - before}"
                         for code in frame["area_code"]]
        frame["members"] = None
        frames.append(frame)
        before += parts
    return pd.concat(frames, ignore_index=True).sort_values("area_code", ignore_index=True)


def _overlay(ground: Partition, labels: Ints, letter: str, households: Ints, residents: Ints, *,
             first: int = 1) -> pd.DataFrame:
    """Areas made of base grids; numbered within their street."""
    polygons = dissolve(ground.polygons, labels)
    starts = np.searchsorted(labels, np.arange(len(polygons)))
    streets = [ground.codes[start][:9] for start in starts]
    numbers = [index - streets.index(street) + first for index, street in enumerate(streets)]
    codes = [overlay_code(street, letter, number) for street, number in zip(streets, numbers, strict=True)]
    middle = shapely.get_coordinates(shapely.point_on_surface(polygons))
    ends = np.append(starts[1:], len(labels))
    parents = [ground.codes[start][:12] if letter == "W" else street
               for start, street in zip(starts, streets, strict=True)]
    return pd.DataFrame({
        "area_code": codes, "level": "grid", "grid_kind": "work" if letter == "W" else "professional",
        "name": [f"{ground.known[parent].name.removesuffix('社区')}工作网格{int(code[-3:])}"
                 for parent, code in zip(parents, codes, strict=True)],
        "parent_code": streets, "street_code": streets, "professional_field": None,
        "members": [ground.codes[start:end] for start, end in zip(starts, ends, strict=True)],
        "area_m2": np.round(shapely.area(polygons) * float(np.prod(ground.plane.scale)), 1),
        "lon": np.round(middle[:, 0], 7), "lat": np.round(middle[:, 1], 7),
        "households": np.bincount(labels, weights=households).astype(np.int64),
        "residents": np.bincount(labels, weights=residents).astype(np.int64),
        "chief_officer_id": None, "is_derived": True, "is_synthetic": True, "source_system": "demo",
        "geometry": polygons})
