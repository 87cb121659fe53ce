"""POST /api/cases/<case_no>/acts: an act upon a case from its card, in the viewer's scope and role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import Dash
from flask import Response, jsonify, request

from callbacks.desk import Desk
from callbacks.documents import lang_of_request
from callbacks.refusals import refuse
from dashboard.components.acts import Choices
from dashboard.texts import maybe, speaker
from data.access.roles import Permission
from data.access.viewer import Viewer
from data.cases.acting import ActError, actor_of, beside, details_of, open_to
from data.cases.commands import CommandError, perform
from data.cases.lifecycle import LifecycleError

PATH: Final = "/api/cases/<case_no>/acts"
MAX_BODY: Final = 8_192


def register(app: Dash, *, desk: Desk) -> None:
    """Add the route."""

    @app.server.post(PATH)
    def case_act(case_no: str) -> Response:
        return act_upon(case_no, request.get_json(silent=True), desk=desk)


def act_upon(case_no: str, body: Any, *, desk: Desk) -> Response:
    """Do it: 201 with the number of the event, 404 outside the scope, 400 or 409 with the reason."""
    fits = isinstance(body, Mapping) and not set(body) - {"act", "details"}
    if not fits or not isinstance(body.get("act"), str):
        return refuse(400, "the body must be an object with act, a text, and details, an object")
    act, said = body["act"], body.get("details") or {}
    if not isinstance(said, Mapping):
        return refuse(400, f"details must be an object, got {type(said).__name__}")
    found, viewer, now = desk.readers.cases.case(case_no), desk.viewer(), desk.now()
    if found is None:
        return refuse(404, f"case_no must be that of a case of yours, got {case_no[:60]!r}")
    try:
        role = actor_of(act, found["state"], viewer.roles)
        if not beside([act], found["main_dept_id"], viewer.scope.departments):
            raise ActError(f"act must be one of a department that joins in, got {act!r}")
        details = details_of(act, said, deadline=found["deadline_at"], now=now,
                             departments=desk.words().departments)
        seq = perform(desk.everything.store, case_no, act, at=now, actor_role=role,
                      actor_id=viewer.actor, actor_dept=_department(viewer), **details)
    except ActError as error:
        return refused(400, error, "act.refused.details")
    except (LifecycleError, CommandError) as error:
        return refused(409, error, "act.refused.state")
    answer = jsonify({"case_no": case_no, "act": act, "seq": seq, "at": now.isoformat()})
    answer.status_code = 201
    return answer


def refused(status: int, error: Exception, key: str) -> Response:
    """What is wrong, for the machine and in the words of the reader."""
    answer = jsonify({"error": str(error), "text": maybe(speaker(lang_of_request()), key, str(error))})
    answer.status_code = status
    return answer


def _department(viewer: Viewer) -> str | None:
    """The department in whose name somebody acts; None where the account is of none or of several."""
    departments = sorted(viewer.scope.departments)
    return departments[0] if len(departments) == 1 else None


def choices_of(case_: Mapping[str, Any], desk: Desk, lang: str) -> Choices | None:
    """What the card of a case offers to do; None where nothing is, and in the past.

    Whistles have a section of their own.
    """
    viewer = desk.viewer()
    may = viewer.may(Permission.DISPATCH) and desk.moment() is None
    acts = [act for act in beside(open_to(str(case_["state"]), viewer.roles), case_.get("main_dept_id"),
                                  viewer.scope.departments) if act != "whistle"] if may else []
    if not acts:
        return None
    words = desk.words()
    departments = sorted(((code, word.name(lang)) for code, word in words.departments.items()),
                         key=lambda one: one[1])
    return Choices(case_no=str(case_["case_no"]), acts=acts, departments=departments,
                   first_dept=words.first_dept(case_.get("cat_code")))
