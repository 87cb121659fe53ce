"""Water and green of a demo district: hand-drawn courses, synthetic shapes."""

from __future__ import annotations

import json
import math
from importlib import resources
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from data.areas.plane import Plane

_COLUMNS: Final = ("feature_id", "kind", "name", "is_synthetic", "source_system", "geometry")


def features(adcode: str, outline: Any, plane: Plane, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Rivers, lakes and parks inside the outline.

    Returns:
        One row per feature (``base_feature`` of data/tables.py), EPSG:4326;
        water first. Green never covers water.
    """
    text = resources.files("data.demo.facts").joinpath("features.json").read_text("utf-8")
    facts = json.loads(text)[adcode]
    shapes: list[tuple[str, str, Any]] = []
    for river in facts["rivers"]:
        shapes.append(("water", river["name"], _river(river, plane, rng)))
    for lake in facts["lakes"]:
        shapes.append(("water", lake["name"], _blob(lake, plane, rng)))
    water = shapely.union_all([shape for _, _, shape in shapes])
    for park in facts["greens"]:
        shapes.append(("green", park["name"], shapely.difference(_blob(park, plane, rng), water)))
    rows = []
    for number, (kind, name, shape) in enumerate(shapes, start=1):
        inside = shapely.intersection(plane.degrees(shape), outline)
        if inside.is_empty:
            continue
        rows.append({"feature_id": f"F{adcode}{number:03d}", "kind": kind, "name": name, "is_synthetic": True,
                     "source_system": "demo", "geometry": inside})
    return gpd.GeoDataFrame(rows, columns=list(_COLUMNS), geometry="geometry", crs="EPSG:4326")


def _river(river: dict[str, Any], plane: Plane, rng: np.random.Generator) -> Any:
    """A smooth band around a course, in metres."""
    course = plane.to_metres(np.array(river["line"]))
    course[1:-1] += rng.normal(0, 25, (len(course) - 2, 2))
    for _ in range(3):  # Chaikin's corner cutting
        ahead, back = course[1:], course[:-1]
        inner = np.stack((0.75 * back + 0.25 * ahead, 0.25 * back + 0.75 * ahead), axis=1).reshape(-1, 2)
        course = np.concatenate((course[:1], inner, course[-1:]))
    return shapely.simplify(shapely.buffer(shapely.linestrings(course), river["width_m"] / 2), 1.0)


def _blob(place: dict[str, Any], plane: Plane, rng: np.random.Generator) -> Any:
    """A rounded irregular patch of about the radius, in metres."""
    middle = plane.to_metres(np.array([place["lonlat"]]))[0]
    turns = np.linspace(0, 2 * math.pi, 36, endpoint=False)
    swing = sum(rng.uniform(0.04, 0.16) * np.sin(k * turns + rng.uniform(0, 6.28)) for k in (2, 3, 5))
    radius = place["radius_m"] * (1 + swing)
    return shapely.Polygon(middle + radius[:, None] * np.column_stack((np.cos(turns), np.sin(turns))))
