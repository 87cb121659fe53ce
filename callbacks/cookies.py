"""The cookies of sessions and screens, and the token that every write carries."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from flask import Request, Response

CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf_token"
_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{20,200}")


@dataclass(frozen=True, slots=True)
class Jar:
    """How cookies are named and marked.

    Attributes:
        secure: the product is reached by https; the names then say that only this host set them.
    """

    secure: bool

    @property
    def session(self) -> str:
        """Name of the cookie of a person."""
        return "__Host-session" if self.secure else "session"

    @property
    def screen(self) -> str:
        """Name of the cookie of a screen without a person."""
        return "__Host-screen" if self.secure else "screen"

    def put_session(self, response: Response, value: str) -> None:
        """Hand a session's cookie out; it ends with the browser, and on the server before.

        Lax, not Strict: the answer of a single sign-on and links from elsewhere arrive with it.
        """
        response.set_cookie(self.session, value, httponly=True, secure=self.secure, samesite="Lax", path="/")

    def put_screen(self, response: Response, value: str, *, max_age_s: int) -> None:
        """Hand a screen's cookie out."""
        response.set_cookie(self.screen, value, max_age=max_age_s, httponly=True, secure=self.secure,
                            samesite="Strict", path="/")

    def drop(self, response: Response) -> None:
        """Take both cookies back."""
        for name in (self.session, self.screen):
            response.set_cookie(name, "", max_age=0, httponly=True, secure=self.secure, path="/")


def cookie_of(request: Request, name: str) -> str | None:
    """The value of a cookie as we hand them out; None where there is none or it cannot be ours."""
    value = request.cookies.get(name, "")
    return value if _VALUE.fullmatch(value) else None


def new_value() -> str:
    """A cookie of 256 random bits that stands for nothing yet."""
    return secrets.token_urlsafe(32)


def csrf_of(cookie: str) -> str:
    """The token for a cookie that no session of the store stands behind; it tells nothing of it."""
    return sha256(f"csrf:{cookie}".encode()).hexdigest()


def carries(request: Request, token: str) -> bool:
    """Whether a request proves by its header or its form that its page was ours."""
    given = request.headers.get(CSRF_HEADER)
    if given is None and request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        given = request.form.get(CSRF_FIELD)
    return bool(token) and given is not None and compare_digest(given.encode(), token.encode())
