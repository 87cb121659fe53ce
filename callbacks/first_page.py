"""Which page somebody opens first on this device: the wall, or their tasks."""

from __future__ import annotations

from typing import Final

from flask import Response, request

from data.access.viewer import Viewer

COOKIE: Final = "first"
#: What can be chosen -> its path.
FIRST: Final = {"wall": "/", "tasks": "/tasks"}
_REMEMBERED_S: Final = 365 * 86_400
#: Who walks about and has a telephone in hand.
_OUTSIDE: Final = frozenset({"officer"})


def chosen(viewer: Viewer) -> str:
    """What was chosen on this device, else what suits the roles: of `FIRST`."""
    asked = request.cookies.get(COOKIE)
    if asked in FIRST:
        return str(asked)
    return "tasks" if viewer.roles == _OUTSIDE else "wall"


def remember(response: Response, choice: str) -> None:
    """Keep a choice, of `FIRST`, for a year on this device."""
    response.set_cookie(COOKIE, choice, max_age=_REMEMBERED_S, httponly=True, samesite="Lax",
                        secure=request.is_secure)
