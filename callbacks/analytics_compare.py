"""GET /analytics/compare (并排比较): two periods or areas side by side, every indicator, what is chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from dash import Dash
from flask import Response, request

from callbacks.analytics import may_take
from callbacks.analytics_address import CASES, COMPARE, LINEAGE, Look, days_of, read_look
from callbacks.analytics_frame import framed, notes_of
from callbacks.analytics_names import names_of
from callbacks.analytics_units import question
from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from dashboard.figures.periods import period_name
from dashboard.figures.values import change, counted_change, shown
from dashboard.format import number
from dashboard.texts import Say, speaker
from data.analytics.changes import count_changed, share_changed
from data.analytics.periods import Period, PeriodError, read_period, run_of, year_before
from data.cases.counts import CaseCounts
from data.cases.indicators import INDICATORS, Indicator, rates
from data.filters import FilterError

#: Counters above the indicators.
COUNTED: Final = ("reported", "accepted", "handled", "closed", "overdue", "public")
#: Periods offered for the other side.
_OFFERED: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two.

    Attributes:
        look: its period and its cases.
        counts: of its cases, at the same age as those of the other side.
    """

    look: Look
    counts: CaseCounts


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(COMPARE)
    def compare_page() -> Response:
        return page(request.args, desk)


def page(args: Mapping[str, str], desk: Desk) -> Response:
    """The page of a look and of what it is set beside: ``with_period`` and ``with_area``."""
    lang = lang_of_request()
    look, say, now = read_look(args, desk, lang), speaker(lang), desk.now()
    (left, right), fault = asked_sides(look, args, desk)
    other = right.look
    names = names_of("areas", desk, lang)
    return answer(
        "analytics_compare.html", **framed(look, desk, say, COMPARE, fault),
        sides=[{"period": period_name(side.look.period, say), "span": days_of(side.look.period, now),
                "area": _area(side.look, names, say),
                "notes": (notes_of([side.look.period], desk) or {}).get(side.look.period.code, [])}
               for side in (left, right)],
        periods=[(one.code, period_name(one, say), one == other.period)
                 for one in _offered(look, other, desk)],
        areas=[("", say("compare.whole"), not other.filter_.areas),
               *((code, name, other.filter_.areas == {code})
                 for code, name in desk.readers.areas.children(None, "street"))],
        chosen=sorted(look.filter_.areas), counts=[_count(name, left, right, say) for name in COUNTED],
        rows=[_row(one, left, right, say) for one in INDICATORS],
        file=_file(look, other) if may_take(desk) else "",
        same=_is_same_length(left, right))


def _file(look: Look, other: Look) -> str:
    """Both sides as a file; an area left empty is the whole, one left out that of the look."""
    areas = sorted(other.filter_.areas)
    told = {"with_area": areas[0]} if len(areas) == 1 and other.filter_.areas != look.filter_.areas else {}
    whole = "&with_area=" if look.filter_.areas and not areas else ""
    return look.file("compare", with_period=other.period.code, **told) + whole


def asked_sides(look: Look, args: Mapping[str, str], desk: Desk) -> tuple[tuple[Side, Side], str]:
    """Both sides that an address names, and what of it was not understood."""
    other, fault = _other(look, args, desk)
    return (_side(look, look.period, desk), _side(other, look.period, desk)), fault


def _other(look: Look, args: Mapping[str, str], desk: Desk) -> tuple[Look, str]:
    """The other side, and what of it was not understood; at first the period of the year before, or the
    one before it where no case is that old."""
    first, faulty = desk.words().first_reported, ""
    period = year_before(look.period)
    if first is None or period.until <= first:
        period = run_of(look.period, 2)[0]
    if args.get("with_period"):
        try:
            period = read_period(args["with_period"], desk.zone)
        except PeriodError as error:
            faulty = str(error).replace("a period", "with_period", 1)
    areas = look.filter_.areas
    if "with_area" in args:
        areas = frozenset({args["with_area"]} if args["with_area"] else ())
    try:
        filter_ = look.filter_.with_(since=period.since, until=period.until, areas=areas)
    except FilterError as error:
        return replace(look, period=period), f"with_area: {error}"
    return replace(look, period=period, filter_=filter_), faulty


def _offered(look: Look, other: Look, desk: Desk) -> list[Period]:
    """Periods that the other side may show, newest first, none before the first case."""
    first = desk.words().first_reported
    found = [one for one in run_of(look.period, _OFFERED)[::-1] if first is None or one.until > first]
    found += [one for one in (year_before(look.period), other.period) if one not in found]
    return list(dict.fromkeys(found))


def _side(side: Look, period: Period, desk: Desk) -> Side:
    """The counts of a side, at the age that ``period`` has."""
    asked = replace(question(side, desk), period=period)
    return Side(look=side, counts=asked.cases.counts(asked.over(side.period), asked.age_of(side.period)))


def _area(side: Look, names: Any, say: Say) -> str:
    codes = sorted(side.filter_.areas)
    return say("analytics.and").join(names(code) for code in codes) if codes else say("compare.whole")


def _is_same_length(left: Side, right: Side) -> bool:
    """Whether both windows are as long: only then a difference of counts says something."""
    spans = [side.look.period.after - side.look.period.first for side in (left, right)]
    return abs((spans[0] - spans[1]).days) <= 3


def _count(name: str, left: Side, right: Side, say: Say) -> dict[str, Any]:
    now, earlier = (getattr(side.counts, name) for side in (left, right))
    is_sure = count_changed(now, earlier) if _is_same_length(left, right) else None
    return {"name": say(f"analytics.counter.{name}"), "left": number(now), "right": number(earlier),
            "left_to": left.look.address(CASES, of=name), "right_to": right.look.address(CASES, of=name),
            "change": counted_change(now, earlier), "turn": "none", "sure": _sure(is_sure, say)}


def _row(one: Indicator, left: Side, right: Side, say: Say) -> dict[str, Any]:
    """An indicator on both sides, and whether the difference is more than chance (shares alone)."""
    parts = [(getattr(side.counts, one.numerator), getattr(side.counts, one.denominator))
             for side in (left, right)]
    rated = [rates(side.counts)[one.key] for side in (left, right)]
    is_share = one.unit == "share" and all(part <= whole for part, whole in parts)
    turned = change(rated[0], rated[1], one, say("analytics.points"))
    is_sure = share_changed(*parts[0], *parts[1]) if is_share else None
    return {"name": one.zh if say("bulletin.lang") == "zh" else one.en,
            "left": shown(rated[0], one, say), "right": shown(rated[1], one, say),
            "left_to": left.look.address(LINEAGE, indicator=one.key),
            "right_to": right.look.address(LINEAGE, indicator=one.key), "change": turned["text"],
            "turn": turned["turn"], "sure": _sure(is_sure, say)}


def _sure(is_sure: bool | None, say: Say) -> str:
    return say({None: "compare.none", True: "compare.sure", False: "compare.chance"}[is_sure])
