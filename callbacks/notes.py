"""/analytics/notes (记事): what days were like, for whoever looks at a curve later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Flask, Response, request

from callbacks.analytics_address import NOTES as PATH
from callbacks.desk import Desk, today_of
from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back, day_said, may_write, row_named
from callbacks.viewer import current_viewer
from dashboard.texts import speaker
from data.access.roles import Permission
from data.analytics.notes import FIRST_DAY, LONGEST, NoteError, add, of_days, withdraw

WITHDRAW: Final = "/analytics/notes/withdraw"


def register(app: Flask, office: Office, permits: Permits, *, desk: Desk) -> None:
    """Add the page and its forms."""
    with permits.of(Permission.VIEW):
        app.add_url_rule(PATH, "notes", lambda: _page(office, desk), methods=["GET"])
    with permits.of(Permission.ASSESS):
        app.add_url_rule(PATH, "notes_add", lambda: _add(office, desk), methods=["POST"])
        app.add_url_rule(WITHDRAW, "notes_withdraw", lambda: _withdraw(office, desk), methods=["POST"])


def _add(office: Office, desk: Desk) -> Response:
    viewer = current_viewer()
    if not may_write(viewer):
        return refuse(403, "notes hold for the whole district, and your scope is a part of it")
    form = {name: request.form.get(name, "")[:400] for name in ("day", "text")}
    try:
        add(desk.everything.store, day=day_said(form["day"], "day", NoteError), text=form["text"],
            today=today_of(desk), by=viewer, now=office.clock(), address=request.remote_addr)
    except NoteError as error:
        return _page(office, desk, form=form, fault=str(error))
    return back(PATH, saved=1)


def _withdraw(office: Office, desk: Desk) -> Response:
    viewer = current_viewer()
    if not may_write(viewer):
        return refuse(403, "notes hold for the whole district, and your scope is a part of it")
    withdraw(desk.everything.store, row_named(request.form.get("note", "")), by=viewer, now=office.clock(),
             address=request.remote_addr)
    return back(PATH)


def _page(office: Office, desk: Desk, *, form: dict[str, str] | None = None, fault: str = "") -> Response:
    say, today = speaker(lang_of_request()), today_of(desk)
    rows: list[dict[str, Any]] = [
        {"note": one.note_id, "day": f"{one.day}", "text": one.text, "by": one.set_by,
         "at": office.shown(one.set_at)}
        for one in of_days(desk.everything.store, FIRST_DAY, today + timedelta(days=1))[::-1]]
    return answer(
        "notes.html", status=400 if fault else 200, here="/analytics", heading=say("notes.title"),
        about=say("notes.about"), rows=rows, today=f"{today}", longest=LONGEST,
        form=form or {"day": request.args.get("day", f"{today}")[:10], "text": ""},
        fault=say(f"notes.fault.{fault.partition(' ')[0]}", n=LONGEST, today=f"{today}") if fault else "",
        may_write=may_write(current_viewer()), saved=request.args.get("saved") == "1",
        in_language=lambda one: f"{PATH}?lang={one}")
