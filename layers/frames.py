"""Checks a frame once at the border of a layer and reports all faults together."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

CRS: str = "EPSG:4326"


class FrameError(ValueError):
    """A frame that a layer cannot draw; the message lists every fault."""


def require(
    frame: pd.DataFrame,
    *,
    columns: Sequence[str],
    layer: str,
    geometry: bool = False,
    places: bool = False,
) -> None:
    """Check that a frame has what a layer declares.

    Args:
        frame: not modified.
        columns: names that must be there.
        layer: id of the layer, for the message.
        geometry: the frame must be a GeoDataFrame in EPSG:4326 without NULL or
            invalid bounds.
        places: the columns ``lon`` and ``lat`` must be finite degrees of WGS-84.

    Raises:
        FrameError: one message with every fault, what was got and expected.
    """
    faults: list[str] = []
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        faults.append(f"missing columns {missing}, has {list(map(str, frame.columns))}")
    if geometry:
        faults += _geometry_faults(frame)
    if places and not {"lon", "lat"} & set(missing) and {"lon", "lat"} <= set(frame.columns):
        faults += _place_faults(frame)
    if faults:
        raise FrameError(f"{layer}: {'; '.join(faults)}")


def _geometry_faults(frame: pd.DataFrame) -> list[str]:
    if not isinstance(frame, gpd.GeoDataFrame):
        return [f"must be a GeoDataFrame, got {type(frame).__name__}"]
    faults: list[str] = []
    if frame.crs is None:
        faults.append(f"CRS is missing; call set_crs('{CRS}') first")
    elif frame.crs.to_epsg() != 4326:
        faults.append(f"CRS is {frame.crs.to_string()}; call to_crs('{CRS}') first")
    empty = int((frame.geometry.isna() | frame.geometry.is_empty).sum())
    if empty:
        faults.append(f"geometry must not be NULL or empty, got {empty} such rows")
    return faults


def _place_faults(frame: pd.DataFrame) -> list[str]:
    faults: list[str] = []
    for name, limit in (("lon", 180.0), ("lat", 90.0)):
        try:
            values = frame[name].to_numpy(dtype="float64", na_value=np.nan)
        except (TypeError, ValueError):
            faults.append(f"{name} must be numbers, got {frame[name].dtype}")
            continue
        wrong = ~(np.abs(values) <= limit)  # NaN and inf are wrong too
        if wrong.any():
            faults.append(
                f"{name} must be within ±{limit:g} degrees of WGS-84, got {values[wrong][0]!r} "
                f"in {int(wrong.sum())} rows"
            )
    return faults
