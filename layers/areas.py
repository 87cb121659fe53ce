"""Areas (区、街道、社区、网格): choropleth in 2D, extruded statistics in 3D."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pydeck as pdk
import shapely

from layers import frames, palette
from layers import legend as legends
from layers.measures import Measure
from layers.spec import Spec, geojson, spec

LAYER_ID: Final = "areas"
COLUMNS: Final = ("area_code", "name", "value")
SHAPE_COLUMNS: Final = ("area_code", "name", "geometry")
#: Height of the largest value; the browser makes metres of it by the zoom.
TOP: Final = 1000
METRES_PER_DEGREE: Final = 111_320.0
#: From this zoom on borders are drawn with all their corners.
NEAR_ZOOM: Final = 14.0
#: Gap to the largest part, as a share of its diagonal, up to which a part belongs to the home view.
NEAR_SHARE: Final = 0.1
#: Width of the border in pixels by the length of the code: the level above is the heavier.
BORDER_PX: Final = {"6": 3.0, "9": 2.2, "12": 1.2, "13": 0.7, "14": 0.7, "15": 0.7}


#: What one area is called in a unit, by the kind of grids drawn.
AREA_WORDS: Final = {
    "grid": legends.text("网格", "grid"),
    "work": legends.text("工作网格", "work grid"),
    "professional": legends.text("专业网格", "professional grid"),
    "compound": legends.text("小区网格", "compound grid"),
    "unit": legends.text("单元网格", "unit grid"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaOptions:
    """Look and words only; never changes which areas are drawn.

    Attributes:
        adaptive: class breaks from the values instead of the fixed ones.
        kind: a key of `AREA_WORDS`.
        narrowed: areas outside the chosen ones have no figure either; the legend says so.
        left_out: cases that stand in none of the areas drawn.
    """

    adaptive: bool = False
    kind: str = "grid"
    narrowed: bool = False
    left_out: int = 0


def area_shapes(areas: gpd.GeoDataFrame, *, tolerance_m: float = 0.0, digits: int = 6) -> dict[str, Any]:
    """Shapes of areas as GeoJSON, sent once and joined to figures by code in the browser.

    Args:
        areas: one row per area in EPSG:4326 with `SHAPE_COLUMNS`. Not modified.
        tolerance_m: how far a border may move to need fewer corners; neighbours keep
            sharing it, so that no slivers open between them.
        digits: decimals of a degree; 6 are 11 cm.

    Raises:
        layers.frames.FrameError: a column, the CRS or a geometry is wrong.
    """
    frames.require(areas, columns=SHAPE_COLUMNS, layer=LAYER_ID, geometry=True)
    drawn = gpd.GeoDataFrame(
        {"code": areas["area_code"].to_numpy(), "name": areas["name"].to_numpy()},
        geometry=_simplified(areas.geometry.to_numpy(), tolerance_m / METRES_PER_DEGREE),
        crs=areas.crs,
    )
    shapes = json.loads(drawn.to_json(drop_id=True))
    for feature in shapes["features"]:
        feature["geometry"]["coordinates"] = _rounded(feature["geometry"]["coordinates"], digits)
    return {"type": "FeatureCollection", "features": shapes["features"]}


def bulk_bounds(areas: gpd.GeoDataFrame) -> list[float] | None:
    """Where most of the land lies: the largest part and the parts near it, far islands left out.

    Args:
        areas: rows with geometry in EPSG:4326. Not modified.

    Returns:
        west, south, east, north in degrees; None where nothing has an area.
    """
    parts = shapely.get_parts(shapely.union_all(areas.geometry.to_numpy()))
    parts = parts[shapely.area(parts) > 0]
    if not len(parts):
        return None
    largest = parts[np.argmax(shapely.area(parts))]
    west, south, east, north = largest.bounds
    reach = NEAR_SHARE * float(np.hypot(east - west, north - south))
    near = parts[shapely.distance(parts, largest) <= reach]
    return [round(float(value), 6) for value in shapely.total_bounds(near)]


def _simplified(shapes: Any, tolerance: float) -> Any:
    """Fewer corners; shapes that overlap, such as professional grids, each for itself."""
    if not tolerance or not len(shapes):
        return shapes
    if shapely.coverage_is_valid(shapes):
        return shapely.coverage_simplify(shapes, tolerance)
    return shapely.simplify(shapes, tolerance)


def _rounded(part: Any, digits: int) -> Any:
    if part and isinstance(part[0], (int, float)):
        return [round(value, digits) for value in part[:2]]
    return [_rounded(inner, digits) for inner in part]


def area_layer(
    areas: pd.DataFrame,
    measure: Measure,
    *,
    shapes_url: str,
    near_url: str | None = None,
    borders_url: str | None = None,
    focus: dict[str, Any] | None = None,
    lang: str = "zh",
    options: AreaOptions | None = None,
) -> Spec:
    """Build the spec of the areas layer.

    Args:
        areas: one row per area with `COLUMNS`; ``value`` is a count or, for a rate,
            a fraction 0..1; NaN means no data, which is not zero. Not modified.
        measure: what ``value`` is.
        shapes_url: where the browser gets `area_shapes` of these codes.
        near_url: where it gets them with more corners, from `NEAR_ZOOM` on.
        borders_url: where it gets the shapes of the levels above; None draws none.
        focus: ``{"code", "bounds", "home"}`` that the camera goes to; bounds are
            west, south, east, north in degrees.
        lang: ``zh`` or ``en``, of the figures shown on hovering.
        options: look only.

    Returns:
        Layer ``areas`` and, with ``borders_url``, ``areas-borders``. No rows give
        areas of no data.

    Raises:
        layers.frames.FrameError: a column is missing.
    """
    frames.require(areas, columns=COLUMNS, layer=LAYER_ID)
    chosen = options or AreaOptions()
    values = areas["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    edges = legends.breaks(values, rate=measure.rate, adaptive=chosen.adaptive, fixed=measure.fixed)
    found = legends.classes(values, edges)
    styles = _styles(areas["area_code"], values, found, len(edges))
    layers = [
        pdk.Layer(
            "GeoJsonLayer",
            geojson(shapes_url, near=(NEAR_ZOOM, near_url) if near_url else None),
            id=LAYER_ID,
            glue="'areas'",
            pickable=True,
            styles=styles,
            tips=_tips(areas["area_code"], values, measure, lang),
            line_widths=BORDER_PX,
            line_colour=[*palette.BACKGROUND[:3], 235],
        )
    ]
    if borders_url:
        layers.append(
            pdk.Layer(
                "GeoJsonLayer",
                geojson(borders_url),
                id=f"{LAYER_ID}-borders",
                glue="'borders'",
                pickable=False,
                line_widths=BORDER_PX,
                line_colour=[*palette.BACKGROUND[:3], 255],
            )
        )
    return spec(layers, legend=_legend(edges, found, measure, chosen), focus=focus)


def _styles(
    codes: pd.Series,
    values: np.ndarray[Any, Any],
    found: np.ndarray[Any, Any],
    count: int,
) -> dict[str, list[int]]:
    """``[red, green, blue, alpha, height]`` by area code; the height in thousandths of the largest."""
    colours = [*legends.ramp_colours(count), palette.NO_DATA]  # -1 is the last
    known = np.nan_to_num(values, nan=0.0).clip(min=0)
    top = known.max(initial=0.0)
    heights = np.rint(known / top * TOP if top else known).astype(int)
    return {
        str(code): [*colours[at], int(height)] for code, at, height in zip(codes, found, heights, strict=True)
    }


def _tips(codes: pd.Series, values: np.ndarray[Any, Any], measure: Measure, lang: str) -> dict[str, str]:
    """The figure as people read it, by area code; absent where there is no data."""
    unit = measure.unit_zh if lang == "zh" else measure.unit_en
    return {
        str(code): f"{value * 100:.1f}%" if measure.rate else f"{value:,.{measure.digits}f} {unit}"
        for code, value in zip(codes, values, strict=True)
        if np.isfinite(value)
    }


def _legend(
    edges: tuple[float, ...], found: np.ndarray[Any, Any], measure: Measure, options: AreaOptions
) -> dict[str, Any]:
    missing = int((found < 0).sum())
    nothing = legends.text("无数据 / 不在所选区域", "no data / outside the chosen areas")
    return legends.legend(
        legends.text(measure.zh, measure.en),
        legends.ramp_entries(edges, found, rate=measure.rate),
        unit=_unit(measure, AREA_WORDS[options.kind]),
        kind="ramp",
        no_data=legends.entry(
            nothing if options.narrowed else legends.NO_DATA, palette.NO_DATA, count=missing
        ),
        left_out=options.left_out,
        scale="adaptive" if options.adaptive else "fixed",
    )


def _unit(measure: Measure, area: legends.Text) -> legends.Text:
    """``件/网格`` of a sum, ``%, 按网格`` of a rate."""
    if measure.per_area:
        return legends.text(f"{measure.unit_zh}/{area['zh']}", f"{measure.unit_en} per {area['en']}")
    unit = ("%", "%") if measure.rate else (measure.unit_zh, measure.unit_en)
    return legends.text(f"{unit[0]}, 按{area['zh']}", f"{unit[1]}, by {area['en']}")
