"""Clusters in space and time: the grids of each, drawn as one shape with its p."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pydeck as pdk
import shapely

from layers import frames, palette
from layers import legend as legends
from layers.basemap import collection
from layers.labels import FONTS
from layers.spec import Spec, geojson, spec

LAYER_ID: Final = "clusters"
#: Of a cluster: its grids, nearest to its middle first, days and figures; see `data.alerts.clusters`.
COLUMNS: Final = ("grids", "days", "observed", "expected", "p_value", "recurrence_days")
SHAPES: Final = ("area_code", "geometry")
RED, ORANGE, YELLOW = palette.OVER, palette.colour("#ff9f43"), palette.WARN
#: Up to which p each colour stands, the rarest first.
CLASSES: Final = ((0.001, RED), (0.01, ORANGE), (0.05, YELLOW))


def cluster_layer(url: str, *, lang: str, days: int) -> Spec:
    """Build the spec of the clusters.

    Args:
        url: gives `cluster_shapes`, with how far the scan is.
        lang: language of the words in the picture.
        days: of the window that is scanned.
    """
    layer = pdk.Layer(
        "GeoJsonLayer",
        geojson(url),
        id=LAYER_ID,
        glue="'clusters'",
        pickable=True,
        classes=[[most, list(colour)] for most, colour in CLASSES],
        words=_words(lang, days),
        size=14,
        line_width=3,
        text=list(palette.TEXT),
        outline=[*palette.BACKGROUND[:3], 255],
        font_family=f"'{FONTS}'",
    )
    entries = [
        legends.entry(legends.same(f"p≤{most:g}"), colour) for most, colour in CLASSES
    ]
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("时空聚集", "Clusters in space and time"),
            entries,
            unit=legends.text(f"近{days}日全部案件, 至昨日仍在聚集; 偶然则 1/p 天一遇",
                              f"all cases of {days} days, still on yesterday; by chance once in 1/p days"),
        ),
    )


def _words(lang: str, days: int) -> dict[str, str]:
    """What the legend says of the scan; ``{share}``, ``{n}`` and ``{total}`` are filled in by the browser."""
    if lang == "en":
        return {"waiting": "scan is waiting", "running": "scanning, {share} %",
                "failed": "scan failed: {fault}",
                "done": "{n} clusters among {total} cases", "none": "no cluster among {total} cases",
                "few": f"too few grids or cases of {days} days for a scan"}
    return {"waiting": "排队等待扫描", "running": "扫描中 {share}%", "failed": "扫描失败: {fault}",
            "done": "{total} 件案件中有 {n} 处聚集", "none": "{total} 件案件中无聚集",
            "few": f"{days} 天内网格或案件过少, 无法扫描"}


def cluster_shapes(clusters: pd.DataFrame, grids: gpd.GeoDataFrame, *, lang: str) -> dict[str, Any]:
    """The clusters as GeoJSON, one shape each, weakest first so that the strongest lies on top.

    Args:
        clusters: one row per cluster with `COLUMNS`. Not modified.
        grids: every grid with `SHAPES` in EPSG:4326. Not modified.
        lang: language of the titles.

    Returns:
        A collection; ``code`` is the grid in the middle, ``title`` tells the figures in words, ``label``
        stands on the map at ``lon, lat``. A cluster whose grids are gone is left out.

    Raises:
        layers.frames.FrameError: a column, the CRS or a geometry is wrong.
    """
    frames.require(clusters, columns=COLUMNS, layer=LAYER_ID)
    frames.require(grids, columns=SHAPES, layer=LAYER_ID, geometry=True)
    shapes = grids.set_index("area_code").geometry
    rows = []
    for one in clusters.sort_values("p_value", ascending=False, kind="stable").to_dict("records"):
        members = [code for code in one["grids"] if code in shapes.index]
        if members:
            rows.append({**_told(one, len(members), lang), "code": members[0],
                         "geometry": shapely.union_all(shapes.loc[members].to_numpy(), grid_size=1e-7)})
    if not rows:
        return {"type": "FeatureCollection", "features": []}
    drawn = gpd.GeoDataFrame(rows, crs=grids.crs)
    middles = drawn.geometry.representative_point()
    return collection(drawn.assign(lon=middles.x.round(6), lat=middles.y.round(6)))


def _told(one: Mapping[Any, Any], grids: int, lang: str) -> dict[str, Any]:
    """A cluster in words and figures."""
    p, due = f"{one['p_value']:.3g}", f"{one['expected']:.1f}"
    days, observed, again = one["days"], one["observed"], f"{one['recurrence_days']:.0f}"
    where, when = (f"{n} {word}{'s' * (n != 1)}" for n, word in ((grids, "grid"), (days, "day")))
    title = (f"cluster of {where} over {when}: {observed} cases, {due} expected, p = {p},"
             f" by chance once in {again} days" if lang == "en" else
             f"{grids} 个网格 {days} 天聚集 {observed} 件, 预期 {due} 件, p = {p}, 偶然则 {again} 天一遇")
    return {"title": title, "label": f"p={p}", "p": float(one["p_value"]),
            "observed": int(observed), "expected": round(float(one["expected"]), 2), "days": int(days)}
