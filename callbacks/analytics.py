"""GET /analytics (研判分析): indicators of a period, units set fairly beside each other, trends."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
from dash import Dash
from flask import Response, request
from plotly.utils import PlotlyJSONEncoder

from callbacks import analytics_blocks as blocks
from callbacks.analytics_address import CASES, LINEAGE, PATH, Look, days_of, dimensions, read_look
from callbacks.analytics_names import names_of, period_name, short_name
from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from dashboard.figures.area_map import AreaMap, area_map
from dashboard.figures.plots import funnel_figure, mix_figure, times_figure, trend_figure
from dashboard.figures.values import change, shown
from dashboard.format import missing, moment, number
from dashboard.texts import Say, speaker
from data.analytics.fair import FEWEST
from data.analytics.measures import League, Question, league, mix_over, overview, trend
from data.analytics.periods import KINDS, before, period_of, read_period, run_of
from data.cases.indicators import INDICATORS, rates
from data.cases.rules import COUNTERS

#: Units at once, unless all are asked for.
MAX_UNITS: Final = 60
#: Periods of a trend.
PERIODS: Final = 12
#: Dimensions that have a ground to draw.
_ON_MAP: Final = frozenset({"street", "community", "grid"})
#: Dimensions whose names fit on the axis of a chart.
_FEW: Final = 40
#: Units whose handling time is drawn.
_SLOWEST: Final = 12


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(PATH)
    def analytics_page() -> Response:
        return page(read_look(request.args, desk, lang_of_request()), desk,
                    whole=request.args.get("all") == "1")


def page(look: Look, desk: Desk, *, whole: bool) -> Response:
    """The page of a look; ``whole``: with every unit, however many."""
    say, now, lang = speaker(look.lang), desk.now(), look.lang
    asked = question(look, desk)
    counted, found = overview(asked), league(asked, look.by, look.indicator)
    name = names_of(look.by, desk, lang, found.rows["code"])
    rows, groups = found.rows, channel_groups(desk)
    unit_of: Callable[[str], str] = lambda code: look.unit(code, groups)  # noqa: E731
    seen = rows if whole else rows.head(MAX_UNITS)
    return answer(
        "analytics.html", here=PATH, look=look, fault=look.fault, period=period_name(look.period, say),
        span=days_of(look.period, now), is_over=look.period.is_over(now),
        as_of=moment(now, desk.zone, year=True), synthetic=desk.synthetic.get(lang, ""),
        controls=controls(look, desk, say), blocks=blocks.blocks(counted, look, say),
        sentence=blocks.sentence(counted, found, name, say),
        indicators=indicator_rows(counted, look, say),
        units=unit_rows(found, seen, name, look, unit_of, say), total=len(rows),
        overall=shown(found.comparison.overall, look.indicator, say) if found.comparison else "",
        verdict=blocks.verdict(found, name, say), compared=found.comparison is not None,
        drawn=drawn_map(found, name, look, unit_of, desk, say),
        figures=figures(asked, found, name, look, unit_of, desk, say),
        cases_path=CASES, lineage_path=LINEAGE, number=number)


def question(look: Look, desk: Desk) -> Question:
    """What the look asks of the viewer's cases."""
    return Question(cases=desk.readers.cases, filter_=look.filter_, period=look.period, now=desk.now())


def channel_groups(desk: Desk) -> dict[str, list[str]]:
    """Group of channels -> its channels."""
    found: dict[str, list[str]] = {}
    for code, word in desk.words().channels.items():
        found.setdefault(word.parent, []).append(code)
    return found


def controls(look: Look, desk: Desk, say: Say) -> dict[str, Any]:
    """What can be chosen, each with its address."""
    period, now = look.period, desk.now()
    later = period_of(period.kind, period.after, period.zone)
    filter_ = look.filter_.to_store()
    narrowed = [(say(f"analytics.set.{name}"), names_of(name, desk, look.lang)(code),
                 look.address(**{name: ",".join(one for one in codes if one != code)}))
                for name, codes in filter_.items() if isinstance(codes, list) for code in codes]
    return {
        "earlier": look.address(period=before(period).code),
        "later": look.address(period=later.code) if later.since <= now else "",
        "kinds": [(say(f"analytics.kind.{kind}"), kind == period.kind, look.address(
            period=period_of(kind, min(period.until, now).astimezone(period.zone).date()
                             if not period.is_over(now) else period.first, period.zone).code))
                  for kind in KINDS],
        "by": [(say(f"analytics.by.{name}"), name == look.by, look.address(by=name))
               for name in dimensions(desk)],
        "indicators": [(one.key, one.zh if look.lang == "zh" else one.en, one.key == look.indicator.key)
                       for one in INDICATORS],
        "narrowed": narrowed, "wall": look.wall(),
    }


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


def unit_rows(found: League, rows: Any, name: Callable[[str], str], look: Look,
              unit_of: Callable[[str], str], say: Say) -> list[dict[str, Any]]:
    """Units as lines: rank with its interval, rates, and what may be said of them."""
    one, compared = look.indicator, found.comparison is not None
    ends = rows[["fair_low", "fair_high"]].to_numpy(float) if compared else np.zeros((0, 2))
    start, end = (np.nanmin(ends), np.nanmax(ends)) if np.isfinite(ends).any() else (0.0, 1.0)

    def place(value: Any) -> float | None:
        """Where a rate stands on the little scale from the lowest to the highest end, 0..100."""
        if missing(value):
            return None
        return round(float(np.clip(100 * (float(value) - start) / max(end - start, 1e-9), 0, 100)), 1)

    lines = []
    for row in rows.to_dict("records"):
        line = {"name": name(row["code"]), "to": unit_of(row["code"]), "part": row["part"],
                "whole": row["whole"], "rate": shown(row["rate"], one, say),
                "cases": look.address(CASES, of=one.denominator, unit=row["code"]),
                "change": change(row["rate"], row["before"], one), "few": False}
        if compared:
            flag = _turned(row["flag"], less_is_better=one.less_is_better)
            line |= {
                "rank": "" if missing(row["rank"]) else f"{row['rank']:.0f}",
                "ranks": "" if missing(row["rank"]) else f"{row['rank_low']:.0f}–{row['rank_high']:.0f}",
                "adjusted": shown(row["adjusted"], one, say), "fair": shown(row["fair"], one, say),
                "band": f"{shown(row['fair_low'], one, say)} – {shown(row['fair_high'], one, say)}",
                "low": place(row["fair_low"]), "high": place(row["fair_high"]), "dot": place(row["fair"]),
                "raw": place(row["rate"]), "flag": flag, "word": say(f"analytics.flag.{flag or 'none'}"),
                "like_above": bool(row["like_above"]), "few": missing(row["rank"])}
        lines.append(line)
    return lines


def _turned(flag: str, *, less_is_better: bool) -> str:
    """A flag by what is better: ``high`` is good."""
    if not less_is_better or not flag:
        return flag
    return flag.replace("high", "x").replace("low", "high").replace("x", "low")


def drawn_map(found: League, name: Callable[[str], str], look: Look, unit_of: Callable[[str], str],
              desk: Desk, say: Say) -> dict[str, Any] | None:
    """The areas by their rate at the mix of the whole; None where units have no ground."""
    if look.by not in _ON_MAP:
        return None
    column = "adjusted" if found.comparison is not None else "rate"
    values = dict(zip(found.rows["code"], found.rows[column], strict=True))
    areas = desk.readers.areas.geometry(look.by)
    within = look.filter_.areas
    if within:
        areas = areas[areas["area_code"].str.startswith(tuple(within))]
    drawing: AreaMap = area_map(areas, values)
    shapes = [{"path": shape.path, "step": shape.step, "x": shape.x, "y": shape.y, "to": unit_of(shape.code),
               "name": name(shape.code).removesuffix("街道").removesuffix("社区"),
               "title": f"{name(shape.code)} {shown(values.get(shape.code), look.indicator, say)}"}
              for shape in drawing.shapes]
    breaks = drawing.breaks
    legend = [f"{shown(low, look.indicator, say)} – {shown(high, look.indicator, say)}"
              for low, high in pairwise(breaks)] or [
                  shown(edge, look.indicator, say) for edge in breaks]
    return {"shapes": shapes, "height": drawing.height, "legend": legend, "named": len(shapes) <= _FEW,
            "bare": any(shape["step"] is None for shape in shapes)}


def figures(asked: Question, found: League, name: Callable[[str], str], look: Look,
            unit_of: Callable[[str], str], desk: Desk, say: Say) -> dict[str, str]:
    """The charts as JSON for the browser."""
    def label(code: str) -> str:
        return short_name(read_period(code, desk.zone), say)

    count = periods_held(look, desk)
    made: dict[str, Any] = {
        "trend": trend_figure(trend(asked, look.indicator, count), look.indicator, label,
                              lambda code: look.address(period=code), say),
        "channels": mix_figure(mix_over(asked, "channel_group", "reported", count),
                               names_of("channel_group", desk, look.lang), label, say),
        "levels": mix_figure(mix_over(asked, "level_closed", "closed", count),
                             names_of("level_closed", desk, look.lang), label, say),
    }
    if found.comparison is not None:
        made["funnel"] = funnel_figure(found.comparison, look.indicator, name, unit_of, say)
    if look.by != "channel_group":
        times = asked.cases.durations_by(look.by, look.filter_, asked.now)
        times = times[(times["code"] != "") & (times["timed"] >= FEWEST)].nlargest(_SLOWEST, "p90_h")
        made["times"] = times_figure(times, name, unit_of, say)
    return {key: json.dumps(figure, cls=PlotlyJSONEncoder) for key, figure in made.items()}


def periods_held(look: Look, desk: Desk) -> int:
    """How many periods a trend has: back to the first case, 2 to `PERIODS`."""
    first = desk.words().first_reported
    found = run_of(look.period, PERIODS)
    return max(2, sum(period.until > first for period in found) if first else 2)


def of_counter(name: str) -> str:
    """A counter that the address names, checked.

    Raises:
        ValueError: there is none.
    """
    if name not in COUNTERS:
        raise ValueError(f"of must be one of {', '.join(COUNTERS)}; got {name[:40]!r}")
    return name
