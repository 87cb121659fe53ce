"""Alerts on the wall: the panel with the marks on the map, the card, and acts upon one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import Dash, Input, Output, State
from flask import Response, jsonify, request

from callbacks.acts import refused
from callbacks.desk import Desk
from callbacks.refusals import refuse
from dashboard import ids
from dashboard.components.alert_card import alert_card
from dashboard.components.alerts import Looked, alert_panel, kind_name, subject_name
from dashboard.components.case_card import Tongue
from dashboard.texts import speaker
from dashboard.view import from_store
from data.access.roles import Permission
from data.alerts.acting import (
    CASE,
    NEEDING,
    SayError,
    actor_of,
    details_of,
    open_to,
    told_of,
    turn_into_case,
)
from data.alerts.commands import AlertCommandError, perform
from data.alerts.lifecycle import AlertActError
from data.alerts.reader import Board
from data.cases.commands import CommandError
from layers import alerts as layer
from layers import legend as legends
from layers.spec import Spec
from layers.theme import lit

PATH: Final = "/api/alerts/<int:alert_id>/acts"
MAX_BODY: Final = 8_192


def told(desk: Desk) -> frozenset[str]:
    """The roles whose alerts the viewer sees."""
    viewer = desk.viewer()
    return told_of(viewer.roles, is_screen=viewer.is_screen)


def panel(desk: Desk, tongue: Tongue) -> list[Any]:
    """The panel of alerts as of the moment of the request."""
    now = desk.now()
    board = desk.readers.alerts.board(now, told(desk))
    seen = None if desk.moment() is not None else looked(board)
    return alert_panel(board, seen, now=now, tongue=tongue)


def looked(board: Board) -> Looked:
    """How the rules were evaluated; of a failure only its kind, for its text may tell of other scopes."""
    fault = None if board.fault is None else board.fault.partition(":")[0]
    return Looked(at=board.evaluated_at, fault=fault)


def marks(desk: Desk, tongue: Tongue, theme: str) -> Spec:
    """The layer of alerts, marks included."""
    found = desk.readers.alerts.marks(desk.now(), told(desk))
    titles = [f"{kind_name(row, tongue)} {subject_name(row, tongue)}".strip()
              for row in found.to_dict("records")]
    named = found.assign(title=titles, area_code=found["grid_code"].fillna(""))
    placed = int(found["placed"].iloc[0]) if len(found) else 0
    made = layer.alert_layer(named, left_out=placed - len(found))
    made["legend"] = legends.localised(made["legend"], tongue.lang)
    return lit(made) if theme == "light" else made


def card(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    """The card of one alert; None where there is none of that number for the viewer."""
    reader, viewer = desk.readers.alerts, desk.viewer()
    found = reader.alert(int(code), told(desk)) if code.isascii() and code.isdigit() else None
    if found is None:
        return None
    may = viewer.may(Permission.DISPATCH) and desk.moment() is None
    acts = open_to(found, viewer.roles, desk.now()) if may else ()
    return alert_card(found, reader.events(found["alert_id"]), acts=acts, needing=NEEDING, tongue=tongue)


def act_upon(alert_id: int, body: Any, *, desk: Desk, tongue: Tongue) -> Response:
    """Do it: 201, 404 where the alert is not the viewer's, 400 or 409 with the reason."""
    fits = isinstance(body, Mapping) and not set(body) - {"act", "details"}
    if not fits or not isinstance(body.get("act"), str):
        return refuse(400, "the body must be an object with act, a text, and details, an object")
    act, said = body["act"], body.get("details") or {}
    if not isinstance(said, Mapping):
        return refuse(400, f"details must be an object, got {type(said).__name__}")
    found = desk.readers.alerts.alert(alert_id, told(desk))
    if found is None:
        return refuse(404, f"alert_id must be that of an alert of yours, got {alert_id}")
    try:
        return _done(found, act, said, desk=desk, tongue=tongue)
    except SayError as error:
        return refused(400, error, "alert.refused.place" if act == CASE else "alert.refused.details")
    except (AlertActError, AlertCommandError, CommandError) as error:
        is_link = act == "link" and isinstance(error, AlertCommandError)
        return refused(409, error, "alert.refused.case" if is_link else "alert.refused.state")


def _done(found: Mapping[str, Any], act: str, said: Mapping[str, Any], *, desk: Desk,
          tongue: Tongue) -> Response:
    viewer, now, store = desk.viewer(), desk.now(), desk.everything.store
    actor_id, scope = viewer.actor, desk.readers.scope
    note, details = details_of(act, said, now)
    told_back: dict[str, Any] = {"alert_id": found["alert_id"], "act": act, "at": now.isoformat()}
    if act == CASE:
        title = f"{kind_name(found, tongue)} {subject_name(found, tongue)}".strip()
        told_back["case_no"] = turn_into_case(
            store, found, title, at=now, actor_role=actor_of("link", found["state"], viewer.roles),
            actor_id=actor_id, scope=scope)
    else:
        told_back["seq"] = perform(
            store, found["alert_id"], act, at=now, actor_role=actor_of(act, found["state"], viewer.roles),
            actor_id=actor_id, note=note, details=details, scope=scope)
    answer = jsonify(told_back)
    answer.status_code = 201
    return answer


def tongue_of(desk: Desk, lang: str) -> Tongue:
    """How panel and card speak to this viewer."""
    return Tongue(words=desk.words(), zone=desk.zone, lang=lang, say=speaker(lang))


def register(app: Dash, *, desk: Desk) -> None:
    """The panel and the layer: one question, one answer."""

    @app.callback(
        output={"panel": Output(ids.ALERTS, "tree"), "spec": Output(ids.layer_spec("alerts"), "data")},
        inputs={
            "scope": Input(ids.MAP_SCOPE, "data"),
            "_news": Input(ids.ALERTED, "data"),
            "_acted": Input(ids.ACTED, "data"),
            "view": State(ids.VIEW, "data"),
        },
    )
    def show_alerts(scope: Any, _news: Any, _acted: Any, view: Any) -> dict[str, Any]:
        looked_at = from_store(view)
        tongue = tongue_of(desk, looked_at.lang)
        return {"panel": panel(desk, tongue), "spec": marks(desk, tongue, from_store(scope).theme)}


def register_acts(app: Dash, *, desk: Desk) -> None:
    """POST /api/alerts/<id>/acts."""

    @app.server.post(PATH)
    def alert_act(alert_id: int) -> Response:
        # what is written into the store is in its own language, whatever the reader's
        return act_upon(alert_id, request.get_json(silent=True), desk=desk, tongue=tongue_of(desk, desk.lang))
