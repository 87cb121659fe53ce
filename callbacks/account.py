"""The page of one's own account: roles, scope, devices, password."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response, g, request

from callbacks.account_alerts import part_of_page
from callbacks.documents import answer
from callbacks.first_page import FIRST, chosen, remember
from callbacks.permits import Permits
from callbacks.refusals import home, refuse
from callbacks.sign_in import Entrance, new_password, onward
from data.access.roles import ROLES, Permission

#: What led to no new password -> status and text.
FAULTS: Final = {
    "refused": (403, "password.wrong"), "locked": (429, "sign_in.busy"), "busy": (429, "sign_in.busy"),
}
_STATUS: Final = {"sign_in.busy": 429}
_SAID: Final = "password"
_FIRST: Final = "first"
_NOTES: Final = {_SAID: "password.done", _FIRST: "account.first.done", "alerts": "subscription.saved"}


def register(server: Flask, entrance: Entrance, permits: Permits) -> None:
    """GET /account, POST /account/first, POST /account/password."""
    with permits.of(Permission.SIGNED_IN):
        server.add_url_rule("/account", "account", show, methods=["GET"])
        server.add_url_rule("/account/first", "account_first", choose, methods=["POST"])
        server.add_url_rule("/account/password", "account_password", lambda: change(entrance),
                            methods=["POST"])


def choose() -> Response:
    """POST of the page that opens first on this device."""
    choice = request.form.get("first", "")
    if choice not in FIRST:
        return refuse(400, f"first must be among {', '.join(FIRST)}, got {choice[:40]!r}")
    response = onward(f"/account?said={_FIRST}")
    remember(response, choice)
    return response


def show(*, status: int = 200, **said: Any) -> Response:
    """The account of the viewer."""
    viewer = g.viewer
    context = {
        "fault": "", "until": "", "query": "", "act": "/account/password",
        "note": _NOTES.get(request.args.get("said", ""), ""), "alerts": part_of_page(),
        "first": chosen(viewer) if viewer.may(Permission.VIEW) else "", "first_pages": FIRST,
        "viewer": viewer, "roles": sorted(viewer.roles & set(ROLES)), "areas": sorted(viewer.scope.areas),
        "departments": sorted(viewer.scope.departments), "has_home": home() != "/account",
        "has_password": "oidc" not in g.session.factors, **said,
    }
    return answer("account.html", status=status, here="/account", **context)


def change(entrance: Entrance) -> Response:
    """POST of a new password; a new cookie takes the place of this one."""
    outcome, fault = new_password(entrance)
    if outcome is None:
        return show(status=_STATUS.get(fault, 403), fault=fault)
    if outcome.next in FAULTS:
        code, fault = FAULTS[outcome.next]
        return show(status=code, fault=fault)
    response = onward(f"/account?said={_SAID}")
    if outcome.cookie:
        entrance.jar.put_session(response, outcome.cookie)
    return response
