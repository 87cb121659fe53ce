"""Charts as plain plotly JSON, in pixels of the reference screen and with the tokens' names for colours.

Points carry in ``customdata`` the address that a click opens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from dashboard.figures.values import shown
from dashboard.format import number, percent
from dashboard.texts import Say
from data.analytics.fair import OUT_Z, WATCH_Z, Comparison, funnel
from data.cases.indicators import Indicator

TEXT: Final = "--text"
QUIET: Final = "--text-2"
LINE: Final = "--line"
FONT_PX: Final = 14
#: Okabe and Ito's colours, told apart by the colour-blind.
PALETTE: Final = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442", "#999999")
#: Flag of a unit -> token of its colour and sign of its point.
MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "high": ("--ok", "triangle-up"), "low": ("--over", "diamond"), "watch_high": ("--accent", "circle"),
    "watch_low": ("--warn", "triangle-down"), "": (QUIET, "circle"),
}
_STEPS: Final = 48
_LEGEND: Final = {"orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom",
                  "font": {"size": FONT_PX, "color": TEXT}}


def funnel_figure(compared: Comparison, indicator: Indicator, name: Callable[[str], str],
                  address: Callable[[str], str], say: Say) -> dict[str, Any]:
    """Units by their cases and their rate at the mix of the whole, between the limits of chance."""
    rows = compared.rows[compared.rows["whole"] > 0]
    if compared.overall is None or rows.empty:
        return _bare(say)
    sizes = np.unique(np.geomspace(max(1, rows["whole"].min()), rows["whole"].max() * 1.05, _STEPS).round())
    traces = []
    for z, dash, key in ((WATCH_Z, "dot", "watch"), (OUT_Z, "dash", "out")):
        for edge in funnel(compared.overall, sizes, z, compared.spread):
            traces.append({"type": "scatter", "mode": "lines", "x": [*sizes], "y": [*edge],
                           "hoverinfo": "skip", "line": {"color": QUIET, "width": 1.5, "dash": dash},
                           "name": say(f"analytics.funnel.{key}"), "showlegend": False})
    turned = {"high": "low", "low": "high", "watch_high": "watch_low", "watch_low": "watch_high", "": ""}
    flags = [turned[flag] if indicator.less_is_better else flag for flag in rows["flag"]]
    traces.append({
        "type": "scatter", "mode": "markers", "x": rows["whole"].tolist(), "y": rows["adjusted"].tolist(),
        "customdata": [address(code) for code in rows["code"]],
        "text": [f"{name(row.code)} {shown(row.adjusted, indicator, say)}<br>"
                 f"{number(row.part)} ÷ {number(row.whole)}" for row in rows.itertuples()],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": 10, "color": [MARKS[flag][0] for flag in flags],
                   "symbol": [MARKS[flag][1] for flag in flags]}})
    return {"data": traces, "layout": _layout(
        xaxis=_axis(type="log", title={"text": say("analytics.cases")}, showgrid=False),
        yaxis=_axis(tickformat=".1%"),
        shapes=[{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": compared.overall,
                 "y1": compared.overall, "line": {"color": TEXT, "width": 1.5}}])}


def trend_figure(found: pd.DataFrame, indicator: Indicator, name: Callable[[str], str],
                 address: Callable[[str], str], say: Say, notes: Mapping[str, Sequence[str]] | None = None
                 ) -> dict[str, Any]:
    """The indicator over periods, with the band of its 95 % interval; a period without cases is a gap.

    Args:
        notes: code of a period -> what was noted on its days; marked at the foot of the chart.
    """
    names = [name(code) for code in found["code"]]
    values = [None if value != value else value for value in found["rate"]]  # noqa: PLR0124 - NaN
    band = found.dropna(subset=["low"])
    traces: list[dict[str, Any]] = []
    if not band.empty:
        across = [name(code) for code in band["code"]]
        traces.append({"type": "scatter", "mode": "lines", "x": [*across, *across[::-1]], "hoverinfo": "skip",
                       "y": [*band["low"], *band["high"].tolist()[::-1]], "fill": "toself",
                       "fillcolor": "--brush", "line": {"width": 0}, "showlegend": False})
    traces.append({"type": "scatter", "mode": "lines+markers", "x": names, "y": values, "connectgaps": False,
                   "customdata": [address(code) for code in found["code"]],
                   "text": [f"{one} {shown(row.rate, indicator, say)}<br>"
                            f"{number(row.part)} ÷ {number(row.whole)}"
                            for one, row in zip(names, found.itertuples(), strict=True)],
                   "hovertemplate": "%{text}<extra></extra>", "showlegend": False,
                   "line": {"color": "--accent", "width": 2.5}, "marker": {"size": 8, "color": "--accent"}})
    noted = {name(code): held for code in found["code"] if (held := (notes or {}).get(code))}
    if noted:
        traces.append({"type": "scatter", "mode": "markers", "x": [*noted], "y": [0.02] * len(noted),
                       "yaxis": "y2", "text": ["<br>".join(held) for held in noted.values()],
                       "name": say("notes.title"), "showlegend": True,
                       "hovertemplate": "%{x}<br>%{text}<extra></extra>",
                       "marker": {"size": 12, "color": "--warn", "symbol": "triangle-up"}})
    return {"data": traces, "layout": _layout(
        xaxis=_axis(type="category", showgrid=False, categoryorder="array", categoryarray=names),
        yaxis=_axis(tickformat=".1%" if indicator.unit == "share" else ",.1f"), showlegend=bool(noted),
        yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True})}


def times_figure(found: pd.DataFrame, name: Callable[[str], str], address: Callable[[str], str],
                 say: Say) -> dict[str, Any]:
    """Median and ninth decile of the handling time by unit, longest ninth decile first."""
    if found.empty:
        return _bare(say)
    rows = found.sort_values(["p90_h", "code"], ascending=[True, False])
    names, to = [name(code) for code in rows["code"]], [address(code) for code in rows["code"]]
    gaps = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False,
            "line": {"color": LINE, "width": 6},
            "x": [value for row in rows.itertuples() for value in (row.p50_h, row.p90_h, None)],
            "y": [one for one in names for _ in range(3)]}
    ends = [{"type": "scatter", "mode": "markers", "x": rows[key].tolist(), "y": names, "customdata": to,
             "name": say(f"analytics.{key}"), "marker": {"size": 10, "color": color},
             "hovertemplate": f"%{{y}} {say(f'analytics.{key}')} %{{x:,.1f}} h<extra></extra>"}
            for key, color in (("p50_h", "--accent"), ("p90_h", "--warn"))]
    return {"data": [gaps, *ends], "layout": _layout(
        height=max(340, 24 * len(rows) + 70), showlegend=True,
        xaxis=_axis(rangemode="tozero", ticksuffix=" h"), yaxis=_axis(type="category", showgrid=False))}


def mix_figure(wide: pd.DataFrame, name: Callable[[str], str], label: Callable[[str], str],
               say: Say) -> dict[str, Any]:
    """Shares of a whole over periods, stacked; a period without cases is empty."""
    whole = wide.sum(axis=1)
    order = wide.sum().sort_values(ascending=False).index
    periods = [label(code) for code in wide.index]
    traces = []
    for number_, code in enumerate(order):
        share = wide[code] / whole.where(whole > 0)
        traces.append({
            "type": "bar", "x": periods, "y": [None if value != value else value for value in share],  # noqa: PLR0124
            "name": name(code), "marker": {"color": PALETTE[number_ % len(PALETTE)]},
            "text": [f"{name(code)} {number(count)} ({percent(part)})"
                     for count, part in zip(wide[code], share, strict=True)],
            "hovertemplate": "%{x}<br>%{text}<extra></extra>", "textposition": "none"})
    if not traces:
        return _bare(say)
    return {"data": traces, "layout": _layout(
        barmode="stack", showlegend=True, bargap=0.25, xaxis=_axis(type="category", showgrid=False),
        legend={**_LEGEND, "traceorder": "normal"},
        yaxis=_axis(tickformat=".0%", range=[0, 1]))}


def matrix_figure(counts: pd.DataFrame, row: Callable[[str], str], column: Callable[[str], str],
                  say: Say) -> dict[str, Any]:
    """Counts of rows by columns, coloured by the share of their row; a row without any is left out."""
    held = counts[counts.sum(axis=1) > 0]
    if held.empty:
        return _bare(say)
    shares = held.div(held.sum(axis=1), axis=0)
    names, columns = [row(code) for code in held.index], [column(code) for code in held.columns]
    texts = [[f"{number(count)}<br>{percent(part)}" for count, part in zip(line, part_line, strict=True)]
             for line, part_line in zip(held.to_numpy(), shares.to_numpy(), strict=True)]
    trace = {"type": "heatmap", "x": columns, "y": names, "z": shares.to_numpy().tolist(), "text": texts,
             "texttemplate": "%{text}", "hovertemplate": "%{y} · %{x}<br>%{text}<extra></extra>",
             "zmin": 0, "zmax": 1, "showscale": False, "xgap": 2, "ygap": 2,
             "colorscale": [[0, "--panel-2"], [1, "--r3"]], "textfont": {"size": FONT_PX, "color": TEXT}}
    return {"data": [trace], "layout": _layout(
        xaxis=_axis(type="category", showgrid=False, side="top"),
        yaxis=_axis(type="category", showgrid=False, autorange="reversed", automargin=True))}


def pareto_figure(found: pd.DataFrame, name: Callable[[str], str], address: Callable[[str], str],
                  say: Say) -> dict[str, Any]:
    """Bars of cases, most first, the vital few in the colour of the accent, and their cumulative share."""
    if found.empty:
        return _bare(say)
    names = [name(code) for code in found["code"]]
    bars = {"type": "bar", "x": names, "y": found["cases"].tolist(), "showlegend": False,
            "customdata": [address(code) for code in found["code"]],
            "text": [f"{one} {number(row.cases)} ({percent(row.share)})"
                     for one, row in zip(names, found.itertuples(), strict=True)],
            "textposition": "none", "hovertemplate": "%{text}<extra></extra>",
            "marker": {"color": ["--accent" if vital else "--r3" for vital in found["is_vital"]]}}
    line = {"type": "scatter", "mode": "lines+markers", "x": names, "y": found["cumulative"].tolist(),
            "yaxis": "y2", "showlegend": False, "line": {"color": "--warn", "width": 2},
            "marker": {"size": 5, "color": "--warn"},
            "hovertemplate": "%{x}: " + say("causes.cumulative") + " %{y:.1%}<extra></extra>"}
    return {"data": [bars, line], "layout": _layout(
        height=380, xaxis=_axis(type="category", showgrid=False, tickangle=-45),
        yaxis=_axis(rangemode="tozero"),
        yaxis2=_axis(overlaying="y", side="right", range=[0, 1.02], tickformat=".0%", dtick=0.2,
                     showgrid=False),
        shapes=[{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": 0.8, "y1": 0.8,
                 "line": {"color": QUIET, "width": 1, "dash": "dot"}}])}


def _bare(say: Say) -> dict[str, Any]:
    return {"data": [], "layout": _layout(
        xaxis={"visible": False}, yaxis={"visible": False},
        annotations=[{"text": say("analytics.nothing"), "showarrow": False, "x": 0.5, "y": 0.5,
                      "xref": "paper", "yref": "paper", "font": {"color": QUIET, "size": FONT_PX}}])}


def _axis(**more: Any) -> dict[str, Any]:
    return {"gridcolor": LINE, "zeroline": False, "automargin": True, "fixedrange": True,
            "tickfont": {"size": FONT_PX, "color": QUIET}, **more}


def _layout(**more: Any) -> dict[str, Any]:
    return {"margin": {"l": 8, "r": 12, "t": 12, "b": 8}, "height": 340, "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)", "font": {"color": TEXT, "size": FONT_PX}, "showlegend": False,
            "dragmode": False, "hovermode": "closest", "hoverlabel": {"font": {"size": FONT_PX}},
            "legend": _LEGEND, **more}
