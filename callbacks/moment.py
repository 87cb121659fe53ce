"""The past moment that a request asks about: read once, in one place, so that no callback knows of replay.

The clock of the browser says it in a header; the page itself, which can send none, in its address.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, g, has_request_context, request

from callbacks.refusals import refuse
from dashboard.security import CALLBACKS
from data.filters import FIRST_YEAR, LAST_YEAR, FilterError

HEADER: Final = "X-Clock-At"
#: The moment in an address: of the page, and of a list that is taken away.
ARGUMENT: Final = "at"
_LAYOUT: Final = "/_dash-layout"
_COLUMNS: Final = "/columns/"
_EXPORT: Final = "/export/"
_READING: Final = frozenset({"GET", "HEAD"})


def read_moment(text: str, field: str) -> datetime:
    """An aware instant in UTC, to the second.

    Raises:
        FilterError: it is none.
    """
    expected = f"{field} must be a time as 2026-06-30T08:15:00+08:00"
    try:
        # an unescaped '+' of the offset arrives as a blank
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise FilterError(f"{expected}, got {text[:60]!r}") from None
    if found.tzinfo is None:
        raise FilterError(f"{expected}, with an offset, got {text[:60]!r}")
    if not FIRST_YEAR < found.year < LAST_YEAR:
        raise FilterError(f"{field} must lie in the years {FIRST_YEAR + 1}..{LAST_YEAR - 1},"
                          f" got {text[:60]!r}")
    return found.astimezone(UTC).replace(microsecond=0)


def said() -> tuple[str, str] | None:
    """The field that tells the moment of the request in hand, and its text; None for one about now."""
    if not has_request_context():
        return None
    path = request.path
    if path.startswith(_COLUMNS) or path == CALLBACKS:
        text = request.headers.get(HEADER)
        return None if text is None else (HEADER, text)
    address = request.headers.get("Referer", "") if path == _LAYOUT else request.url
    if path != _LAYOUT and not path.startswith(_EXPORT):
        return None
    found = parse_qs(urlsplit(address).query, keep_blank_values=True).get(ARGUMENT)
    return (ARGUMENT, found[-1]) if found else None


def fault() -> str:
    """What was wrong with the moment in the address of the page that is being opened; empty: nothing."""
    return str(g.get("moment_fault", "")) if has_request_context() else ""


class Moments:
    """Tells the moment of the request in hand, checked against what can be shown.

    Args:
        now: the store's now, aware.
        span: when the first and the last case of the viewer were reported, and since when cases
            are held for replay (None: all of them); the former None without cases.
    """

    def __init__(self, now: Callable[[], datetime],
                 span: Callable[[], tuple[datetime | None, datetime | None]]) -> None:
        self._now, self._span = now, span

    def current(self) -> datetime | None:
        """T of the request, UTC, whole seconds; None: it is about now.

        Raises:
            FilterError: T is no aware time, lies ahead, or before what can be shown. A page that is
                opened with such a T is about now; see `fault`.
        """
        if not has_request_context():
            return None
        if "moment" not in g:
            try:
                g.moment = self._read()
            except FilterError as error:
                if request.path != _LAYOUT:
                    raise
                g.moment, g.moment_fault = None, str(error)  # a page opens all the same, and says why
        found: datetime | None = g.moment
        return found

    def now(self) -> datetime:
        """T of the request, else the store's now."""
        return self.current() or self._now()

    def _read(self) -> datetime | None:
        told = said()
        if told is None:
            return None
        field, text = told
        found, now = read_moment(text, field), self._now()
        if found > now:
            raise FilterError(f"{field} must not lie after {now.isoformat()}, the store's now,"
                              f" got {found.isoformat()}")
        first, held = self._span()
        if first is None:
            raise FilterError(f"{field} must lie after the first case, of which there is none,"
                              f" got {found.isoformat()}")
        if found < first:
            raise FilterError(f"{field} must not lie before {first.isoformat()}, the first case,"
                              f" got {found.isoformat()}")
        if held is not None and found < held:
            raise FilterError(f"{field} must not lie before {held.isoformat()}, since when cases are held"
                              f" for replay, got {found.isoformat()}")
        return found


def span_of(everything: Any, viewer: Callable[[], Any]
            ) -> Callable[[], tuple[datetime | None, datetime | None]]:
    """The span of `Moments`: the first case in the scope of who asks, and the start of what is held."""
    def span() -> tuple[datetime | None, datetime | None]:
        reported = everything.seen_by(viewer()).cases.reported_range()
        return (reported[0] if reported else None), everything.snapshot.hot_since

    return span


def protect(server: Flask, current: Callable[[], datetime | None]) -> None:
    """Check the moment of every request before it is answered, and refuse to change the past.

    Call after the guard: who may not ask is told nothing about moments.

    Args:
        current: `Moments.current`.
    """
    @server.before_request
    def check() -> Response | None:
        if HEADER in request.headers and request.method not in _READING and request.path != CALLBACKS:
            return refuse(409, "the past cannot be changed: go back to live first")
        if g.get("viewer") is not None:
            current()
        return None

    @server.after_request
    def vary(response: Response) -> Response:
        if request.path.startswith(_COLUMNS):
            response.vary.add(HEADER)
        return response
