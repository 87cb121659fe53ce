"""Who asks: the viewer of the request in hand, or of a piece of work done on somebody's behalf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from flask import g, has_request_context

from data.access.viewer import Viewer

_STANDING_IN: Final[ContextVar[Viewer | None]] = ContextVar("viewer", default=None)


class NoViewerError(PermissionError):
    """A question that nobody asks: the guard let something pass, or work runs without `as_viewer`."""


def current_viewer() -> Viewer:
    """The viewer whom the guard found for this request; outside a request that of `as_viewer`.

    Raises:
        NoViewerError: there is none; nothing may be answered.
    """
    found = g.get("viewer") if has_request_context() else _STANDING_IN.get()
    if found is None:
        raise NoViewerError("nobody is signed in here")
    return found


@contextmanager
def as_viewer(viewer: Viewer) -> Iterator[None]:
    """Work outside a request on behalf of a viewer, such as what is made before the first page."""
    token = _STANDING_IN.set(viewer)
    try:
        yield
    finally:
        _STANDING_IN.reset(token)
