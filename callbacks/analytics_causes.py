"""GET /analytics/causes (成因): the vital few, what comes again, who is weak in what, cause tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import pandas as pd
from dash import Dash
from flask import Response, request

from callbacks.analytics import may_take
from callbacks.analytics_address import CAUSES, FIGURES, Look, read_look
from callbacks.analytics_frame import framed
from callbacks.analytics_names import names_of
from callbacks.analytics_units import question
from callbacks.desk import Desk
from callbacks.documents import answer, at_seat, lang_of_request
from dashboard.figures.values import shown
from dashboard.format import missing, number, percent
from dashboard.texts import Say, speaker
from data.analytics.causes import WEAK_IN, cells, pareto, places, recurrences, weak_spots
from data.analytics.fair import OUT_Z, WATCH_Z
from data.analytics.handled import (
    LESS_IS_BETTER,
    ORDINARY,
    WAYS,
    difference,
    hours,
    ways,
)
from data.analytics.handled import NAMES as OUTCOMES
from data.cases.indicators import BY_KEY
from data.cases.rules import WALL

#: Lines of each table.
ROWS: Final = 15
#: The charts of the page, of `callbacks.analytics_figures.MADE`.
CHARTS: Final = ("pareto_class", "pareto_place", "tags")
#: Zoom of the map over one place.
_ZOOM: Final = 17


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(CAUSES)
    def causes_page() -> Response:
        return page(read_look(request.args, desk, lang_of_request()), desk)


def page(look: Look, desk: Desk) -> Response:
    """The page of a look; its dimension and indicator are not asked for."""
    say, now, lang = speaker(look.lang), desk.now(), look.lang
    cases = desk.readers.cases
    found = cells(cases, look.filter_, now)
    by_class = recurrences(found, found["category"].str[:3])
    by_community = recurrences(found, found["community"])
    weak = weak_spots(question(look, desk), "community")
    handled = ways(cases, look.filter_, now)
    names = {key: names_of(key, desk, lang) for key in ("category_class", "category", "areas")}
    return answer(
        "analytics_causes.html", **framed(look, desk, say, CAUSES),
        sentence=sentence(look, desk, by_class, say),
        weak_in=[(name, look.address(by="community", indicator=key))
                 for name, key in zip(weak_indicators(look), WEAK_IN, strict=True)],
        weak=weak_rows(weak.head(ROWS), look, names["areas"], say),
        classes=again_rows(by_class.head(ROWS), names["category_class"],
                           lambda code: look.address(CAUSES, categories=code)),
        communities=again_rows(by_community.head(ROWS), names["areas"],
                               lambda code: look.address(CAUSES, areas=code)),
        ways=way_rows(handled, hours(cases, look.filter_, now), say), outcomes=OUTCOMES,
        places=place_rows(places(found, ROWS), look, names["category"], names["areas"]),
        figures=[(key, look.address(FIGURES, figure=key, lang=lang)) for key in CHARTS],
        files={key: look.file(key) for key in ("again", "places", "weak", "ways")} if may_take(desk) else {},
        number=number)


def weak_indicators(look: Look) -> list[str]:
    """Names of the indicators in which communities are found weak."""
    return [BY_KEY[key].zh if look.lang == "zh" else BY_KEY[key].en for key in WEAK_IN]


def sentence(look: Look, desk: Desk, by_class: pd.DataFrame, say: Say) -> list[str]:
    """How few classes make most of the cases, and how much of all came again."""
    counts = desk.readers.cases.counts_by("category_class", look.filter_, desk.now(), WALL)
    found = pareto(counts[counts["code"] != ""])
    if found.empty:
        return [say("analytics.nothing")]
    vital, placed = int(found["is_vital"].sum()), int(by_class["cases"].sum())
    again, chained = int(by_class["again"].sum()), int(by_class["chained"].sum())
    return [say("causes.said.vital", n=vital, of=len(found),
                share=percent(float(found["cumulative"][vital - 1]))),
            say("causes.said.again", n=number(again), of=number(placed),
                share=percent(again / placed if placed else None), chained=number(chained))]


def again_rows(found: pd.DataFrame, name: Callable[[str], str], address: Callable[[str], str]
               ) -> list[dict[str, Any]]:
    """What came again, as lines."""
    return [{"name": name(row["code"]), "to": address(row["code"]) if row["code"] else "",
             "cases": row["cases"], "again": row["again"], "chained": row["chained"],
             "share": percent(row["again"] / row["cases"])}
            for row in found.to_dict("records")]


def way_rows(found: pd.DataFrame, took_h: Mapping[str, float], say: Say) -> list[dict[str, Any]]:
    """Ways of handling with their outcomes, each beside the ordinary way of the same subclasses."""
    def cell(way: str, part: int, whole: int, outcome: str) -> dict[str, str]:
        share = percent(part / whole if whole else None, 1)
        told = difference(found, way, outcome) if way != ORDINARY else None
        if told is None:
            return {"share": share, "change": "", "turn": "none", "band": ""}
        is_better = (told.value > 0) != (outcome in LESS_IS_BETTER)
        points = say("analytics.points")
        return {"share": share, "change": f"{100 * told.value:+.1f}{points}",
                "turn": ("better" if is_better else "worse") if told.is_sure else "none",
                "band": say("causes.ways.band", low=f"{100 * told.low:+.1f}", high=f"{100 * told.high:+.1f}",
                            sure=say("compare.sure" if told.is_sure else "compare.chance"))}

    summed = found.drop(columns="category").groupby("way").sum()
    return [{"name": say(f"causes.way.{way}"), "cases": number(row["cases"]),
             "hours": number(took_h.get(way), 1),
             "cells": [cell(way, row[outcome], row[f"{outcome}_of"], outcome) for outcome in OUTCOMES]}
            for way in (ORDINARY, *WAYS) if way in summed.index for row in [summed.loc[way]]]


def place_rows(found: pd.DataFrame, look: Look, category: Callable[[str], str], area: Callable[[str], str]
               ) -> list[dict[str, Any]]:
    """Places as lines that lead to the wall over them."""
    def wall(row: dict[str, Any]) -> str:
        over = look.filter_.with_(areas=frozenset({row["community"]} if row["community"] else ()),
                                  categories=frozenset({row["category"]}))
        camera = {"camera": f"{row['lon']:.6f},{row['lat']:.6f},{_ZOOM},45,0"}
        return at_seat(f"/?preset=custom&{over.to_query()}&{urlencode(camera)}")

    return [{"category": category(row["category"]), "area": area(row["community"] or ""), "to": wall(row),
             "cases": row["cases"], "again": row["again"], "chained": row["chained"]}
            for row in found.to_dict("records")]


def weak_rows(found: pd.DataFrame, look: Look, name: Callable[[str], str], say: Say) -> list[dict[str, Any]]:
    """Units as lines with a mark in each indicator."""
    def cell(row: dict[str, Any], key: str) -> dict[str, str]:
        z = row[f"{key}_z"]
        flag = "" if missing(z) else next((flag for flag, edge in (
            ("low", -OUT_Z), ("watch_low", -WATCH_Z)) if z < edge), "")
        good = "" if missing(z) or flag else next((flag for flag, edge in (
            ("high", OUT_Z), ("watch_high", WATCH_Z)) if z > edge), "none")
        return {"text": shown(row[key], BY_KEY[key], say), "flag": flag or good or "none"}

    return [{"name": name(row["code"]), "to": look.address(areas=row["code"], by="grid"),
             "weak": row["weak"], "score": number(row["score"], 2),
             "cells": [cell(row, key) for key in WEAK_IN]} for row in found.to_dict("records")]
