"""Cases that have just changed: a ring at the place of each, for a minute.

The stream tells handles; the browser asks for their places by the filter of the map, so that a
ring stands only where the map would show the case. Figures and heat follow when they are counted.
"""

from __future__ import annotations

from typing import Final

import pydeck as pdk

from data.cases.lifecycle import STATES
from layers import legend as legends
from layers import palette
from layers.cases import colour_of
from layers.spec import Spec, spec

LAYER_ID: Final = "changes"
#: A ring is whole, then fainter, then gone, by seconds since the change was told.
WHOLE_S: Final = 10
GONE_S: Final = 60


def change_layer(url: str) -> Spec:
    """Build the spec of the changes; there is none to draw before the stream tells one.

    Args:
        url: where the browser gets `layers.cases.encode_points` of the handles that it adds as ``refs``.
    """
    layer = pdk.Layer(
        "ScatterplotLayer",
        [],
        id=LAYER_ID,
        glue="'changes'",  # drawn on a sheet over the map, at once
        source=f"'{url}'",
        state_colours=[list(colour_of(state)) for state in STATES],
        overdue_colour=list(palette.OVER),
        radius=9,
        whole_s=WHOLE_S,
        gone_s=GONE_S,
    )
    return spec(
        [layer],
        legend=legends.legend(
            legends.text("最新动态", "Latest changes"),
            [legends.entry(legends.text(f"{GONE_S} 秒内有变化的案件, 颜色为状态",
                                        f"cases changed within {GONE_S} s, coloured by state"),
                           palette.ACCENT, shape="ring")],
        ),
    )
