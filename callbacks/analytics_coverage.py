"""GET /analytics/coverage (四无): which grids nobody patrols, by night or at all, and what slips through."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from dash import Dash
from flask import Response, request

from callbacks.analytics import may_take
from callbacks.analytics_address import CASES, COVERAGE, Look, read_look
from callbacks.analytics_frame import framed
from callbacks.analytics_names import names_of
from callbacks.analytics_space import shapes_of
from callbacks.analytics_units import ground
from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from dashboard.format import moment, number, percent
from dashboard.texts import Say, speaker
from data.analytics.coverage import by_clock, grids, span_of, summed

#: Lines of the table of gaps, and signs of the code of a unit: of a street, of a community.
ROWS: Final = 20
_STREET, _COMMUNITY = 9, 12
#: Of the table of units: part, whole.
SHARES: Final = (("patrolled", "grids"), ("by_night", "grids"), ("with_chief", "grids"),
                 ("on_record", "grids"), ("served", "households"), ("overdue", "open"))


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(COVERAGE)
    def coverage_page() -> Response:
        return page(read_look(request.args, desk, lang_of_request()), desk)


def asked_grids(look: Look, desk: Desk) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The grids of a look and where officers were in its period, as far as it has come."""
    filter_, now = look.filter_, desk.now()
    presence = desk.readers.patrol.presence(filter_.since, max(min(filter_.until, now), filter_.since),
                                            desk.zone)
    found = grids(desk.readers, filter_, now, presence)
    return found, presence[presence["grid_code"].isin(found["code"])]


def page(look: Look, desk: Desk) -> Response:
    """The page of a look; its dimension and indicator are not asked for."""
    say, (found, presence) = speaker(look.lang), asked_grids(look, desk)
    whole, names = found.sum(numeric_only=True).to_dict(), names_of("areas", desk, look.lang)
    clock, span = by_clock(presence), span_of(presence, desk.zone)
    signs = _COMMUNITY if look.filter_.areas else _STREET
    gaps = found[(found["patrolled"] == 0) | (found["by_night"] == 0)].sort_values(
        ["patrolled", "households", "code"], ascending=[True, False, True])
    values = {row["code"]: "low" if row["patrolled"] else "silent" for row in gaps.to_dict("records")}
    drawn = ground(look, desk, "grid")
    return answer(
        "analytics_coverage.html", **framed(look, desk, say, COVERAGE),
        blocks=blocks(whole, clock, look, say) if len(found) else [],
        tracks=say("coverage.tracks", first=moment(span[0], desk.zone, year=True),
                   last=moment(span[1], desk.zone, year=True)) if span else say("coverage.no_tracks"),
        shares=[key for key, _ in SHARES],
        units=[{"name": names(row["code"]), "grids": number(row["grids"]),
                "to": look.address(COVERAGE, areas=row["code"]),
                "cells": [_share(row, part, of) for part, of in SHARES]}
               for row in summed(found, found["code"].str[:signs]).to_dict("records")],
        shapes=shapes_of(drawn, values, names_of("grid", desk, look.lang), "coverage.gap", look, say),
        height=drawn.height, clock=[(hour, n, round(100 * n / max(*clock, 1), 1))
                                    for hour, n in enumerate(clock)],
        gaps=[{"name": names(row["code"]), "area": names(row["code"][:_COMMUNITY]),
               "flag": values[row["code"]], "households": number(row["households"]),
               "hours": number(row["hours"], 1), "overdue": number(row["overdue"]),
               "to": look.address(areas=row["code"], by="category_class")}
              for row in gaps.head(ROWS).to_dict("records")], gap_count=len(gaps), number=number,
        files={"coverage": look.file("coverage")} if may_take(desk) else {})


def blocks(whole: dict[str, Any], clock: list[int], look: Look, say: Say) -> list[dict[str, Any]]:
    """The four: place, people, time, matter; each with what is covered and what is not."""
    def fact(key: str, value: str, to: str = "") -> dict[str, str]:
        return {"name": say(f"coverage.fact.{key}"), "value": value, "to": to}

    blind = [f"{hour:02d}" for hour, n in enumerate(clock) if not n]
    return [{"name": say(f"coverage.block.{key}"), "facts": facts} for key, facts in {
        "place": [fact("patrolled", _share(whole, "patrolled", "grids")),
                  fact("unpatrolled", number(whole["grids"] - whole["patrolled"])),
                  fact("with_chief", _share(whole, "with_chief", "grids"))],
        "people": [fact("served", _share(whole, "served", "households")),
                   fact("on_record", _share(whole, "on_record", "grids")),
                   fact("unrecorded", number(whole["grids"] - whole["on_record"]))],
        "time": [fact("by_night", _share(whole, "by_night", "grids")), fact("blind", number(len(blind))),
                 fact("blind_hours", " ".join(blind) or say("coverage.no_blind"))],
        "matter": [fact("overdue", number(whole["overdue"]), look.address(CASES, of="overdue")),
                   fact("open", number(whole["open"]), look.address(CASES, of="open")),
                   fact("overdue_share", _share(whole, "overdue", "open"))]}.items()]


def _share(row: dict[str, Any], part: str, whole: str) -> str:
    return percent(row[part] / row[whole] if row[whole] else None, 1)
