"""Whistles that run (吹哨): a sign in a ring at the place; a second ring where somebody is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import pydeck as pdk

from layers import frames, palette
from layers import legend as legends
from layers.labels import FONTS
from layers.spec import Spec, spec

LAYER_ID: Final = "whistles"
COLUMNS: Final = ("whistle_id", "kind", "code", "lon", "lat", "title", "area_code", "is_late", "due_at")
#: Language -> what stands in the ring.
SIGNS: Final[Mapping[str, str]] = {"zh": "哨", "en": "W"}
COLOURS: Final[Mapping[str, palette.Colour]] = {"waits": palette.ACCENT, "late": palette.OVER}
_WORDS: Final = {"waits": legends.text("待到场", "awaited"),
                 "late": legends.text("有部门超时（双圈）", "somebody is late (double ring)")}


def whistle_layer(whistles: pd.DataFrame, *, lang: str, left_out: int = 0) -> Spec:
    """Build the spec of the whistles; the marks themselves come along.

    Args:
        whistles: one row per whistle with `COLUMNS`, WGS-84 degrees, the newest first; ``kind`` and ``code``
            say what a click selects, ``area_code`` of the grid on which it stands, ``due_at`` (aware) until
            when who is called should arrive. Not modified.
        lang: ``zh`` or ``en``.
        left_out: whistles that have no place.

    Raises:
        layers.frames.FrameError: a column is missing or a place is none.
    """
    frames.require(whistles, columns=COLUMNS, layer=LAYER_ID, places=True)
    layer = pdk.Layer(
        "TextLayer",
        _marks(whistles.to_dict("records")),
        id=LAYER_ID,
        glue="'whistles'",
        pickable=True,
        size=15,
        font_family=f"'{FONTS}'",
        sign=f"'{SIGNS[lang]}'",
        ground=[*palette.BACKGROUND[:3], 235],
        colours={key: list(colour) for key, colour in COLOURS.items()},
    )
    late = int(whistles["is_late"].sum())
    entries = [legends.entry(_WORDS[key], COLOURS[key], shape="disc", count=count)
               for key, count in (("waits", len(whistles) - late), ("late", late))]
    return spec([layer], legend=legends.legend(legends.text("吹哨", "Whistles"), entries, left_out=left_out),
                left_out=left_out)


def _marks(rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """The newest last, so that it lies on top."""
    return [{"id": str(row["whistle_id"]), "select": {"kind": row["kind"], "code": row["code"]},
             "title": row["title"], "state": "late" if row["is_late"] else "waits",
             "due": row["due_at"].isoformat(), "area": row["area_code"],
             "at": [round(float(row["lon"]), 6), round(float(row["lat"]), 6)]}
            for row in reversed(rows)]
