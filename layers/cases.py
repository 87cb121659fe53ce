"""Cases (案件) as points: 20 bytes each on the wire, filtered on the GPU.

Far away, where more cases lie in the box than the screen can show, the server
sends bins with their count instead; the sum over the bins is the number of cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pydeck as pdk

from data.cases.lifecycle import STATES
from layers import columns as wire
from layers import frames, palette
from layers import legend as legends
from layers.spec import Spec, columns, spec

LAYER_ID: Final = "cases"
COLUMNS: Final = (
    "lon",
    "lat",
    "reported_at",
    "cat_code",
    "channel_code",
    "state",
    "urgency",
    "case_ref",
    "is_overdue",
)
BIN_COLUMNS: Final = ("lon", "lat", "weight")
#: What stands behind a group of states: shape and word say it too (legend, case card).
GROUPS: Final = (
    ("overdue", "超期", "overdue", palette.OVER),
    ("open", "在办", "open", palette.ACCENT),
    ("stopped", "停表", "clock stopped", palette.STOPPED),
    ("ended", "已办结", "ended", palette.OK),
    ("new", "待受理", "to accept", palette.WARN),
)
_GROUP_OF: Final = {
    "reported": "new",
    "verify_first": "new",
    "hanging": "stopped",
    "postponing": "stopped",
    "closed": "ended",
    "rejected": "ended",
    "cancelled": "ended",
}
_COLOUR: Final = {key: colour for key, _, _, colour in GROUPS}


def colour_of(state: str) -> palette.Colour:
    """Colour of the group that a state belongs to."""
    return _COLOUR[_GROUP_OF.get(state, "open")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOptions:
    """Look only.

    Attributes:
        radius_px: of an ordinary case; urgent ones are 0.9 and 1.8 pixels larger.
    """

    radius_px: float = 3.0


def case_layer(url: str, *, left_out: int = 0, options: CaseOptions | None = None) -> Spec:
    """Build the spec of the case points.

    Args:
        url: where the browser gets `encode_points` or `encode_bins`; it adds box and zoom.
        left_out: cases of the filter without a place; the legend says so.
        options: look only.
    """
    chosen = options or CaseOptions()
    colours = [list(colour_of(state)) for state in STATES]
    layer = pdk.Layer(
        "ScatterplotLayer",
        columns(url, view=True),
        id=LAYER_ID,
        glue="'points'",
        pickable=True,
        radius_units="'pixels'",
        radius=chosen.radius_px,
        state_colours=colours,
        overdue_colour=list(palette.OVER),
        bin_colour=[*palette.ACCENT[:3], 150],
        stroked=True,
        line_width_units="'pixels'",
        get_line_width=0.8,
        get_line_color=[*palette.BACKGROUND[:3], 220],
        opacity=0.95,
        billboard=True,
    )
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("案件", "Cases by state"),
            [legends.entry(legends.text(zh, en), colour, shape="disc") for _, zh, en, colour in GROUPS],
            left_out=left_out,
            bins=[
                legends.entry(
                    legends.text("多件合一, 面积随件数", "several cases, area by their number"),
                    palette.ACCENT,
                    shape="disc",
                )
            ],
        ),
        left_out=left_out,
    )


def encode_points(cases: pd.DataFrame, *, origin_s: int, total: int) -> bytes:
    """Write case points.

    Args:
        cases: one row per case with `COLUMNS`, WGS-84 degrees, aware ``reported_at``.
            Not modified.
        origin_s: epoch seconds of the start of the window; the wire carries seconds since.
        total: cases of the filter in the box; what exceeds the rows is left out.

    Raises:
        layers.frames.FrameError: a column is missing or a place is none.
        layers.columns.ColumnsError: a case lies before the window or beyond 136 years.
    """
    frames.require(cases, columns=COLUMNS, layer=LAYER_ID, places=True)
    at = (
        pd.to_datetime(cases["reported_at"], utc=True).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    )
    seconds = at.astype(np.int64) - origin_s
    if len(seconds) and not 0 <= seconds.min() <= seconds.max() < 2**32:
        raise wire.ColumnsError(
            f"second must be 0..2^32-1 since the window's start, got {seconds.min()}..{seconds.max()}"
        )
    category, categories = wire.codes(cases["cat_code"])
    channel, channels = wire.codes(cases["channel_code"], limit=256)
    state = cases["state"].map({name: at for at, name in enumerate(STATES)}).to_numpy(dtype=np.uint8)
    urgency = cases["urgency"].to_numpy(dtype=np.uint8).clip(max=3)
    body = {
        "lon": wire.degrees(cases["lon"]),
        "lat": wire.degrees(cases["lat"]),
        "second": seconds.astype(np.uint32),
        "case_ref": cases["case_ref"].to_numpy(dtype=np.uint32),
        "category": category,
        "channel": channel,
        "state": state | (urgency << 4) | (cases["is_overdue"].to_numpy(dtype=bool).astype(np.uint8) << 6),
    }
    return wire.encode(
        body,
        rows=len(cases),
        meta={
            "kind": "points",
            "origin": origin_s,
            "categories": categories,
            "channels": channels,
            "states": list(STATES),
            "total": total,
            "left_out": max(0, total - len(cases)),
        },
    )


def encode_bins(bins: pd.DataFrame, *, total: int) -> bytes:
    """Write bins of cases.

    Args:
        bins: one row per bin with `BIN_COLUMNS`; the place is the middle, weight the
            number of cases ≥ 1. Not modified.
        total: cases of the filter in the box.
    """
    frames.require(bins, columns=BIN_COLUMNS, layer=LAYER_ID, places=True)
    weight = bins["weight"].to_numpy(dtype=np.uint32)
    body: dict[str, Any] = {
        "lon": wire.degrees(bins["lon"]),
        "lat": wire.degrees(bins["lat"]),
        "weight": weight,
    }
    return wire.encode(
        body,
        rows=len(bins),
        meta={
            "kind": "bins",
            "total": total,
            "left_out": max(0, total - int(weight.sum())),
        },
    )
