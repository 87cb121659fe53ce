"""Sessions (会话): what stands behind a cookie. The store knows only the cookie's SHA-256.

The account's row is read with the session's, so that a changed role, scope or a disabled
account take effect with the next request.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from data.access.roles import needs_second_factor
from data.access.scope import Scope
from data.access.tables import account, session
from data.access.viewer import Viewer
from data.engine import Store

#: Bytes of chance in a cookie and in a form token: 256 bits.
STRENGTH: Final = 32
#: Sessions that are believed without a look, at most.
MAX_FRESH: Final = 10_000
#: A sign of life is written at most this often.
SEEN_EVERY: Final = timedelta(seconds=30)
MAX_COOKIE: Final = 200
_SWEPT_EVERY: Final = timedelta(minutes=1)
_SWEPT_AT_ONCE: Final = 200
#: Factors that say who somebody is, and those that are a second proof of it; ``vouched`` is
#: a second factor that was asked for by the single sign-on.
FIRST: Final = frozenset({"password", "oidc"})
SECOND: Final = frozenset({"totp", "vouched"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What stands behind a cookie.

    Attributes:
        account_id: None before anybody signed in with it.
        factors: given so far: password, oidc, totp, vouched.
        csrf: the token that every write carries.
        content: small facts of a sign-in under way.
        viewer: who asks; None as long as something is missing.
        must_change: the password has to be changed before anything else.
        needs: what is missing: ``totp`` (a code), ``enrol`` (a second factor), ``password`` (a new
            one); None: nothing, or nobody began.
        name: of the account; None before anybody signed in.
        has_totp: the account has a second factor.
    """

    account_id: int | None
    factors: frozenset[str]
    csrf: str = field(repr=False)
    content: dict[str, Any] = field(repr=False)
    viewer: Viewer | None
    must_change: bool
    needs: str | None
    name: str | None = None
    has_totp: bool = False


class _Fresh:
    """Sessions as they were found a moment ago, by the hash of their cookies."""

    def __init__(self, lasting: timedelta) -> None:
        self._lasting, self._found = lasting, dict[str, tuple[datetime, bool, Session]]()
        self.turn = 0

    def get(self, key: str, now: datetime, is_act: bool) -> Session | None:
        """What was found less than a moment ago; an act that is to be noted is not answered by a look."""
        at, noted, found = self._found.get(key, (now, False, None))
        return found if now - self._lasting < at <= now and (noted or not is_act) else None

    def put(self, key: str, now: datetime, is_act: bool, found: Session, turn: int) -> Session:
        """Keep it, unless something ended since ``turn``."""
        if self._lasting and turn == self.turn:
            if len(self._found) >= MAX_FRESH:
                self._found.clear()
            self._found[key] = (now, is_act, found)
        return found

    def forget(self) -> None:
        """Something ended or changed."""
        self.turn += 1
        self._found.clear()


class Sessions:
    """The sessions of one store. Thread-safe.

    Args:
        idle: a session that nobody used for so long is dead.
        absolute: and so is one that began so long ago.
        fresh_for: what was found is believed for so long, so that the requests of one click look
            once; what ends or changes here is forgotten at once. What another process does to an
            account or a session holds after that time.
    """

    def __init__(self, store: Store, *, idle: timedelta, absolute: timedelta,
                 fresh_for: timedelta = timedelta(0)) -> None:
        self._store, self._idle, self._absolute = store, idle, absolute
        self._fresh = _Fresh(fresh_for)
        # one question a request: without BEGIN and ROLLBACK around it
        self._single = store.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._swept_at: datetime | None = None

    def start(self, *, now: datetime, address: str, account_id: int | None = None,
              factors: Iterable[str] = (), replaces: str | None = None,
              content: Mapping[str, Any] | None = None) -> str:
        """Begin a session; returns the value of its cookie, which nobody can read again.

        Args:
            now: aware.
            address: of the machine that asks.
            factors: given so far.
            replaces: cookie of the session that ends with this; it may stand for nothing.
            content: small facts to begin with.
        """
        self._sweep(now)
        cookie = secrets.token_urlsafe(STRENGTH)
        with self._store.engine.begin() as connection:
            if replaces:
                connection.execute(sa.delete(session).where(session.c.session_hash == _hash(replaces)))
            connection.execute(sa.insert(session).values(
                session_hash=_hash(cookie), account_id=account_id, factors=sorted(set(factors)),
                csrf=secrets.token_urlsafe(STRENGTH), content=dict(content or {}), created_at=now,
                seen_at=now, address=address[:64]))
        self._fresh.forget()
        return cookie

    def find(self, cookie: str | None, *, now: datetime, is_act: bool = True) -> Session | None:
        """The session of a cookie; None: unknown, idle too long, too old, or its account is disabled.

        Args:
            is_act: somebody did something. A page that asks by itself every few seconds hands
                False, else nobody would ever be idle before it.
        """
        if not cookie or len(cookie) > MAX_COOKIE:
            return None
        key = _hash(cookie)
        if found := self._fresh.get(key, now, is_act):
            return found
        turn = self._fresh.turn
        with self._single.connect() as connection:
            row = connection.execute(_FIND, {"key": key}).mappings().first()
            if row is None or row["is_disabled"] or not self._is_live(row, now):
                return None
            if is_act and row["seen_at"] <= now - SEEN_EVERY:
                connection.execute(sa.update(session).values(seen_at=now).where(
                    session.c.session_hash == key, session.c.seen_at < now))
        return self._fresh.put(key, now, is_act, _session(row), turn)

    def keep(self, cookie: str, content: Mapping[str, Any]) -> None:
        """Put small JSON facts in place of those kept; nothing happens where the session is gone."""
        with self._store.engine.begin() as connection:
            connection.execute(sa.update(session).values(content=dict(content))
                               .where(session.c.session_hash == _hash(cookie)))
        self._fresh.forget()

    def take(self, cookie: str, key: str) -> Any:
        """A fact that is kept, and keep it no longer: of parallel takers one gets it. None: not there."""
        with self._store.engine.begin() as connection:
            row = connection.execute(sa.select(session.c.content).with_for_update()
                                     .where(session.c.session_hash == _hash(cookie))).first()
            if row is None or key not in row.content:
                return None
            rest = {name: value for name, value in row.content.items() if name != key}
            connection.execute(sa.update(session).values(content=rest)
                               .where(session.c.session_hash == _hash(cookie)))
        self._fresh.forget()
        return row.content[key]

    def end(self, cookie: str) -> None:
        """The cookie stands for nothing any more."""
        with self._store.engine.begin() as connection:
            connection.execute(sa.delete(session).where(session.c.session_hash == _hash(cookie)))
        self._fresh.forget()

    def end_all(self, account_id: int) -> int:
        """Sign an account out everywhere; returns how many sessions ended."""
        with self._store.engine.begin() as connection:
            ended = connection.execute(sa.delete(session).where(session.c.account_id == account_id)).rowcount
        self._fresh.forget()
        return ended

    def listing(self, account_id: int, *, now: datetime) -> list[tuple[datetime, datetime, str, str]]:
        """The live sessions of an account, newest first: begun, last seen (about), address, mark.

        The mark is the beginning of the cookie's hash (`mark_of`): it tells sessions apart and opens none.
        """
        query = (sa.select(session).where(session.c.account_id == account_id)
                 .order_by(session.c.created_at.desc()))
        with self._single.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [(row["created_at"], row["seen_at"], row["address"] or "", row["session_hash"][:12])
                for row in rows if self._is_live(row, now)]

    def _is_live(self, row: Mapping[Any, Any], now: datetime) -> bool:
        return bool(row["seen_at"] > now - self._idle and row["created_at"] > now - self._absolute)

    def _sweep(self, now: datetime) -> None:
        """Dead sessions go, a bounded number of them at most once a minute."""
        if self._swept_at is not None and abs(now - self._swept_at) < _SWEPT_EVERY:
            return
        self._swept_at = now
        dead = (sa.select(session.c.session_hash)
                .where(sa.or_(session.c.seen_at <= now - self._idle,
                              session.c.created_at <= now - self._absolute))
                .limit(_SWEPT_AT_ONCE).with_for_update(skip_locked=True))
        with self._store.engine.begin() as connection:
            connection.execute(sa.delete(session).where(session.c.session_hash.in_(dead.scalar_subquery())))


_FIND: Final = (
    sa.select(session.c.account_id, session.c.factors, session.c.csrf, session.c.content,
              session.c.created_at, session.c.seen_at, account.c.name, account.c.roles, account.c.areas,
              account.c.departments, account.c.must_change, account.c.totp_since, account.c.is_disabled)
    .select_from(session.outerjoin(account, account.c.account_id == session.c.account_id))
    .where(session.c.session_hash == sa.bindparam("key")))


def mark_of(cookie: str) -> str:
    """What `Sessions.listing` calls the session of a cookie."""
    return _hash(cookie)[:12]


def missing(factors: frozenset[str], roles: Iterable[str], *, has_totp: bool,
            must_change: bool) -> str | None:
    """What an account that gave these factors still has to give before it may ask anything.

    Nobody is spared an enrolled second factor, and nobody changes a password without it.
    """
    if not factors & SECOND and (has_totp or needs_second_factor(roles)):
        return "totp" if has_totp else "enrol"
    return "password" if must_change and "password" in factors else None


def _session(row: Mapping[Any, Any]) -> Session:
    factors = frozenset(row["factors"])
    common = {"account_id": row["account_id"], "factors": factors, "csrf": row["csrf"],
              "content": row["content"], "name": row["name"]}
    if row["account_id"] is None or not factors & FIRST:
        return Session(**common, viewer=None, must_change=False, needs=None)
    has_totp, must_change = row["totp_since"] is not None, bool(row["must_change"])
    needs = missing(factors, row["roles"], has_totp=has_totp, must_change=must_change)
    viewer = None if needs else Viewer(
        account_id=row["account_id"], name=row["name"], roles=frozenset(row["roles"]),
        scope=Scope(frozenset(row["areas"]), frozenset(row["departments"])))
    return Session(**common, viewer=viewer, must_change=must_change, needs=needs, has_totp=has_totp)


def _hash(cookie: str) -> str:
    return sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()
