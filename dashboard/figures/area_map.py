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
class Shape:
    """One area.

    Attributes:
        code: of the area.
        path: the ``d`` of an SVG path.
        step: class of its value, 0 the smallest; None: there is no value.
        x: where its name stands.
        y: the same.
    """

    code: str
    path: str
    step: int | None
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaMap:
    """A drawing.

    Attributes:
        shapes: in the order of the areas.
        height: in units of `WIDTH`.
        breaks: edges of the classes, ascending, one more than there are classes; empty without values.
    """

    shapes: Sequence[Shape]
    height: float
    breaks: Sequence[float]


def area_map(areas: gpd.GeoDataFrame, values: Mapping[str, float | None]) -> AreaMap:
    """Draw areas (``area_code``, ``geometry`` in EPSG:4326) by the class of their values.

    Classes are quantiles of the values, so that each colour is about as frequent; equal edges fall together.
    """
    if areas.empty:
        return AreaMap(shapes=(), height=WIDTH / 2, breaks=())
    west, south, east, north = areas.total_bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / max((east - west) * squeeze, 1e-9)

    def flat(points: Any) -> Any:
        return np.column_stack([(points[:, 0] - west) * squeeze * scale, (north - points[:, 1]) * scale])

    drawn = shapely.simplify(shapely.transform(areas.geometry.to_numpy(), flat), 0.6)
    held = [values.get(code) for code in areas["area_code"]]
    known = np.array([value for value in held if value is not None and not math.isnan(value)])
    breaks = np.unique(np.quantile(known, np.linspace(0, 1, CLASSES + 1))) if len(known) else np.array([])
    inside = shapely.point_on_surface(drawn)
    return AreaMap(
        shapes=[Shape(code=code, path=_path(shape), step=_step(value, breaks), x=round(point.x, 1),
                      y=round(point.y, 1))
                for code, shape, value, point in zip(areas["area_code"], drawn, held, inside, strict=True)],
        height=round((north - south) * scale, 1), breaks=[float(edge) for edge in breaks])


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
