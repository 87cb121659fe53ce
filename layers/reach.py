"""Reach (路程圈): the roads within some distances by road of a chosen point."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pydeck as pdk
import shapely

from layers import frames, palette
from layers import legend as legends
from layers.basemap import collection
from layers.spec import Spec, geojson, spec

LAYER_ID: Final = "reach"
#: Metres by road up to which each colour stands, the width of its lines in pixels, its words.
BANDS: Final = (
    (500, palette.colour("#7be0ff"), 5.0, legends.text("500 米内", "within 500 m")),
    (1_000, palette.colour("#4aa8ff"), 4.0, legends.text("1 公里内", "within 1 km")),
    (2_000, palette.colour("#6f7bff"), 3.0, legends.text("2 公里内", "within 2 km")),
)
REACH_M: Final = BANDS[-1][0]

Floats = npt.NDArray[np.float64]


def reach_layer(url: str) -> Spec:
    """Build the spec of the reach; ``url`` gives `reach_shapes` of the point that the browser adds."""
    layer = pdk.Layer(
        "GeoJsonLayer",
        geojson(url, point=True),
        id=LAYER_ID,
        glue="'reach'",
        pickable=False,
        colours={f"m{metres}": list(colour) for metres, colour, _, _ in BANDS},
        widths={f"m{metres}": width for metres, _, width, _ in BANDS},
        mark=list(palette.TEXT),
    )
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("路程圈", "Reach by road"),
            [legends.entry(words, colour, shape="line") for _, colour, _, words in BANDS],
            unit=legends.text("从打开的案件或地点沿路", "along roads from the open case or place"),
        ),
    )


def reach_shapes(pieces: Floats, metres: Floats, point: tuple[float, float]) -> dict[str, Any]:
    """The pieces of road as GeoJSON, one shape for each band that has any.

    Args:
        pieces: (k, 2, 2) ends of each in EPSG:4326 degrees.
        metres: k distances by road from the point to the farther end; beyond `REACH_M` is left out.
        point: longitude and latitude; stands in the answer as ``point``.
    """
    least, rows = 0.0, []
    for most, _, _, _ in BANDS:
        own = pieces[(metres > least) & (metres <= most)]
        if len(own):
            lines = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(own)))
            rows.append({"class": f"m{most}", "geometry": lines})
        least = float(most)
    rows.reverse()  # the nearest lie on top
    shapes = collection(gpd.GeoDataFrame(rows, geometry="geometry", crs=frames.CRS)) if rows else (
        {"type": "FeatureCollection", "features": []})
    return {**shapes, "point": [round(point[0], 6), round(point[1], 6)]}
