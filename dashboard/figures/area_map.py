"""A map of areas by a value, as the paths of an SVG: small, and the same in a page and on paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

#: Width of the drawing in its own units; the height follows from the ground.
WIDTH: Final = 1000.0
#: Classes of colour; the ramp of the tokens has as many.
CLASSES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Areas as they are drawn, whatever their colour.

    Attributes:
        codes: of the areas, in their order.
        paths: of each the ``d`` of an SVG path.
        points: of each where its name stands, x and y.
        height: of the drawing, in units of `WIDTH`.
    """

    codes: Sequence[str]
    paths: Sequence[str]
    points: Sequence[tuple[float, float]]
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaMap:
    """The colours of a ground.

    Attributes:
        steps: of each area the class of its value, 0 the smallest; None: there is no value.
        breaks: edges of the classes, ascending, one more than there are classes; empty without values.
    """

    steps: Sequence[int | None]
    breaks: Sequence[float]


def ground_of(areas: gpd.GeoDataFrame) -> Ground:
    """The drawing of areas (``area_code``, ``geometry`` in EPSG:4326), north up, metres alike both ways."""
    if areas.empty:
        return Ground(codes=(), paths=(), points=(), height=WIDTH / 2)
    west, south, east, north = areas.total_bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / max((east - west) * squeeze, 1e-9)

    def flat(points: Any) -> Any:
        return np.column_stack([(points[:, 0] - west) * squeeze * scale, (north - points[:, 1]) * scale])

    drawn = shapely.simplify(shapely.transform(areas.geometry.to_numpy(), flat), 0.6)
    inside = shapely.point_on_surface(drawn)
    return Ground(codes=areas["area_code"].tolist(), paths=[_path(shape) for shape in drawn],
                  points=[(round(point.x, 1), round(point.y, 1)) for point in inside],
                  height=round((north - south) * scale, 1))


def area_map(ground: Ground, values: Mapping[str, float | None]) -> AreaMap:
    """Colour areas by the class of their values.

    Classes are quantiles of the values, so that each colour is about as frequent; equal edges fall together.
    """
    held = [values.get(code) for code in ground.codes]
    known = np.array([value for value in held if value is not None and not math.isnan(value)])
    breaks = np.unique(np.quantile(known, np.linspace(0, 1, CLASSES + 1))) if len(known) else np.array([])
    return AreaMap(steps=[_step(value, breaks) for value in held], breaks=[float(edge) for edge in breaks])


def _step(value: float | None, breaks: Any) -> int | None:
    if value is None or math.isnan(value):
        return None
    return int(np.clip(np.searchsorted(breaks, value, side="right") - 1, 0, max(len(breaks) - 2, 0)))


def _path(shape: Any) -> str:
    """The rings of a polygon or of several, one unit to a tenth."""
    rings = [ring for part in shapely.get_parts(shape) if part.geom_type == "Polygon"
             for ring in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z"
                   for ring in rings)
