"""Groups of alerts: the card that lists one page by page, and POST of one act upon all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import Dash
from flask import Response, jsonify, request

from callbacks.acts import refused
from callbacks.alerts import told
from callbacks.desk import Desk
from callbacks.refusals import refuse
from dashboard.components.alert_group import NOWHERE, group_card
from dashboard.components.case_card import Tongue
from data.access.roles import Permission
from data.alerts.acting import NEEDING, SayError, actor_of, details_of, group_acts
from data.alerts.commands import AlertCommandError
from data.alerts.groups import Group, read_code
from data.alerts.lifecycle import AlertActError
from data.alerts.together import TOGETHER, Whole, perform_all

PATH: Final = "/api/alerts/groups/<kind>/<street>/<int:upto>/acts"


def card(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    """The card of a group, or of all alerts; None where the code is none."""
    asked = read_code(code)
    if asked is None:
        return None
    (group, page), now, viewer = asked, desk.now(), desk.viewer()
    found = desk.readers.alerts.listing(now, told(desk), group, page)
    may = group is not None and viewer.may(Permission.DISPATCH) and desk.moment() is None
    acts = group_acts(viewer.roles, found.states) if may else ()
    return group_card(group, found, acts=acts, needing=NEEDING, now=now, tongue=tongue)


def act_upon(whole: Whole, body: Any, *, desk: Desk) -> Response:
    """Do it to all of them: 201 with how many; 400 malformed, 409 with the reason; then nothing is done."""
    fits = isinstance(body, Mapping) and not set(body) - {"act", "details"}
    if not fits or body.get("act") not in TOGETHER:
        return refuse(400, f"the body must be an object with act, one of {', '.join(TOGETHER)}, and details,"
                           " an object")
    act, said = body["act"], body.get("details") or {}
    if not isinstance(said, Mapping):
        return refuse(400, f"details must be an object, got {type(said).__name__}")
    viewer, now = desk.viewer(), desk.now()
    try:
        note, details = details_of(act, said, now)
        count = perform_all(
            desk.everything.store, whole, act, at=now, actor_role=actor_of(act, "open", viewer.roles),
            actor_id=viewer.actor, note=note, details=details)
    except SayError as error:
        return refused(400, error, "alert.refused.details")
    except (AlertActError, AlertCommandError) as error:
        return refused(409, error, "alert.refused.group")
    answer = jsonify({"act": act, "count": count, "at": now.isoformat()})
    answer.status_code = 201
    return answer


def register(app: Dash, *, desk: Desk) -> None:
    """POST /api/alerts/groups/<kind>/<street>/<upto>/acts; street ``-`` for the whole district."""

    @app.server.post(PATH)
    def alert_group_act(kind: str, street: str, upto: int) -> Response:
        asked = read_code(f"{kind}/{'' if street == NOWHERE else street}")
        if asked is None or asked[0] is None or upto >= 2**63:
            return refuse(404, f"group must be a kind and a street, got {kind[:40]!r}, {street[:40]!r}")
        group: Group = asked[0]
        whole = Whole(group=group, upto=upto, told=told(desk), scope=desk.readers.scope)
        return act_upon(whole, request.get_json(silent=True), desk=desk)
