"""Signing in, as tests do it: over fakes, over a store, in a browser and over HTTP."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask.testing import FlaskClient

from callbacks.cookies import CSRF_HEADER, Jar
from data.access.bundle import Access, build_access
from data.access.scope import EVERYTHING, Scope
from data.access.viewer import CONSOLE, Viewer
from data.settings import Settings

#: The cookie that `fake_access` knows, and the token of its pages.
COOKIE = "a-cookie-of-a-viewer-of-everything-0000000"
PREFIX = "another-cookie-of-the-same-viewer-"
CSRF = "the-token-of-its-pages"
KEY = hashlib.sha256(b"the secret key of the tests").digest()
#: All of these together may do all that a person may do on the wall.
ALL_ROLES = frozenset({"operator", "leader", "planner"})


def a_viewer(roles: Iterable[str] = ALL_ROLES, scope: Scope = EVERYTHING, **about: Any) -> Viewer:
    """Somebody with roles, by default with all of the wall and the whole store."""
    return Viewer(**{"account_id": 1, "name": "tester", "roles": frozenset(roles), "scope": scope, **about})


def a_session(viewer: Viewer | None, *, needs: str | None = None, csrf: str = CSRF) -> Any:
    """A session as the guard reads it."""
    return SimpleNamespace(account_id=viewer.account_id if viewer else 1, factors=frozenset({"password"}),
                           csrf=csrf, content={}, viewer=viewer, must_change=False, needs=needs)


@dataclass
class FakeSessions:
    """Cookies that stand for sessions."""

    known: dict[str, Any]

    def find(self, cookie: str, *, now: Any, is_act: bool = True) -> Any:
        return self.known.get(cookie) or (self.known.get(COOKIE) if cookie.startswith(PREFIX) else None)

    def end(self, cookie: str) -> None:
        self.known.pop(cookie, None)

    def end_all(self, account_id: int) -> int:
        ended = [cookie for cookie, session in self.known.items() if session.account_id == account_id]
        for cookie in ended:
            self.end(cookie)
        return len(ended)


@dataclass
class FakeSignIn:
    """The ways out."""

    known: dict[str, Any]

    def sign_out(self, *, cookie: str, address: str, now: Any) -> None:
        FakeSessions(self.known).end(cookie)

    def sign_out_everywhere(self, *, cookie: str, address: str, now: Any) -> int:
        return FakeSessions(self.known).end_all(self.known[cookie].account_id)


@dataclass
class FakeTokens:
    """Tokens that stand for screens."""

    known: dict[str, Viewer] = field(default_factory=dict)

    def find(self, token: str, *, now: Any) -> Viewer | None:
        return self.known.get(token)


@dataclass
class FakeAudit:
    """What was written down."""

    entries: list[Any] = field(default_factory=list)

    def record(self, entry: Any, *, now: Any) -> None:
        self.entries.append(entry)


def fake_access(**sessions: Any) -> Any:
    """An access bundle whose one cookie, `COOKIE`, is a viewer of everything."""
    known = {COOKIE: a_session(a_viewer()), **sessions}
    return SimpleNamespace(sessions=FakeSessions(known), tokens=FakeTokens(), audit=FakeAudit(),
                           sign_in=FakeSignIn(known), accounts=None, opening=None, devices=None,
                           federation=None)


def access_of(store: Any, settings: Settings | None = None) -> Access:
    """The real bundle over a store, with a key of its own."""
    return build_access(store, settings or Settings(), KEY)


def an_account(
    access: Access, *, roles: Iterable[str] = ALL_ROLES, scope: Scope = EVERYTHING, **about: Any
) -> tuple[Any, str]:
    """A new account with a name that nobody has, and its password."""
    return access.accounts.add(f"t-{uuid.uuid4().hex[:12]}", roles=roles, scope=scope, by=CONSOLE, now=now(),
                               **{"must_change": False, **about})


def signed_in(access: Access, *, roles: Iterable[str] = ALL_ROLES, scope: Scope = EVERYTHING) -> str:
    """The cookie of a new account with all its factors given."""
    account, _ = an_account(access, roles=roles, scope=scope)
    return access.sessions.start(now=now(), address="127.0.0.1", account_id=account.account_id,
                                 factors=("password", "totp"))


def now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


def another_cookie() -> str:
    """A cookie of the viewer of everything that was never used: nobody counted its requests."""
    return PREFIX + uuid.uuid4().hex


def client_of(wall: Any, cookie: str = COOKIE, csrf: str = CSRF) -> FlaskClient:
    """A client of an application that is signed in and writes as its pages do."""
    client: FlaskClient = wall.server.test_client()
    client.set_cookie(Jar(secure=False).session, cookie)
    client.environ_base[f"HTTP_{CSRF_HEADER.upper().replace('-', '_')}"] = csrf
    return client
