"""/tasks (我的任务): what the viewer is called to, for a telephone: sign up, withdraw, report."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response, request

from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from callbacks.emergency import ACTS, fault_of
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back
from callbacks.viewer import current_viewer
from dashboard.documents import links_for
from dashboard.format import moment
from dashboard.texts import speaker
from data.access.roles import Permission
from data.emergency.mine import called_to, taken_part
from data.emergency.reading import Emergency, Task
from data.emergency.rules import EmergencyError, RefusedError, UnknownError

PATH: Final = "/tasks"
#: A telephone has no room for more in its head.
_NAMED: Final = ("/", PATH, "/account")


def register(server: Flask, office: Office, permits: Permits, *, desk: Desk) -> None:
    """Add the page and the acts."""
    with permits.of(Permission.VIEW):
        server.add_url_rule(PATH, "tasks", lambda: _page(office, desk), methods=["GET"])
        for act in ACTS:
            server.add_url_rule(f"{PATH}/<int:task_id>/{act}", f"tasks_{act}",
                                lambda task_id, act=act: _act(task_id, act, office, desk), methods=["POST"])


def _act(task_id: int, act: str, office: Office, desk: Desk) -> Response:
    viewer, found = current_viewer(), desk.emergencies
    if viewer.account_id is None:
        return refuse(403, "only who has an account takes part")
    about = {"by": viewer, "now": desk.now()}
    try:
        if act == "report":
            found.report(task_id, request.form.get("text", ""), **about)
        else:
            (found.sign_up if act == "signup" else found.withdraw)(task_id, **about)
    except (EmergencyError, RefusedError, UnknownError) as error:
        status, fault = fault_of(error, speaker(lang_of_request()))
        return _page(office, desk, fault=fault, status=status)
    return back(PATH)


def _page(office: Office, desk: Desk, *, fault: str = "", status: int = 200) -> Response:
    viewer, say = current_viewer(), speaker(lang_of_request())
    found = [*desk.emergencies.listing(viewer), *desk.emergencies.listing(viewer, services=True)]
    return answer(
        "tasks.html", status=status, here=PATH, fault=fault, heading=say("tasks.title"),
        about=say("tasks.about"), takes_part=viewer.account_id is not None,
        tasks=[_card(one, task, office, desk) for one in called_to(found) for task in one.tasks],
        past=[{"id": one.emergency_id, "title": one.title, "kind": one.kind,
               "ended": moment(one.ended_at, desk.zone)} for one in taken_part(found)],
        links=[link for link in links_for(viewer.may) if link.path in _NAMED],
        in_language=lambda lang: f"{PATH}?lang={lang}")


def _card(one: Emergency, task: Task, office: Office, desk: Desk) -> dict[str, Any]:
    """A task in words; times are local, the newest report first."""
    return {
        "id": task.task_id, "kind": one.kind, "title": one.title, "message": one.message,
        "area": office.names_of_areas()(task.area_code), "since": moment(one.started_at, desk.zone),
        "is_in": task.is_in, "count": task.count, "capacity": task.capacity, "by_name": one.by_name,
        "is_full": task.count is not None and task.count >= task.capacity,
        "mine": [{"at": moment(event["at"], desk.zone), "act": event["act"], "note": event["note"] or ""}
                 for event in reversed(one.events) if event["is_mine"] and event["task_id"] == task.task_id],
    }
