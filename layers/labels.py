"""Names of areas (注记) by zoom, upright in 3D too."""

from __future__ import annotations

from typing import Final

import pandas as pd
import pydeck as pdk

from layers import frames, palette
from layers.spec import Spec, spec

LAYER_ID: Final = "labels"
COLUMNS: Final = ("area_code", "name", "level", "lon", "lat")
#: Which level is named at which zoom: from, up to (exclusive).
LEVELS: Final = (("street", 0.0, 13.6), ("community", 13.6, 15.4), ("grid", 15.4, 99.0))


def label_layer(areas: pd.DataFrame) -> Spec:
    """Build the spec of the labels.

    Args:
        areas: one row per area with `COLUMNS`, ``lon, lat`` where the name stands in
            WGS-84 degrees; rows without a place are left out and counted. Not modified.

    Raises:
        layers.frames.FrameError: a column is missing or a place is none.
    """
    frames.require(areas, columns=COLUMNS, layer=LAYER_ID)
    placed = areas[
        areas["lon"].notna() & areas["lat"].notna() & areas["level"].isin([one for one, _, _ in LEVELS])
    ]
    frames.require(placed, columns=COLUMNS, layer=LAYER_ID, places=True)
    rows = [
        {
            "code": str(code),
            "name": str(name),
            "level": level,
            "lon": round(float(lon), 6),
            "lat": round(float(lat), 6),
        }
        for code, name, level, lon, lat in placed[list(COLUMNS)].itertuples(index=False)
    ]
    characters = sorted({letter for row in rows for letter in str(row["name"])})
    layer = pdk.Layer(
        "TextLayer",
        rows,
        id=LAYER_ID,
        glue="'labels'",
        pickable=False,
        size=15,
        characters=characters,
        levels=[list(level) for level in LEVELS],
        get_color=list(palette.TEXT),
        outline_color=[*palette.BACKGROUND[:3], 255],
        font_family='\'"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif\'',
        font_weight="'600'",
    )
    missing = int((areas["lon"].isna() | areas["lat"].isna()).sum())
    return spec([layer], left_out=missing)
