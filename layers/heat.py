"""Heat map of cases (热力) from bins made on the server."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import pydeck as pdk

from layers import columns as wire
from layers import frames, palette
from layers import legend as legends
from layers.spec import Spec, columns, spec

LAYER_ID: Final = "heat"
COLUMNS: Final = ("lon", "lat", "weight")
MAX_CELLS: Final = 20_000
#: Thinner than this share of the densest place is not drawn.
THRESHOLD: Final = 0.04
STEPS: Final = 36


def heat_layer(url: str, *, left_out: int = 0) -> Spec:
    """Build the spec of the heat map.

    Args:
        url: where the browser gets `encode_heat`; it adds box and zoom.
        left_out: cases of the filter without a place.
    """
    layer = pdk.Layer(
        "HeatmapLayer",
        columns(url, view=True),
        id=LAYER_ID,
        glue="'heat'",
        pickable=False,
        aggregation="'SUM'",
        color_range=_colours(),
        radius_max=60,
        intensity=1,  # so that the shares of the legend hold
        threshold=THRESHOLD,
        opacity=0.9,
    )
    count = len(palette.HEAT)
    lower = [share_of(at / count) for at in range(count)]
    entries = [
        legends.entry(
            legends.same(("≥" if at == count - 1 else "") + f"{edge:.0%}"),
            colour,
            lower=round(edge, 3),
            clear=True,
        )
        for at, (edge, colour) in enumerate(zip(lower, palette.HEAT, strict=True))
    ]
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("案件密度", "Density of cases"),
            entries,
            unit=legends.text("占画面最密处", "of the densest place in view"),
            kind="ramp",
            left_out=left_out,
        ),
        left_out=left_out,
    )


def share_of(step: float) -> float:
    """The share of the densest place at a step 0..1 of the ramp: thin places get more of the ramp."""
    return THRESHOLD + (1 - THRESHOLD) * step**2


def _colours() -> list[list[int]]:
    """The ramp in `STEPS` equal shares, as the layer wants it: `share_of` inverted."""
    found = []
    for at in range(STEPS):
        place = ((at + 0.5) / STEPS) ** 0.5 * len(palette.HEAT) - 0.5
        low = max(0, min(len(palette.HEAT) - 2, int(place)))
        part = min(1.0, max(0.0, place - low))
        pair = zip(palette.HEAT[low], palette.HEAT[low + 1], strict=True)
        found.append([round(a + (b - a) * part) for a, b in pair])
    return found


def encode_heat(cells: pd.DataFrame, *, cell_deg: float, total: int) -> bytes:
    """Write heat cells.

    Args:
        cells: one row per cell with `COLUMNS`, at most `MAX_CELLS`; the place is the
            middle of the cell, weight the number of cases. Not modified.
        cell_deg: width of a cell in degrees of longitude.
        total: cases of the filter in the box.

    Raises:
        layers.columns.ColumnsError: more cells than the screen has use for.
    """
    frames.require(cells, columns=COLUMNS, layer=LAYER_ID, places=True)
    if len(cells) > MAX_CELLS:
        raise wire.ColumnsError(f"heat must have at most {MAX_CELLS} cells, got {len(cells)}")
    weight = cells["weight"].to_numpy(dtype=np.float32)
    body = {"lon": wire.degrees(cells["lon"]), "lat": wire.degrees(cells["lat"]), "weight": weight}
    return wire.encode(
        body,
        rows=len(cells),
        meta={
            "kind": "heat",
            "cell_deg": float(cell_deg),
            "total": total,
            "left_out": max(0, total - round(float(weight.sum(dtype=np.float64)))),
            "peak": float(weight.max(initial=0.0)),
        },
    )
