"""The page itself: layout from the address, breadcrumbs, time line, state writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from dash import ClientsideFunction, Dash, Input, Output
from flask import has_request_context, request

from callbacks import moment, seats
from callbacks.alerts import marks, told, tongue_of
from callbacks.columns import Answers
from callbacks.desk import Desk, base_area, opening_filter
from callbacks.map_specs import Question, specs_of
from callbacks.moment import span_of
from callbacks.tiles import raster_spec
from callbacks.whistle_marks import marks as whistle_marks
from dashboard import ids
from dashboard.components.crumbs import crumbs
from dashboard.components.header import PAGES
from dashboard.components.seats import centre
from dashboard.kiosk import Kiosk, Stop, stops_of
from dashboard.kiosk import from_query as kiosk_from_query
from dashboard.pages import wall
from dashboard.texts import speaker
from dashboard.view import View, from_query, from_store, selection_from_query, selection_from_store
from data.filters import FilterError
from data.filters import from_store as filter_from_store
from data.vocabulary import Topic, Vocabulary
from layers.keys import KEYS

BINS = 96

#: Up to the next whole second, which is how moments are told.
_ALMOST: Final = timedelta(microseconds=999_999)


def address_of_request() -> dict[str, str]:
    """The arguments of the page that asks; the layout request names it as its referrer."""
    if not has_request_context():
        return {}
    return dict(parse_qsl(urlsplit(request.headers.get("Referer", "")).query))


def opening(query: dict[str, str], desk: Desk) -> wall.Opening:
    """The first picture for an address; one that cannot be understood opens the default and says why."""
    now = desk.now()
    presets = desk.presets(now)
    fault = seats.fault() or moment.fault()
    try:
        topic = topic_of(query, desk.words())
        query = {**as_query(topic), **query}
        view = from_query({"lang": desk.lang, **query})
        filter_, context = opening_filter(query, view, presets)
        selection = selection_from_query(query)
        kiosk = kiosk_from_query(query)
    except FilterError as error:
        fault, view, selection, kiosk = str(error), View(lang=desk.lang), None, None
        topic = None
        filter_, context = opening_filter({}, view, presets)
    return wall.Opening(
        view=view,
        filter_=filter_,
        context=context,
        selection=selection,
        fault=fault,
        now=now_store(desk),
        district=desk.district_name(view.lang),
        synthetic=desk.synthetic.get(view.lang, "") if desk.synthetic else "",
        version=desk.version(),
        grids=desk.readers.areas.grid_kinds(),
        viewer=desk.viewer(),
        centre=centre(desk.viewer().scope, desk.words(), view.lang, whole=desk.product(view.lang)),
        seat=seats.taken(),
        topic=topic,
        kiosk=kiosk,
        stops=stops(kiosk, view, desk) if kiosk else (),
    )


def topic_of(query: Mapping[str, str], words: Vocabulary) -> Topic | None:
    """The theme that an address names.

    Raises:
        FilterError: there is no such theme.
    """
    code = query.get("topic")
    if not code:
        return None
    if code not in words.topics:
        raise FilterError(f"topic must be one of {', '.join(words.topics)}; got {code[:60]!r}")
    return words.topics[code]


def as_query(topic: Topic | None) -> dict[str, str]:
    """What a theme shows, as an address says it; what the address says itself goes before it."""
    if topic is None:
        return {}
    known = [key for key in topic.layers if key in KEYS]
    return {**{name: ",".join(codes) for name, codes in topic.shown.items()},
            **({"layers": ",".join(known)} if known else {})}


def stops(kiosk: Kiosk, view: View, desk: Desk) -> list[Stop]:
    """What a display shows in turn: its pages, and of this one the areas of its tour."""
    say, areas = speaker(view.lang), desk.readers.areas
    path = areas.path(base_area(view.area))
    below = areas.children(path[-1]["area_code"] if path else None) if kiosk.tour == "areas" else []
    pages = desk.viewer().pages or {"/"}
    known = [(page.path, say(page.key)) for page in PAGES if page.path in pages]
    whole = path[-1]["name"] if view.area and path else desk.district_name(view.lang)
    return stops_of(below, whole=whole, here="/", pages=known)


def drawn(first: wall.Opening, desk: Desk) -> wall.Opening:
    """The opening with the spec of every layer, so that the map starts with the page."""
    question = Question(filter_=first.filter_, view=first.view, now=desk.now(), readers=desk.readers,
                        told=told(desk))
    raster = raster_spec(desk.tiles, first.view.lang)
    alerted = marks(desk, tongue_of(desk, first.view.lang), first.view.theme)
    called = whistle_marks(desk, first.view.lang, first.view.theme)
    return replace(first, specs={"raster": raster, "alerts": alerted, "whistles": called,
                                 **specs_of(question)})


def first_data(first: wall.Opening) -> list[str]:
    """Addresses of the data that the first picture needs wherever the camera stands and nothing is open."""
    shown = [first.specs[key] for key in KEYS if first.view.layers.get(key) and first.specs.get(key)]
    asked = [piece.get("data") for spec in shown for piece in spec["layer"] or []]
    plain = [data for data in asked if isinstance(data, dict)
             and not (data.get("@@view") or data.get("@@point"))]
    found = (data.get("@@columns") or data.get("@@geojson") for data in plain)
    return list(dict.fromkeys(address for address in found if address))


def rehearse(*, desk: Desk, answers: Answers) -> None:
    """Make once all that the first page needs, so that nobody waits for shapes; ask as a viewer who may."""
    for address in first_data(drawn(opening({}, desk), desk)):
        answers.rehearse(address)
    desk.readers.areas.network()  # the first card that asks for forces


def now_store(desk: Desk) -> dict[str, Any]:
    """Content of `ids.NOW`; ``first``: the earliest moment that can be shown, None without cases."""
    now = desk.now()
    starts = span_of(desk.everything, desk.viewer)()
    first = None if starts[0] is None else max(one for one in starts if one is not None) + _ALMOST
    return {
        "now": now.astimezone(desk.zone).isoformat(),
        "first": None if first is None else first.replace(microsecond=0).astimezone(desk.zone).isoformat(),
        "time_zone": str(desk.zone),
        "presets": {
            key: [since.isoformat(), until.isoformat()] for key, (since, until) in desk.presets(now).items()
        },
    }


def histogram(stored: Any, context: Any, *, desk: Desk) -> dict[str, Any]:
    """The bars of the time line: the filter without its window, over the whole span."""
    filter_ = filter_from_store(stored)
    span = filter_from_store(
        {"since": (context or {}).get("since"), "until": (context or {}).get("until")}
        if isinstance(context, dict)
        else context
    )
    found = desk.readers.cases.histogram(filter_.with_(since=span.since, until=span.until), bins=BINS)
    return {
        "counts": [int(count) for count in found["reported"]],
        "step_s": (span.until - span.since).total_seconds() / max(1, len(found)),
        "since": span.since.astimezone(desk.zone).isoformat(),
        "until": span.until.astimezone(desk.zone).isoformat(),
    }


def register(app: Dash, *, desk: Desk) -> None:
    """Layout and the callbacks of the page's frame."""
    app.layout = lambda: wall.layout(drawn(opening(address_of_request(), desk), desk), desk.words())

    @app.callback(
        output={"crumbs": Output(ids.CRUMBS, "tree")},
        inputs={"view": Input(ids.VIEW, "data"), "selection": Input(ids.SELECTION, "data")},
    )
    def show_crumbs(view: Any, selection: Any) -> dict[str, Any]:
        looked_at = from_store(view)
        path = [dict(step) for step in desk.readers.areas.path(looked_at.area)]
        if path and path[0]["level"] == "district":
            path[0]["name"] = desk.district_name(looked_at.lang) or path[0]["name"]
        return {"crumbs": crumbs(path, selection_from_store(selection), speaker(looked_at.lang))}

    @app.callback(
        output={"bars": Output(ids.HISTOGRAM, "data")},
        inputs={
            "stored": Input(ids.FILTER, "data"),
            "context": Input(ids.CONTEXT, "data"),
            "_charted": Input(ids.CHARTED, "data"),
        },
    )
    def show_histogram(stored: Any, context: Any, _charted: Any) -> dict[str, Any]:
        return {"bars": histogram(stored, context, desk=desk)}

    _register_browser(app)


def _register_browser(app: Dash) -> None:
    """The parts of the frame that the browser does alone."""
    app.clientside_callback(
        ClientsideFunction("shell", "sync"),
        Output(ids.SYNC, "data"),
        *(
            Input(key, "data")
            for key in (ids.FILTER, ids.VIEW, ids.SELECTION, ids.CONTEXT, ids.NOW, ids.MAP_CAMERA)
        ),
    )
    app.clientside_callback(ClientsideFunction("trees", "plant"), Input(ids.TREES, "data"))
    app.clientside_callback(
        ClientsideFunction("timeline", "show"),
        Output(ids.HISTOGRAM_SINK, "data"),
        Input(ids.HISTOGRAM, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("legend", "show"),
        Output(ids.LEGEND_SINK, "data"),
        [Input(ids.layer_spec(key), "data") for key in KEYS],
        Input(ids.VIEW, "data"),
    )
