"""People who sign in, for the tests of signing in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import sqlalchemy as sa

from data.access.accounts import Account, Accounts
from data.access.audit import Audit
from data.access.lockout import Lockout
from data.access.passwords import Passwords
from data.access.scope import Scope
from data.access.seal import Sealer
from data.access.sessions import Sessions
from data.access.sign_in import Outcome, Parts, SignIn
from data.access.tables import audit_log
from data.access.totp import SecondFactors
from data.access.viewer import CONSOLE
from data.engine import Store

NOW = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
PASSWORD = "Zh0ng-Lu.37"
HOME = "10.0.0.7"
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)


@dataclass(frozen=True)
class House:
    """All parts over one store."""

    store: Store
    parts: Parts
    door: SignIn

    @property
    def accounts(self) -> Accounts:
        return self.parts.accounts

    @property
    def sessions(self) -> Sessions:
        return self.parts.sessions

    def add(self, name: str = "wang", *, roles: tuple[str, ...] = ("operator",),
            areas: tuple[str, ...] = ("510108",), must_change: bool = False, **about: Any) -> Account:
        made, _ = self.accounts.add(name, roles=roles, scope=Scope(frozenset(areas)), password=PASSWORD,
                                    must_change=must_change, by=CONSOLE, now=NOW, **about)
        return made

    def try_password(self, name: str = "wang", password: str = PASSWORD, *, cookie: str | None = None,
                     address: str = HOME, now: datetime = NOW) -> Outcome:
        return self.door.password(name, password, cookie=cookie, address=address, now=now)

    def enrolled(self, name: str = "li", **about: Any) -> str:
        """An account that may open persons, with a second factor; its secret."""
        self.add(name, **{"roles": ("leader",), **about})
        cookie = self.try_password(name).cookie
        secret = self.door.enrol(cookie=cookie, now=NOW).secret
        past = NOW - timedelta(minutes=5)
        first = self.door.code(code_at(secret, past), cookie=cookie, address=HOME, now=past)
        assert first.next == "done"
        return secret

    def actions(self) -> list[str]:
        with self.store.engine.connect() as connection:
            return list(connection.execute(sa.select(audit_log.c.action).order_by(audit_log.c.seq)).scalars())


def house(store: Store, *, passwords: Passwords | None = None, provider: Any = None,
          key: bytes = b"k" * 48) -> House:
    hasher = passwords or Passwords()
    parts = Parts(accounts=Accounts(store, hasher), passwords=hasher, audit=Audit(store),
                  sessions=Sessions(store, idle=IDLE, absolute=ABSOLUTE), lockout=Lockout(store),
                  seconds=SecondFactors(store, Sealer(key)), provider=provider)
    return House(store, parts, SignIn(parts))


def code_at(secret: str, now: datetime) -> str:
    return pyotp.TOTP(secret).at(now)
