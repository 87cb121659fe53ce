"""The sign-in pages: password, then code or enrolment or a new password, and the way out."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import segno
from flask import Flask, Response, g, request

from callbacks.cookies import Jar, csrf_of, new_value
from callbacks.documents import answer, default_lang, lang_of_request
from callbacks.guard import SIGN_IN, safe_path
from callbacks.permits import Permits
from callbacks.rates import FACTOR, Rates
from callbacks.refusals import home, refuse
from data.access.oidc import OidcError
from data.access.passwords import PasswordError
from data.access.roles import Permission

LOG: Final = logging.getLogger(__name__)
#: What a session still lacks -> the template that asks for it.
TEMPLATES: Final = {
    None: "sign_in.html", "totp": "totp.html", "enrol": "enrol.html", "password": "password.html",
}
#: Longer texts are no password and no name; hashing them would only cost.
MAX_FIELD: Final = 200
#: Where single sign-on brings the browser back to.
RETURN: Final = f"{SIGN_IN}/oidc/callback"
#: Seconds after which it is worth to try again while too many passwords are hashed.
BUSY_S: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What the sign-in pages need.

    Attributes:
        access: as of `data.access.bundle.Access`.
        zone: in which times are told.
        public_url: by which people reach the product; None: by the host that they ask.
    """

    access: Any
    jar: Jar
    zone: ZoneInfo
    rates: Rates
    public_url: str | None = None


def register(server: Flask, entrance: Entrance, permits: Permits) -> None:
    """The routes of signing in and out."""
    with permits.of(Permission.PUBLIC):
        server.add_url_rule(SIGN_IN, "sign_in", lambda: show(entrance), methods=["GET"])
        server.add_url_rule(f"{SIGN_IN}/oidc", "sign_in_oidc", _bound(federate, entrance), methods=["GET"])
        server.add_url_rule(RETURN, "sign_in_oidc_callback", _bound(federated, entrance), methods=["GET"])
        for path, act in (("", by_password), ("/code", by_code), ("/password", by_new_password),
                          ("/cancel", cancel)):
            name = f"sign_in_{path.strip('/') or 'name'}"
            server.add_url_rule(SIGN_IN + path, name, _bound(act, entrance), methods=["POST"])
    with permits.of(Permission.SIGNED_IN):
        server.add_url_rule("/sign-out", "sign_out", _bound(sign_out, entrance), methods=["POST"])
        server.add_url_rule("/sign-out-everywhere", "sign_out_everywhere",
                            _bound(sign_out_everywhere, entrance), methods=["POST"])


def _bound(act: Callable[[Entrance], Response], entrance: Entrance) -> Callable[[], Response]:
    return lambda: act(entrance)


def show(entrance: Entrance, *, status: int = 200, **said: Any) -> Response:
    """The page that asks for what is still missing; who lacks nothing goes on."""
    session = g.session
    if session is not None and session.viewer is not None:
        return onward(_ahead())
    needs = session.needs if session is not None else None
    fresh = "" if g.cookie else new_value()
    context = {
        "fault": "", "until": "", "note": "", "name": "", "federation": entrance.access.federation,
        "query": _query(), "act": f"{SIGN_IN}/password",
        **said,
    }
    if needs == "enrol":
        enrolment = entrance.access.sign_in.enrol(cookie=g.cookie, now=g.now)
        context |= {"picture": qr_picture(enrolment.uri), "secret": in_fours(enrolment.secret)}
    if fresh:
        context["csrf"] = csrf_of(fresh)
    response = answer(TEMPLATES[needs], status=status, **context)
    if fresh:
        entrance.jar.put_session(response, fresh)
    return response


def by_password(entrance: Entrance) -> Response:
    """POST of name and password."""
    name = _field("name")
    with _counted(entrance) as busy:
        if busy:
            return busy
        outcome = entrance.access.sign_in.password(
            name, _field("password"), cookie=g.cookie or "", address=_address(), now=g.now)
    return _after(entrance, outcome, "sign_in.refused", name=name)


def by_code(entrance: Entrance) -> Response:
    """POST of a code of the second factor, first or later."""
    if g.session is None:
        return stale(entrance)
    with _counted(entrance) as busy:
        if busy:
            return busy
        outcome = entrance.access.sign_in.code(
            "".join(_field("code").split()), cookie=g.cookie, address=_address(), now=g.now)
    return _after(entrance, outcome, "sign_in.refused.code")


def by_new_password(entrance: Entrance) -> Response:
    """POST of the new password that must be set before anything else."""
    if g.session is None:
        return stale(entrance)
    outcome, fault = new_password(entrance)
    if outcome is None:
        return show(entrance, status=403, fault=fault)
    return _after(entrance, outcome, "password.wrong")


def new_password(entrance: Entrance) -> tuple[Any, str]:
    """Change the password of the session in hand; the outcome, or the key of what is wrong."""
    if _field("new") != _field("again"):
        return None, "password.differ"
    with _counted(entrance) as busy:
        if busy:
            return None, "sign_in.busy"
        try:
            return entrance.access.sign_in.change_password(
                _field("old"), _field("new"), cookie=g.cookie, address=_address(), now=g.now), ""
        except PasswordError as error:
            return None, f"password.{error.why}"


def federate(entrance: Entrance) -> Response:
    """Go to the single sign-on; the session remembers where to go afterwards."""
    federation, sessions = entrance.access.federation, entrance.access.sessions
    if federation is None:
        return refuse(404, "single sign-on is not set up here")
    home_url = (entrance.public_url or request.host_url).rstrip("/")
    try:
        cookie, url = federation.begin(
            cookie=g.cookie, redirect_uri=home_url + RETURN, address=_address(), now=g.now)
    except OidcError as error:
        LOG.warning("single sign-on cannot begin: %s", error)
        return show(entrance, status=502, fault="sign_in.refused.oidc")
    begun = sessions.find(cookie, now=g.now)
    sessions.keep(cookie, {**begun.content, "query": _query()})
    response = onward(url)
    entrance.jar.put_session(response, cookie)
    return response


def federated(entrance: Entrance) -> Response:
    """The single sign-on brings the browser back."""
    federation = entrance.access.federation
    if federation is None:
        return refuse(404, "single sign-on is not set up here")
    query = str(g.session.content.get("query", "")) if g.session else ""
    outcome = federation.finish(request.args.to_dict(), cookie=g.cookie, address=_address(), now=g.now)
    return _after(entrance, outcome, "sign_in.refused.oidc", ahead=query)


def cancel(entrance: Entrance) -> Response:
    """Begin again with another account."""
    if g.cookie:
        entrance.access.sessions.end(g.cookie)
    return _left(entrance, onward(SIGN_IN))


def sign_out(entrance: Entrance) -> Response:
    """End this session; its cookie opens nothing any more."""
    entrance.access.sign_in.sign_out(cookie=g.cookie, address=_address(), now=g.now)
    return _left(entrance, onward(SIGN_IN))


def sign_out_everywhere(entrance: Entrance) -> Response:
    """End all sessions of the account."""
    entrance.access.sign_in.sign_out_everywhere(cookie=g.cookie, address=_address(), now=g.now)
    return _left(entrance, onward(SIGN_IN))


def onward(path: str) -> Response:
    """303 to a path of our own."""
    return Response(status=303, headers={"Location": path})


def stale(entrance: Entrance) -> Response:
    """The session ended between two steps."""
    return show(entrance, status=403, fault="sign_in.stale")


def qr_picture(uri: str) -> str:
    """An address as a QR code, an SVG in a ``data:`` URI."""
    stream = BytesIO()
    segno.make(uri, error="m", micro=False).save(stream, kind="svg", border=2, dark="#0d131c", xmldecl=False)
    return "data:image/svg+xml;base64," + b64encode(stream.getvalue()).decode()


def in_fours(secret: str) -> str:
    """A secret in groups that can be read over."""
    return " ".join(secret[at: at + 4] for at in range(0, len(secret), 4))


def _after(
    entrance: Entrance, outcome: Any, fault: str, *, ahead: str | None = None, **said: Any
) -> Response:
    """The next page, or this one again with what was wrong; nothing tells whether an account exists."""
    if outcome.next == "locked":
        until = outcome.until.astimezone(entrance.zone)
        wait = max(1, round((outcome.until - g.now).total_seconds()))
        response = show(entrance, status=429, fault="sign_in.locked", until=_time(until, g.now), **said)
        response.headers["Retry-After"] = str(wait)
        return response
    if outcome.next == "busy":
        return _busy(entrance, BUSY_S, **said)
    if outcome.next == "refused":
        return show(entrance, status=403, fault=fault, **said)
    response = onward(SIGN_IN + (_query() if ahead is None else ahead))
    entrance.jar.put_session(response, outcome.cookie)
    return response


@contextmanager
def _counted(entrance: Entrance) -> Iterator[Response | None]:
    """Every factor is dear: so many a minute of one address."""
    wait = entrance.rates.wait(f"factor:{request.remote_addr}", FACTOR)
    if not wait:
        yield None
        return
    yield _busy(entrance, wait)


def _busy(entrance: Entrance, wait: int, **said: Any) -> Response:
    response = show(entrance, status=429, fault="sign_in.busy", **said)
    response.headers["Retry-After"] = str(wait)
    return response


def _left(entrance: Entrance, response: Response) -> Response:
    """Nothing of what was seen stays in the browser."""
    entrance.jar.drop(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _next() -> str:
    return safe_path(request.args.get("next"))


def _ahead() -> str:
    """Where to go from here: the page asked for, else the first one, in the language chosen here."""
    asked, lang = _next(), lang_of_request()
    there = home() if asked == "/" else asked
    return f"/?lang={lang}" if there == "/" and lang != default_lang() else there


def _query() -> str:
    """What the address of the next step carries on: where to go, and the language."""
    kept = {"next": _next()} if _next() != "/" else {}
    if request.args.get("lang"):
        kept["lang"] = lang_of_request()
    return f"?{urlencode(kept)}" if kept else ""


def _field(name: str) -> str:
    return request.form.get(name, "")[:MAX_FIELD]


def _address() -> str:
    return request.remote_addr or ""


def _time(until: datetime, now: datetime) -> str:
    """The time of day; with the date where that is another one."""
    same_day = until.date() == now.astimezone(until.tzinfo).date()
    return until.strftime("%H:%M") if same_day else until.strftime("%Y-%m-%d %H:%M")

