"""The map of a bulletin as SVG on white paper: polygons, names, values and a legend."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from dashboard.bulletin.sheet import Map
from dashboard.figures.area_map import WIDTH

#: From few to much, apart in grey as well; after ColorBrewer's YlGnBu.
RAMP: Final = ("#ffffd9", "#d5eeb3", "#86cfba", "#3fa8c1", "#2166ac", "#0c2c70")
#: From this class on names are white.
_DARK: Final = 3
#: Sizes of names, in units of the drawing.
_SMALLEST, _LARGEST = 8.0, 20.0
_BARE: Final = "#e4e4e4"
#: Below the ground: two rows of the legend.
_ROW: Final = 44.0
_FONT: Final = "Noto Sans CJK SC"


def svg(drawn: Map) -> str:
    """The map as one SVG document without scripts, links or foreign parts."""
    parts = []
    for shape in drawn.shapes:
        fill = _BARE if shape.step is None else _colour(shape.step, len(drawn.legend))
        parts.append(f'<path d="{shape.path}" fill="{fill}" stroke="#555" stroke-width="1.2"/>')
    for shape in drawn.shapes:
        is_dark = shape.step is not None and _place(shape.step, len(drawn.legend)) >= _DARK
        ink = "#fff" if is_dark else "#111"
        size = min(_LARGEST, max(_SMALLEST, 0.95 * shape.room / max(len(shape.name), 4)))
        for text, below, scale in ((shape.name, 0.0, 1.0), (shape.value, 1.0, 0.85)):
            parts.append(f'<text x="{shape.x:.1f}" y="{shape.y + below * size:.1f}"'
                         f' font-size="{size * scale:.1f}" fill="{ink}"'
                         f' text-anchor="middle" font-family="{_FONT}">{escape(text)}</text>')
    height = drawn.height + 2 * _ROW
    parts += _legend(drawn)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {WIDTH + 8:.0f} {height + 8:.1f}">'
            f"<title>{escape(drawn.title)}</title>{''.join(parts)}</svg>")


def _legend(drawn: Map) -> list[str]:
    """Three classes to a row, below the ground."""
    keys = [(_colour(step, len(drawn.legend)), text) for step, text in enumerate(drawn.legend)]
    if drawn.bare:
        keys.append((_BARE, drawn.bare))
    across, found = 4 if len(keys) > 6 else 3, []
    for place, (fill, text) in enumerate(keys):
        x, y = WIDTH / across * (place % across), drawn.height + 24 + _ROW * (place // across)
        found.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="34" height="22" fill="{fill}" stroke="#555"/>'
                     f'<text x="{x + 44:.1f}" y="{y + 18:.1f}" font-size="20" fill="#111"'
                     f' font-family="{_FONT}">{escape(text)}</text>')
    return found


def _place(step: int, classes: int) -> int:
    """Where a class lies on the ramp when there are fewer classes than colours."""
    return step if classes >= len(RAMP) else round((step + 0.5) * len(RAMP) / max(classes, 1) - 0.5)


def _colour(step: int, classes: int) -> str:
    return RAMP[min(_place(step, classes), len(RAMP) - 1)]
