"""What emergencies and whistles share: who sees what, and checks of what is said."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from data.access.masks import scrub
from data.access.roles import ROLES, Permission
from data.access.scope import Scope
from data.access.viewer import Viewer

#: What the database says to the other workers.
CHANNEL: Final = "emergency_changed"
#: The same of whistles; what is said names area and departments.
WHISTLES: Final = "whistle_changed"
KINDS: Final = ("flood", "fire", "health", "security", "weather", "other")
#: A task of the community's service (社区服务): called out and taken alike, but no wall turns to it.
SERVICE: Final = "service"
MAX_AREAS: Final = 200
#: Whom an emergency may call: all who may look at the wall.
CALLED: Final = tuple(role for role, may in ROLES.items() if Permission.VIEW in may)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Who is called: roles of `CALLED`, and people by the names of their accounts; neither: everybody."""

    roles: Iterable[str] = ()
    people: Iterable[str] = ()


class EmergencyError(ValueError):
    """Something said is no use; the message names the field, the value got and what is expected."""


class RefusedError(ValueError):
    """It cannot be done now; the message says why."""


class UnknownError(LookupError):
    """It does not exist for the viewer."""


def holds(scope: Scope, code: str) -> bool:
    """The area lies inside the scope."""
    return scope.holds_area(code)


def concerns(scope: Scope, code: str) -> bool:
    """The area lies inside the scope, or the scope inside it: its people are called."""
    return holds(scope, code) or any(own.startswith(code) for own in scope.areas)


def held(column: sa.ColumnElement[Any], scope: Scope) -> sa.ColumnElement[bool]:
    """`holds` as the predicate of a query over a column of area codes."""
    if scope.has_all_areas:
        return sa.true()
    return sa.or_(sa.false(), *(column.startswith(code, autoescape=True) for code in sorted(scope.areas)))


def concerning(column: sa.ColumnElement[Any], scope: Scope) -> sa.ColumnElement[bool]:
    """`concerns` as the predicate of a query over a column of area codes."""
    around = {code[:length] for code in scope.areas for length in range(1, len(code) + 1)}
    return sa.or_(held(column, scope), column.in_(sorted(around)))


def shares(column: sa.ColumnElement[Any], values: Iterable[str]) -> sa.ColumnElement[bool]:
    """A column of arrays of texts holds one of the values at least."""
    return column.bool_op("&&")(sa.cast(sorted(values), sa.ARRAY(sa.Text)))


def says_names(viewer: Viewer) -> bool:
    """The viewer is told names of people."""
    return viewer.may(Permission.VIEW_PEOPLE)


def said(field: str, value: Any, most: int, *, least: int = 1) -> str:
    """A text of at most ``most`` signs without numbers of persons.

    Raises:
        EmergencyError: it is none, too short or too long.
    """
    found = value.strip() if isinstance(value, str) else ""
    if not isinstance(value, str) or not least <= len(found) <= most or "\x00" in found:
        raise EmergencyError(f"{field} must be a text of {least}..{most} signs, got {str(value)[:60]!r}")
    return scrub(found)


def whole(field: str, value: Any, least: int, most: int) -> int:
    """A whole number, as a form says it.

    Raises:
        EmergencyError: it is none, or out of range.
    """
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise EmergencyError(f"{field} must be a whole number {least}..{most}, got {text[:40]!r}")
    return int(text)


def chosen(field: str, values: Iterable[str], known: Iterable[str]) -> list[str]:
    """Codes that are known, each once, sorted.

    Raises:
        EmergencyError: one is not known.
    """
    found, may = sorted(set(values)), set(known)
    strange = [value for value in found if value not in may]
    if strange:
        raise EmergencyError(f"{field} must be among those of yours, got {strange[0][:40]!r}")
    return found


def tell(connection: sa.Connection, number: int) -> None:
    """Tell the other workers, when the transaction ends."""
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, json.dumps({"id": number}))))
