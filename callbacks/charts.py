"""Wires the small charts; a click on any of them filters everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from callbacks.desk import Desk, base_area, child_level
from dashboard import ids
from dashboard.components.charts import Share, bars, categories_figure, closure_figure
from dashboard.texts import speaker
from dashboard.view import View, from_store
from data.cases.rules import WALL
from data.filters import CaseFilter
from data.filters import from_store as filter_from_store

MAX_BARS = 40
#: The counters that the charts draw.
DRAWN = ("accepted", "handled")


def shares(
    dimension: str, filter_: CaseFilter, name: Callable[[str], str], *, desk: Desk, crossed: bool = False
) -> list[Share]:
    """Accepted and handled cases by a dimension, largest first; nameless codes are left out.

    ``crossed``: the filter is not that of the page, so that no other panel needs more than what is drawn.
    """
    found = desk.readers.cases.counts_by(dimension, filter_, desk.now(), DRAWN if crossed else WALL)
    rows = [
        Share(code=str(row.code), name=name(str(row.code)), value=int(row.accepted), part=int(row.handled))
        for row in found.itertuples()
        if row.code
    ]
    return sorted(rows, key=lambda row: (-row.value, row.code))


def channel_shares(filter_: CaseFilter, lang: str, *, desk: Desk) -> list[Share]:
    """By channel, without the filter's own channels, so that the others stay clickable."""
    words = desk.words()
    return shares(
        "channel",
        filter_.with_(channels=frozenset()),
        lambda code: words.name("channels", code, lang),
        desk=desk,
        crossed=bool(filter_.channels),
    )


def category_shares(filter_: CaseFilter, lang: str, *, desk: Desk) -> list[Share]:
    """By category class, without the filter's own categories."""
    words = desk.words()
    return shares(
        "category_class",
        filter_.with_(categories=frozenset()),
        lambda code: words.category(code, lang),
        desk=desk,
        crossed=bool(filter_.categories),
    )[:MAX_BARS]


def area_shares(filter_: CaseFilter, view: View, *, desk: Desk) -> list[Share]:
    """By the areas below the one looked at, every one of them, worst closure rate first."""
    area = base_area(view.area)
    top = area or desk.readers.scope.home  # who sees one street looks at its communities
    level = child_level(top)
    parent = top[:12] if top and level == "grid" else top
    names = desk.readers.areas.children(parent, level)
    scoped = filter_.with_(areas=frozenset({parent}) if area and parent else frozenset())
    found = {row.code: row for row in shares(level, scoped, str, desk=desk, crossed=scoped != filter_)}
    rows = [
        Share(
            code=code,
            name=name,
            value=found[code].value if code in found else 0,
            part=found[code].part if code in found else 0,
        )
        for code, name in names
    ]
    return sorted(rows, key=lambda row: row.part / row.value if row.value else 2.0)


def charts(filter_: CaseFilter, view: View, *, desk: Desk) -> dict[str, Any]:
    """The bars of the channels, the figures of categories and streets."""
    lang, say = view.lang, speaker(view.lang)
    channels = channel_shares(filter_, lang, desk=desk)
    categories = category_shares(filter_, lang, desk=desk)
    streets = area_shares(filter_, view, desk=desk)
    return {
        "channels": bars(channels, filter_="channels", chosen=filter_.channels, say=say),
        "categories": categories_figure(categories, chosen=filter_.categories, say=say),
        "streets": closure_figure(streets, chosen=filter_.areas, say=say),
    }


def register(app: Dash, *, desk: Desk) -> None:
    """One callback for the charts, and the browser's part of drawing and clicking."""
    inputs = {
        "stored": Input(ids.FILTER, "data"),
        "_charted": Input(ids.CHARTED, "data"),
        "view": State(ids.VIEW, "data"),
    }

    @app.callback(
        output={
            "channels": Output(ids.CHANNELS, "tree"),
            "categories": Output(ids.figure(ids.CATEGORIES), "data"),
            "streets": Output(ids.figure(ids.STREETS), "data"),
        },
        inputs=inputs,
    )
    def refresh(stored: Any, _charted: Any, view: Any) -> dict[str, Any]:
        return charts(filter_from_store(stored), from_store(view), desk=desk)

    for chart, fit, act in (
        (ids.CATEGORIES, "fit_categories", "pick"),
        (ids.STREETS, "fit_streets", "drill"),
    ):
        app.clientside_callback(
            ClientsideFunction("charts", "hang"),
            Output(ids.hook(chart), "children"),
            Input(ids.MAP_DRAWN, "data"),
            State(ids.ready_graph(chart), "data"),
            prevent_initial_call=True,
        )
        app.clientside_callback(
            ClientsideFunction("charts", fit),
            Output(ids.graph(chart), "figure"),
            Input(ids.figure(chart), "data"),
            Input(ids.UNIT, "data"),
        )
        app.clientside_callback(
            ClientsideFunction("charts", act),
            Output(ids.click(chart), "data"),
            Input(ids.graph(chart), "clickData"),
            prevent_initial_call=True,
        )
