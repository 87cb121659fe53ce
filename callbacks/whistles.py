"""/whistles (街道吹哨, 部门报到): call departments to a place, from a case or not; answers and arrivals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Flask, Response, request

from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from callbacks.emergency import fault_of
from callbacks.permits import Permits
from callbacks.system import Office, back
from callbacks.viewer import current_viewer
from callbacks.whistle_calls import spot_of_case
from dashboard.format import number
from dashboard.texts import speaker
from data.access.roles import Permission
from data.emergency.called import Whistle, figures
from data.emergency.rules import EmergencyError, RefusedError, UnknownError
from data.emergency.whistles import STEPS, Spot

PATH: Final = "/whistles"


def register(server: Flask, office: Office, permits: Permits, *, desk: Desk) -> None:
    """Add the page and the acts."""
    with permits.of(Permission.VIEW):
        server.add_url_rule(PATH, "whistles", lambda: _page(office, desk), methods=["GET"])
    with permits.of(Permission.DISPATCH):
        server.add_url_rule(PATH, "whistles_blow", lambda: _blow(office, desk), methods=["POST"])
        for step in STEPS:
            server.add_url_rule(f"{PATH}/<int:whistle_id>/<dept_id>/{step}", f"whistles_{step}",
                                lambda whistle_id, dept_id, step=step: _step(
                                    whistle_id, dept_id, step, office, desk), methods=["POST"])


def _done(work: Callable[[], object], office: Office, desk: Desk, case_no: str | None = None) -> Response:
    try:
        work()
    except (EmergencyError, RefusedError, UnknownError) as error:
        status, fault = fault_of(error, speaker(lang_of_request()))
        return _page(office, desk, fault=fault, status=status)
    return back(PATH, case=case_no)


def _blow(office: Office, desk: Desk) -> Response:
    form = request.form
    case_no = form.get("case", "").strip() or None

    def work() -> None:
        area = form.get("area", "")
        spot = Spot(area_code=area)
        if case_no is not None:
            case_ = desk.readers.cases.case(case_no)
            if case_ is None:
                raise EmergencyError(f"case_no must be that of a case of yours, got {case_no[:60]!r}")
            spot = spot_of_case(case_)
        elif area not in set(office.areas().tree()["area_code"]):
            raise EmergencyError(f"area must be one of yours, got {area[:20]!r}")
        desk.whistles.blow(
            form, spot, form.getlist("department")[:50], by=current_viewer(), now=desk.now(),
            known=desk.words().departments)

    return _done(work, office, desk, case_no)


def _step(whistle_id: int, dept_id: str, step: str, office: Office, desk: Desk) -> Response:
    return _done(lambda: desk.whistles.step(
        whistle_id, dept_id, step, by=current_viewer(), now=desk.now()), office, desk)


def _page(office: Office, desk: Desk, *, fault: str = "", status: int = 200) -> Response:
    viewer, lang, words = current_viewer(), lang_of_request(), desk.words()
    say = speaker(lang)
    asked = request.args.get("case") or request.form.get("case", "").strip() or None
    case_ = desk.readers.cases.case(asked) if asked else None
    case_no = str(case_["case_no"]) if case_ else None
    found = desk.whistles.listing(viewer, desk.now(), case_no=case_no)
    form = request.form if fault else {}
    departments = sorted(((code, word.name(lang)) for code, word in words.departments.items()),
                         key=lambda one: one[1])
    return answer(
        "whistles.html", status=status, here=PATH, fault=fault, case_no=case_no,
        heading=say("whistles.title"), about=say("whistles.about"),
        may=viewer.may(Permission.DISPATCH) and not viewer.scope.departments,
        may_step=viewer.may(Permission.DISPATCH), departments=departments,
        areas=office.streets(viewer.scope) or [(code, office.names_of_areas()(code))
                                               for code in viewer.scope.roots],
        rows=[_shown(one, office, lambda code: words.name("departments", code, lang)) for one in found],
        figures=[{"name": words.name("departments", dept, lang),
                  **{key: number(value, 0 if key in {"called", "arrived", "late"} else 1)
                     for key, value in own.items()}} for dept, own in figures(found).items()],
        form={name: form.get(name, "") for name in ("place", "message", "due_minutes", "area")},
        in_language=lambda other: f"{PATH}?lang={other}" + (f"&case={case_no}" if case_no else ""))


def _shown(one: Whistle, office: Office, named: Callable[[str], str]) -> dict[str, Any]:
    """A whistle in words; times are local."""
    return {
        "id": one.whistle_id, "area": office.names_of_areas()(one.area_code), "place": one.place,
        "case_no": one.case_no, "message": one.message, "at": office.shown(one.at), "due": one.due_minutes,
        "calls": [{"dept": call.dept_id, "name": named(call.dept_id), "answered": number(call.answered, 1),
                   "arrived": number(call.arrived, 1), "is_own": call.is_own,
                   "may_answer": call.answered is None, "may_arrive": call.arrived is None,
                   "state": "late" if call.is_late else "waits" if call.arrived is None else "there"}
                  for call in one.calls],
    }
