"""The layer of whistles: a mark where departments are called to while somebody has not come."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import Dash, Input, Output

from callbacks.desk import Desk
from dashboard import ids
from dashboard.format import missing
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
    rows = [row for one in found
            if (row := _row(one, say("whistle.mark", place=one.place), desk)) is not None]
    made = layer.whistle_layer(pd.DataFrame(rows, columns=list(layer.COLUMNS)), lang=lang,
                               left_out=len(found) - len(rows))
    made["legend"] = legends.localised(made["legend"], lang)
    return lit(made) if theme == "light" else made


def _row(one: Whistle, title: str, desk: Desk) -> dict[str, Any] | None:
    """A click leads to the case, to the place with its card, or to the area; None: it has no place to stand.

    A whistle for an area alone stands where the name of the area does. One of a case whose place the viewer
    is not told has none, not even its area's.
    """
    kind, code, at = "place", f"{one.lon},{one.lat}", (one.lon, one.lat)
    if one.case_no is not None:
        kind, code = "case", one.case_no
    elif one.lon is None:
        area = desk.readers.areas.area(one.area_code) or {}
        kind, code, at = "area", one.area_code, (area.get("lon"), area.get("lat"))
    if any(missing(value) for value in at):
        return None
    return {"whistle_id": one.whistle_id, "kind": kind, "code": code, "lon": at[0], "lat": at[1],
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
