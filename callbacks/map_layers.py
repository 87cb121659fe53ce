"""Wires the map: one callback per layer, each writing its own spec; the rest is the browser's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from callbacks.map_specs import FILTERED, MOVING, SPECS, Question, spec_of
from dashboard import ids
from dashboard.view import from_store as view_from_store
from data.filters import from_store as filter_from_store
from layers.keys import KEYS


def register(app: Dash, *, readers: Any, clock: Callable[[], datetime]) -> None:
    """One server callback and one browser callback per layer; view and selection go to the browser alone."""
    # first the view: it says which layers are shown, and hidden ones ask for no data
    app.clientside_callback(ClientsideFunction("map", "scope"), Input(ids.VIEW, "data"))
    for key in SPECS:
        _register_layer(app, key, readers=readers, clock=clock)
    for key in KEYS:
        app.clientside_callback(ClientsideFunction("map", f"draw_{key}"), Input(ids.layer_spec(key), "data"))
    app.clientside_callback(ClientsideFunction("map", "select"), Input(ids.SELECTION, "data"))


def _register_layer(app: Dash, key: str, *, readers: Any, clock: Callable[[], datetime]) -> None:
    """Filter and data version are inputs only where they matter, so that little is sent again."""
    filter_ = (Input if key in FILTERED else State)(ids.FILTER, "data")
    version = (Input if key in MOVING else State)(ids.DATA_VERSION, "data")

    @app.callback(
        output={"spec": Output(ids.layer_spec(key), "data")},
        inputs={"scope": Input(ids.MAP_SCOPE, "data"), "stored": filter_, "_version": version},
        prevent_initial_call=True,  # the page brings the first spec with it
    )
    def tell(scope: Any, stored: Any, _version: Any) -> dict[str, Any]:
        question = Question(
            filter_=filter_from_store(stored), view=view_from_store(scope), now=clock(), readers=readers
        )
        return {"spec": spec_of(key, question)}
