"""Wires the map: each layer has its own spec, told by the server; the rest is the browser's."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from callbacks.alerts import told
from callbacks.desk import Desk
from callbacks.map_specs import FILTERED, MOVING, SPECS, Question, spec_of
from dashboard import ids
from dashboard.view import from_store as view_from_store
from data.filters import from_store as filter_from_store
from layers.keys import KEYS


def register(app: Dash, *, desk: Desk) -> None:
    """Server callbacks for the specs, one browser callback per layer; view and selection stay in the browser.

    What the filter changes comes in one answer: asked for one by one, each layer was a picture
    of its own, and on a slow screen the operator waited for all of them.
    """
    # first the view: it says which layers are shown, and hidden ones ask for no data
    app.clientside_callback(ClientsideFunction("map", "scope"), Input(ids.VIEW, "data"))
    together = tuple(key for key in SPECS if key in FILTERED)
    for keys in (together, *((key,) for key in SPECS if key not in FILTERED)):
        _register_layers(app, keys, desk=desk)
    # the areas say where the camera stands, so that the others ask for the right place at once
    for key in sorted(KEYS, key=lambda key: key != "areas"):
        app.clientside_callback(ClientsideFunction("map", f"draw_{key}"), Input(ids.layer_spec(key), "data"))
    app.clientside_callback(ClientsideFunction("map", "select"), Input(ids.SELECTION, "data"))


def _register_layers(app: Dash, keys: tuple[str, ...], *, desk: Desk) -> None:
    """Filter and versions are inputs only where they matter, so that little is sent again.

    Forces move all the time and the stream brings where they are: they have a version of their own, which
    the browser raises far less often than cases change.
    """
    filter_ = (Input if FILTERED.issuperset(keys) else State)(ids.FILTER, "data")
    version = Input(ids.DATA_VERSION, "data") if FILTERED.issuperset(keys) else (
        Input if MOVING.issuperset(keys) else State)(ids.MOVED, "data")

    @app.callback(
        output={key: Output(ids.layer_spec(key), "data") for key in keys},
        inputs={"scope": Input(ids.MAP_SCOPE, "data"), "stored": filter_, "_version": version},
        prevent_initial_call=True,  # the page brings the first specs with it
    )
    def tell(scope: Any, stored: Any, _version: Any) -> dict[str, Any]:
        question = Question(
            filter_=filter_from_store(stored), view=view_from_store(scope), now=desk.now(),
            readers=desk.readers, told=told(desk),
        )
        return {key: spec_of(key, question) for key in keys}
