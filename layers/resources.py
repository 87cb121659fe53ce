"""Resources and stations (资源) by kind and force, professional or mass (专业 / 群防)."""

from __future__ import annotations

from typing import Final

import pandas as pd
import pydeck as pdk

from layers import columns as wire
from layers import frames, palette
from layers import legend as legends
from layers.spec import Spec, columns, spec

LAYER_ID: Final = "resources"
COLUMNS: Final = ("resource_id", "kind", "force_class", "name", "status", "heading", "lon", "lat",
                  "area_code")


def resource_layer(url: str, *, left_out: int = 0) -> Spec:
    """Build the spec of the resources.

    Args:
        url: where the browser gets `encode_resources`.
        left_out: resources without a place.
    """
    layer = pdk.Layer(
        "IconLayer",
        columns(url),
        id=LAYER_ID,
        glue="'icons'",
        pickable=True,
        size_min=15,
        size_max=30,
        size_step=4,
        cell_px=64,  # nearer ones would cover each other; the legend says how many are not drawn
    )
    entries = [
        legends.entry(legends.text("框内字 = 类别", "sign = kind"), palette.TEXT, shape="square"),
        legends.entry(legends.text("方框 = 专业力量", "square = professional"), palette.TEXT_2),
        legends.entry(legends.text("圆框 = 群防力量", "disc = mass force"), palette.TEXT_2, shape="disc"),
        legends.entry(legends.text("框线 = 空闲", "edge = idle"), palette.OK, shape="line"),
        legends.entry(legends.text("框线 = 已派", "edge = assigned"), palette.WARN, shape="line"),
        legends.entry(legends.text("框线 = 忙", "edge = busy"), palette.colour("#ff9b52"), shape="line"),
        legends.entry(legends.text("框线 = 离线", "edge = offline"), palette.STOPPED, shape="line"),
        legends.entry(legends.text("框线 = 状态不明", "edge = unknown"), palette.ACCENT, shape="line"),
        legends.entry(legends.text("外侧箭头 = 行驶方向", "arrow outside = heading"), palette.TEXT),
    ]
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("资源", "Resources"),
            entries,
            left_out=left_out,
        ),
        left_out=left_out,
    )


def encode_resources(resources: pd.DataFrame) -> bytes:
    """Write resources.

    Args:
        resources: one row per resource with `COLUMNS`, WGS-84 degrees; ``force_class``
            and ``status`` may be NULL, ``heading`` (degrees from north) NaN. Not modified.

    Raises:
        layers.frames.FrameError: a column is missing or a place is none.
    """
    frames.require(resources, columns=COLUMNS, layer=LAYER_ID, places=True)
    kind, kinds = wire.codes(resources["kind"])
    force, forces = wire.codes(resources["force_class"])
    status, statuses = wire.codes(resources["status"])
    area, areas = wire.codes(resources["area_code"])
    body = {
        "lon": wire.degrees(resources["lon"]),
        "lat": wire.degrees(resources["lat"]),
        "kind": kind,
        "force": force,
        "status": status,
        "heading": wire.headings(resources["heading"]),
        "area": area,
    }
    return wire.encode(
        body,
        rows=len(resources),
        meta={
            "kind": "resources",
            "selects": "resource",
            "ids": wire.texts(resources["resource_id"]),
            "titles": wire.texts(resources["name"]),
            "kinds": kinds,
            "forces": forces,
            "statuses": statuses,
            "areas": areas,
        },
    )
