"""一幅图: the wall. Structure only; data come through callbacks, acts through the browser code."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dash import dcc, html

from dashboard import ids
from dashboard.components import casts, emergency, filterbar, header, maptools, publish, tracking
from dashboard.components.parts import panel
from dashboard.components.timeline import timeline
from dashboard.kiosk import Kiosk, Stop, ring
from dashboard.markup import Markup
from dashboard.texts import Say, speaker
from dashboard.view import DRAWN_BY, GRID_KINDS, View
from data.access.viewer import Viewer
from data.filters import CaseFilter
from data.vocabulary import Topic, Vocabulary
from layers.keys import KEYS

#: What plotly draws.
#: What is said when the page must be opened anew, see assets/44-recovery.js.
RECOVERY: Final = {
    "data-release-new": "release.new",
    "data-release-open": "release.open",
    "data-gl-lost": "gl.lost",
    "data-gl-given-up": "gl.given_up",
}
CHARTS: Final = (ids.CATEGORIES, ids.STREETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Everything the first picture of a page is made from.

    Attributes:
        filter_: what the panels count.
        context: the span of the time line, as the filter's since and until.
        now: content of the store `ids.NOW`.
        district: name of the district, empty while the store has none.
        synthetic: what is synthetic, in words; empty for real data.
        version: version of the data.
        grids: kinds of grid that the store has.
        specs: layer -> its spec, so that the map needs no further question before it asks for data.
        fault: why the address was not understood; empty when it was.
        viewer: who looks at it, named in the head; None: nobody is.
        kiosk: how a display that nobody touches behaves; None: somebody sits in front of it.
        stops: what such a display shows in turn.
        centre: name of the centre whose part is shown.
        seat: the seat that was taken, as the address names it; empty: none.
        topic: the theme that narrows it; None: none does.
    """

    view: View
    filter_: CaseFilter
    context: Mapping[str, str]
    selection: Mapping[str, str] | None
    now: Mapping[str, Any]
    district: str
    synthetic: str
    version: str
    fault: str = ""
    specs: Mapping[str, Any] = field(default_factory=dict)
    grids: Sequence[str] = GRID_KINDS
    viewer: Viewer | None = None
    kiosk: Kiosk | None = None
    stops: Sequence[Stop] = ()
    centre: str = ""
    seat: str = ""
    topic: Topic | None = None


def layout(opening: Opening, words: Vocabulary) -> html.Div:
    """The page in the language and theme of its address."""
    lang, say = opening.view.lang, speaker(opening.view.lang)
    absent = {key for key, spec in opening.specs.items() if not spec["layer"]}
    title = opening.centre or say("title.empty")
    return html.Div(
        [
            html.A(say("skip"), href="#wall-side-panel", className="skip"),
            html.Div(
                [
                    html.Div(
                        id=ids.MAP_CANVAS,
                        className="map__canvas",
                        role="application",
                        **{"aria-label": say("map")},
                    )
                ],
                className="map",
            ),
            header.header(
                title=title,
                here="/",
                lang=lang,
                theme=opening.view.theme,
                synthetic=opening.synthetic,
                viewer=opening.viewer,
                seat=opening.seat,
                topic=opening.topic.word.name(lang) if opening.topic else "",
                say=say,
            ),
            html.Main([_left(say), _middle(opening, words, say, absent), _right(say)], className="main"),
            timeline(say),
            html.Div(
                [html.P(opening.fault, className="fault__text")] if opening.fault else [],
                id=ids.FAILURE,
                className="fault",
                role="alert",
            ),
            casts.banner(opening.viewer, say),
            emergency.banner(opening.viewer, say),
            tracking.banner(say),
            *(ring(opening.kiosk, opening.stops, say) if opening.kiosk else ()),
            _stores(opening, filterbar.filter_trees(words, lang=lang, say=say)),
        ],
        className="page page--wall" + (" page--kiosk" if opening.kiosk else ""),
        lang="zh-CN" if lang == "zh" else "en",
        **{
            "data-theme": opening.view.theme,
            "data-version": opening.version,
            "data-at": opening.now["now"],
            "data-seat": opening.seat,
            "data-topic": opening.topic.word.code if opening.topic else "",
            "data-base": json.dumps(dict(opening.topic.shown) if opening.topic else {}),
            "data-chosen": say("window.chosen"),
            "data-narrowed": say("narrowed"),
            "data-many": say("scope.many", n="{n}"),
            **{name: say(key) for name, key in RECOVERY.items()},
        },
    )


def _loading(key: str, *, name: str) -> Markup:
    """A place that keeps its last content while the next is on its way."""
    return Markup(id=key, className=name)


def _graph(key: str, label: str) -> html.Div:
    """A plotly chart whose bars filter; the same figures stand in the table.

    The graph itself hangs there once the map stands: its library keeps the page as busy as the map does.
    """
    return html.Div(
        id=ids.hook(key),
        className="chart__scroll",
        role="group",
        tabIndex=0,
        **{"aria-label": label},
    )


def _ready_graph(key: str) -> dict[str, Any]:
    graph = dcc.Graph(id=ids.graph(key), config={"displayModeBar": False}, className="chart")
    return dict(graph.to_plotly_json())


def _left(say: Say) -> html.Aside:
    return html.Aside(
        [
            _turned(ids.EMERGENCY_TASKS),
            panel(
                say("kpi.title"),
                Markup(id=ids.KPIS, className="tiles"),
                hint=[*_window(say), " · ", _words("scope")],
                key="kpis",
            ),
            panel(
                say("channels.title"),
                _loading(ids.CHANNELS, name="bars"),
                hint=_window(say),
                grow=True,
                key="channels",
            ),
            panel(
                say("categories.title"),
                _graph(ids.CATEGORIES, say("chart.categories")),
                hint=_window(say),
                grow=True,
                key="categories",
            ),
            panel(
                say("streets.title"),
                _graph(ids.STREETS, say("chart.streets")),
                hint=[_words("window"), _words("narrowed"), " · ", say("streets.hint")],
                grow=True,
                key="streets",
            ),
        ],
        className="side side--left",
        **{"aria-label": say("kpi.title")},
    )


def _turned(key: str) -> Markup:
    """A panel of the emergency layout; it takes the place of the others (assets/29-emergency.css)."""
    return Markup(tag="section", id=key, className="panel panel--emergency")


def _window(say: Say) -> list[Any]:
    """Which cases a panel counts: window of their report, whether narrowed; the browser writes both."""
    return [_words("window", text=say("window.reported", window="{window}")), _words("narrowed")]


def _words(key: str, *, text: str = "") -> html.Span:
    """A place for words about the filter; ``text`` frames them, ``{window}`` is where they stand."""
    return html.Span(className="hint", **{"data-words": key}, **({"data-text": text} if text else {}))


def _middle(opening: Opening, words: Vocabulary, say: Say, absent: Collection[str]) -> html.Div:
    lang, topic = opening.view.lang, opening.topic
    return html.Div(
        [
            html.Div(
                [
                    filterbar.filter_bar(say, list(words.topics.values()), topic.word.code if topic else "",
                                         lang),
                    Markup(tag="nav", id=ids.CRUMBS, className="crumbs",
                           **{"aria-label": say("level.district")}),
                ],
                className="middle__top",
            ),
            maptools.tools(lang=lang, say=say, absent=absent, grids=opening.grids,
                           acts=[publish.tool(opening.viewer, say), casts.tool(opening.viewer, say)]),
            html.Div(
                Markup(id=ids.TABLE_BODY, className="table__body"),
                className="table panel",
                hidden=True,
                role="region",
                **{"aria-label": say("table.title"), "data-table-panel": "1"},
            ),
            maptools.legend(lang=lang, say=say),
            publish.panel(opening.viewer),
        ],
        className="middle",
    )


def _right(say: Say) -> html.Aside:
    return html.Aside(
        [
            _turned(ids.EMERGENCY_FORCES),
            Markup(tag="section", id=ids.ALERTS, className="panel alerts", **{"data-panel": "alerts"}),
            html.Section(
                [
                    html.H2(say("side"), className="unseen"),
                    Markup(id=ids.SIDE, className="card", **{"aria-live": "polite"}),
                ],
                className="panel panel--grow panel--card",
                id="wall-side-panel",
                tabIndex=-1,
            ),
            panel(
                say("forces.title"),
                Markup(id=ids.FORCES, className="tiles"),
                hint=[_words("place"), " · ", say("forces.hint")],
                key="forces",
            ),
        ],
        className="side side--right",
        **{"aria-label": say("side")},
    )


def _stores(opening: Opening, trees: Mapping[str, Any]) -> html.Div:
    held = {
        ids.FILTER: opening.filter_.to_store(),
        ids.VIEW: opening.view.to_store(),
        ids.CONTEXT: opening.context,
        ids.SELECTION: opening.selection,
        ids.HOVER: None,
        ids.NOW: opening.now,
        ids.DATA_VERSION: opening.version,
        ids.CHARTED: None,
        ids.MOVED: None,
        ids.MAP_CAMERA: opening.view.camera,
        ids.TREES: trees,
        ids.QUERY: None,
        ids.TABLE: None,
        ids.PRESSING: None,
        ids.PHOTOS: None,
        ids.ACTED: None,
        ids.ALERTED: None,
        ids.PUBLISHING: None,
        ids.EMERGENCY: None,
        ids.EMERGENCY_GROUND: None,
        ids.WHISTLED: None,
        ids.URL: None,
        ids.SYNC: None,
        ids.HISTOGRAM: None,
        ids.HISTOGRAM_SINK: None,
        ids.MAP_SCOPE: {name: opening.view.to_store()[name] for name in DRAWN_BY},
        ids.LEGEND_SINK: None,
        ids.MAP_PIN: None,
        ids.MAP_DRAWN: None,
        ids.UNIT: None,
        **{part(chart): None for chart in CHARTS for part in (ids.figure, ids.click)},
        **{ids.ready_graph(chart): _ready_graph(chart) for chart in CHARTS},
    }
    stores = [dcc.Store(id=key, data=value) for key, value in held.items()]
    stores += [dcc.Store(id=ids.layer_spec(key), data=opening.specs.get(key)) for key in KEYS]
    return html.Div(stores, hidden=True)
