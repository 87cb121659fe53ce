"""/system/accounts (账号管理): the system administrator makes, disables and resets accounts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from flask import Flask, Response, request

from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back
from callbacks.viewer import current_viewer
from dashboard.texts import Say, speaker
from data.access.accounts import Account, AccountError
from data.access.passwords import BusyError
from data.access.roles import ADMINISTRATORS, Permission

PATH: Final = "/system/accounts"


def register(server: Flask, office: Office, permits: Permits) -> None:
    """GET and POST /system/accounts, POST /system/accounts/<id>/disable, enable and reset."""
    with permits.of(Permission.MANAGE_ACCOUNTS):
        server.add_url_rule(PATH, "system_accounts", lambda: _page(office), methods=["GET"])
        server.add_url_rule(PATH, "system_accounts_add", lambda: _add(office), methods=["POST"])
        for act, done in (("disable", _disable), ("enable", _enable), ("reset", _reset)):
            server.add_url_rule(f"{PATH}/<int:account_id>/{act}", f"system_accounts_{act}",
                                partial(_act, office, done), methods=["POST"])


def may_change(account: Account, act: str) -> bool:
    """Whether the viewer may do something to an account.

    Nobody shuts himself out. An administrator's password is reset on the command line only:
    who could reset it here could sign in as one, and the three would be separated no longer.
    """
    if account.account_id == current_viewer().account_id:
        return False
    return act != "reset" or not account.roles & set(ADMINISTRATORS)


def _add(office: Office) -> Response:
    say, form = speaker(lang_of_request()), request.form
    try:
        account, password = office.access.accounts.add(
            form.get("name", ""), display_name=form.get("display_name", "").strip() or None,
            by=current_viewer(), now=office.clock(), address=request.remote_addr)
    except AccountError as error:
        fault = "taken" if "which is taken" in str(error) else "name"
        return _page(office, fault=say(f"accounts.fault.{fault}"), status=400)
    except BusyError:
        return _page(office, fault=say("sign_in.busy"), status=429)
    return _page(office, made={"name": account.name, "password": password})


def _act(office: Office, done: Callable[[Office, Account], Response], account_id: int) -> Response:
    """One act on one account, where the viewer may."""
    account = office.access.accounts.get(account_id)
    if account is None:
        return refuse(404, f"account_id must be that of an account, got {account_id}")
    if not may_change(account, done.__name__.lstrip("_")):
        return refuse(403, "this account must be changed by another administrator or on the command line")
    return done(office, account)


def _disable(office: Office, account: Account) -> Response:
    office.access.accounts.disable(account.name, by=current_viewer(), now=office.clock(),
                                   address=request.remote_addr)
    return back(PATH)


def _enable(office: Office, account: Account) -> Response:
    office.access.accounts.enable(account.name, by=current_viewer(), now=office.clock(),
                                  address=request.remote_addr)
    return back(PATH)


def _reset(office: Office, account: Account) -> Response:
    try:
        _, password = office.access.accounts.reset(account.name, by=current_viewer(), now=office.clock(),
                                                   address=request.remote_addr)
    except BusyError:
        return _page(office, fault=speaker(lang_of_request())("sign_in.busy"), status=429)
    return _page(office, made={"name": account.name, "password": password})


def _page(office: Office, *, fault: str = "", status: int = 200,
          made: dict[str, str] | None = None) -> Response:
    say, form = speaker(lang_of_request()), request.form if fault else {}
    return answer("accounts.html", status=status, here=PATH, fault=fault, made=made,
                  rows=[_shown(account, office, say) for account in office.access.accounts.listing()],
                  form={name: form.get(name, "")[:80] for name in ("name", "display_name")},
                  in_language=lambda lang: f"{PATH}?lang={lang}")


def _shown(account: Account, office: Office, say: Say) -> dict[str, Any]:
    state = "disabled" if account.is_disabled else "new" if account.must_change else "live"
    factor = "totp" if account.has_totp else "oidc" if account.subject else "none"
    return {
        "id": account.account_id, "name": account.name, "display_name": account.display_name or "",
        "state": state, "factor": say(f"accounts.factor.{factor}"), "roles": roles_text(account, say),
        "created": office.shown(account.created_at), "changed": office.shown(account.changed_at),
        "disabled": account.is_disabled, "may": may_change(account, "disable"),
        "may_reset": may_change(account, "reset"),
    }


def roles_text(account: Account, say: Say) -> str:
    """The roles of an account in words; a dash for none."""
    return ", ".join(say(f"role.{role}") for role in sorted(account.roles)) or "—"
