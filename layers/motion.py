"""Movements of officers in a span of time, to be played: the browser interpolates between the fixes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import columns as wire
from layers import frames
from layers.officers import FRESH_S, LATE_S
from layers.traces import GAP_S

LAYER_ID: Final = "motion"
COLUMNS: Final = ("officer_id", "at", "lon", "lat", "role", "grid_code")


def encode_motion(fixes: pd.DataFrame, *, since: datetime, until: datetime) -> bytes:
    """Write the fixes of a span, one path for each officer.

    Args:
        fixes: one row per fix with `COLUMNS`, ordered by officer and time, WGS-84 degrees,
            aware ``at``; the first of an officer may lie before ``since``. Not modified.
        since: start of the span, aware; the wire carries seconds from it.
        until: its end, aware.

    Returns:
        ``start`` (first fix of each officer, and one past the last), ``lon, lat, area`` and
        ``second`` (int32, negative before the span) of the fixes, ``role`` of the officers;
        meta ``ids, roles, areas, origin, span`` (seconds), ``gap_s`` (a longer silence is not
        walked through), ``fresh_s, late_s`` (as of the officers). Empty: no officer had any fix.

    Raises:
        layers.frames.FrameError: a column is missing or a place is none.
    """
    frames.require(fixes, columns=COLUMNS, layer=LAYER_ID, places=True)
    officers = fixes["officer_id"].astype(str).to_numpy(dtype=object)
    first = np.ones(len(officers), dtype=bool)
    first[1:] = officers[1:] != officers[:-1]
    start = np.flatnonzero(first)
    role, roles = wire.codes(fixes["role"].to_numpy(dtype=object)[start])
    area, areas = wire.codes(fixes["grid_code"])
    origin = int(since.timestamp())
    body = {
        "start": np.append(start, len(officers)).astype(np.uint32),
        "lon": wire.degrees(fixes["lon"]),
        "lat": wire.degrees(fixes["lat"]),
        "second": (_seconds(fixes["at"]) - origin).astype(np.int32),
        "area": area,
        "role": role,
    }
    return wire.encode(
        body,
        rows=len(start),
        meta={
            "kind": LAYER_ID,
            "selects": "officer",
            "ids": [str(officers[at]) for at in start],
            "roles": roles,
            "areas": areas,
            "origin": origin,
            "span": int(until.timestamp()) - origin,
            "gap_s": GAP_S,
            "fresh_s": FRESH_S,
            "late_s": LATE_S,
        },
    )


def _seconds(at: pd.Series) -> npt.NDArray[np.int64]:
    utc = pd.to_datetime(at, utc=True).dt.tz_localize(None).to_numpy()
    return utc.astype("datetime64[s]").astype(np.int64)
