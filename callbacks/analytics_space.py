"""GET /analytics/space (热点与沉默): grids that are hot and since when, and grids that report too little."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from dash import Dash
from flask import Response, request

from callbacks.analytics import may_take
from callbacks.analytics_address import SPACE, Look, read_look
from callbacks.analytics_frame import framed
from callbacks.analytics_names import names_of
from callbacks.analytics_units import ground
from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from dashboard.figures.periods import period_name
from dashboard.format import number
from dashboard.texts import Say, speaker
from data.analytics.periods import Period, before, period_at, run_of
from data.memo import Memo

#: Slices of the history, and the fewest months that make months its slices; else weeks do.
SLICES: Final = 24
_MONTHS: Final = 12
#: Lines of each table.
ROWS: Final = 20
_KEPT: Final = 24
#: What was found of one version of the cases; some tenths of a second each.
_FOUND: Final = Memo(_KEPT)


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(SPACE)
    def space_page() -> Response:
        return page(read_look(request.args, desk, lang_of_request()), desk)


def page(look: Look, desk: Desk) -> Response:
    """The page of a look; its dimension and indicator are not asked for."""
    say, lang = speaker(look.lang), look.lang
    slices = slices_of(look, desk)
    warm, warm_fault = hot_of(look, desk, slices)
    quiet, quiet_fault = quiet_of(look, desk)
    names, drawn = names_of("grid", desk, lang), ground(look, desk, "grid")
    classes = warm["class"].value_counts().to_dict()
    flags = quiet["flag"].value_counts().to_dict()
    return answer(
        "analytics_space.html", **framed(look, desk, say, SPACE),
        slices=say(f"space.slices.{slices[0].kind}", n=len(slices), first=f"{slices[0].first}",
                   last=period_name(slices[-1], say)) if slices else "",
        hot_fault=say(warm_fault) if warm_fault else "", quiet_fault=say(quiet_fault) if quiet_fault else "",
        classes=[(name, say(f"space.class.{name}"), say(f"space.class.{name}.about"), number(classes[name]))
                 for name in _order() if name and classes.get(name)],
        flags=[(name, say(f"space.flag.{name}"), number(flags[name])) for name in ("silent", "low")
               if flags.get(name)],
        warm=shapes_of(drawn, dict(zip(warm["code"], warm["class"], strict=True)), names, "space.class",
                       look, say),
        quiet=shapes_of(drawn, dict(zip(quiet["code"], quiet["flag"], strict=True)), names, "space.flag",
                        look, say),
        hot_rows=[_hot_row(row, names, look, say) for row in
                  warm[warm["class"] != ""].head(ROWS).to_dict("records")],
        quiet_rows=[_quiet_row(row, names, look) for row in
                    quiet[quiet["flag"] != ""].head(ROWS).to_dict("records")],
        has_hours=bool(quiet["hours"].sum()) if len(quiet) else False, height=drawn.height,
        files={key: look.file(key) for key in ("hot", "quiet")} if may_take(desk) else {})


def slices_of(look: Look, desk: Desk) -> list[Period]:
    """The slices up to the last that is over by the end of the period: months where there are enough of
    them since the first case, else weeks; none before the first case."""
    first, end = desk.words().first_reported, min(look.period.until, desk.now())
    found: list[Period] = []
    for kind in ("month", "week"):
        last = before(period_at(kind, end, desk.zone))
        found = [one for one in run_of(last, SLICES) if first is not None and one.until > first]
        if len(found) >= _MONTHS:
            break
    return found


def _order() -> tuple[str, ...]:
    from data.analytics.hotspots import CLASSES  # noqa: PLC0415 - its libraries take 60 MB: who asks pays

    return CLASSES


def hot_of(look: Look, desk: Desk, slices: list[Period]) -> tuple[pd.DataFrame, str]:
    """The grids by class, and the key of why there are none."""
    from data.analytics import hotspots  # noqa: PLC0415 - see _order

    cases, now = desk.readers.cases, desk.now()
    none = pd.DataFrame({name: [] for name in ("code", "class", "z", "hot", "tau", "p", "cases", "before")})
    if len(slices) < hotspots.FEWEST:
        return none, "space.few_slices"
    grids = desk.readers.areas.geometry("grid")
    within = tuple(sorted(look.filter_.areas))
    if within:
        grids = grids[grids["area_code"].str.startswith(within)]
    found: pd.DataFrame = _FOUND.get(
        ("hot", cases.version, look.filter_, slices[-1].code),
        lambda: hotspots.hotspots(hotspots.counts_over(cases, look.filter_, now, slices), grids))
    return (found, "") if len(found) else (none, "space.few_grids")


def quiet_of(look: Look, desk: Desk) -> tuple[pd.DataFrame, str]:
    """What grids report beside what is to be expected, and the key of why nothing can be said."""
    from data.analytics import silence  # noqa: PLC0415 - see _order

    readers, now = desk.readers, desk.now()
    none = pd.DataFrame({name: [] for name in (
        "code", "cases", "people", "hours", "expected", "low", "high", "p", "flag")})

    try:
        found: pd.DataFrame = _FOUND.get(
            ("quiet", readers.cases.version, look.filter_),
            lambda: silence.silence(silence.reported(readers, look.filter_, now)))
    except ValueError:
        return none, "space.few_grids"
    return found, ""


def shapes_of(drawn: Any, values: dict[str, str], names: Any, key: str, look: Look, say: Say
            ) -> list[dict[str, Any]]:
    """Grids as they are drawn; those with something to say lead to themselves."""
    found = []
    for code, path in zip(drawn.codes, drawn.paths, strict=True):
        value = values.get(code, "")
        title = f"{names(code)} {say(f'{key}.{value}')}" if value else names(code)
        found.append({"path": path, "value": value or "none", "title": title,
                      "to": look.address(areas=code, by="category_class") if value else ""})
    return found


def _hot_row(row: dict[str, Any], names: Any, look: Look, say: Say) -> dict[str, Any]:
    trend = "up" if row["p"] < 0.05 and row["tau"] > 0 else "down" if row["p"] < 0.05 else "flat"
    return {"name": names(row["code"]), "to": look.address(areas=row["code"], by="category_class"),
            "class": row["class"], "word": say(f"space.class.{row['class']}"), "hot": number(row["hot"]),
            "cases": number(row["cases"]), "before": number(row["before"], 1), "z": f"{row['z']:.1f}",
            "trend": say(f"space.trend.{trend}")}


def _quiet_row(row: dict[str, Any], names: Any, look: Look) -> dict[str, Any]:
    return {"name": names(row["code"]), "to": look.address(areas=row["code"], by="category_class"),
            "flag": row["flag"], "cases": number(row["cases"]), "expected": number(row["expected"], 1),
            "band": f"{row['low']:.0f} – {row['high']:.0f}", "people": number(row["people"]),
            "hours": number(row["hours"], 1)}
