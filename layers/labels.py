"""Names of areas (注记) by zoom, upright in 3D too."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import pydeck as pdk

from layers import frames, palette
from layers.spec import Spec, geojson, spec

LAYER_ID: Final = "labels"
COLUMNS: Final = ("area_code", "name", "level", "lon", "lat")
FONTS: Final = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif'
#: Which level is named at which zoom: from, up to (exclusive).
LEVELS: Final = (("street", 0.0, 13.6), ("community", 13.6, 15.4), ("grid", 15.4, 99.0))


def label_layer(url: str) -> Spec:
    """Build the spec of the labels; ``url`` gives `label_rows`."""
    layer = pdk.Layer(
        "TextLayer",
        geojson(url),
        id=LAYER_ID,
        glue="'labels'",
        pickable=False,
        size=15,
        levels=[list(level) for level in LEVELS],
        get_color=list(palette.TEXT),
        outline_color=[*palette.BACKGROUND[:3], 255],
        font_family=f"'{FONTS}'",
        font_weight="'600'",
    )
    return spec([layer])


def label_rows(areas: pd.DataFrame) -> list[dict[str, Any]]:
    """Names and where they stand, as plain JSON.

    Args:
        areas: one row per area with `COLUMNS`, ``lon, lat`` in WGS-84 degrees; levels
            without labels and rows without a place are left out. Not modified.

    Raises:
        layers.frames.FrameError: a column is missing or a place is none.
    """
    frames.require(areas, columns=COLUMNS, layer=LAYER_ID)
    named = areas["level"].isin([level for level, _, _ in LEVELS])
    placed = areas[areas["lon"].notna() & areas["lat"].notna() & named]
    frames.require(placed, columns=COLUMNS, layer=LAYER_ID, places=True)
    return [
        {
            "code": str(code),
            "name": str(name),
            "level": level,
            "lon": round(float(lon), 6),
            "lat": round(float(lat), 6),
        }
        for code, name, level, lon, lat in placed[list(COLUMNS)].itertuples(index=False)
    ]
