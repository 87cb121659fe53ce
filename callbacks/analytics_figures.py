"""GET /analytics/figures: one chart of the analytics page, as the JSON that the browser draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dash import Dash
from flask import Response, request
from plotly.utils import PlotlyJSONEncoder

from callbacks.analytics_address import CAUSES, FIGURES, Look, asked_for
from callbacks.analytics_frame import notes_of
from callbacks.analytics_names import names_of
from callbacks.analytics_units import Units, question, units_of
from callbacks.desk import Desk
from callbacks.documents import lang_of_request
from callbacks.refusals import refuse
from dashboard.figures.periods import short_name
from dashboard.figures.plots import (
    funnel_figure,
    matrix_figure,
    mix_figure,
    pareto_figure,
    times_figure,
    trend_figure,
)
from dashboard.texts import speaker
from data.analytics.causes import pareto, tags_over
from data.analytics.fair import FEWEST
from data.analytics.measures import league, mix_over, trend
from data.analytics.periods import read_period, run_of
from data.cases.indicators import Indicator
from data.cases.rules import WALL
from data.filters import FilterError

#: Periods of a trend.
PERIODS: Final = 12
#: Units whose handling time is drawn.
_SLOWEST: Final = 12
#: Bars of a Pareto chart, and periods of cause tags, which are counted in the store.
_BARS: Final = 24
_TAG_PERIODS: Final = 6
#: Levels at which cases are closed, the lowest first.
_LEVELS: Final = ("grid", "community", "street", "district")
_FEWER_OF: Final = {"month": 4, "quarter": 2, "year": 1}


def register(app: Dash, *, desk: Desk) -> None:
    """Add the route."""

    @app.server.get(FIGURES)
    def analytics_figure() -> Response:
        try:
            key, look = asked_for("figure", MADE, request.args, desk, lang_of_request())
        except FilterError as error:
            return refuse(400, str(error))
        return Response(PlotlyJSONEncoder().encode(MADE[key](look, desk)), mimetype="application/json")


def shown_for(by: str, indicator: Indicator) -> list[str]:
    """The charts that there are of a dimension and an indicator."""
    return [key for key in OF_UNITS if not (key == "funnel" and indicator.unit != "share")
            and not (key == "times" and by == "channel_group")]


def funnel_of(look: Look, desk: Desk) -> dict[str, Any]:
    """The funnel of the units."""
    found = league(question(look, desk), look.by, look.indicator)
    units = units_of(look, desk, found.rows["code"])
    if found.comparison is None:
        return {"data": [], "layout": {}}
    return funnel_figure(found.comparison, look.indicator, units.name, units.address, speaker(look.lang))


def trend_of(look: Look, desk: Desk) -> dict[str, Any]:
    """The indicator over periods."""
    say, count = speaker(look.lang), periods_held(look, desk)
    found = trend(question(look, desk), look.indicator, count)
    notes = notes_of(run_of(look.period, count), desk) or {}
    said = {code: [f"{note.day:%m-%d} {note.text}" for note in held] for code, held in notes.items()}
    return trend_figure(found, look.indicator, _label(look, desk), lambda code: look.address(period=code),
                        say, notes=said)


def times_of(look: Look, desk: Desk) -> dict[str, Any]:
    """The slowest units."""
    asked = question(look, desk)
    found = asked.cases.durations_by(look.by, look.filter_, asked.now)
    found = found[(found["code"] != "") & (found["timed"] >= FEWEST)].nlargest(_SLOWEST, "p90_h")
    units: Units = units_of(look, desk, found["code"])
    return times_figure(found, units.name, units.address, speaker(look.lang))


def _mix(dimension: str, counter: str) -> Callable[[Look, Desk], dict[str, Any]]:
    def made(look: Look, desk: Desk) -> dict[str, Any]:
        found = mix_over(question(look, desk), dimension, counter, periods_held(look, desk))
        return mix_figure(found, names_of(dimension, desk, look.lang), _label(look, desk), speaker(look.lang))

    return made


def platforms_of(look: Look, desk: Desk) -> dict[str, Any]:
    """Reports by the sub-platform (分平台) of their channel over periods."""
    words, say = desk.words(), speaker(look.lang)
    found = mix_over(question(look, desk), "channel", "reported", periods_held(look, desk))
    wide = found.T.groupby(lambda code: words.platforms.get(code, "")).sum().T
    return mix_figure(wide, lambda code: words.label("sub_platform", code, look.lang)
                      if code else say("analytics.platforms.none"), _label(look, desk), say)


def matrix_of(look: Look, desk: Desk) -> dict[str, Any]:
    """Closed cases by group of channels and level of closure (线上渠道 × 线下四级)."""
    found = desk.readers.cases.crossed(("channel_group", "level_closed"), look.filter_, desk.now(),
                                       ("closed",))
    wide = found.pivot_table(index="channel_group", columns="level_closed", values="closed", fill_value=0,
                             aggfunc="sum")
    wide = wide[[level for level in _LEVELS if level in wide]]
    return matrix_figure(wide, names_of("channel_group", desk, look.lang),
                         names_of("level_closed", desk, look.lang), speaker(look.lang))


def _pareto(dimension: str, key: str) -> Callable[[Look, Desk], dict[str, Any]]:
    def made(look: Look, desk: Desk) -> dict[str, Any]:
        counts = desk.readers.cases.counts_by(dimension, look.filter_, desk.now(), WALL)
        found = pareto(counts[counts["code"] != ""]).head(_BARS)
        return pareto_figure(found, names_of(dimension, desk, look.lang),
                             lambda code: look.address(CAUSES, **{key: code}), speaker(look.lang))

    return made


def tags_of(look: Look, desk: Desk) -> dict[str, Any]:
    """Cause tags over periods."""
    found = tags_over(desk.readers.cases, look.filter_, desk.now(),
                      run_of(look.period, min(_FEWER_OF.get(look.period.kind, _TAG_PERIODS),
                                              periods_held(look, desk))))
    words = desk.words()
    return mix_figure(found, lambda code: words.label("cause_tag", code, look.lang), _label(look, desk),
                      speaker(look.lang))


#: Charts of the page of units, and how each is made.
OF_UNITS: Final[dict[str, Callable[[Look, Desk], dict[str, Any]]]] = {
    "funnel": funnel_of, "trend": trend_of, "times": times_of,
    "channels": _mix("channel_group", "reported"), "platforms": platforms_of,
    "levels": _mix("level_closed", "closed"), "matrix": matrix_of,
}
#: All charts.
MADE: Final[dict[str, Callable[[Look, Desk], dict[str, Any]]]] = {
    **OF_UNITS, "pareto_class": _pareto("category_class", "categories"),
    "pareto_place": _pareto("community", "areas"), "tags": tags_of,
}


def _label(look: Look, desk: Desk) -> Callable[[str], str]:
    say = speaker(look.lang)
    return lambda code: short_name(read_period(code, desk.zone), say)


def periods_held(look: Look, desk: Desk) -> int:
    """How many periods a trend has: back to the first case, 2 to `PERIODS`."""
    first = desk.words().first_reported
    found = run_of(look.period, PERIODS)
    return max(2, sum(period.until > first for period in found) if first else 2)
