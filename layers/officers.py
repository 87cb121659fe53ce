"""Officers (力量) at their last position, with heading; above the areas in 3D."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import pydeck as pdk

from layers import columns as wire
from layers import frames, palette
from layers import legend as legends
from layers.spec import Spec, columns, spec

LAYER_ID: Final = "officers"
COLUMNS: Final = ("officer_id", "lon", "lat", "heading", "age_s", "role", "grid_code")
FRESH_S: Final = 300
LATE_S: Final = 1800
UNKNOWN_HEADING: Final = wire.UNKNOWN_HEADING


def officer_layer(url: str) -> Spec:
    """Build the spec of the officers.

    Args:
        url: where the browser gets `encode_officers`.
    """
    layer = pdk.Layer(
        "IconLayer",
        columns(url),
        id=LAYER_ID,
        glue="'icons'",
        pickable=True,
        size_min=6,
        size_max=26,
        size_step=5,
    )
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("在岗力量", "Officers on duty"),
            [
                legends.entry(
                    legends.text("5 分钟内有定位", "position within 5 minutes"), palette.ACCENT, shape="disc"
                ),
                legends.entry(legends.text("30 分钟内", "within 30 minutes"), palette.WARN, shape="disc"),
                legends.entry(legends.text("更早", "older"), palette.STOPPED, shape="disc"),
            ],
        ),
    )


def encode_officers(positions: pd.DataFrame) -> bytes:
    """Write the last position of each officer.

    Args:
        positions: one row per officer with `COLUMNS`, WGS-84 degrees, heading in
            degrees clockwise from north (NaN: standing or unknown), ``age_s`` ≥ 0
            seconds. Names and phones are no columns of this layer. Not modified.

    Raises:
        layers.frames.FrameError: a column is missing or a place is none.
    """
    frames.require(positions, columns=COLUMNS, layer=LAYER_ID, places=True)
    role, roles = wire.codes(positions["role"])
    area, areas = wire.codes(positions["grid_code"])
    age = positions["age_s"].to_numpy(dtype=np.float64, na_value=np.nan)
    body = {
        "lon": wire.degrees(positions["lon"]),
        "lat": wire.degrees(positions["lat"]),
        "age": np.nan_to_num(age, nan=2**31).clip(0, 2**31).astype(np.uint32),
        "heading": wire.headings(positions["heading"]),
        "area": area,
        "role": role,
    }
    ids = wire.texts(positions["officer_id"])
    return wire.encode(
        body,
        rows=len(positions),
        meta={
            "kind": "officers",
            "selects": "officer",
            "ids": ids,
            "roles": roles,
            "areas": areas,
            "fresh_s": FRESH_S,
            "late_s": LATE_S,
        },
    )
