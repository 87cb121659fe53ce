"""/analytics/surveys (群众评议): who knows of the service and who is content, by survey, with intervals."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask import Flask, Response, request

from callbacks.analytics_address import SURVEYS as PATH
from callbacks.desk import Desk, today_of
from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back, day_said, may_write, row_named
from callbacks.viewer import current_viewer
from dashboard.format import NONE, number, percent
from dashboard.texts import Say, speaker
from data.access.roles import Permission
from data.analytics.intervals import wilson
from data.analytics.surveys import KINDS, LONGEST, MOST, Survey, SurveyError, add, listing, summed, withdraw

WITHDRAW: Final = "/analytics/surveys/withdraw"
_FIELDS: Final = ("kind", "day", "area", "asked", "agreed", "about")


def register(app: Flask, office: Office, permits: Permits, *, desk: Desk) -> None:
    """Add the page and its forms."""
    with permits.of(Permission.VIEW):
        app.add_url_rule(PATH, "surveys", lambda: _page(office, desk), methods=["GET"])
    with permits.of(Permission.ASSESS):
        app.add_url_rule(PATH, "surveys_add", lambda: _add(office, desk), methods=["POST"])
        app.add_url_rule(WITHDRAW, "surveys_withdraw", lambda: _withdraw(office, desk), methods=["POST"])


def _add(office: Office, desk: Desk) -> Response:
    viewer = current_viewer()
    if not may_write(viewer):
        return refuse(403, "surveys are entered for the whole district, and your scope is a part of it")
    form = {name: request.form.get(name, "")[:400] for name in _FIELDS}
    try:
        add(desk.everything.store, kind=form["kind"], day=day_said(form["day"], "day", SurveyError),
            area_code=_area(form["area"], desk), asked=_count("asked", form), agreed=_count("agreed", form),
            about=form["about"], today=today_of(desk), by=viewer, now=office.clock(),
            address=request.remote_addr)
    except SurveyError as error:
        return _page(office, desk, form=form, fault=str(error))
    return back(PATH, saved=1)


def _withdraw(office: Office, desk: Desk) -> Response:
    viewer = current_viewer()
    if not may_write(viewer):
        return refuse(403, "surveys are entered for the whole district, and your scope is a part of it")
    withdraw(desk.everything.store, row_named(request.form.get("survey", "")), by=viewer, now=office.clock(),
             address=request.remote_addr)
    return back(PATH)


def _count(name: str, form: dict[str, str]) -> int:
    text = form[name].strip()
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST))):
        raise SurveyError(f"{name} must be a whole number up to {MOST}, got {text[:40]!r}")
    return int(text)


def _area(code: str, desk: Desk) -> str | None:
    """An area that there is; None for the whole district."""
    if code and code not in {known for known, _ in _places(desk)}:
        raise SurveyError(f"area must be a street or a community of the district, got {code[:40]!r}")
    return code or None


def _places(desk: Desk) -> list[tuple[str, str]]:
    areas = desk.everything.areas
    return sorted(areas.children(None, "street") + areas.children(None, "community"))


def _page(office: Office, desk: Desk, *, form: dict[str, str] | None = None, fault: str = "") -> Response:
    say, today, viewer = speaker(lang_of_request()), today_of(desk), current_viewer()
    held = listing(desk.everything.store, viewer.scope)
    name = office.names_of_areas()
    blank = {"kind": KINDS[0], "day": f"{today}", "area": "", "asked": "", "agreed": "", "about": ""}
    return answer(
        "surveys.html", status=400 if fault else 200, here="/analytics", heading=say("surveys.title"),
        about=say("surveys.about"), kinds=[(kind, say(f"surveys.kind.{kind}")) for kind in KINDS],
        places=_places(desk) if may_write(viewer) else [], form=form or blank, today=f"{today}",
        longest=LONGEST, most=MOST, facts=_facts(held, today, say),
        rows=[{"survey": one.survey_id, "kind": say(f"surveys.kind.{one.kind}"), "day": f"{one.day}",
               "area": name(one.area_code) if one.area_code else say("surveys.whole"),
               "asked": number(one.asked), "agreed": number(one.agreed), "by": one.set_by,
               "about": one.about, **share_of((one.agreed, one.asked))} for one in held],
        fault=say(f"surveys.fault.{fault.partition(' ')[0]}", today=f"{today}") if fault else "",
        may_write=may_write(viewer), saved=request.args.get("saved") == "1",
        in_language=lambda one: f"{PATH}?lang={one}")


def share_of(counted: tuple[int, int] | None) -> dict[str, str]:
    """``share`` and ``band`` (95 %, Wilson) of some answers, as they are shown."""
    band = wilson(*counted) if counted else None
    if counted is None or band is None:
        return {"share": NONE, "band": ""}
    return {"share": percent(counted[0] / counted[1], 1),
            "band": f"{percent(band[0], 1)} – {percent(band[1], 1)}"}


def _facts(held: list[Survey], today: date, say: Say) -> list[dict[str, Any]]:
    """Each kind since this month of last year, and in the year before that."""
    last, before = (date(today.year - years, today.month, 1) for years in (1, 2))
    return [{"name": say(f"surveys.kind.{kind}"),
             **share_of(summed(held, kind, first=last, after=date.max)),
             "before": share_of(summed(held, kind, first=before, after=last))["share"]} for kind in KINDS]
