"""/emergency (平急转换): publish tasks to areas, sign up, report, end; …/<id> is the report of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from flask import Flask, Response, request

from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from callbacks.emergency_words import shown, sums
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back, chosen_areas, typed
from callbacks.viewer import current_viewer
from dashboard.texts import Say, speaker
from data.access.roles import Permission
from data.emergency.rules import CALLED, KINDS, SERVICE, Called, EmergencyError, RefusedError, UnknownError

PATH: Final = "/emergency"
#: So many people are offered by boxes; the others by their names.
MAX_PEOPLE: Final = 300
#: The box for all streets that somebody sees.
WHOLE: Final = "*"
#: What who is called does about a task.
ACTS: Final = ("signup", "withdraw", "report")
#: Field of an error -> the text that names it.
_FIELDS: Final = {"kind": "emergency.kind", "title": "emergency.name", "message": "emergency.message",
                  "areas": "emergency.areas", "roles": "emergency.roles", "people": "emergency.people",
                  "capacity": "emergency.capacity",
                  "member": "emergency.member", "text": "emergency.text", "area": "whistles.area",
                  "departments": "whistles.departments", "place": "whistles.place",
                  "due_minutes": "whistles.due", "step": "whistles.act", "case_no": "whistles.case"}


def register(server: Flask, office: Office, permits: Permits, *, desk: Desk) -> None:
    """Add the pages and the acts."""
    with permits.of(Permission.VIEW):
        server.add_url_rule(PATH, "emergency", lambda: _page(office, desk), methods=["GET"])
        server.add_url_rule(f"{PATH}/<int:number>", "emergency_report",
                            lambda number: _report(number, office, desk), methods=["GET"])
        for act in ACTS:
            server.add_url_rule(f"{PATH}/tasks/<int:task_id>/{act}", f"emergency_task_{act}",
                                lambda task_id, act=act: _take_part(task_id, act, office, desk),
                                methods=["POST"])
    with permits.of(Permission.DISPATCH):
        server.add_url_rule(PATH, "emergency_publish", lambda: _publish(office, desk), methods=["POST"])
        server.add_url_rule(f"{PATH}/tasks/<int:task_id>/member", "emergency_member",
                            lambda task_id: _sign_other(task_id, office, desk), methods=["POST"])
        server.add_url_rule(f"{PATH}/<int:number>/end", "emergency_end",
                            lambda number: _end(number, office, desk), methods=["POST"])


def fault_of(error: Exception, say: Say) -> tuple[int, str]:
    """Status and words for what was refused."""
    if isinstance(error, UnknownError):
        return 404, say("emergency.refused")
    if isinstance(error, RefusedError):
        return 409, say("emergency.refused")
    return 400, say("emergency.fault", field=say(_FIELDS[str(error).split(" ", 1)[0]]))


def _done(work: Callable[[], object], office: Office, desk: Desk) -> Response:
    if current_viewer().account_id is None:
        return refuse(403, "only who has an account takes part")
    try:
        work()
    except (EmergencyError, RefusedError, UnknownError) as error:
        status, fault = fault_of(error, speaker(lang_of_request()))
        return _page(office, desk, fault=fault, status=status)
    return back(PATH)


def meant(chosen: Iterable[str], streets: Iterable[str]) -> frozenset[str]:
    """The codes that ticked boxes mean: `WHOLE` among them means every street."""
    codes = frozenset(chosen)
    return frozenset(streets) if WHOLE in codes else codes


def _publish(office: Office, desk: Desk) -> Response:
    viewer = current_viewer()
    areas = meant(chosen_areas(), [code for code, _ in office.streets(viewer.scope)])
    return _done(lambda: desk.emergencies.publish(
        request.form, areas, Called(roles=request.form.getlist("role")[:20], people=_people()),
        by=viewer, now=desk.now(),
        known=list(office.areas().tree()["area_code"])), office, desk)


def _people() -> list[str]:
    """Names of accounts in a form: boxes that were ticked, and names that were typed."""
    return [*request.form.getlist("person")[:MAX_PEOPLE], *typed("people")]


def _take_part(task_id: int, act: str, office: Office, desk: Desk) -> Response:
    found, about = desk.emergencies, {"by": current_viewer(), "now": desk.now()}
    if act == "report":
        return _done(lambda: found.report(task_id, request.form.get("text", ""), **about), office, desk)
    work = found.sign_up if act == "signup" else found.withdraw
    return _done(lambda: work(task_id, **about), office, desk)


def _sign_other(task_id: int, office: Office, desk: Desk) -> Response:
    return _done(lambda: desk.emergencies.sign_up(
        task_id, by=current_viewer(), now=desk.now(), member=request.form.get("member", "")), office, desk)


def _end(number: int, office: Office, desk: Desk) -> Response:
    return _done(lambda: desk.emergencies.end(number, by=current_viewer(), now=desk.now()), office, desk)


def _page(office: Office, desk: Desk, *, fault: str = "", status: int = 200) -> Response:
    viewer, named, say = current_viewer(), office.names_of_areas(), speaker(lang_of_request())
    may = viewer.may(Permission.DISPATCH)
    form = request.form if fault else {}
    return answer(
        "emergency.html", status=status, here=PATH, fault=fault, heading=say("emergency.title"),
        about=say("emergency.about"),
        rows=sorted((shown(one, office, named) for services in (False, True)
                     for one in desk.emergencies.listing(viewer, services=services)),
                    key=lambda row: bool(row["is_over"])), service=SERVICE,
        may=may, may_publish=may and not viewer.scope.departments, may_whole=viewer.scope.has_all_areas,
        kinds=KINDS, roles=CALLED, streets=office.streets(viewer.scope), chosen=sorted(chosen_areas()),
        people=desk.emergencies.people(viewer)[:MAX_PEOPLE] if may else [], named=set(_people()),
        chosen_roles=set(request.form.getlist("role")) if fault else set(),
        form={name: form.get(name, "") for name in (
            "kind", "title", "message", "capacity", "codes", "people")},
        takes_part=viewer.account_id is not None, in_language=lambda lang: f"{PATH}?lang={lang}")


def _report(number: int, office: Office, desk: Desk) -> Response:
    try:
        found = desk.emergencies.one(number, current_viewer())
    except UnknownError as error:
        return refuse(404, str(error))
    say = speaker(lang_of_request())
    response = answer(
        "emergency_report.html", here=PATH, fault="", about="",
        heading=f"{say('emergency.report')} · {found.title}",
        one={**shown(found, office, office.names_of_areas()), "sums": sums(found, say, desk.now())})
    if request.args.get("download") == "1":
        response.headers["Content-Disposition"] = f'attachment; filename="emergency-{number}.html"'
    return response
