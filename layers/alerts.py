"""Alerts in hand (预警): a sign for each colour, gravest on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import pydeck as pdk

from layers import frames, palette
from layers import legend as legends
from layers.labels import FONTS
from layers.spec import Spec, spec

LAYER_ID: Final = "alerts"
COLUMNS: Final = ("alert_id", "color", "lon", "lat", "title", "area_code")
#: Colour of an alert -> sign, shape of the legend, words; the gravest first.
SIGNS: Final[Mapping[str, tuple[str, str, legends.Text, palette.Colour]]] = {
    "red": ("◆", "diamond", legends.text("红", "red"), palette.OVER),
    "orange": ("▲", "triangle", legends.text("橙", "orange"), palette.colour("#ff9f43")),
    "yellow": ("■", "square", legends.text("黄", "yellow"), palette.WARN),
    "blue": ("●", "disc", legends.text("蓝", "blue"), palette.ACCENT),
}


def alert_layer(alerts: pd.DataFrame, *, left_out: int = 0) -> Spec:
    """Build the spec of the alerts; the marks themselves come along.

    Args:
        alerts: one row per alert with `COLUMNS`, WGS-84 degrees, gravest first; ``title`` says what it is
            about, ``area_code`` of the grid on which it stands, or ''. Not modified.
        left_out: alerts that have no place, or are too many.

    Raises:
        layers.frames.FrameError: a column is missing or a place is none.
    """
    frames.require(alerts, columns=COLUMNS, layer=LAYER_ID, places=True)
    layer = pdk.Layer(
        "TextLayer",
        _marks(alerts.to_dict("records")),
        id=LAYER_ID,
        glue="'alerts'",
        pickable=True,
        size=19,
        font_family=f"'{FONTS}'",
        outline=[*palette.BACKGROUND[:3], 255],
        colours={color: list(value) for color, (_, _, _, value) in SIGNS.items()},
        signs={color: sign for color, (sign, _, _, _) in SIGNS.items()},
    )
    entries = [legends.entry(words, value, shape=shape, count=int((alerts["color"] == color).sum()))
               for color, (_, shape, words, value) in SIGNS.items()]
    return spec([layer], legend=legends.legend(legends.text("预警", "Alerts"), entries, left_out=left_out),
                left_out=left_out)


def _marks(rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """The gravest last, so that it lies on top."""
    return [{"id": str(row["alert_id"]), "color": row["color"], "title": row["title"],
             "area": row["area_code"], "at": [round(float(row["lon"]), 6), round(float(row["lat"]), 6)]}
            for row in reversed(rows)]
