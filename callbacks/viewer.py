"""Who asks: the viewer of the request in hand, or of a piece of work done on somebody's behalf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from flask import Flask, Request, Response, g, has_request_context
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin

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


class Person(UserMixin):
    """The viewer as Flask-Login knows users; the table of sessions alone says who is signed in."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer

    def get_id(self) -> str:
        """The number of the account, or of the screen."""
        number, kind = self.viewer.account_id, "account"
        if self.viewer.is_screen:
            number, kind = self.viewer.token_id, "screen"
        return f"{kind}:{number}"


def register(server: Flask, manager: LoginManager) -> None:
    """`flask_login.current_user` is whom the guard found; Flask-Login keeps no session of its own."""
    server.session_interface = NoSession()
    server.config["REMEMBER_COOKIE_NAME"] = ";"  # no cookie has this name: nobody is remembered
    manager.session_protection = None
    manager.request_loader(_person_of)
    manager.init_app(server)


class NoSession(SessionInterface):
    """No session in the browser: nothing is read from a cookie and nothing is written to one."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:  # noqa: ARG002
        """Nothing; Flask puts an empty one that refuses to be written to."""
        return None

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to keep."""


def _person_of(_request: Request) -> Person | None:
    viewer = g.get("viewer")
    return Person(viewer) if viewer is not None else None


@contextmanager
def as_viewer(viewer: Viewer) -> Iterator[None]:
    """Work outside a request on behalf of a viewer, such as what is made before the first page."""
    token = _STANDING_IN.set(viewer)
    try:
        yield
    finally:
        _STANDING_IN.reset(token)
