"""Traces (轨迹) of officers: where they walked lately, fading with age."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pydeck as pdk
import shapely

from layers import columns as wire
from layers import frames, palette
from layers import legend as legends
from layers.basemap import pixel_degrees
from layers.spec import Spec, columns, spec

LAYER_ID: Final = "traces"
COLUMNS: Final = ("officer_id", "at", "lon", "lat")
#: A longer silence starts a new path: nobody knows the way in between.
GAP_S: Final = 600


def trace_layer(url: str, *, minutes: int) -> Spec:
    """Build the spec of the traces.

    Args:
        url: where the browser gets `encode_traces`; it adds box and zoom.
        minutes: length of the trail.
    """
    layer = pdk.Layer(
        "LineLayer",  # a third of the cost of a PathLayer in software GL
        columns(url, view=True),
        id=LAYER_ID,
        glue="'traces'",
        pickable=True,
        get_color=list(palette.ACCENT),
        get_width=2,
        width_units="'pixels'",
    )
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("网格员轨迹", "Traces of officers"),
            [
                legends.entry(
                    legends.text(f"近 {minutes} 分钟,越旧越淡", f"last {minutes} minutes, fading with age"),
                    palette.ACCENT,
                    shape="line",
                )
            ],
        ),
    )


def encode_traces(
    fixes: pd.DataFrame,
    *,
    origin_s: int,
    span_s: int,
    zoom: float,
    max_vertices: int = 12_000,
) -> bytes:
    """Write traces, simplified to the zoom and to a number of vertices.

    Args:
        fixes: one row per fix with `COLUMNS`, ordered by officer and time, WGS-84
            degrees, aware ``at``. Not modified.
        origin_s: epoch seconds of the start of the trail; the wire carries seconds since.
        span_s: length of the trail in seconds.
        zoom: of the camera; what moves a path by less than a pixel is dropped.
        max_vertices: the tolerance is doubled until no more vertices are left.

    Returns:
        ``start`` (first vertex of each path, and one past the last), ``lon, lat,
        second`` of the vertices; meta ``ids`` (officer of each path), ``gaps``
        (silences that cut a path), ``left_out`` (fixes standing alone).

    Raises:
        layers.frames.FrameError: a column is missing or a place is none.
    """
    frames.require(fixes, columns=COLUMNS, layer=LAYER_ID, places=True)
    seconds = _seconds(fixes["at"]) - origin_s
    officers = fixes["officer_id"].to_numpy(dtype=object)
    fresh = np.ones(len(fixes), dtype=bool)
    fresh[1:] = (officers[1:] != officers[:-1]) | (np.diff(seconds) > GAP_S)
    gaps = int(fresh[1:].sum() - (officers[1:] != officers[:-1]).sum()) if len(fixes) else 0
    path = np.cumsum(fresh) - 1
    sizes = np.bincount(path) if len(fixes) else np.zeros(0, dtype=np.int64)
    kept = sizes[path] >= 2 if len(fixes) else np.zeros(0, dtype=bool)
    _, path = np.unique(path[kept], return_inverse=True)
    points = np.column_stack(
        [fixes["lon"].to_numpy(dtype=np.float64), fixes["lat"].to_numpy(dtype=np.float64), seconds]
    )[kept]
    owner = officers[kept]
    vertices, of_path = _simplified(points, path, pixel_degrees(zoom), max_vertices)
    starts = np.searchsorted(of_path, np.arange((of_path[-1] + 1 if len(of_path) else 0) + 1))
    first_of = np.searchsorted(path, np.arange(len(starts) - 1)) if len(path) else np.zeros(0, dtype=np.int64)
    body = {
        "start": starts.astype(np.uint32),
        "lon": wire.degrees(vertices[:, 0]),
        "lat": wire.degrees(vertices[:, 1]),
        "second": vertices[:, 2].clip(min=0).astype(np.uint32),
    }
    return wire.encode(
        body,
        rows=len(starts) - 1,
        meta={
            "kind": "traces",
            "selects": "officer",
            "ids": [str(owner[at]) for at in first_of],
            "span": span_s,
            "gaps": gaps,
            "left_out": int((~kept).sum()),
            "vertices": len(vertices),
        },
    )


def _seconds(at: pd.Series) -> npt.NDArray[np.int64]:
    utc = pd.to_datetime(at, utc=True).dt.tz_localize(None).to_numpy()
    return utc.astype("datetime64[s]").astype(np.int64)


def _simplified(
    points: npt.NDArray[np.float64],
    path: npt.NDArray[np.int64],
    tolerance: float,
    most: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Vertices (lon, lat, second) and the path of each; Douglas-Peucker keeps the times."""
    if not len(points):
        return np.zeros((0, 3)), np.zeros(0, dtype=np.int64)
    lines = shapely.linestrings(points, indices=path)
    paths = len(lines)
    while True:
        slim, owner = shapely.get_coordinates(
            shapely.simplify(lines, tolerance), include_z=True, return_index=True
        )
        if len(slim) <= max(most, paths * 2) or tolerance > 1:
            return slim, owner
        tolerance *= 2
