"""Grids beside the partition: work, professional and compound grids, and unit grids of 100 m."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.areas.cells import Ints, dissolve
from data.areas.codes import apportion, overlay_code
from data.demo.streets import Partition

FIELDS: Final = ("work_safety", "city_mgmt", "hazard", "care", "attention")
_FIELD_ZH: Final = {"work_safety": "安全生产", "city_mgmt": "城市管理", "hazard": "隐患排查",
                    "care": "关爱服务", "attention": "重点关注"}
#: Professional grids of a field per street.
_FIELD_PARTS: Final = {"work_safety": 2, "city_mgmt": 3, "hazard": 1, "care": 2, "attention": 1}
#: Side of a unit grid: 100 m x 100 m are 10,000 square metres (万米单元网格).
UNIT_M: Final = 100.0
#: Pieces at the border of a street that are smaller than this join a neighbour, m².
_LEAST_UNIT_M2: Final = 3_000.0
#: What a wall stands off the outermost houses of a compound, metres.
_WALL_M: Final = 8.0


def work_grids(ground: Partition, people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Work grids: runs of consecutive base grids of one community, as many as recorded or two to three each.

    Args:
        people: ``households, residents, floating`` of the base grids, in their order.
    """
    communities = np.array([code[:12] for code in ground.codes])
    sizes = np.unique(communities, return_counts=True)[1]
    runs: list[int] = []
    if ground.district.work_grids is None:
        for size in sizes.tolist():
            runs += _runs(size, rng)
    else:
        parts = apportion(ground.district.work_grids, sizes.tolist(), least=1)
        for size, count in zip(sizes.tolist(), parts, strict=True):
            runs += apportion(size, [1.0] * count)
    labels = np.repeat(np.arange(len(runs)), runs)
    return _of_base_grids(ground, labels, "W", people)


def _runs(left: int, rng: np.random.Generator) -> list[int]:
    """``left`` cut into twos and threes; a single one stays single."""
    found: list[int] = []
    while left:
        size = left if left <= 3 else 2 if left == 4 else int(rng.integers(2, 4))
        found.append(size)
        left -= size
    return found


def professional_grids(ground: Partition, people: pd.DataFrame) -> pd.DataFrame:
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
        frame = _of_base_grids(ground, labels, "P", people, first=before + 1)
        frame["professional_field"] = field
        frame["name"] = [f"{ground.known[code[:9]].name}{_FIELD_ZH[field]}专业网格{int(code[-3:]) - before}"
                         for code in frame["area_code"]]
        frame["members"] = None
        frames.append(frame)
        before += parts
    return pd.concat(frames, ignore_index=True).sort_values("area_code", ignore_index=True)


def _of_base_grids(ground: Partition, labels: Ints, letter: str, people: pd.DataFrame, *, first: int = 1
                   ) -> pd.DataFrame:
    """Areas made of base grids (``labels`` ascend); numbered within their street."""
    starts = np.searchsorted(labels, np.arange(int(labels[-1]) + 1))
    ends = np.append(starts[1:], len(labels))
    streets = [ground.codes[start][:9] for start in starts]
    numbers = [index - streets.index(street) + first for index, street in enumerate(streets)]
    codes = [overlay_code(street, letter, number) for street, number in zip(streets, numbers, strict=True)]
    parents = [ground.codes[start][:12] if letter == "W" else street
               for start, street in zip(starts, streets, strict=True)]
    frame = _rows(ground, codes, dissolve(ground.polygons, labels), streets)
    sums = people.groupby(labels).sum()
    return frame.assign(
        grid_kind="work" if letter == "W" else "professional",
        name=[f"{ground.known[parent].name.removesuffix('社区')}工作网格{int(code[-3:])}"
              for parent, code in zip(parents, codes, strict=True)],
        members=pd.Series([ground.codes[start:end] for start, end in zip(starts, ends, strict=True)],
                          dtype="object"),
        **{column: sums[column].to_numpy() for column in people.columns})


def _rows(ground: Partition, codes: list[str], polygons: Any, parents: list[str]) -> pd.DataFrame:
    """What all overlays have in common."""
    middle = shapely.get_coordinates(shapely.point_on_surface(polygons))
    return pd.DataFrame({
        "area_code": codes, "level": "grid", "professional_field": None, "members": None,
        "parent_code": parents, "street_code": [code[:9] for code in codes],
        "area_m2": np.round(shapely.area(polygons) * float(np.prod(ground.plane.scale)), 1),
        "lon": np.round(middle[:, 0], 7), "lat": np.round(middle[:, 1], 7),
        "chief_officer_id": None, "is_derived": True, "is_synthetic": True, "source_system": "demo",
        "geometry": polygons})


def compound_codes(ground: Partition, houses: pd.DataFrame) -> pd.Series:
    """The compound grid of each house, by its estate; None for houses of no estate. Index of ``houses``.

    Where every base grid is a compound, all its houses belong to it.
    """
    known = houses["compound_id"].notna()
    estate = houses["compound_id"]
    if ground.district.are_grids_compounds:
        estate, known = houses["grid_code"], houses["grid_code"].notna()
    ordered = pd.DataFrame({"street": houses["street_code"], "estate": estate})[known].drop_duplicates()
    ordered = ordered.sort_values(["street", "estate"])
    number = ordered.groupby("street").cumcount() + 1
    codes = {name: overlay_code(str(street), "C", int(nth)) for name, street, nth in zip(
        ordered["estate"], ordered["street"], number, strict=True)}
    return pd.Series([codes.get(name) for name in estate], index=houses.index, dtype="object")


def compounds(ground: Partition, houses: gpd.GeoDataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Compound grids (小区网格): the whole base grid, or a wall around the houses of an estate.

    Args:
        houses: ``compound_id`` as of `compound_codes`, ``name, grid_code, households``, footprints.
        people: of the base grids, in the order of their codes.
    """
    own = houses[houses["compound_id"].notna()].sort_values(["compound_id", "building_id"])
    grouped = own.groupby("compound_id")
    codes = [str(code) for code in grouped.groups]
    grids = grouped["grid_code"].first().tolist()
    place = np.searchsorted(np.array(ground.codes), grids)
    if ground.district.are_grids_compounds:
        polygons = np.asarray(ground.polygons)[place]
        own_people = people.iloc[place].reset_index(drop=True)
        members = pd.Series([[grid] for grid in grids], dtype="object")
    else:
        metres = ground.plane.metres(np.asarray(own.geometry))
        firsts = np.unique(own["compound_id"].to_numpy(dtype=str), return_index=True)[1]
        hulls = [shapely.convex_hull(shapely.multipolygons(part)) for part in np.split(metres, firsts[1:])]
        walls = ground.plane.degrees(shapely.buffer(np.array(hulls), _WALL_M, join_style="mitre"))
        polygons = _whole(shapely.intersection(walls, np.asarray(ground.polygons)[place]))
        own_people = _share(grouped["households"].sum().to_numpy(), people.iloc[place])
        members = pd.Series([None] * len(codes), dtype="object")
    named = own.drop_duplicates("compound_id")["name"].str.rsplit("-", n=1).str[0]
    return _rows(ground, codes, polygons, grids).assign(
        grid_kind="compound", name=[_estate(name) for name in named], members=members,
        **{column: own_people[column].to_numpy() for column in people.columns})


def _estate(name: str) -> str:
    """The estate of a house's name; a house of no estate stands for the compound around it."""
    return f"{name.removesuffix('楼')}院" if name.endswith("号楼") else name


def _whole(polygons: Any) -> Any:
    """The largest part of each; a convex wall may lap over a bend of its grid."""
    return np.array([max(shapely.get_parts(one), key=shapely.area) for one in polygons], dtype=object)


def _share(households: Ints, people: pd.DataFrame) -> pd.DataFrame:
    """People of parts of grids, in proportion to their households."""
    part = households / np.maximum(people["households"].to_numpy(), 1)
    return pd.DataFrame({column: np.round(people[column].to_numpy() * part).astype(np.int64)
                         for column in people.columns}).assign(households=households)


def unit_grids(ground: Partition, houses: gpd.GeoDataFrame, people: pd.DataFrame) -> pd.DataFrame | None:
    """Unit grids (万米单元网格) of the streets that have them, numbered west to east, north to south.

    Cells of `UNIT_M` cut by the border of their street, small pieces joined to a neighbour;
    households are those of the houses that stand in the cell.
    """
    frames = []
    base = np.array(ground.codes)
    for last in ground.district.unit_streets:
        street = ground.district.adcode + last
        own = np.flatnonzero(np.char.startswith(base, street))
        cells = unit_cells(ground.plane.metres(shapely.union_all(np.asarray(ground.polygons)[own])))
        middle = shapely.points(shapely.get_coordinates(shapely.point_on_surface(cells)))
        grid = own[shapely.STRtree(ground.plane.metres(np.asarray(ground.polygons)[own])).nearest(middle)]
        near = houses[houses["street_code"] == street]
        points = shapely.points(ground.plane.to_metres(near[["lon", "lat"]].to_numpy()))
        stands = shapely.STRtree(cells).nearest(points)
        homes = np.bincount(stands, weights=near["households"], minlength=len(cells)).astype(np.int64)
        codes = [overlay_code(street, "U", number + 1) for number in range(len(cells))]
        name = ground.known[street].name.removesuffix("街道")
        frames.append(_rows(ground, codes, ground.plane.degrees(cells), base[grid].tolist()).assign(
            grid_kind="unit", name=[f"{name}万米单元{number + 1}" for number in range(len(cells))],
            **_share(homes, people.iloc[grid])))
    return pd.concat(frames, ignore_index=True) if frames else None


def unit_cells(shape: Any) -> Any:
    """Squares of `UNIT_M` cut by a shape in metres; rows from the north, each from the west."""
    west, south, east, north = np.array(shape.bounds) // UNIT_M * UNIT_M
    x, y = np.meshgrid(np.arange(west, east + UNIT_M, UNIT_M), np.arange(north, south - UNIT_M, -UNIT_M))
    boxes = shapely.box(x.ravel(), y.ravel(), x.ravel() + UNIT_M, y.ravel() + UNIT_M)
    shapely.prepare(shape)
    cut = shapely.intersection(boxes[shapely.intersects(shape, boxes)], shape)
    cut = cut[shapely.area(cut) > 0.01]
    small = shapely.area(cut) < _LEAST_UNIT_M2
    large = cut[~small]
    tree = shapely.STRtree(large)
    joins: dict[int, list[Any]] = {}
    for piece in cut[small]:
        near = tree.query(piece.buffer(0.5))
        shared = shapely.area(shapely.intersection(large[near], piece.buffer(0.5)))
        at = int(near[shared.argmax()]) if shared.any() else int(tree.nearest(piece))
        joins.setdefault(at, []).append(piece)
    for at, pieces in joins.items():
        large[at] = shapely.union_all([large[at], *pieces])
    return large
