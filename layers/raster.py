"""Raster tiles (XYZ or WMTS, such as 天地图) by setting; none is needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pydeck as pdk

from layers import legend as legends
from layers.spec import Spec, spec

LAYER_ID: Final = "raster"
_FIELDS: Final = ("{x}", "{y}", "{z}")
_START: Final = re.compile(r"(https?://[^\s'\"<>]+|/[^\s'\"<>]*)")


class RasterError(ValueError):
    """A tile source that cannot be used; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterSource:
    """One tile source in Web Mercator.

    Attributes:
        name: for the layer panel.
        url: template with ``{x}``, ``{y}`` and ``{z}``. A WMTS address is such a template
            with ``TILECOL={x}&TILEROW={y}&TILEMATRIX={z}``.
        attribution: who must be named; compulsory.
        min_zoom, max_zoom: levels that the source has.
        opacity: 0..1.
    """

    name: str
    url: str
    attribution: str
    min_zoom: int = 0
    max_zoom: int = 18
    opacity: float = 0.85

    def __post_init__(self) -> None:
        faults = []
        missing = [field for field in _FIELDS if field not in self.url]
        if missing or not _START.fullmatch(self.url):
            faults.append(f"url must be http(s) or a path with {', '.join(_FIELDS)}, got {self.url!r}")
        if not self.attribution.strip():
            faults.append("attribution must name the source of the tiles, got an empty text")
        if not 0 <= self.min_zoom <= self.max_zoom <= 24:
            faults.append(f"zooms must be 0 <= min <= max <= 24, got {self.min_zoom} and {self.max_zoom}")
        if not 0 <= self.opacity <= 1:
            faults.append(f"opacity must be 0..1, got {self.opacity!r}")
        if faults:
            raise RasterError(f"{LAYER_ID}: {'; '.join(faults)}")


def raster_layer(sources: Sequence[RasterSource]) -> Spec:
    """Build the spec of the raster layers, the first source lowest; the legend names whose they are."""
    layers = [
        pdk.Layer(
            "TileLayer",
            [{"url": source.url}],
            id=f"{LAYER_ID}-{at}",
            glue="'raster'",
            pickable=False,
            min_zoom=source.min_zoom,
            max_zoom=source.max_zoom,
            opacity=source.opacity,
        )
        for at, source in enumerate(sources)
    ]
    if not layers:
        return spec([])
    credit = legends.same(" · ".join(dict.fromkeys(source.attribution for source in sources)))
    return spec(layers, legend=legends.legend(legends.text("影像瓦片", "Raster tiles"), [], unit=credit))
