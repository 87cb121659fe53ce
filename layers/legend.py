"""What a legend says, as plain JSON: title, unit, window, entries, no data, left out.

``{"title": Text, "unit": Text | None, "kind": "ramp" | "marks", "entries": [Entry],
"no_data": Entry | None, "left_out": int, "counts": Counted | None, "scale": "fixed" |
"adaptive" | None}``; `counted` adds what a figure counts. A Counted is ``{"since", "until",
"narrowed"}``: which cases stand behind the colours. A Text is ``{"zh", "en"}`` and an
Entry is ``{"label": Text, "colour": "#rrggbb[aa]", "shape": "square" | "disc" | "line" |
"diamond" | "triangle" | "ring", "from": number | None, "to": number | None, "count": int | None}``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from layers import palette

Text = dict[str, str]
NO_DATA: Final[Text] = {"zh": "无数据", "en": "no data"}
#: Lower edges of the classes of a count: zero has a class of its own.
FIXED_COUNT: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)
#: Lower edges of the classes of a fraction 0..1.
FIXED_RATE: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)


def text(zh: str, en: str) -> Text:
    """A text in both languages."""
    return {"zh": zh, "en": en}


def same(value: str) -> Text:
    """A text that reads the same in both languages: figures."""
    return {"zh": value, "en": value}


def entry(
    label: Text,
    colour: Sequence[int],
    *,
    shape: str = "square",
    lower: float | None = None,
    upper: float | None = None,
    count: int | None = None,
    clear: bool = False,
) -> dict[str, Any]:
    """One line of a legend; ``clear`` shows the colour as transparent as it is drawn."""
    return {
        "label": label,
        "colour": palette.css(colour, clear=clear),
        "shape": shape,
        "from": lower,
        "to": upper,
        "count": count,
    }


def legend(
    title: Text,
    entries: Sequence[dict[str, Any]],
    *,
    unit: Text | None = None,
    kind: str = "marks",
    no_data: dict[str, Any] | None = None,
    left_out: int = 0,
    scale: str | None = None,
    bins: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """A whole legend.

    Args:
        left_out: what belongs to the layer but is not drawn.
        scale: ``fixed`` or ``adaptive`` where the viewer may choose, else None.
        bins: the entries while the layer draws bins instead of single marks.
    """
    return {
        "title": title,
        "unit": unit,
        "kind": kind,
        "entries": list(entries),
        "no_data": no_data,
        "left_out": left_out,
        "scale": scale,
        "bins": list(bins),
        "counts": None,
    }


def counted(found: dict[str, Any], *, since: str, until: str, narrowed: bool) -> dict[str, Any]:
    """A legend that says which cases its figures count.

    Args:
        since, until: ISO instants of the window in which they were reported; until is exclusive.
        narrowed: whether more than area and window narrows them.
    """
    return {**found, "counts": {"since": since, "until": until, "narrowed": narrowed}}


def breaks(
    values: npt.ArrayLike,
    *,
    rate: bool = False,
    adaptive: bool = False,
    fixed: tuple[float, ...] | None = None,
) -> tuple[float, ...]:
    """Lower edges of at most six classes, ascending; the first holds the smallest values.

    Args:
        values: counts or fractions; NaN means no data and is passed over.
        rate: fractions 0..1 instead of counts.
        adaptive: cut at quantiles of what is there, so that every class is used;
            otherwise the fixed classes, comparable over time.
        fixed: the fixed classes of this figure; None takes those of counts or rates.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not adaptive or not len(known):
        return fixed or (FIXED_RATE if rate else FIXED_COUNT)
    if rate:
        edges = np.unique(np.floor(np.quantile(known, np.arange(6) / 6) * 1000) / 1000)
        return tuple(float(edge) for edge in edges)
    positive = known[known > 0]
    if not len(positive):
        return (0.0,)
    edges = np.unique([_round_down(edge) for edge in np.quantile(positive, np.arange(5) / 5)])
    return (0.0, *(float(edge) for edge in edges if edge > 0))


def _round_down(value: float) -> float:
    """The next smaller number of two digits, so that a class edge can be read."""
    power = 10.0 ** (math.floor(math.log10(value)) - 1)
    return max(1.0, math.floor(value / power + 1e-9) * power) if value >= 1 else value


def classes(values: npt.ArrayLike, edges: Sequence[float]) -> npt.NDArray[np.int64]:
    """The class 0.. of each value by its lower edges; -1 where there is no data."""
    wide = np.asarray(values, dtype=np.float64)
    found = np.clip(np.searchsorted(np.asarray(edges), wide, side="right") - 1, 0, None)
    return np.where(np.isfinite(wide), found, -1).astype(np.int64)


def ramp_colours(count: int) -> tuple[palette.Colour, ...]:
    """Colours of ``count`` ≤ 6 classes spread over the ramp."""
    if count <= 1:
        return palette.RAMP[:1]
    return tuple(palette.RAMP[round(at * 5 / (count - 1))] for at in range(count))


def ramp_entries(
    edges: Sequence[float],
    found: npt.NDArray[np.int64],
    *,
    rate: bool = False,
) -> list[dict[str, Any]]:
    """The entries of a choropleth, with how many areas stand in each class."""

    def figure(value: float) -> str:
        return f"{value * 100:g}%" if rate else f"{value:,.10g}"

    colours = ramp_colours(len(edges))
    entries = []
    for at, edge in enumerate(edges):
        last = at == len(edges) - 1
        entries.append(
            entry(
                same(("≥" if last and at else "") + figure(edge)),
                colours[at],
                lower=edge,
                upper=None if last else edges[at + 1],
                count=int((found == at).sum()),
            )
        )
    return entries


#: What stands before a word of a legend, by shape: colour alone says nothing.
SIGNS: Final = {"square": "■", "disc": "●", "line": "━", "diamond": "◆", "triangle": "▲", "ring": "○"}


def localised(found: dict[str, Any], lang: str) -> dict[str, Any]:
    """A legend in one language: every Text becomes a plain string, every entry gets its sign."""

    def entry_in(one: dict[str, Any]) -> dict[str, Any]:
        return {**one, "label": one["label"][lang], "sign": SIGNS[one["shape"]]}

    return {
        **found,
        "title": found["title"][lang],
        "unit": found["unit"][lang] if found["unit"] else None,
        "entries": [entry_in(one) for one in found["entries"]],
        "bins": [entry_in(one) for one in found["bins"]],
        "no_data": entry_in(found["no_data"]) if found["no_data"] else None,
    }
