"""Names of buildings: road and number by the nearest road, estates of about eight houses."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.areas.cells import Ints
from data.areas.plane import Floats
from data.demo.streets import Partition

_ESTATE: Final = ("花园", "小区", "苑", "新居", "雅居", "家园", "里", "庭院", "公寓", "府")
_EXAMPLE: Final = "学士街"


def addresses(houses: pd.DataFrame, ground: Partition, roads: gpd.GeoDataFrame, centre: Floats
              ) -> pd.DataFrame:
    """Name, estate and address of each house.

    Args:
        houses: ``grid_code`` (ascending), ``community_code``, ``kind``.
        ground: the partition; roads: lines with ``name``.
        centre: of each house, metres in the plane of the partition.

    Returns:
        ``name, compound_id, address`` in the order of the houses; ``compound_id``
        is None for houses that belong to no estate (小区).
    """
    lines = ground.plane.metres(np.asarray(roads.geometry))
    points = shapely.points(centre)
    nearest = shapely.STRtree(lines).nearest(points)
    road = roads["name"].to_numpy(dtype=object)[nearest]
    place = shapely.line_locate_point(lines[nearest], points)
    number = _counted(road, nearest, place)
    road, number = _number_33(road, number, houses, ground)
    rank = np.arange(len(road)) - np.searchsorted(houses["grid_code"], houses["grid_code"])
    names: list[str] = []
    ids: list[str | None] = []
    for i, (code, kind) in enumerate(zip(houses["grid_code"], houses["kind"], strict=True)):
        block = int(rank[i]) // 8 + 1
        if kind not in ("residential", "mixed") or road[i] == _EXAMPLE:
            names.append(f"{road[i]}{number[i]}号楼")
            ids.append(None)
            continue
        base = ground.known[code[:12]].name.removesuffix("社区").removesuffix("村")
        title = _ESTATE[(int(code[12:]) * 3 + block) % len(_ESTATE)]
        names.append(f"{base}{title}{int(code[12:])}-{int(rank[i]) + 1}栋")
        ids.append(f"C{code}{block}")
    return pd.DataFrame({"name": names, "compound_id": ids,
                         "address": [f"{name}{value}号" for name, value in zip(road, number, strict=True)]})


def _counted(road: Any, piece: Ints, place: Floats) -> Ints:
    """House numbers 1, 2, … along each road name."""
    order = np.lexsort((place, piece, road.astype(str)))
    ranked = road[order]
    new = np.concatenate(([True], ranked[1:] != ranked[:-1]))
    start = np.maximum.accumulate(np.where(new, np.arange(len(ranked)), 0))
    number = np.empty(len(road), dtype=np.int64)
    number[order] = np.arange(len(ranked)) - start + 1
    return number


def _number_33(road: Any, number: Ints, houses: pd.DataFrame, ground: Partition) -> tuple[Any, Ints]:
    """Exactly one house at 学士街 33, the example of the sources, where its community exists."""
    inside = np.array([code in ground.district.fixed_grids for code in houses["community_code"]])
    homes = inside & (houses["kind"] == "residential").to_numpy()
    if not homes.any():
        return road, number
    chosen = int(np.flatnonzero(homes & (road == _EXAMPLE))[0] if (homes & (road == _EXAMPLE)).any()
                 else np.flatnonzero(homes)[0])
    road, number = road.copy(), number.copy()
    number[(road == _EXAMPLE) & (number == 33)] = int(number.max()) + 1
    road[chosen], number[chosen] = _EXAMPLE, 33
    return road, number
