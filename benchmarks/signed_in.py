"""A benchmark's browser signs in like anybody's: an account of the load set and a session of its own."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import BrowserContext

from callbacks.cookies import Jar
from data.access.bundle import Access, build_access
from data.access.scope import EVERYTHING
from data.access.viewer import CONSOLE
from data.settings import Settings

ROLES = ("operator", "leader", "planner")


@dataclass(frozen=True, slots=True)
class Entry:
    """The doors of the load set, and a cookie that opens all of them."""

    access: Access
    cookie: str

    def sign_in(self, context: BrowserContext, base: str) -> None:
        """Give a browser the session."""
        context.add_cookies([{"name": Jar(secure=False).session, "value": self.cookie, "url": base,
                              "httpOnly": True, "sameSite": "Lax"}])


def entry(store: Any, settings: Settings) -> Entry:
    """A new account that may see the whole wall, with all its factors given."""
    access = build_access(store, settings, hashlib.sha256(b"the secret key of the benchmarks").digest())
    now = datetime.now(UTC)
    account, _ = access.accounts.add(f"b-{secrets.token_hex(6)}", roles=ROLES, scope=EVERYTHING, by=CONSOLE,
                                     now=now, must_change=False)
    cookie = access.sessions.start(now=now, address="127.0.0.1", account_id=account.account_id,
                                   factors=("password", "totp"))
    return Entry(access, cookie)
