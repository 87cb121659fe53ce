"""The small charts: bars in HTML, figures as plain plotly JSON.

Sizes are in pixels of the reference wall (1920×1080); the browser scales them
by the unit of the screen before it draws.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dash import html

from dashboard.components.parts import meter
from dashboard.format import number, percent
from dashboard.texts import Say
from data.analytics.intervals import wilson

#: Names of the tokens; the browser puts the colour of the theme in.
TEXT: Final = "--text"
QUIET: Final = "--text-2"
LINE: Final = "--line"
FILL: Final = "--r4"
FAINT: Final = "--r2"
ACCENT: Final = "--accent"
FONT_PX: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One bar: ``value`` counts the cases, ``part`` those of them that are handled."""

    code: str
    name: str
    value: int
    part: int = 0


def bars(
    rows: Sequence[Share], *, filter_: str, chosen: Collection[str], say: Say
) -> list[html.Button] | list[html.P]:
    """Bars in HTML, one button a row; a click filters by its code. No rows say so.

    Args:
        rows: largest first is the caller's choice; the longest bar is the largest value.
        filter_: the set of the filter that a click changes.
        chosen: codes that the filter holds now.
    """
    if not rows:
        return [html.P(say("supervise.none"), className="quiet")]
    top = max(row.value for row in rows) or 1
    return [
        html.Button(
            [
                html.Span(row.name, className="barrow__name"),
                html.Span(number(row.value), className="barrow__value"),
                meter(row.value / top),
            ],
            type="button",
            className="barrow",
            **{
                "data-filter": filter_,
                "data-code": row.code,
                "data-only": "1",
                "aria-pressed": "true" if row.code in chosen else "false",
            },
        )
        for row in rows
    ]


def _layout(rows: int, **changes: Any) -> dict[str, Any]:
    layout = {
        "margin": {"l": 0, "r": 8, "t": 0, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": FONT_PX},
        "showlegend": False,
        "bargap": 0.45,
        "dragmode": False,
        "hovermode": "closest",
        "height": 26 * max(rows, 1),
        "hoverlabel": {"font": {"size": FONT_PX}},
        "xaxis": {"visible": False, "fixedrange": True},
        "yaxis": {
            "autorange": "reversed",
            "fixedrange": True,
            "automargin": True,
            "ticks": "",
            "showgrid": False,
            "zeroline": False,
            "tickfont": {"size": FONT_PX, "color": TEXT},
        },
    }
    layout.update(changes)
    return layout


def _nothing(say: Say) -> dict[str, Any]:
    """What an empty chart says in its middle."""
    return {
        "text": say("supervise.none"),
        "showarrow": False,
        "x": 0,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top",
        "font": {"color": QUIET, "size": FONT_PX},
    }


def categories_figure(rows: Sequence[Share], *, chosen: Collection[str], say: Say) -> dict[str, Any]:
    """Horizontal bars of accepted cases by category class, largest first; says so where there are none."""
    ordered = sorted(rows, key=lambda row: -row.value)
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": [row.name for row in ordered],
                "x": [row.value for row in ordered],
                "customdata": [row.code for row in ordered],
                "text": [number(row.value) for row in ordered],
                "textposition": "outside",
                "cliponaxis": False,
                "constraintext": "none",
                "textfont": {"color": TEXT, "size": FONT_PX},
                "marker": {"color": [ACCENT if row.code in chosen else FILL for row in ordered]},
                "hovertemplate": "%{y}: %{x:,}<extra></extra>",
            }
        ],
        "layout": _layout(
            len(ordered),
            xaxis={
                "visible": False,
                "fixedrange": True,
                "range": [0, 1.25 * max((row.value for row in ordered), default=1) or 1],
            },
            annotations=[] if ordered else [_nothing(say)],
        ),
    }


def _dashes(rows: Sequence[Share], at: float) -> list[dict[str, Any]]:
    """A "—" for each area without an accepted case: nothing to divide by is not zero."""
    bare = [row.name for row in rows if not row.value]
    if not bare:
        return []
    return [
        {
            "type": "scatter",
            "mode": "text",
            "y": bare,
            "x": [at] * len(bare),
            "text": [percent(None)] * len(bare),
            "textposition": "middle right",
            "textfont": {"color": QUIET, "size": FONT_PX},
            "hoverinfo": "skip",
        }
    ]


def closure_figure(rows: Sequence[Share], *, chosen: Collection[str], say: Say) -> dict[str, Any]:
    """Closure rate (handled ÷ accepted) by area as points with their 95 % interval.

    Areas without an accepted case stay in the list, as "—", without a point.
    """
    known = [(row, wilson(row.part, row.value)) for row in rows]
    rates = [row.part / row.value if row.value else None for row in rows]
    shown = [low for _, band in known if band for low in [band[0]]]
    start = math.floor(20 * min(shown, default=0.0)) / 20
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "y": [row.name for row in rows],
                "x": rates,
                "customdata": [row.code for row in rows],
                "text": [
                    f"{row.name} {percent(rate)} ({number(row.part)} ÷ {number(row.value)})"
                    for row, rate in zip(rows, rates, strict=True)
                ],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"size": 9, "color": [ACCENT if row.code in chosen else TEXT for row in rows]},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "thickness": 6,
                    "width": 0,
                    "color": FILL,
                    "array": [
                        band[1] - rate if band and rate is not None else 0
                        for (_, band), rate in zip(known, rates, strict=True)
                    ],
                    "arrayminus": [
                        rate - band[0] if band and rate is not None else 0
                        for (_, band), rate in zip(known, rates, strict=True)
                    ],
                },
            },
            *_dashes(rows, start),
        ],
        "layout": _layout(
            len(rows),
            xaxis={
                "range": [start, 1.005],
                "tickformat": ".0%",
                "fixedrange": True,
                "nticks": 4,
                "gridcolor": LINE,
                "tickfont": {"color": QUIET, "size": FONT_PX},
                "side": "top",
                "zeroline": False,
            },
            margin={"l": 0, "r": 8, "t": 22, "b": 0},
            height=26 * max(len(rows), 1) + 22,
            meta={"title": say("chart.streets")},
        ),
    }
