"""/analytics/weights (考核权重): the weights of the composite index, their history, and new ones."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

from callbacks.desk import Desk, today_of
from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back, day_said, may_write
from callbacks.viewer import current_viewer
from dashboard.format import number
from dashboard.texts import speaker
from data.access.roles import Permission
from data.analytics.weights import PARTS, WeightsError, history, of_day, put, read_weights
from data.cases.indicators import BY_KEY

PATH: Final = "/analytics/weights"
_FIELDS: Final = (*PARTS, "valid_from", "reason")


def register(server: Flask, office: Office, permits: Permits, *, desk: Desk) -> None:
    """Add the page and the form."""
    with permits.of(Permission.VIEW):
        server.add_url_rule(PATH, "weights", lambda: _page(office, desk), methods=["GET"])
    with permits.of(Permission.ASSESS):
        server.add_url_rule(PATH, "weights_put", lambda: _put(office, desk), methods=["POST"])


def _put(office: Office, desk: Desk) -> Response:
    viewer = current_viewer()
    if not viewer.scope.is_everything:
        return refuse(403, "weights hold for the whole district, and your scope is a part of it")
    form = {name: request.form.get(name, "")[:400] for name in _FIELDS}
    try:
        put(desk.everything.store, read_weights(form),
            valid_from=day_said(form["valid_from"], "valid_from", WeightsError), reason=form["reason"],
            by=viewer, today=today_of(desk), now=office.clock(), address=request.remote_addr)
    except WeightsError as error:
        return _page(office, desk, form=form, fault=str(error))
    return back(PATH, saved=1)


def _page(office: Office, desk: Desk, *, form: dict[str, str] | None = None, fault: str = "") -> Response:
    lang = lang_of_request()
    say, viewer, held = speaker(lang), current_viewer(), history(desk.everything.store)
    weights = of_day(held, today_of(desk)).to_store()
    shown = {**{part: f"{points:g}" for part, points in weights.items()},
             "valid_from": f"{today_of(desk)}", "reason": ""}
    parts = [(part, BY_KEY[key].zh if lang == "zh" else BY_KEY[key].en) for part, key in PARTS.items()]
    name = fault.partition(" ")[0]
    return answer(
        "weights.html", status=400 if fault else 200, here="/analytics", heading=say("weights.title"),
        about=say("weights.about"), parts=parts, weights={part: number(points, 1) for part, points
                                                          in weights.items()},
        fault=say(f"weights.fault.{name}", today=f"{today_of(desk)}") if fault else "", form=form or shown,
        may_put=may_write(viewer), today=f"{today_of(desk)}",
        saved=request.args.get("saved") == "1", in_language=lambda one: f"{PATH}?lang={one}",
        rows=[{"from": f"{one.valid_from}", "reason": one.reason, "by": one.set_by,
               "at": office.shown(one.set_at), **{part: f"{points:g}" for part, points
                                                  in one.weights.to_store().items()}} for one in held])
