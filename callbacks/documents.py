"""Answers that are plain documents: language, account and form token of the request in hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, Response, current_app, g, request

from dashboard.components.header import PAGES
from dashboard.documents import document, links_for
from dashboard.kiosk import Tour, tour_of
from dashboard.texts import LANGS, Say, speaker
from data.access.roles import Permission
from data.access.scope import Scope
from data.access.viewer import Viewer

_KEY: Final = "documents"
#: Plain pages that show what is seen from the seat in their address.
SEATED: Final = frozenset({"/modules", "/feeds", "/emergency", "/whistles", "/analytics",
                           "/analytics/lineage", "/analytics/cases", "/analytics/figures",
                           "/analytics/causes", "/analytics/weights", "/analytics/space",
                           "/analytics/paths", "/analytics/compare", "/analytics/notes",
                           "/analytics/surveys", "/analytics/posts",
                           "/analytics/coverage"})
#: A first answer in a language is remembered for a year.
_REMEMBERED_S: Final = 365 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all documents share.

    Attributes:
        lang: the first language.
        product: language -> name of the district's centre.
        centre: scope and language -> name of the centre that sees it.
    """

    lang: str
    product: Callable[[str], str]
    centre: Callable[[Scope, str], str] = lambda _scope, _lang: ""


def register(server: Flask, frame: Frame) -> None:
    """Make documents possible on a server."""
    server.extensions[_KEY] = frame


def lang_of_request() -> str:
    """The language asked for by the address, by the address that comes next, or last time."""
    ahead = dict(parse_qsl(urlsplit(request.args.get("next", "")).query))
    for asked in (request.args.get("lang"), ahead.get("lang"), request.cookies.get("lang")):
        if asked in LANGS:
            return str(asked)
    return default_lang()


def default_lang() -> str:
    """The first language of this installation."""
    frame: Frame = current_app.extensions[_KEY]
    return frame.lang


def in_language(lang: str) -> str:
    """The address of the request in another language."""
    query = {**request.args.to_dict(), "lang": lang}
    return f"{request.path}?{urlencode(query)}" if request.method == "GET" else f"/sign-in?{urlencode(query)}"


def allowed(viewer: Viewer | None, permission: Permission) -> bool:
    """Whether a viewer may; everybody with an account may what `SIGNED_IN` covers, even without a role."""
    if viewer is None:
        return permission is Permission.PUBLIC
    return viewer.may(permission) or (permission is Permission.SIGNED_IN and viewer.account_id is not None)


def tour_of_request(viewer: Viewer | None, say: Say, again_s: int) -> Tour | None:
    """What the page does by itself on a display; None where a person reads it."""
    if viewer is None or not viewer.is_screen:
        return None
    pages = [(page.path, say(page.key)) for page in PAGES if page.path in viewer.pages]
    return tour_of(request.args, here=request.path, pages=pages or [(request.path, "")], again_s=again_s)


def at_seat(address: str) -> str:
    """An address of this server, seen from the seat of the request where its page knows seats."""
    seat, path = g.get("seat", ""), urlsplit(address).path
    if not seat or (path != "/" and path not in SEATED):
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'seat': seat})}"


def answer(template: str, *, status: int = 200, again_s: int = 0, **context: Any) -> Response:
    """A document in the language of the request, with the account and the form token of its session.

    Args:
        again_s: seconds until it is old: then it asks itself anew; 0: it does not age.
    """
    lang = lang_of_request()
    frame: Frame = current_app.extensions[_KEY]
    viewer: Viewer | None = g.get("viewer")
    say = speaker(lang)
    tour, seat = tour_of_request(viewer, say, again_s), g.get("seat", "")
    body = document(
        template,
        say=say,
        lang=lang,
        **{
            "product": frame.centre(viewer.scope, lang) if viewer and seat else frame.product(lang),
            "seat": seat,
            "seat_fault": g.get("seat_fault", ""),
            "at_seat": at_seat,
            "account": viewer.name if viewer and not viewer.is_screen else None,
            "csrf": g.get("csrf", ""),
            "links": links_for(lambda permission: allowed(viewer, permission)) if viewer and not tour else (),
            "tour": tour,
            "here": request.path,
            "in_language": in_language,
            **context,
        },
    )
    response = Response(body, status=status, mimetype="text/html")
    if again_s and tour is None:
        response.headers["Refresh"] = str(again_s)
    if request.args.get("lang") in LANGS:
        response.set_cookie("lang", lang, max_age=_REMEMBERED_S, httponly=True, samesite="Lax",
                            secure=request.is_secure)
    return response
