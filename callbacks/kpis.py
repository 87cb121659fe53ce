"""Wires the KPI tiles and the forces on duty."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State

from callbacks.desk import Desk
from dashboard import ids
from dashboard.components.kpis import kpi_strip
from dashboard.components.lists import forces
from dashboard.texts import speaker
from dashboard.view import from_store
from data.cases.indicators import rates
from data.cases.rules import WALL
from data.filters import from_store as filter_from_store


def register(app: Dash, *, desk: Desk) -> None:
    """One callback for each panel."""

    @app.callback(
        output={"kpis": Output(ids.KPIS, "children")},
        inputs={
            "stored": Input(ids.FILTER, "data"),
            "_version": Input(ids.DATA_VERSION, "data"),
            "view": State(ids.VIEW, "data"),
        },
    )
    def refresh_kpis(stored: Any, _version: Any, view: Any) -> dict[str, Any]:
        counts = desk.readers.cases.counts(filter_from_store(stored), desk.now(), WALL)
        return {"kpis": kpi_strip(counts, rates(counts), speaker(from_store(view).lang))}

    @app.callback(
        output={"forces": Output(ids.FORCES, "children")},
        inputs={"view": Input(ids.VIEW, "data"), "_version": Input(ids.DATA_VERSION, "data")},
    )
    def refresh_forces(view: Any, _version: Any) -> dict[str, Any]:
        looked_at = from_store(view)
        return {"forces": forces(force_counts(looked_at.area, desk=desk), speaker(looked_at.lang))}


def force_counts(area: str | None, *, desk: Desk) -> dict[str, dict[str, int]]:
    """Forces by tier and kind, on duty and in all; see `dashboard.components.lists.forces`."""
    return {
        str(key): {"on": int(found["on"]), "all": int(found["all"])}
        for key, found in desk.readers.patrol.on_duty(area).items()
    }
