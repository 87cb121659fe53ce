"""What a layer hands to the browser: pydeck's JSON, a legend and a note."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pydeck as pdk

Spec = dict[str, Any]


def spec(
    layers: Sequence[pdk.Layer],
    *,
    legend: Mapping[str, Any] | None = None,
    left_out: int = 0,
    **facts: Any,
) -> Spec:
    """The content of the store of one layer.

    Args:
        layers: drawn in this order; each has a fixed id.
        legend: title, unit, entries; None where there is nothing to explain.
        left_out: rows that belong to the picture and are not in it.
        facts: further plain JSON for the glue (``focus``, ``minutes``, …).
    """
    return {
        "layer": [plain(layer) for layer in layers],
        "legend": dict(legend) if legend else None,
        "note": {"left_out": left_out} if left_out else None,
        **facts,
    }


def plain(layer: pdk.Layer) -> dict[str, Any]:
    """One pydeck layer as plain JSON types."""
    return dict(json.loads(layer.to_json()))


def columns(url: str, *, view: bool = False) -> dict[str, Any]:
    """Data that the glue fetches as binary columns.

    Args:
        url: path on this server.
        view: ask again for the box and zoom on the screen when the camera rests.
    """
    return {"@@columns": url, "@@view": view}


def geojson(url: str, *, view: bool = False, near: tuple[float, str] | None = None,
            point: bool = False) -> dict[str, Any]:
    """Data that the glue fetches as GeoJSON; see `columns`.

    Args:
        url: path on this server.
        view: ask again when the camera rests.
        near: from this zoom on another path, with more detail.
        point: ask for the point that a card is open for; without one there is nothing to draw.
    """
    found: dict[str, Any] = {"@@geojson": url, "@@view": view}
    if point:
        found["@@point"] = True
    return found if near is None else {**found, "@@near": {"zoom": near[0], "url": near[1]}}
