"""The light theme of the map: the same spec with other values for the dark tokens.

Layers name the colours of the dark theme; here each of them has its twin, so that no
layer knows of themes. Colours of state (in time, near, overdue) stay as they are.
"""

from __future__ import annotations

from typing import Any, Final

from layers import palette
from layers.basemap import GROUND, OUTLINE, ROADS

Rgb = tuple[int, int, int]


def _rgb(text: str) -> Rgb:
    red, green, blue, _ = palette.colour(text)
    return red, green, blue


_RAMP: Final = ("#d9e6f0", "#aacbe0", "#6fa9cb", "#3f83b3", "#265d92", "#153a66")
_ROADS: Final = ("#8d9db3", "#9aa9bd", "#a9b6c7", "#b6c1cf", "#c2ccd8", "#ccd4df")
#: Dark -> light; opacity stays.
TWINS: Final[dict[Rgb, Rgb]] = {
    palette.BACKGROUND[:3]: _rgb("#f4f7fa"),
    palette.TEXT[:3]: _rgb("#14202f"),
    palette.TEXT_2[:3]: _rgb("#42556e"),
    palette.ACCENT[:3]: _rgb("#0b62ac"),
    palette.NO_DATA[:3]: _rgb("#bdbcb6"),
    _rgb(OUTLINE[0]): _rgb("#fbfcfe"),
    _rgb(OUTLINE[1]): _rgb("#8aa0bb"),
    _rgb(GROUND[0][1]): _rgb("#bcd9ef"),
    _rgb(GROUND[1][1]): _rgb("#cfe6d2"),
    **{step[:3]: _rgb(twin) for step, twin in zip(palette.RAMP, _RAMP, strict=True)},
    **{_rgb(road[1]): _rgb(twin) for road, twin in zip(ROADS, _ROADS, strict=True)},
}
_CSS: Final = {palette.css(dark): palette.css(light) for dark, light in TWINS.items()}


def lit(found: Any) -> Any:
    """A spec in the light theme: every colour of `TWINS` is replaced, everything else is kept.

    A colour is a CSS text ``#rrggbb`` or a list that begins with red, green, blue and opacity.
    """
    if isinstance(found, dict):
        return {key: lit(value) for key, value in found.items()}
    if isinstance(found, str):
        return _CSS.get(found, found)
    if not isinstance(found, list):
        return found
    if len(found) >= 4 and all(type(part) is int for part in found):
        twin = TWINS.get((found[0], found[1], found[2]))
        return [*twin, *found[3:]] if twin else found
    return [lit(value) for value in found]
