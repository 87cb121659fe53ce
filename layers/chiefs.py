"""Roads with a chief (街长、巷长), drawn over the base map and pickable."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pydeck as pdk

from layers import frames, palette
from layers import legend as legends
from layers.basemap import collection, pixel_degrees
from layers.spec import Spec, geojson, spec

LAYER_ID: Final = "chiefs"
COLUMNS: Final = ("road_id", "name", "class_code", "chief_id", "geometry")
_LANES: Final = frozenset({"lane", "residential"})
STREET, LANE = palette.colour("#cc79a7"), palette.colour("#8f9cff")


def chief_layer(url: str) -> Spec:
    """Build the spec of the roads with a chief; ``url`` gives `chief_shapes`."""
    layer = pdk.Layer(
        "GeoJsonLayer",
        geojson(url, view=True),
        id=LAYER_ID,
        glue="'roads'",
        pickable=True,
        colours={"street": list(STREET), "lane": list(LANE)},
        widths={"street": 2.6, "lane": 1.6},
    )
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("街长 / 巷长", "Street and lane chiefs"),
            [
                legends.entry(legends.text("街长道路", "road with a street chief"), STREET, shape="line"),
                legends.entry(legends.text("巷长道路", "lane with a lane chief"), LANE, shape="line"),
            ],
        ),
    )


def chief_shapes(roads: gpd.GeoDataFrame, *, zoom: float) -> dict[str, Any]:
    """Roads that have a chief, as GeoJSON simplified to half a pixel.

    Args:
        roads: one row per road with `COLUMNS` in EPSG:4326; ``chief_id`` is NULL
            where nobody answers for it. Not modified.
        zoom: of the camera.

    Returns:
        A collection; ``without_chief`` counts the roads that nobody answers for.

    Raises:
        layers.frames.FrameError: a column, the CRS or a geometry is wrong.
    """
    frames.require(roads, columns=COLUMNS, layer=LAYER_ID, geometry=True)
    kept = roads[roads["chief_id"].notna()]
    drawn = gpd.GeoDataFrame(
        {
            "id": kept["road_id"].to_numpy(),
            "name": kept["name"].to_numpy(),
            "chief": kept["chief_id"].to_numpy(),
            "class": ["lane" if code in _LANES else "street" for code in kept["class_code"]],
        },
        geometry=kept.geometry.simplify(pixel_degrees(zoom) / 2).to_numpy(),
        crs=roads.crs,
    )
    return {**collection(drawn), "without_chief": len(roads) - len(kept)}
