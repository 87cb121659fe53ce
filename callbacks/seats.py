"""The seat (席位) of a request: read once after the guard; all that follows sees no more than it does.

The page says it in a header; a stream, a file that is taken away and the page itself say it in their address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from dash import Dash
from flask import Flask, Response, g, has_request_context, jsonify, request

from callbacks.desk import Desk
from callbacks.documents import SEATED, lang_of_request
from callbacks.refusals import refuse
from dashboard.components.seats import tree
from data.access.scope import ScopeError
from data.access.seat import DEPARTMENT, Seat, narrowed_to, read_seat
from data.access.viewer import Viewer
from data.filters import FilterError
from data.vocabulary import Vocabulary, narrowed

HEADER: Final = "X-Seat"
ARGUMENT: Final = "seat"
LIST: Final = "/api/seats"
_LAYOUT: Final = "/_dash-layout"
_VARY: Final = ("/columns/", "/tiles/", "/api/")
#: What no header can be given to.
_BY_ADDRESS: Final = frozenset({"/api/live", "/api/delta", "/export/cases.csv", "/export/analytics.csv",
                                *SEATED})


def said() -> str | None:
    """The seat that the request in hand names; None: it names none."""
    if request.path == LIST:
        return None
    if request.path == _LAYOUT:
        found = parse_qs(urlsplit(request.headers.get("Referer", "")).query).get(ARGUMENT)
        return found[-1] if found else None
    asked = request.args.get(ARGUMENT) if request.path in _BY_ADDRESS else None
    return request.headers.get(HEADER) or asked or None


def fault() -> str:
    """What was wrong with the seat in the address of the page that is being opened; empty: nothing."""
    return str(g.get("seat_fault", "")) if has_request_context() else ""


def taken() -> str:
    """The seat that was taken for the request in hand; empty: the viewer sees all of their own scope."""
    return str(g.get("seat", "")) if has_request_context() else ""


def seated(viewer: Viewer, seat: Seat, words: Vocabulary) -> Viewer:
    """The viewer as they see from a seat.

    Raises:
        FilterError: there is no such centre, or it lies outside their scope: both are told alike.
    """
    known = {DEPARTMENT: words.departments, "grid": words.stations}.get(seat.kind, words.areas)
    try:
        scope = narrowed_to(viewer.scope, seat)
    except ScopeError as error:
        raise FilterError(str(error)) from None
    if seat.code not in known:
        raise FilterError(f"seat must be a centre within your own scope, got {str(seat)[:60]!r}")
    return replace(viewer, scope=scope)


def protect(server: Flask, words: Callable[[], Vocabulary]) -> None:
    """Narrow the viewer of every request that names a seat; call after the guard, before all else.

    Args:
        words: of the whole store.
    """
    @server.before_request
    def take() -> Response | None:
        viewer: Viewer | None = g.get("viewer")
        text = said() if viewer is not None else None
        if viewer is None or text is None:
            return None
        try:
            g.viewer = seated(viewer, read_seat(text), words())
            g.seat = text
        except FilterError as error:
            if request.path != _LAYOUT and request.path not in SEATED:
                return refuse(400, str(error))
            g.seat_fault = str(error)  # a page opens all the same, and says why
        return None

    @server.after_request
    def vary(response: Response) -> Response:
        if request.path.startswith(_VARY):
            response.vary.add(HEADER)
        return response


def found_again(of_request: Callable[[], Callable[[], Viewer | None]], words: Callable[[], Vocabulary]
                ) -> Callable[[], Callable[[], Viewer | None]]:
    """`callbacks.live.who_is_still_there` for those who sit somewhere: found again they see no more."""
    def of_seated_request() -> Callable[[], Viewer | None]:
        find, text = of_request(), taken()
        if not text:
            return find
        seat = read_seat(text)

        def find_seated() -> Viewer | None:
            viewer = find()
            try:
                return None if viewer is None else seated(viewer, seat, words())
            except FilterError:
                return None  # their own scope is less than that meanwhile

        return find_seated

    return of_seated_request


def register(app: Dash, *, desk: Desk) -> None:
    """GET /api/seats: the centres that the viewer may look from, as a tree."""

    @app.server.get(LIST)
    def api_seats() -> Any:
        viewer = desk.viewer()
        own = narrowed(desk.vocabulary(), viewer.scope, None)
        return jsonify(tree(own, viewer.scope, lang_of_request(), district=desk.district_name))
