"""GET /analytics (研判分析): indicators of a period, and units set fairly beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import Dash
from flask import Response, request

from callbacks import analytics_blocks as blocks
from callbacks.analytics_address import (
    CASES,
    FIGURES,
    LINEAGE,
    PATH,
    Look,
    read_look,
)
from callbacks.analytics_figures import shown_for
from callbacks.analytics_frame import framed
from callbacks.analytics_since import since_bulletin
from callbacks.analytics_units import drawn_map, question, unit_rows, units_of
from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from dashboard.figures import said
from dashboard.figures.values import change, shown
from dashboard.format import number
from dashboard.texts import Say, speaker
from data.access.roles import Permission
from data.analytics.measures import league, overview
from data.analytics.periods import before, last_day
from data.analytics.surveys import listing, summed
from data.cases.indicators import INDICATORS, rates
from data.cases.rules import COUNTERS
from data.engine import STORE_FAULTS

#: Units at once, unless all are asked for.
MAX_UNITS: Final = 60
#: Seconds after which a wall display asks anew; a person's page stays as it was read.
AGAIN_S: Final = 300


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(PATH)
    def analytics_page() -> Response:
        return page(read_look(request.args, desk, lang_of_request()), desk,
                    whole=request.args.get("all") == "1")


def page(look: Look, desk: Desk, *, whole: bool) -> Response:
    """The page of a look; ``whole``: with every unit, however many."""
    say, lang = speaker(look.lang), look.lang
    asked = question(look, desk)
    counted, found = overview(asked, needed()), league(asked, look.by, look.indicator)
    rows = found.rows
    units = units_of(look, desk, rows["code"])
    return answer(
        "analytics.html", **framed(look, desk, say), again_s=AGAIN_S if desk.viewer().is_screen else 0,
        blocks=blocks.blocks(counted, look, desk.weights(last_day(look.period)), say, awareness(look, desk)),
        sentence=said.sentence(counted, found, units.name, say), since=since_bulletin(look, desk, say),
        indicators=indicator_rows(counted, look, say),
        units=unit_rows(found, rows if whole else rows.head(MAX_UNITS), units, look, say), total=len(rows),
        overall=shown(found.comparison.overall, look.indicator, say) if found.comparison else "",
        verdict=said.verdict(found, units.name, say), compared=found.comparison is not None,
        drawn=drawn_map(found, units, look, desk, say),
        figures=[(key, look.address(FIGURES, figure=key, lang=lang))
                 for key in shown_for(look.by, look.indicator)],
        files={key: look.file(key) for key in ("units", "indicators")} if may_take(desk) else {},
        number=number)


def awareness(look: Look, desk: Desk) -> blocks.Aware:
    """What surveys say of who knows of the service, in the period and in the one before; None: unknown."""
    try:
        held = listing(desk.everything.store, desk.viewer().scope)
    except STORE_FAULTS:
        return None, None
    areas = sorted(look.filter_.areas)
    now, earlier = (summed(held, "awareness", first=one.first, after=one.after, areas=areas)
                    for one in (look.period, before(look.period)))
    return now, earlier


def may_take(desk: Desk) -> bool:
    """The viewer may take tables away as files."""
    return desk.viewer().may(Permission.EXPORT)


def needed() -> tuple[str, ...]:
    """The counters that the page shows."""
    names = {name for one in INDICATORS for name in (one.numerator, one.denominator)}
    names |= {name for counters, _ in blocks.BLOCKS.values() for name in counters}
    return tuple(name for name in COUNTERS if name in names)


def indicator_rows(counted: Mapping[str, Any], look: Look, say: Say) -> list[dict[str, Any]]:
    """Every indicator over the three windows."""
    now, earlier, year = (rates(counted[window]) for window in ("this", "before", "year_before"))
    counts = counted["this"]
    return [{
        "key": one.key, "name": one.zh if look.lang == "zh" else one.en,
        "definition": one.definition_zh if look.lang == "zh" else one.definition_en,
        "chosen": one.key == look.indicator.key, "choose": look.address(indicator=one.key),
        "lineage": look.address(LINEAGE, indicator=one.key),
        "value": shown(now[one.key], one, say), "part": getattr(counts, one.numerator),
        "whole": getattr(counts, one.denominator), "is_share": one.unit == "share",
        "part_to": look.address(CASES, of=one.numerator),
        "whole_to": look.address(CASES, of=one.denominator),
        "before": shown(earlier[one.key], one, say),
        "change": change(now[one.key], earlier[one.key], one),
        "year_before": shown(year[one.key], one, say),
        "year_change": change(now[one.key], year[one.key], one),
    } for one in INDICATORS]


def of_counter(name: str) -> str:
    """A counter that the address names, checked.

    Raises:
        ValueError: there is none.
    """
    if name not in COUNTERS:
        raise ValueError(f"of must be one of {', '.join(COUNTERS)}; got {name[:40]!r}")
    return name
