"""Casts (投屏): GET /api/casts, the walls of the viewer; POST, a view for one; POST …/end, no more of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from dash import Dash
from flask import Response, jsonify, request

from callbacks.desk import Desk, base_area, opening_filter
from callbacks.moment import ARGUMENT as AT
from callbacks.moment import read_moment
from callbacks.page import topic_of
from callbacks.refusals import refuse
from callbacks.seats import ARGUMENT as SEAT
from dashboard.view import from_query, selection_from_query
from data.access.scope import Scope
from data.access.seat import seat_of
from data.access.tokens import Screen
from data.access.viewer import Viewer
from data.alerts.acting import told_of
from data.filters import SETS, FilterError
from data.live.casts import Cast, CastError, Casts
from data.readers import Readers

PATH: Final = "/api/casts"
MAX_BODY: Final = 8_192
MAX_ADDRESS: Final = 2_000
_WALL: Final = "/"
#: What of an address a wall takes over; its language and colours stay its own.
_SENT: Final = frozenset({"area", "sel", "preset", "since", "until", "measure", "mode", "grids", "scale",
                          "layers", "camera", "topic", AT, *SETS})
#: What a wall shows a card of.
_CARDS: Final = ("area", "case", "building", "resource", "alert")
#: Digits that a number of the store has at most.
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """What the routes are handed.

    Attributes:
        tokens: as of `data.access.tokens.Tokens`.
        clock: the time of day outside, aware.
    """

    desk: Desk
    casts: Casts
    tokens: Any
    clock: Callable[[], datetime]


def register(app: Dash, *, studio: Studio) -> None:
    """Add the routes."""

    @app.server.get(PATH)
    def walls() -> Response:
        return jsonify({"walls": [shown(screen, studio) for screen in walls_of(studio)]})

    @app.server.post(PATH)
    def cast() -> Response:
        return send(request.get_json(silent=True), studio)

    @app.server.post(f"{PATH}/<int:token_id>/end")
    def end_cast(token_id: int) -> Response:
        screen = wall_of(token_id, studio)
        if screen is None:
            return refuse(404, f"screen must be a wall that you may cast to, got {token_id}")
        ended = studio.casts.end(token_id, by=studio.desk.viewer(), now=studio.clock(),
                                 where=request.remote_addr)
        return jsonify({"ended": ended})


def walls_of(studio: Studio) -> list[Screen]:
    """The walls that live, show the map, and see a part of what the viewer sees, or all of it and more."""
    own, now = studio.desk.viewer().scope, studio.clock()
    found = [screen for screen in studio.tokens.listing() if screen.is_live(now) and _WALL in screen.pages
             and (own.holds(screen.scope) or screen.scope.holds(own))]
    return sorted(found, key=lambda screen: (screen.name, screen.token_id))


def wall_of(token_id: int, studio: Studio) -> Screen | None:
    """One of them by its number; None: there is none."""
    return next((screen for screen in walls_of(studio) if screen.token_id == token_id), None)


def shown(screen: Screen, studio: Studio) -> dict[str, Any]:
    """A wall as the desk lists it."""
    cast = studio.casts.current(screen.token_id, studio.clock())
    seen = screen.seen_at.astimezone(studio.desk.zone).isoformat() if screen.seen_at else None
    return {"id": screen.token_id, "name": screen.name, "seen_at": seen, "cast": told(cast, studio.desk)}


def told(cast: Cast | None, desk: Desk) -> dict[str, Any] | None:
    """A cast as pages are told it."""
    if cast is None:
        return None
    return {"id": cast.cast_id, "address": cast.address, "by": cast.by,
            "at": cast.at.astimezone(desk.zone).isoformat(),
            "until": cast.until.astimezone(desk.zone).isoformat()}


def send(body: Any, studio: Studio) -> Response:
    """Send it: 201 with the cast, 404 no such wall, 400 malformed, 409 what the wall may not see."""
    fields = {"screen": int, "address": str, "minutes": int}
    fits = isinstance(body, Mapping) and set(body) == set(fields) and all(
        isinstance(body[name], kind) and not isinstance(body[name], bool) for name, kind in fields.items())
    if not fits or len(body["address"]) > MAX_ADDRESS:
        return refuse(400, "the body must be an object with screen and minutes, whole numbers, and address,"
                           f" a text of at most {MAX_ADDRESS} signs")
    screen, desk = wall_of(body["screen"], studio), studio.desk
    if screen is None:
        return refuse(404, f"screen must be a wall that you may cast to, got {body['screen']}")
    try:
        address = fitted(body["address"], screen, desk)
        cast = studio.casts.send(screen.token_id, address, by=desk.viewer(), minutes=body["minutes"],
                                 now=studio.clock(), where=request.remote_addr)
    except UnseenError as error:
        return refuse(409, str(error))
    except (FilterError, CastError) as error:
        return refuse(400, str(error))
    answer = jsonify(told(cast, desk))
    answer.status_code = 201
    return answer


class UnseenError(ValueError):
    """The wall may not see what is sent; the message says what."""


def fitted(address: str, screen: Screen, desk: Desk) -> str:
    """The query that the wall is sent: checked, and seen from the sender's seat.

    Raises:
        FilterError: the address cannot be understood.
        UnseenError: something in it lies outside what the wall may see.
    """
    asked = parse_qsl(address.removeprefix("/").removeprefix("?"))
    query = {name: value for name, value in asked if name in _SENT}
    topic_of(query, desk.words())
    if AT in query and read_moment(query[AT], AT) > desk.now():
        raise FilterError(f"{AT} must not lie ahead, got {query[AT][:60]!r}")
    view = from_query({"lang": desk.lang, **query})
    areas = {code for code in (base_area(view.area),) if code}
    areas |= opening_filter(query, view, desk.presets(desk.now()))[0].areas
    own = desk.viewer().scope
    sent = replace(own, areas=frozenset(areas)) if areas else own
    if not own.holds(sent) or not screen.scope.holds(sent):
        raise UnseenError(f"area must lie within what the wall sees, {_areas(screen.scope)};"
                          f" got {_areas(sent)}")
    _check_selection(query, screen, desk)
    seat = seat_of(own)
    if seat is not None and own != screen.scope:
        query[SEAT] = str(seat)
    return urlencode(query)


def _areas(scope: Scope) -> str:
    return ", ".join(sorted(scope.areas)) if not scope.has_all_areas else "all areas"


def _check_selection(query: Mapping[str, str], screen: Screen, desk: Desk) -> None:
    """The card of what is selected exists for the wall, and for who sends it.

    Raises:
        FilterError: the selection is malformed.
        UnseenError: it does not exist there, or no wall shows such a card.
    """
    selected = selection_from_query(query)
    if selected is None:
        return
    kind, code = selected["kind"], selected["code"]
    if kind not in _CARDS:
        raise UnseenError(f"sel must be of {', '.join(_CARDS)}: a wall shows no card of an {kind}")
    wall = Viewer(account_id=None, name=screen.name, roles=frozenset(), scope=screen.scope,
                  token_id=screen.token_id)
    moment = desk.moment()
    whole = desk.everything if moment is None else desk.everything.at(moment)
    sender = desk.viewer()
    for readers, viewer in ((desk.readers, sender), (whole.seen_by(wall), wall)):
        roles = told_of(viewer.roles, is_screen=viewer.is_screen)
        if not _has(readers, roles, kind, code):
            raise UnseenError(f"sel must be something that you and the wall see, got {kind}:{code[:40]}")


def _has(readers: Readers, roles: frozenset[str], kind: str, code: str) -> bool:
    """Whether a card exists for whom the readers are, and who is told of alerts as these roles."""
    if kind == "alert":
        is_number = code.isascii() and code.isdigit() and len(code) <= _DIGITS
        return is_number and readers.alerts.alert(int(code), roles) is not None
    find: Mapping[str, Callable[[str], Any]] = {
        "area": readers.areas.area, "case": readers.cases.case, "building": readers.areas.building,
        "resource": readers.resources.one}
    return find[kind](code) is not None
