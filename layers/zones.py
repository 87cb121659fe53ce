"""Zones of the six nets of prevention (六张网), large ones below small ones."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pydeck as pdk

from layers import frames, palette
from layers import legend as legends
from layers.basemap import collection
from layers.spec import Spec, geojson, spec

LAYER_ID: Final = "zones"
COLUMNS: Final = ("zone_id", "net", "name", "area_code", "geometry")
#: Net, colour, words; from the bottom of the picture to its top.
NETS: Final = (
    ("network", palette.colour("#56b4e9"), legends.text("信息网络防控网", "information network")),
    ("community", palette.colour("#009e73"), legends.text("城乡社区防控网", "communities")),
    ("technology", palette.colour("#cc79a7"), legends.text("科技防控网", "technology (cameras)")),
    ("open_street", palette.colour("#e69f00"), legends.text("社会面防控网", "open streets")),
    ("key_area", palette.colour("#d55e00"), legends.text("治安重点防控网", "key areas")),
    ("unit", palette.colour("#f0e442"), legends.text("单位内部防控网", "inside of units")),
)
_WORDS: Final = {net: words for net, _, words in NETS}
_ORDER: Final = {net: place for place, (net, _, _) in enumerate(NETS)}
_FILL: Final = 34  # opacity 0..255: what lies below stays readable


def zone_layer(url: str) -> Spec:
    """Build the spec of the zones; ``url`` gives `zone_shapes`."""
    layer = pdk.Layer(
        "GeoJsonLayer",
        geojson(url),
        id=LAYER_ID,
        glue="'zones'",
        pickable=True,
        fills={net: [*colour[:3], _FILL] for net, colour, _ in NETS},
        colours={net: list(colour) for net, colour, _ in NETS},
        widths={net: 1.6 for net, _, _ in NETS},
    )
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("巡防分区（六张网）", "Patrol zones of the six nets"),
            [legends.entry(words, colour) for _, colour, words in NETS],
        ),
    )


def zone_shapes(zones: gpd.GeoDataFrame, *, lang: str) -> dict[str, Any]:
    """Zones as GeoJSON, simplified to 2 m.

    Args:
        zones: one row per zone with `COLUMNS` in EPSG:4326. Not modified.
        lang: of the titles: net and name.

    Raises:
        layers.frames.FrameError: a column, the CRS or a geometry is wrong.
    """
    frames.require(zones, columns=COLUMNS, layer=LAYER_ID, geometry=True)
    known = zones[zones["net"].isin(list(_ORDER))]
    known = known.iloc[known["net"].map(_ORDER).argsort(kind="stable")]
    named = zip(known["net"], known["name"], strict=True)
    drawn = gpd.GeoDataFrame(
        {"id": known["zone_id"].to_numpy(), "class": known["net"].to_numpy(),
         "code": known["area_code"].to_numpy(),
         "title": [f"{_WORDS[net][lang]} · {name}" for net, name in named]},
        geometry=known.geometry.simplify(2e-5).to_numpy(), crs=zones.crs)
    return collection(drawn)
