"""The layer of whistles: a mark where departments are called to while somebody has not come."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import Dash, Input, Output

from callbacks.desk import Desk
from dashboard import ids
from dashboard.texts import speaker
from dashboard.view import from_store
from data.emergency.called import Whistle
from layers import legend as legends
from layers import whistles as layer
from layers.spec import Spec
from layers.theme import lit


def marks(desk: Desk, lang: str, theme: str) -> Spec:
    """The whistles that run in the viewer's scope as of the moment of the request, marks included."""
    say = speaker(lang)
    found = [] if desk.whistles is None else desk.whistles.listing(desk.viewer(), desk.now(), running=True)
    placed = [one for one in found if one.lon is not None and one.lat is not None]
    rows = [_row(one, say("whistle.mark", place=one.place)) for one in placed]
    made = layer.whistle_layer(pd.DataFrame(rows, columns=list(layer.COLUMNS)), lang=lang,
                               left_out=len(found) - len(placed))
    made["legend"] = legends.localised(made["legend"], lang)
    return lit(made) if theme == "light" else made


def _row(one: Whistle, title: str) -> dict[str, Any]:
    """A click leads to the case, or to the place with its card."""
    kind, code = ("case", one.case_no) if one.case_no is not None else ("place", f"{one.lon},{one.lat}")
    return {"whistle_id": one.whistle_id, "kind": kind, "code": code, "lon": one.lon, "lat": one.lat,
            "title": title, "area_code": one.area_code, "due_at": one.due_at,
            "is_late": any(call.is_late and call.arrived is None for call in one.calls)}


def register(app: Dash, *, desk: Desk) -> None:
    """The layer; the page brings its first spec, the stream and the clock say when it is asked for anew."""

    @app.callback(
        output={"spec": Output(ids.layer_spec("whistles"), "data")},
        inputs={"scope": Input(ids.MAP_SCOPE, "data"), "_news": Input(ids.WHISTLED, "data")},
        prevent_initial_call=True,
    )
    def show_whistles(scope: Any, _news: Any) -> dict[str, Any]:
        view = from_store(scope)
        return {"spec": marks(desk, view.lang, view.theme)}
