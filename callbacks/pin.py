"""Wires the mark on the map: where the selected case, person, building or resource stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output

from callbacks.desk import Desk
from dashboard import ids
from dashboard.format import missing
from dashboard.view import selection_from_store

Found = Mapping[str, Any] | None


def place_of(selection: Mapping[str, str] | None, *, desk: Desk) -> dict[str, Any] | None:
    """``lon, lat`` in degrees and ``grid`` of what is selected; None for areas and what stands nowhere."""
    if selection is None or selection["kind"] not in _PLACES:
        return None
    found = _PLACES[selection["kind"]](selection["code"], desk) or {}
    if missing(found.get("lon")) or missing(found.get("lat")):
        return None
    return {"lon": float(found["lon"]), "lat": float(found["lat"]), "grid": found.get("grid_code") or ""}


def _last_fix(code: str, desk: Desk) -> Found:
    return (desk.readers.patrol.officer(code, desk.now()) or {}).get("last")


_PLACES: Final[Mapping[str, Callable[[str, Desk], Found]]] = {
    "case": lambda code, desk: desk.readers.cases.case(code),
    "officer": _last_fix,
    "resource": lambda code, desk: desk.readers.resources.one(code),
    "building": lambda code, desk: desk.readers.areas.building(code),
}


def register(app: Dash, *, desk: Desk) -> None:
    """One server callback that finds the place, one of the browser that draws it."""

    @app.callback(
        output={"pin": Output(ids.MAP_PIN, "data")},
        inputs={"selection": Input(ids.SELECTION, "data")},
    )
    def show_pin(selection: Any) -> dict[str, Any]:
        return {"pin": place_of(selection_from_store(selection), desk=desk)}

    app.clientside_callback(ClientsideFunction("pin", "show"), Input(ids.MAP_PIN, "data"))
