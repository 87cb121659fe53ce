"""/system/screens (展示屏): issue, list and revoke wall displays; /screen/<token> makes a browser one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Flask, Response, request

from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back, chosen_areas
from callbacks.viewer import current_viewer
from dashboard.documents import LINKS
from dashboard.texts import Say, speaker
from data.access.audit import Entry
from data.access.roles import Permission
from data.access.scope import Scope, ScopeError
from data.access.tokens import Screen, TokenError

PATH: Final = "/system/screens"
#: What may be chosen, in days; empty: until it is revoked.
DAYS: Final = ("", "7", "30", "90", "365")
_FAULTS: Final = ("name", "pages", "expires_at")
#: Browsers keep no cookie longer; the address opened again makes a new one.
_COOKIE_S: Final = 400 * 86_400


def register(server: Flask, office: Office, permits: Permits) -> None:
    """GET and POST /system/screens, POST /system/screens/<id>/revoke, GET /screen/<token>."""
    with permits.of(Permission.GRANT):
        server.add_url_rule(PATH, "system_screens", lambda: _page(office), methods=["GET"])
        server.add_url_rule(PATH, "system_screens_issue", lambda: _issue(office), methods=["POST"])
        server.add_url_rule(f"{PATH}/<int:token_id>/revoke", "system_screens_revoke",
                            lambda token_id: _revoke(office, token_id), methods=["POST"])
    with permits.of(Permission.PUBLIC):
        server.add_url_rule("/screen/<token>", "screen", lambda token: _open(office, token), methods=["GET"])


def _revoke(office: Office, token_id: int) -> Response:
    if not office.access.tokens.revoke(token_id, by=current_viewer(), now=office.clock(),
                                       address=request.remote_addr):
        return refuse(404, f"token_id must be that of a screen that is not revoked, got {token_id}")
    return back(PATH)


def _open(office: Office, token: str) -> Response:
    """Make the browser a screen and go on to its first page; the rest of the address goes with it."""
    now = office.clock()
    viewer = office.access.tokens.find(token, now=now)
    if viewer is None:
        return refuse(404, "no such page")
    office.access.audit.record(
        Entry(account_id=None, account_name=viewer.name, address=request.remote_addr,
              action="screen_opened", object_kind="screen", object_id=str(viewer.token_id)), now=now)
    query = request.query_string.decode("ascii", "replace")
    response = back(min(viewer.pages) + (f"?{query}" if query else ""))
    office.jar.put_screen(response, token, max_age_s=_COOKIE_S)
    return response


def pages_of_the_wall() -> list[tuple[str, str]]:
    """Path and text key of the pages that a screen may show."""
    fit = (link for link in LINKS if link.permission is Permission.VIEW and link.for_screens)
    return [(link.path, link.key) for link in fit]


def _issue(office: Office) -> Response:
    """A new screen; its address is in the answer and nowhere else."""
    say, now = speaker(lang_of_request()), office.clock()
    name, days = request.form.get("name", ""), request.form.get("days", "")
    try:
        if days not in DAYS:
            raise TokenError(f"expires_at must be in one of {DAYS} days, got {days[:20]!r}")
        _, token = office.access.tokens.issue(
            name, Scope(chosen_areas()), request.form.getlist("page")[:50], issued_by=current_viewer(),
            expires_at=now + timedelta(days=int(days)) if days else None, now=now,
            address=request.remote_addr)
    except ScopeError:
        return _page(office, fault=say("screens.fault.scope"))
    except TokenError as error:
        found = next((field for field in _FAULTS if str(error).startswith(field)), "pages")
        return _page(office, fault=say(f"screens.fault.{found}"))
    base = f"https://{request.host}/" if office.jar.secure else request.host_url
    return _page(office, made={"name": name.strip(), "address": f"{base}screen/{token}"})


def _page(office: Office, *, fault: str = "", made: dict[str, str] | None = None) -> Response:
    say, now, named = speaker(lang_of_request()), office.clock(), office.names_of_areas()
    form = request.form
    kept = form if fault else {}
    return answer(
        "screens.html", status=400 if fault else 200, here=PATH, fault=fault, made=made,
        rows=[_shown(screen, office, now, named, say) for screen in office.access.tokens.listing()],
        streets=office.streets(current_viewer().scope), days=DAYS,
        pages=[(path, say(key)) for path, key in pages_of_the_wall()],
        form={"name": kept.get("name", ""), "codes": kept.get("codes", ""), "days": kept.get("days", ""),
              "area": form.getlist("area") if fault else [],
              "page": form.getlist("page") if fault else ["/"]},
        may_whole=current_viewer().scope.has_all_areas,
        in_language=lambda lang: f"{PATH}?lang={lang}")


def _shown(screen: Screen, office: Office, now: datetime, named: Callable[[str], str],
           say: Say) -> dict[str, Any]:
    state = "live" if screen.is_live(now) else "revoked" if screen.revoked_at else "expired"
    keys = dict(pages_of_the_wall())
    areas = [say("screens.whole") if code == "*" else named(code) for code in sorted(screen.scope.areas)]
    return {
        "id": screen.token_id, "name": screen.name, "state": state, "areas": ", ".join(areas),
        "departments": ", ".join(sorted(screen.scope.departments)),
        "pages": ", ".join(say(keys[path]) if path in keys else path for path in screen.pages),
        "created": office.shown(screen.created_at), "seen": office.shown(screen.seen_at),
        "expires": office.shown(screen.expires_at) if screen.expires_at else say("screens.ends.never"),
    }
