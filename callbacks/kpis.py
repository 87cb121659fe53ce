"""Wires the KPI tiles, the filter in words and the forces on duty."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State

from callbacks.desk import Desk
from dashboard import ids
from dashboard.components.kpis import kpi_strip
from dashboard.components.lists import forces
from dashboard.components.words import filter_words
from dashboard.texts import speaker
from dashboard.view import from_store
from data.cases.indicators import rates
from data.cases.rules import WALL
from data.filters import CaseFilter
from data.filters import from_store as filter_from_store


def numbers(filter_: CaseFilter, lang: str, *, desk: Desk) -> dict[str, Any]:
    """The tiles, and what they count in words."""
    counts = desk.readers.cases.counts(filter_, desk.now(), WALL)
    names = area_names(filter_, desk=desk)
    return {
        "kpis": kpi_strip(counts, rates(counts), speaker(lang)),
        "words": filter_words(filter_, areas=names, words=desk.words(), zone=desk.zone, lang=lang),
    }


def area_names(filter_: CaseFilter, *, desk: Desk) -> list[str]:
    """The names of the areas of a filter; the code where an area has none."""
    steps = [(code, desk.readers.areas.path(code)) for code in sorted(filter_.areas)]
    return [str(path[-1]["name"]) if path else code for code, path in steps]


def register(app: Dash, *, desk: Desk) -> None:
    """One callback for each panel."""

    @app.callback(
        output={"kpis": Output(ids.KPIS, "tree"), "words": Output(ids.WORDS, "tree")},
        inputs={
            "stored": Input(ids.FILTER, "data"),
            "_version": Input(ids.DATA_VERSION, "data"),
            "view": State(ids.VIEW, "data"),
        },
    )
    def refresh_numbers(stored: Any, _version: Any, view: Any) -> dict[str, Any]:
        return numbers(filter_from_store(stored), from_store(view).lang, desk=desk)

    @app.callback(
        output={"forces": Output(ids.FORCES, "tree")},
        inputs={"view": Input(ids.VIEW, "data"), "_moved": Input(ids.MOVED, "data")},
    )
    def refresh_forces(view: Any, _moved: Any) -> dict[str, Any]:
        looked_at = from_store(view)
        return {"forces": forces(force_counts(looked_at.area, desk=desk), speaker(looked_at.lang))}


def force_counts(area: str | None, *, desk: Desk) -> dict[str, dict[str, int | None]]:
    """Forces by tier and kind, on duty and in all; see `dashboard.components.lists.forces`."""
    return {
        str(key): {"on": found["on"], "all": int(found["all"])}
        for key, found in desk.readers.patrol.on_duty(area).items()
    }
