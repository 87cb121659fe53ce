"""/system/rights (授权管理): the security administrator gives roles and scopes, and makes no accounts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from flask import Flask, Response, request

from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back, chosen_areas, typed
from callbacks.system_accounts import roles_text
from callbacks.viewer import current_viewer
from dashboard.texts import Say, speaker
from data.access.accounts import Account
from data.access.roles import ROLES, Permission, conflict
from data.access.scope import Scope, ScopeError

PATH: Final = "/system/rights"


def register(server: Flask, office: Office, permits: Permits) -> None:
    """GET /system/rights, GET and POST /system/rights/<id>."""
    with permits.of(Permission.GRANT):
        server.add_url_rule(PATH, "system_rights", lambda: _page(office), methods=["GET"])
        for method, answered in (("GET", _form), ("POST", _give)):
            server.add_url_rule(f"{PATH}/<int:account_id>", f"system_rights_{method.lower()}",
                                partial(_one, office, answered), methods=[method])


def _page(office: Office) -> Response:
    say = speaker(lang_of_request())
    own = current_viewer().account_id
    rows = [{"id": account.account_id, "name": account.name, "display_name": account.display_name or "",
             "disabled": account.is_disabled, "roles": roles_text(account, say),
             "areas": _areas_text(account, office, say), "may": account.account_id != own,
             "departments": ", ".join(sorted(account.scope.departments)) or "—"}
            for account in office.access.accounts.listing()]
    return answer("rights.html", here=PATH, rows=rows, in_language=lambda lang: f"{PATH}?lang={lang}")


def _one(office: Office, answered: Callable[[Office, Account], Response], account_id: int) -> Response:
    """The rights of one account, shown or given; nobody gives rights to himself."""
    account = office.access.accounts.get(account_id)
    if account is None:
        return refuse(404, f"account_id must be that of an account, got {account_id}")
    if account_id == current_viewer().account_id:
        return refuse(403, "nobody may give rights to his own account")
    return answered(office, account)


def _give(office: Office, account: Account) -> Response:
    say, roles = speaker(lang_of_request()), request.form.getlist("role")[:50]
    if conflict(roles):
        return _form(office, account, fault=say("rights.fault.roles"))
    try:
        scope = Scope(chosen_areas(), frozenset(typed("departments")))
    except ScopeError as error:
        field = "departments" if "department" in str(error) else "areas"
        return _form(office, account, fault=say(f"rights.fault.{field}"))
    office.access.accounts.grant(account.name, roles=roles, scope=scope, by=current_viewer(),
                                 now=office.clock(), address=request.remote_addr)
    return back(PATH)


def _form(office: Office, account: Account, *, fault: str = "") -> Response:
    say = speaker(lang_of_request())
    streets = office.streets()
    boxed = {"*", *(code for code, _ in streets)}
    if fault:
        roles, areas = set(request.form.getlist("role")), set(request.form.getlist("area"))
        codes, departments = request.form.get("codes", ""), request.form.get("departments", "")
    else:
        roles, areas = set(account.roles), set(account.scope.areas)
        codes, departments = " ".join(sorted(areas - boxed)), " ".join(sorted(account.scope.departments))
    path = f"{PATH}/{account.account_id}"
    return answer("rights_of.html", status=400 if fault else 200, here=PATH, path=path, fault=fault,
                  name=account.name, display_name=account.display_name or "", streets=streets,
                  roles=[(role, say(f"role.{role}"), say(f"role.{role}.may")) for role in ROLES],
                  held=roles, areas=areas, codes=codes, departments=departments,
                  in_language=lambda lang: f"{path}?lang={lang}")


def _areas_text(account: Account, office: Office, say: Say) -> str:
    named: Any = office.names_of_areas()
    return ", ".join(say("screens.whole") if code == "*" else named(code)
                     for code in sorted(account.scope.areas)) or "—"
