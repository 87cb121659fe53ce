"""转急 on the wall: the form, and POST /api/emergencies, which publishes what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import Dash, Input, Output, State, html
from flask import Response, jsonify, request

from callbacks.desk import Desk
from callbacks.documents import lang_of_request
from callbacks.emergency import MAX_PEOPLE, WHOLE, fault_of, meant
from callbacks.refusals import refuse
from dashboard import ids
from dashboard.components.publish import Offer, may_publish, publish_form
from dashboard.texts import speaker
from dashboard.view import from_store
from data.access.viewer import Viewer
from data.emergency.rules import Called, EmergencyError

PATH: Final = "/api/emergencies"
MAX_BODY: Final = 16_384
#: What is said of a new emergency.
TEXTS: Final = ("kind", "title", "message", "capacity")
LISTS: Final = ("areas", "roles", "people")
MAX_LISTED: Final = 500


def form_of(asked: Any, desk: Desk, lang: str) -> html.Div | None:
    """The form for the viewer; None where they publish nothing.

    Args:
        asked: ``{"area": code}``: the area that the wall shows, which is ticked at first;
            whatever else: none is.
    """
    viewer = desk.viewer()
    if desk.emergencies is None or not may_publish(viewer):
        return None
    tree = desk.everything.areas.tree()
    names = dict(zip(tree["area_code"], tree["name"], strict=True))
    streets = streets_of(desk, viewer)
    say, code = speaker(lang), asked.get("area") if isinstance(asked, Mapping) else None
    chosen = {code} if isinstance(code, str) and code in names and viewer.scope.holds_area(code) else set()
    own = {one for one in viewer.scope.areas if one in names and not streets}
    codes = [*sorted((chosen | own) - set(streets)), *streets]
    whole = [(WHOLE, say("screens.whole"))] if viewer.scope.has_all_areas else []
    return publish_form(Offer(
        areas=[*whole, *((one, str(names[one])) for one in codes)], ticked=frozenset(chosen or own),
        people=[(one.name, one.label) for one in desk.emergencies.people(viewer)[:MAX_PEOPLE]],
    ), say)


def register(app: Dash, *, desk: Desk) -> None:
    """The form's callback and the route."""

    @app.callback(
        Output(ids.PUBLISH_FORM, "tree"), Input(ids.PUBLISHING, "data"), State(ids.MAP_SCOPE, "data"),
        prevent_initial_call=True,
    )
    def offer(asked: Any, scope: Any) -> html.Div | None:
        return form_of(asked, desk, from_store(scope).lang)

    @app.server.post(PATH)
    def emergency_call() -> Response:
        return publish(request.get_json(silent=True), desk)


def streets_of(desk: Desk, viewer: Viewer) -> list[str]:
    """Codes of the streets that the viewer sees whole."""
    return [code for code, _ in desk.everything.areas.children(None, "street")
            if viewer.scope.holds_area(code)]


def publish(body: Any, desk: Desk) -> Response:
    """Publish it: 201 with its number, 400 with the field that is no use, 403 for who publishes nothing."""
    viewer = desk.viewer()
    if desk.emergencies is None or not may_publish(viewer):
        return refuse(403, "only who dispatches, for no department alone, publishes an emergency")
    if not _fits(body):
        return refuse(400, f"the body must be an object of {', '.join(TEXTS)}, texts, and {', '.join(LISTS)},"
                           f" lists of at most {MAX_LISTED} texts")
    try:
        number = desk.emergencies.publish(
            body, meant(body.get("areas", ()), streets_of(desk, viewer)),
            Called(roles=body.get("roles", ()), people=body.get("people", ())),
            by=viewer, now=desk.now(), known=list(desk.everything.areas.tree()["area_code"]))
    except EmergencyError as error:
        status, words = fault_of(error, speaker(lang_of_request()))
        return _answer(status, {"error": str(error), "text": words})
    return _answer(201, {"id": number})


def _answer(status: int, said: Mapping[str, Any]) -> Response:
    answer = jsonify(said)
    answer.status_code = status
    return answer


def _fits(body: Any) -> bool:
    if not isinstance(body, Mapping) or set(body) - {*TEXTS, *LISTS}:
        return False
    lists = [body.get(name, []) for name in LISTS]
    return all(isinstance(body.get(name, ""), str) for name in TEXTS) and all(
        isinstance(one, list) and len(one) <= MAX_LISTED and all(isinstance(code, str) for code in one)
        for one in lists)
