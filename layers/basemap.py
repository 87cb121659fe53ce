"""The base map (底图) from local vectors: outline, water, green, roads by class."""

from __future__ import annotations

import json
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pydeck as pdk

from layers import frames, palette
from layers import legend as legends
from layers.spec import Spec, geojson, spec

LAYER_ID: Final = "basemap"
ROAD_COLUMNS: Final = ("road_id", "name", "class_code", "geometry")
FEATURE_COLUMNS: Final = ("feature_id", "kind", "name", "geometry")
#: Road classes from the widest; width in pixels at zoom 13, first zoom that shows it.
ROADS: Final = (
    ("trunk", "#5a7194", 3.0, 9.0),
    ("primary", "#516786", 2.4, 10.0),
    ("secondary", "#465a77", 1.8, 11.0),
    ("tertiary", "#3c4e69", 1.3, 12.0),
    ("residential", "#33435b", 0.9, 13.5),
    ("lane", "#2c3b51", 0.7, 14.5),
)
GROUND: Final = (("water", "#123a5c"), ("green", "#16342c"))
OUTLINE: Final = ("#101926", "#3d5a80")


def basemap_layer(*, ground_url: str, roads_url: str) -> Spec:
    """Build the spec of the base map.

    Args:
        ground_url: where the browser gets `ground_shapes`.
        roads_url: where it gets `road_shapes`; it adds box and zoom.
    """
    fill = {kind: list(palette.colour(colour)) for kind, colour in (("outline", OUTLINE[0]), *GROUND)}
    edge = {kind: list(palette.colour(colour)) for kind, colour in (("outline", OUTLINE[1]), *GROUND)}
    layers = [
        pdk.Layer(
            "GeoJsonLayer",
            geojson(ground_url),
            id=LAYER_ID,
            glue="'ground'",
            pickable=False,
            fills=fill,
            edges=edge,
        ),
        pdk.Layer(
            "GeoJsonLayer",
            geojson(roads_url, view=True),
            id=f"{LAYER_ID}-roads",
            glue="'roads'",
            pickable=False,
            colours={name: list(palette.colour(colour)) for name, colour, _, _ in ROADS},
            widths={name: width for name, _, width, _ in ROADS},
        ),
    ]
    return spec(
        layers,
        legend=legends.legend(
            legends.text("底图", "Base map"),
            [
                legends.entry(legends.text("水域", "water"), palette.colour(GROUND[0][1])),
                legends.entry(legends.text("绿地", "green"), palette.colour(GROUND[1][1])),
                legends.entry(legends.text("道路", "roads"), palette.colour(ROADS[0][1]), shape="line"),
            ],
        ),
    )


def road_classes(zoom: float) -> tuple[str, ...]:
    """The classes of roads that a zoom has room for, widest first."""
    return tuple(name for name, _, _, first in ROADS if zoom >= first) or (ROADS[0][0],)


def ground_shapes(outline: gpd.GeoDataFrame, features: gpd.GeoDataFrame) -> dict[str, Any]:
    """Outline, water and green as GeoJSON, the outline first (it lies below).

    Args:
        outline: the district: ``name`` and geometry in EPSG:4326. Not modified.
        features: one row per water or green area with `FEATURE_COLUMNS`. Not modified.

    Raises:
        layers.frames.FrameError: a column, the CRS or a geometry is wrong.
    """
    frames.require(outline, columns=("name", "geometry"), layer=LAYER_ID, geometry=True)
    frames.require(features, columns=FEATURE_COLUMNS, layer=LAYER_ID, geometry=True)
    edges = gpd.GeoDataFrame(
        {"kind": "outline", "name": outline["name"].to_numpy()},
        geometry=outline.geometry.to_numpy(),
        crs=frames.CRS,
    )
    inner = gpd.GeoDataFrame(
        {"kind": features["kind"].to_numpy(), "name": features["name"].to_numpy()},
        geometry=features.geometry.to_numpy(),
        crs=frames.CRS,
    )
    return collection(pd.concat([edges, inner], ignore_index=True) if len(inner) else edges)


def road_shapes(roads: gpd.GeoDataFrame, *, zoom: float) -> dict[str, Any]:
    """Roads as GeoJSON, only the classes that the zoom shows, simplified to half a pixel.

    Args:
        roads: one row per road with `ROAD_COLUMNS` in EPSG:4326. Not modified.
        zoom: of the camera.

    Returns:
        A collection whose ``left_out`` counts the roads of classes not shown yet.

    Raises:
        layers.frames.FrameError: a column, the CRS or a geometry is wrong.
    """
    frames.require(roads, columns=ROAD_COLUMNS, layer=LAYER_ID, geometry=True)
    kept = roads[roads["class_code"].isin(road_classes(zoom))]
    drawn = gpd.GeoDataFrame(
        {"class": kept["class_code"].to_numpy(), "name": kept["name"].to_numpy()},
        geometry=kept.geometry.simplify(pixel_degrees(zoom) / 2).to_numpy(),
        crs=roads.crs,
    )
    return {**collection(drawn), "left_out": len(roads) - len(kept)}


def pixel_degrees(zoom: float) -> float:
    """Width of one pixel in degrees of longitude."""
    return 360 / (512 * 2.0**zoom)


def collection(frame: gpd.GeoDataFrame, *, digits: int = 6) -> dict[str, Any]:
    """A frame as GeoJSON of plain types, NULL for NaN, coordinates rounded."""
    if not len(frame):
        return {"type": "FeatureCollection", "features": []}
    rounded = frame.set_geometry(frame.geometry.force_2d().set_precision(10.0**-digits, mode="pointwise"))
    shapes = json.loads(rounded.to_json(drop_id=True))
    return {"type": "FeatureCollection", "features": shapes["features"]}
