"""Buildings (建筑): footprints, standing by their height in 3D."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pydeck as pdk

from layers import frames, palette
from layers import legend as legends
from layers.basemap import collection
from layers.spec import Spec, geojson, spec

LAYER_ID: Final = "buildings"
COLUMNS: Final = ("building_id", "name", "height_m", "floors", "geometry")
#: Nearer than this footprints are larger than a few pixels.
FIRST_ZOOM: Final = 14.0
FLOOR_M: Final = 3.0


def building_layer(url: str) -> Spec:
    """Build the spec of the buildings.

    Args:
        url: where the browser gets `building_shapes`; it adds box and zoom.
    """
    layer = pdk.Layer(
        "GeoJsonLayer",
        geojson(url, view=True),
        id=LAYER_ID,
        glue="'buildings'",
        pickable=True,
        min_zoom_shown=FIRST_ZOOM,
        fill_colour=list(palette.colour("#5b76a0", 0.95)),
        outline_colour=list(palette.colour("#7f9bc6")),
    )
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("建筑(高度)", "Buildings (height)"),
            [
                legends.entry(
                    legends.text(f"放大到 {FIRST_ZOOM:g} 级后显示", f"shown from zoom {FIRST_ZOOM:g}"),
                    palette.colour("#7f9bc6"),
                )
            ],
        ),
    )


def building_shapes(buildings: gpd.GeoDataFrame, *, total: int) -> dict[str, Any]:
    """Footprints as GeoJSON.

    Args:
        buildings: one row per building with `COLUMNS` in EPSG:4326; an unknown
            height is taken from the floors, an unknown number of floors is one. Not modified.
        total: buildings in the box; what exceeds the rows is left out.

    Raises:
        layers.frames.FrameError: a column, the CRS or a geometry is wrong.
    """
    frames.require(buildings, columns=COLUMNS, layer=LAYER_ID, geometry=True)
    floors = buildings["floors"].to_numpy(dtype=np.float64, na_value=np.nan)
    height = buildings["height_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    height = np.where(np.isfinite(height), height, np.nan_to_num(floors, nan=1.0) * FLOOR_M)
    drawn = gpd.GeoDataFrame(
        {
            "id": buildings["building_id"].to_numpy(),
            "name": buildings["name"].to_numpy(),
            "height": height.round(1),
        },
        geometry=buildings.geometry.to_numpy(),
        crs=buildings.crs,
    )
    return {**collection(drawn, digits=7), "left_out": max(0, total - len(buildings))}
