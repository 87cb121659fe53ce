"""Wall displays (展示屏): screens without a person, known by a token that is shown once."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, clean, record_in
from data.access.scope import Scope, ScopeError
from data.access.tables import display_token
from data.access.viewer import Viewer
from data.engine import Store

#: Bytes of chance in a token: 256 bits.
STRENGTH: Final = 32
MAX_NAME: Final = 60
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_PAGE: Final = re.compile(r"/(?:[a-z0-9_-]+(?:/[a-z0-9_-]+)*)?", re.ASCII)
#: What belongs to persons or to the program, never to a screen.
_NOT_FOR_SCREENS: Final = ("system", "account", "sign-in", "sign-out", "sign-out-everywhere", "screen",
                           "assets", "healthz")
#: A sign of life is written at most this often.
_SEEN_EVERY: Final = timedelta(minutes=1)


class TokenError(ValueError):
    """A screen that cannot be; the message names the field, the value got and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One wall display as it is listed; its token cannot be had again.

    Attributes:
        pages: paths it may show, sorted.
        issued_by: account_id of the issuer; None for the command line.
        expires_at, revoked_at: aware; None: never, not.
        seen_at: about when it asked last, to a minute; None: never.
    """

    token_id: int
    name: str
    scope: Scope
    pages: tuple[str, ...]
    issued_by: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    seen_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class Tokens:
    """The wall displays of one store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def issue(self, name: str, scope: Scope, pages: Iterable[str], *, issued_by: Viewer,
              expires_at: datetime | None, now: datetime, address: str | None = None) -> tuple[int, str]:
        """Make a screen; returns its number and its token, of which only the hash is kept.

        Args:
            name: what people call it, at most `MAX_NAME` signs.
            scope: what it shows; no more than its issuer's own.
            pages: paths it may show, at least one.
            issued_by: who makes it.
            expires_at: aware and after ``now``; None: it lives until it is revoked.
            now: aware.
            address: of the issuer's machine, for the record.

        Raises:
            TokenError: name, pages or expiry cannot be.
            ScopeError: the scope is empty or larger than the issuer's.
        """
        if not issued_by.scope.holds(scope) or not scope.areas:
            raise ScopeError(f"a screen's scope must name areas within its issuer's {issued_by.scope.key!r},"
                             f" got {scope.key!r}")
        if expires_at is not None and expires_at <= now:
            raise TokenError(f"expires_at must be after now, got {expires_at.isoformat()}")
        token = secrets.token_urlsafe(STRENGTH)
        values = {"token_hash": _hash(token), "name": _name(name), "areas": sorted(scope.areas),
                  "departments": sorted(scope.departments), "pages": list(_pages(pages)),
                  "issued_by": issued_by.account_id, "created_at": now, "expires_at": expires_at}
        with self._store.engine.begin() as connection:
            token_id = int(connection.execute(
                sa.insert(display_token).values(values).returning(display_token.c.token_id)).scalar_one())
            record_in(connection, _entry(issued_by, address, "token_issued", token_id, {
                "name": values["name"], "areas": values["areas"], "departments": values["departments"],
                "pages": values["pages"], "expires_at": expires_at.isoformat() if expires_at else None,
            }), now=now)
        return token_id, token

    def find(self, token: str, *, now: datetime) -> Viewer | None:
        """The screen behind a token, as a viewer without any role; None: unknown, revoked or expired."""
        if not _TOKEN.fullmatch(token):
            return None
        with self._store.engine.connect() as connection:
            found = connection.execute(
                sa.select(display_token).where(display_token.c.token_hash == _hash(token))).mappings().first()
        if found is None or not (screen := _screen(found)).is_live(now):
            return None
        if screen.seen_at is None or screen.seen_at <= now - _SEEN_EVERY:
            self._note_seen(screen.token_id, now)
        return Viewer(account_id=None, name=screen.name, roles=frozenset(), scope=screen.scope,
                      pages=frozenset(screen.pages), token_id=screen.token_id)

    def revoke(self, token_id: int, *, by: Viewer, now: datetime, address: str | None = None) -> bool:
        """End a screen for ever; False where there is none, or where it ended so before."""
        with self._store.engine.begin() as connection:
            name = connection.execute(
                sa.update(display_token).values(revoked_at=now)
                .where(display_token.c.token_id == token_id, display_token.c.revoked_at.is_(None))
                .returning(display_token.c.name)).scalar()
            if name is None:
                return False
            record_in(connection, _entry(by, address, "token_revoked", token_id, {"name": name}), now=now)
        return True

    def listing(self) -> list[Screen]:
        """All screens that ever were, newest first."""
        with self._store.engine.connect() as connection:
            query = sa.select(display_token).order_by(display_token.c.token_id.desc())
            return [_screen(found) for found in connection.execute(query).mappings()]

    def _note_seen(self, token_id: int, now: datetime) -> None:
        with self._store.engine.begin() as connection:
            connection.execute(sa.update(display_token).values(seen_at=now)
                               .where(display_token.c.token_id == token_id))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _name(text: str) -> str:
    name = clean(text, MAX_NAME)
    if not name:
        raise TokenError(f"name must be a text of 1 to {MAX_NAME} signs, got {text[:40]!r}")
    return name


def _pages(given: Iterable[str]) -> tuple[str, ...]:
    pages = tuple(sorted(set(given)))
    if not 1 <= len(pages) <= 20:
        raise TokenError(f"pages must be 1 to 20 paths, got {len(pages)}")
    for page in pages:
        if len(page) > 80 or not _PAGE.fullmatch(page) or page.split("/")[1] in _NOT_FOR_SCREENS:
            raise TokenError("a page of a screen must be a path of the wall, such as '/',"
                             f" got {page[:60]!r}")
    return pages


def _screen(found: Any) -> Screen:
    return Screen(token_id=found["token_id"], name=found["name"], pages=tuple(sorted(found["pages"])),
                  scope=Scope(frozenset(found["areas"]), frozenset(found["departments"])),
                  **{key: found[key] for key in ("issued_by", "created_at", "expires_at", "revoked_at",
                                                 "seen_at")})


def _entry(by: Viewer, address: str | None, action: str, token_id: int, detail: dict[str, Any]) -> Entry:
    return Entry(account_id=by.account_id, account_name=by.name, address=address, action=action,
                 object_kind="screen", object_id=str(token_id), detail=detail)
