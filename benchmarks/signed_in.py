"""A benchmark's browser signs in like anybody's: an account of the load set and a session of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext

from callbacks.cookies import Jar
from data.access.bundle import Access
from data.settings import Settings
from tests.signed_in import access_of, signed_in


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
    access = access_of(store, settings)
    return Entry(access, signed_in(access))
