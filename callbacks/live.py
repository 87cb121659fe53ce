"""What changes, told to the open pages: GET /api/live (a stream of events) and GET /api/delta (once).

Both tell the live clock, whatever a page replays: what they say is of the store's now.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dash import Dash
from flask import Response, g, jsonify, request

from callbacks.casts import told
from callbacks.cookies import Jar, cookie_of
from callbacks.desk import Desk
from callbacks.map_query import parse_box
from callbacks.refusals import refuse
from callbacks.status import status
from callbacks.viewer import as_viewer
from data.access.viewer import Viewer
from data.cases.points import Box
from data.engine import STORE_FAULTS
from data.filters import FilterError
from data.live.casts import Cast
from data.live.hub import CursorError, Delta
from data.live.positions import Position, level_of
from data.memo import Memo
from layers.live import encode_positions, encode_vehicles

LOG: Final = logging.getLogger(__name__)
#: A stream says at least so often that it lives, and asks whether its viewer may go on, in seconds.
HEARTBEAT_S: Final = 10.0
#: A stream notices so soon that the server ends.
PATIENCE_S: Final = 1.0
#: A client that takes nothing for so long is gone.
SEND_S: Final = 30.0
_ARGUMENTS: Final = frozenset({"box", "cursor", "seat", "step", "whole"})
#: The widest pixel of a map in metres, see `step`.
_MAX_STEP_M: Final = 100_000.0
_KEPT: Final = 32

StillThere = Callable[[], Callable[[], Viewer | None]]


def who_is_still_there(access: Any, jar: Jar, clock: Callable[[], datetime]) -> StillThere:
    """For the request in hand: what finds its viewer again later; None where they may not go on.

    Args:
        access: ``sessions`` and ``tokens`` as of `data.access.bundle.Access`.
        clock: the time of day outside, aware.
    """
    def of_request() -> Callable[[], Viewer | None]:
        cookie, token = cookie_of(request, jar.session), cookie_of(request, jar.screen)

        def find() -> Viewer | None:
            session = access.sessions.find(cookie, now=clock(), is_act=False) if cookie else None
            if session is not None:
                found: Viewer | None = session.viewer
                return found
            return access.tokens.find(token, now=clock()) if token else None

        return find

    return of_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """One who listens.

    Attributes:
        box: what the screen shows of the map; None: everything.
        step_m: metres that one of its pixels is wide; 0: told of every move.
        whole: the first answer tells all positions of the box.
        find: finds the viewer again while they may go on.
    """

    viewer: Viewer
    box: Box | None
    step_m: float
    whole: bool
    find: Callable[[], Viewer | None]


class Streams:
    """The streams of one process.

    Args:
        most: so many at once; each holds a thread.
        still_there: see `who_is_still_there`.
    """

    def __init__(self, *, desk: Desk, most: int, still_there: StillThere) -> None:
        self._desk, self._most, self.still_there = desk, most, still_there
        self._open, self._guard = 0, threading.Lock()
        self._encoded = Memo(_KEPT)

    def take_place(self) -> bool:
        """Count one stream more; False where there is no room for it."""
        with self._guard:
            has_room = self._open < self._most
            self._open += has_room
        return has_room

    def leave(self) -> None:
        """One stream less."""
        with self._guard:
            self._open -= 1

    def message(self, delta: Delta, listening: Listening) -> dict[str, Any]:
        """What a page is told, see docs/live.md; asked on behalf of the viewer."""
        cast = {"cast": told(self._cast(listening), self._desk)} if listening.viewer.is_screen else {}
        with as_viewer(listening.viewer):
            return {**status(self._desk, self._desk.wall()), "cursor": delta.cursor, "reset": delta.reset,
                    "kinds": list(delta.kinds), "positions": self._positions(delta, listening),
                    "vehicles": self._vehicles(delta, listening),
                    "cases": None if delta.handles is None else list(delta.handles), **cast,
                    "tasks": self._tasks(listening),
                    "emergencies": [{**one, "started_at": one["started_at"].isoformat()}
                                    for one in self._emergencies(listening)]}

    def since(self, cursor: str | int | None, listening: Listening, *, whole: bool = False) -> Delta:
        """What changed for the viewer; ``whole``: and where everybody of the box is.

        Raises:
            CursorError: that is no cursor.
        """
        scope = self._desk.everything.seen_by(listening.viewer).scope
        found: Delta = self._desk.live.since(cursor, scope, box=listening.box, step_m=listening.step_m,
                                             whole=whole)
        return found

    def events(self, cursor: str | None, listening: Listening) -> Iterator[str]:
        """The stream; ends when the server does, or when the viewer may not go on.

        Raises:
            CursorError: that is no cursor.
        """
        delta = self.since(cursor, listening, whole=listening.whole)
        yield self._event(delta, listening)
        sent, known = time.monotonic(), self._apart(listening)
        while not self._desk.live.is_closed:
            self._desk.live.wait(delta.told, PATIENCE_S)
            delta = self.since(delta.told, listening)
            is_due = time.monotonic() - sent >= HEARTBEAT_S
            if is_due and not _may_go_on(listening):
                return
            news = known != self._apart(listening)
            if is_due or not delta.is_empty or news:
                known = self._apart(listening)
                yield self._event(delta, listening)
                sent = time.monotonic()

    def _event(self, delta: Delta, listening: Listening) -> str:
        told = json.dumps(self.message(delta, listening), ensure_ascii=False, separators=(",", ":"))
        return f"id: {delta.cursor}\ndata: {told}\n\n"

    def _apart(self, listening: Listening) -> tuple[Any, ...]:
        """What is told as soon as it changes, though no row of the store's cases did."""
        return (self._desk.everything.snapshot.failed_since, self._cast(listening),
                self._emergencies(listening), self._tasks(listening))

    def _tasks(self, listening: Listening) -> str:
        """Another text whenever something changed of the emergencies and tasks that the viewer is told."""
        found = self._desk.emergencies
        return "" if found is None else str(found.mark(listening.viewer))

    def _emergencies(self, listening: Listening) -> tuple[Mapping[str, Any], ...]:
        """Those under way that concern the viewer; the seat they look from narrows them."""
        found = self._desk.emergencies
        return () if found is None else tuple(found.running(listening.viewer))

    def _cast(self, listening: Listening) -> Cast | None:
        """What the wall that listens is to show; a wall is told its own, and people none."""
        found: Cast | None = self._desk.casts.current(listening.viewer.token_id, self._desk.wall())
        return found

    def _positions(self, delta: Delta, listening: Listening) -> str | None:
        """The columns as base64; None where nobody moved. Walls of one scope are told the same bytes."""
        sees_people = self._desk.readers.scope.sight.sees_people
        return self._columns("positions", delta.positions, delta, listening, lambda: encode_positions(
            delta.positions, whole=delta.whole, sees_people=sees_people))

    def _vehicles(self, delta: Delta, listening: Listening) -> str | None:
        """The same of vehicles and teams."""
        return self._columns("vehicles", delta.vehicles, delta, listening,
                             lambda: encode_vehicles(delta.vehicles, whole=delta.whole))

    def _columns(self, what: str, found: Sequence[Position], delta: Delta, listening: Listening,
                 encode: Callable[[], bytes]) -> str | None:
        if not found and not delta.whole:
            return None
        # of one scope, between two changes, as many positions are the same positions
        shown = (listening.box, level_of(listening.step_m), delta.whole)
        first = found[0].mark if found else 0
        key = (what, self._desk.readers.scope.key, shown, delta.told, len(found), first)
        encoded: str = self._encoded.get(key, lambda: b64encode(encode()).decode())
        return encoded


def _may_go_on(listening: Listening) -> bool:
    """The session or the screen is as it was; while the database is away nothing new can be told anyway."""
    try:
        return listening.find() == listening.viewer
    except STORE_FAULTS as fault:
        LOG.warning("nobody can say whether %s may go on: %s", listening.viewer.name, type(fault).__name__)
        return True


def register(app: Dash, *, streams: Streams) -> None:
    """Add both routes."""

    @app.server.get("/api/delta")
    def delta() -> Response:
        asked = _asked(streams)
        if isinstance(asked, Response):
            return asked
        try:
            found = streams.since(request.args.get("cursor"), asked, whole=asked.whole)
        except CursorError as error:
            return refuse(400, str(error))
        return jsonify(streams.message(found, asked))

    @app.server.get("/api/live")
    def live() -> Response:
        asked = _asked(streams)
        if isinstance(asked, Response):
            return asked
        cursor = request.headers.get("Last-Event-ID") or request.args.get("cursor")
        if not streams.take_place():
            return refuse(503, "every stream is taken, ask /api/delta every 2 s", wait=30)
        return _streamed(streams, cursor, asked)

    def _streamed(streams: Streams, cursor: str | None, asked: Listening) -> Response:
        try:
            events = streams.events(cursor, asked)
            first = next(events)
        except CursorError as error:
            streams.leave()
            return refuse(400, str(error))
        except BaseException:
            streams.leave()
            raise

        def told() -> Iterator[str]:
            yield first
            yield from events

        response = Response(told(), mimetype="text/event-stream")
        response.call_on_close(streams.leave)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        if (connection := request.environ.get("gunicorn.socket")) is not None:
            connection.settimeout(SEND_S)
        return response


def _asked(streams: Streams) -> Listening | Response:
    """Who asks, and for which part of the map."""
    unknown = sorted(set(request.args) - _ARGUMENTS)
    if unknown:
        return refuse(400, f"arguments must be of {', '.join(sorted(_ARGUMENTS))}; got {unknown[0][:40]!r}")
    try:
        box = parse_box(request.args["box"]) if "box" in request.args else None
        step_m = _step(request.args.get("step", "0"))
    except FilterError as error:
        return refuse(400, str(error))
    return Listening(viewer=g.viewer, box=box, step_m=step_m, whole=request.args.get("whole") == "1",
                     find=streams.still_there())


def _step(text: str) -> float:
    """Metres that a pixel is wide.

    Raises:
        FilterError: that is no such number.
    """
    fits = text.replace(".", "", 1).isdecimal() and text.isascii() and len(text) <= 12
    if not fits or float(text) > _MAX_STEP_M:
        raise FilterError(f"step must be a number of metres from 0 to {_MAX_STEP_M:.0f}, got {text[:40]!r}")
    return float(text)
