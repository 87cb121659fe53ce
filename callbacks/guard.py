"""The one guard in front of every path, callback, binary route, stream and asset.

Order of its checks: host, size, who asks, how often, permission, origin and form token, body of
a callback. Whatever is not declared in `callbacks.permits` is refused; `ALLOWED` names what needs
nobody to be signed in.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from dash import Dash
from dash.exceptions import DependencyException
from flask import Response, g, redirect, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from callbacks import refusals
from callbacks.cookies import Jar, carries, cookie_of, csrf_of
from callbacks.device_token import token_of
from callbacks.documents import allowed, lang_of_request
from callbacks.permits import Permit, Permits
from callbacks.rates import ANONYMOUS, DEVICE, SESSION, Rates
from callbacks.refusals import refuse
from dashboard.security import CALLBACKS, HEADERS, MAX_BODY, MAX_QUERY, callback_fault, content_policy
from data.access.roles import Permission
from data.access.viewer import Viewer
from data.devices.devices import OFFICER, VEHICLE
from data.filters import FilterError

LOG: Final = logging.getLogger(__name__)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
SIGN_IN: Final = "/sign-in"
UNKNOWN: Final = "/<path:path>"
ASSETS: Final = "/assets/<path:filename>"
#: What the documents are drawn with; nothing of it tells anything.
PUBLIC_ASSETS: Final = re.compile(r"/assets/(10-tokens\.css|6\d-[a-z-]+\.css|favicon\.ico)")
#: Asked by machines every few seconds: neither looked up nor counted, for it says only whether all is well.
UNCOUNTED: Final = frozenset({"/healthz"})
#: What a page asks for by itself: nobody is kept signed in by it.
BY_ITSELF: Final = frozenset({"/api/status", "/api/release", "/api/live", "/api/delta"})
#: A page says so itself when nobody has touched it for a while and it asks all the same.
IDLE: Final = "X-Idle"
#: What Dash registers itself.
FRAMEWORK: Final[Mapping[str, Permission]] = {
    "/": Permission.VIEW,
    "/_dash-layout": Permission.VIEW,
    "/_dash-dependencies": Permission.VIEW,
    CALLBACKS: Permission.VIEW,  # and that of the callback
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Permission.VIEW,
    "/_reload-hash": Permission.OPERATE,
    "/_favicon.ico": Permission.SIGNED_IN,
    ASSETS: Permission.VIEW,  # but for `PUBLIC_ASSETS`
    "/static/<path:filename>": Permission.OPERATE,
    UNKNOWN: Permission.SIGNED_IN,  # answered 404
}
#: A year; only behind TLS.
HSTS: Final = "max-age=31536000; includeSubDomains"
#: What devices send by their token, and which of them may.
SENDING: Final = {Permission.SEND_FIXES: "that of an officer or a vehicle",
                  Permission.SEND_READINGS: "a sensor"}
_READING: Final = frozenset({"GET", "HEAD"})
_SAME: Final = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the guard is told.

    Attributes:
        access: ``sessions``, ``tokens`` and ``devices`` as of `data.access.bundle.Access`.
        clock: the time of day outside, aware.
        hosts: names by which the product is reached, beside those of this machine.
        jar: how cookies are named.
        media: origins whose pictures of cameras a page may play, beside this one.
    """

    access: Any
    permits: Permits
    clock: Callable[[], datetime]
    jar: Jar
    hosts: frozenset[str] = frozenset()
    media: tuple[str, ...] = ()
    rates: Rates = field(default_factory=Rates)


class Guard:
    """Lets a request pass, or says why not."""

    def __init__(self, doors: Doors, callback_map: Mapping[str, Mapping[str, Any]]) -> None:
        self._doors = doors
        self._callbacks = callback_map

    def check(self) -> Response | None:
        """The answer to a request that must not pass; None lets it pass, with ``g.viewer`` set."""
        permit = self._permit()
        refusal = self._unfit(permit)
        if refusal is not None or (request.url_rule and request.url_rule.rule in UNCOUNTED):
            return refusal
        if permit and permit.permission in SENDING and (token := token_of(request)):
            return self._device(token, permit.permission)
        self._recognise()
        refusal = self._too_often() or self._unpermitted(permit) or self._foreign()
        if refusal is None and request.path == CALLBACKS and request.method == "POST":
            return self._callback()
        return refusal

    def _permit(self) -> Permit | None:
        rule = request.url_rule
        if rule is None:
            return None
        if rule.rule == ASSETS and PUBLIC_ASSETS.fullmatch(request.path):
            return Permit(permission=Permission.PUBLIC)
        return self._doors.permits.route(rule.rule, request.method)

    def _unfit(self, permit: Permit | None) -> Response | None:
        """Host and size, before anything is looked up."""
        host = urlsplit(f"//{request.host}").hostname
        if host not in LOOPBACK and host not in self._doors.hosts:
            return refuse(421, f"host must be one that is served here, got {str(request.host)[:60]!r}")
        asked = len(request.query_string)
        if asked > MAX_QUERY:
            return refuse(414, f"the query must be at most {MAX_QUERY} bytes, got {asked}")
        limit = MAX_BODY if permit is None or permit.max_body is None else permit.max_body
        request.max_content_length = limit
        if (request.content_length or 0) > limit:
            return refuse(413, f"the body must be at most {limit} bytes, got {request.content_length}")
        return None

    def _recognise(self) -> None:
        """Who asks: a person by the session's cookie, else a screen by its own."""
        access, jar, now = self._doors.access, self._doors.jar, self._doors.clock()
        cookie = cookie_of(request, jar.session)
        acts = request.path not in BY_ITSELF and request.headers.get(IDLE) is None
        session = access.sessions.find(cookie, now=now, is_act=acts) if cookie else None
        g.now, g.cookie, g.session = now, cookie, session
        g.viewer = session.viewer if session else None
        g.csrf = session.csrf if session else csrf_of(cookie) if cookie else ""
        if session is None:
            token = cookie_of(request, jar.screen)
            screen = access.tokens.find(token, now=now) if token else None
            if token and screen is not None:
                g.viewer, g.csrf = screen, csrf_of(token)

    def _device(self, token: str, permission: Permission) -> Response | None:
        """A device by its token: no browser sends one by itself, so no page has to prove that it is ours."""
        doors = self._doors
        g.now, g.device = doors.clock(), doors.access.devices.find(token, now=doors.clock())
        if g.device is None:
            wait = doors.rates.wait(f"address:{request.remote_addr}", ANONYMOUS)
        else:
            wait = doors.rates.wait(f"device:{g.device.device_id}", DEVICE)
        if wait:
            return refuse(429, f"too many requests, wait {wait} s", wait=wait)
        if g.device is None:
            return refuse(401, "the token must be that of a device that is not revoked")
        moves = g.device.kind in (OFFICER, VEHICLE)
        if moves != (permission is Permission.SEND_FIXES):
            return refuse(403, f"the device must be {SENDING[permission]}, got one of kind {g.device.kind}")
        return None

    def _too_often(self) -> Response | None:
        """Per session of the signed in, per address of all others."""
        viewer: Viewer | None = g.viewer
        if viewer is None:
            wait = self._doors.rates.wait(f"address:{request.remote_addr}", ANONYMOUS)
        else:
            who = f"screen:{viewer.token_id}" if viewer.is_screen else f"session:{_mark(g.cookie)}"
            wait = self._doors.rates.wait(who, SESSION)
        return refuse(429, f"too many requests, wait {wait} s", wait=wait) if wait else None

    def _unpermitted(self, permit: Permit | None) -> Response | None:
        """Nothing can be probed from outside: without a viewer a path that exists is like any other."""
        viewer: Viewer | None = g.viewer
        if permit is not None and permit.permission is Permission.PUBLIC:
            return None
        if viewer is None:
            return _sign_in_first()
        wrong_method = isinstance(request.routing_exception, MethodNotAllowed)
        if not wrong_method and (request.url_rule is None or request.url_rule.rule == UNKNOWN):
            return refuse(404, f"no such page: {request.path[:80]}")
        if permit is None:
            return refuse(405, f"method must be one of this path, got {request.method[:20]}")
        return _forbidden(viewer, permit.permission)

    def _foreign(self) -> Response | None:
        """A write must come from our own page and prove it; data and streams go to our own pages only."""
        site = request.headers.get("Sec-Fetch-Site")
        if request.method in _READING:
            if site is None or site in _SAME or request.headers.get("Sec-Fetch-Mode") == "navigate":
                return None
            return refuse(403, f"Sec-Fetch-Site must be same-origin, got {site[:20]!r}")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return refuse(403, f"origin must be {request.host}, got {origin[:60]!r}")
        if site is not None and site not in _SAME:
            return refuse(403, f"Sec-Fetch-Site must be same-origin, got {site[:20]!r}")
        if not carries(request, g.csrf):
            return refuse(403, "the token of the page is missing or old: open the page anew", reason="csrf")
        return None

    def _callback(self) -> Response | None:
        """The body fits its callback, and the viewer may ask it."""
        try:
            body = request.get_json(silent=True)
        except RecursionError:
            return refuse(400, "the body must be JSON of a few levels, got more")
        fault = callback_fault(body, self._callbacks)
        if fault or body is None:
            return refuse(400, fault or "the body must be JSON")
        permit = self._doors.permits.callback(body["output"])
        if permit is None or "callback" not in self._callbacks[body["output"]]:
            return refuse(400, f"output must be one that the server answers, got {body['output'][:80]!r}")
        if not allowed(g.viewer, permit.permission):
            return refuse(403, f"this needs the permission {permit.permission.value}")
        return None


def hosts_of(public_url: str | None, hosts: Iterable[str]) -> frozenset[str]:
    """The names by which the product is reached, out of the settings, in lower case."""
    known = {host.lower() for host in hosts}
    if public_url:
        known.add(urlsplit(public_url).hostname or "")
    return frozenset(known - {""})


def is_page() -> bool:
    """Whether the request opens a page, rather than asks for a part of one."""
    return request.method in _READING and refusals.is_read_by_a_person()


def safe_path(path: str | None) -> str:
    """A path of our own to go on to; ``/`` for whatever leads elsewhere or could."""
    text = path or "/"
    plain = re.fullmatch(r"/[!-\[\]-~]*", text) and not text.startswith(("//", SIGN_IN, "/sign-out"))
    if not plain or len(text) > 2000 or urlsplit(text).netloc or urlsplit(text).scheme:
        return "/"
    return text


def protect(app: Dash, doors: Doors) -> None:
    """Put the guard around a finished app; call after all callbacks and routes are registered."""
    server = app.server
    doors.permits.require_complete()
    server.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    policy = content_policy(list(app.csp_hashes()), doors.media)
    guard = Guard(doors, app.callback_map)
    server.before_request(guard.check)

    @server.after_request
    def sign(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if doors.jar.secure:
            response.headers["Strict-Transport-Security"] = HSTS
        kept = response.headers.get("Cache-Control", "no-store")
        response.headers["Cache-Control"] = kept.replace("public", "private")
        return response

    server.register_error_handler(FilterError, lambda error: refuse(400, str(error)))
    server.register_error_handler(DependencyException,
                                  lambda _error: refuse(404, "no such file of a library"))
    server.register_error_handler(HTTPException, refusals.http_error)
    server.register_error_handler(Exception, refusals.unexpected)


def _sign_in_first() -> Response:
    if not is_page():
        return refuse(401, "sign in first")
    query: dict[str, str] = {}
    there = safe_path(request.full_path.removesuffix("?"))
    if there != "/":
        query["next"] = there
    if request.args.get("lang"):
        query["lang"] = lang_of_request()
    answer = redirect(f"{SIGN_IN}?{urlencode(query)}" if query else SIGN_IN, 303)
    return Response(answer.get_data(), status=303, headers={"Location": answer.location or SIGN_IN})


def _forbidden(viewer: Viewer, permission: Permission) -> Response | None:
    """Who is signed in lacks the permission, or the screen does not show the page."""
    if not allowed(viewer, permission):
        return refuse(403, f"this needs the permission {permission.value}")
    if viewer.is_screen and is_page() and request.path not in viewer.pages:
        return refuse(403, f"this screen shows only {', '.join(sorted(viewer.pages))}")
    return None


def _mark(cookie: str | None) -> str:
    """A cookie as a name that may be kept and is none."""
    return sha256((cookie or "").encode()).hexdigest()[:24]
