"""What a viewer looks at beside the filter: scope, measure, mode, layers, camera, language.

A `View` travels in the address of the page and in `dcc.Store`; both may be
hostile, so everything read back is checked here and nowhere else.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dashboard.texts import LANGS
from data.filters import FilterError
from layers.keys import LAYERS
from layers.measures import MEASURES as ALL_MEASURES

#: The element of the five-element model (人地物事组织) that a layer belongs to.
ELEMENT_OF: Final[Mapping[str, str]] = {
    "officers": "people",
    "traces": "people",
    "areas": "places",
    "basemap": "places",
    "buildings": "places",
    "labels": "places",
    "raster": "places",
    "resources": "things",
    "reach": "things",
    "cases": "events",
    "changes": "events",
    "heat": "events",
    "clusters": "events",
    "alerts": "events",
    "whistles": "events",
    "chiefs": "organisations",
    "zones": "organisations",
}
ELEMENTS: Final = ("people", "places", "things", "events", "organisations")
MEASURES: Final = tuple(measure.key for measure in ALL_MEASURES)
MODES: Final = ("2d", "3d")
GRID_KINDS: Final = ("base", "work", "professional", "compound", "unit")
#: Class breaks: the same for every window, or cut by the figures on the map.
SCALES: Final = ("fixed", "adaptive")
THEMES: Final = ("dark", "light")
PRESETS: Final = ("today", "24h", "7d", "30d", "90d", "all", "custom")
SELECTABLE: Final = ("area", "case", "officer", "resource", "building", "place", "alert", "alerts")
_AREA: Final = re.compile(r"\d{6}(?:\d{3}){0,3}|\d{9}(?:[WPC]\d{3}|U\d{4})")
_CAMERA: Final = {"lon": 180.0, "lat": 90.0, "zoom": 30.0, "pitch": 90.0, "bearing": 360.0}
_MAX_CODE: Final = 80
_PLACE: Final = re.compile(r"(-?\d{1,3}(?:\.\d{1,8})?),(-?\d{1,2}(?:\.\d{1,8})?)", re.ASCII)
#: Fields that are one word of a list.
_PLAIN: Final = ("measure", "mode", "grids", "scale", "lang", "theme", "preset")
#: What the server draws the map by; the rest of a view costs no request.
DRAWN_BY: Final = ("area", "measure", "grids", "scale", "lang", "theme")


class ViewError(FilterError):
    """A view that cannot be; the message names field, value got and expected."""


def _layers() -> dict[str, bool]:
    return {layer.key: layer.shown for layer in LAYERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The looked-at part of the page's state; defaults are the first picture."""

    area: str | None = None
    measure: str = "accepted"
    mode: str = "3d"
    grids: str = "base"
    scale: str = "fixed"
    lang: str = "zh"
    theme: str = "dark"
    preset: str = "7d"
    layers: Mapping[str, bool] = field(default_factory=_layers)
    camera: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        _choice("measure", self.measure, MEASURES)
        _choice("mode", self.mode, MODES)
        _choice("grids", self.grids, GRID_KINDS)
        _choice("scale", self.scale, SCALES)
        _choice("lang", self.lang, LANGS)
        _choice("theme", self.theme, THEMES)
        _choice("preset", self.preset, PRESETS)
        if self.area is not None and not (isinstance(self.area, str) and _AREA.fullmatch(self.area)):
            raise ViewError(f"area must be a code of 6, 9, 12 or 15 digits, got {str(self.area)[:60]!r}")

    def to_store(self) -> dict[str, Any]:
        """Plain JSON; the inverse of `from_store`."""
        return {
            "area": self.area,
            "measure": self.measure,
            "mode": self.mode,
            "grids": self.grids,
            "scale": self.scale,
            "lang": self.lang,
            "theme": self.theme,
            "preset": self.preset,
            "layers": dict(self.layers),
            "camera": dict(self.camera) if self.camera else None,
        }


def _choice(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in allowed:
        raise ViewError(f"{name} must be one of {', '.join(allowed)}; got {str(value)[:60]!r}")


def _read_camera(value: Any) -> dict[str, float] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ViewError(f"camera must be an object, got {type(value).__name__}")
    camera = {}
    for name, limit in _CAMERA.items():
        found = value.get(name, 0.0)
        if (
            isinstance(found, bool)
            or not isinstance(found, (int, float))
            or not math.isfinite(found)
            or abs(found) > limit
        ):
            raise ViewError(f"camera.{name} must be a number within ±{limit:g}, got {str(found)[:60]!r}")
        camera[name] = float(found)
    return camera


def _read_layers(value: Any) -> dict[str, bool]:
    if not isinstance(value, Mapping) or not all(isinstance(on, bool) for on in value.values()):
        raise ViewError(f"layers must be an object of true/false, got {str(value)[:60]!r}")
    unknown = sorted(map(str, set(value) - set(_layers())))
    if unknown:
        raise ViewError(f"layers must be among {', '.join(_layers())}; got {unknown[:5]}")
    return {**_layers(), **value}


def from_store(stored: Any) -> View:
    """Rebuild a view from JSON that may be hostile.

    Raises:
        ViewError: not an object, or a field is malformed. Unknown fields are ignored.
    """
    if not isinstance(stored, Mapping):
        raise ViewError(f"a view must be an object, got {type(stored).__name__}")
    plain = {name: stored[name] for name in _PLAIN if name in stored}
    layers = _read_layers(stored["layers"]) if "layers" in stored else _layers()
    return View(area=stored.get("area"), layers=layers, camera=_read_camera(stored.get("camera")), **plain)


def from_query(query: Mapping[str, str]) -> View:
    """Read a view out of URL arguments; what is absent is the default.

    ``layers`` lists the layers that are on; ``camera`` is
    ``lon,lat,zoom,pitch,bearing``. A window without a preset is ``custom``.

    Raises:
        ViewError: a field is malformed.
    """
    stored: dict[str, Any] = {name: query[name] for name in _PLAIN if query.get(name)}
    if "preset" not in stored and ("since" in query or "until" in query):
        stored["preset"] = "custom"
    stored["area"] = query.get("area") or None
    if "layers" in query:
        on = {key for key in query["layers"].split(",") if key}
        stored["layers"] = {**dict.fromkeys(_layers(), False), **dict.fromkeys(on, True)}
    if query.get("camera"):
        stored["camera"] = _camera_of(query["camera"])
    return from_store(stored)


def _camera_of(text: str) -> dict[str, float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != len(_CAMERA):
        raise ViewError(f"camera must be lon,lat,zoom,pitch,bearing, got {text[:60]!r}")
    return dict(zip(_CAMERA, values, strict=True))


def selection_from_store(stored: Any) -> dict[str, str] | None:
    """A selection out of JSON that may be hostile; None = nothing selected.

    Raises:
        ViewError: neither null nor ``{"kind", "code"}`` of a known kind.
    """
    if stored is None:
        return None
    if not isinstance(stored, Mapping):
        raise ViewError(f"a selection must be an object, got {type(stored).__name__}")
    kind, code = stored.get("kind"), stored.get("code")
    _choice("selection.kind", kind, SELECTABLE)
    if not isinstance(code, str) or not 0 < len(code) <= _MAX_CODE or not code.isprintable():
        raise ViewError(f"selection.code must be a text of 1..{_MAX_CODE} signs, got {json.dumps(code)[:60]}")
    return {"kind": str(kind), "code": code}


def selection_from_query(query: Mapping[str, str]) -> dict[str, str] | None:
    """``sel=kind:code`` of the address."""
    found = query.get("sel")
    if not found:
        return None
    kind, _, code = found.partition(":")
    return selection_from_store({"kind": kind, "code": code})


def place_from_code(code: str) -> tuple[float, float] | None:
    """The point of a selection ``place:lon,lat`` (WGS-84 degrees); None where it is none."""
    found = _PLACE.fullmatch(code)
    if found is None:
        return None
    lon, lat = float(found[1]), float(found[2])
    return (lon, lat) if abs(lon) <= _CAMERA["lon"] and abs(lat) <= _CAMERA["lat"] else None
