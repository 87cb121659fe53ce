"""What the pages of the system share: who acts, from where, and times as people write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, redirect, request

from callbacks.cookies import Jar
from callbacks.viewer import current_viewer
from data.access.audit import Entry
from data.access.roles import Permission
from data.access.scope import EVERYTHING, Scope
from data.access.viewer import Viewer
from data.clock import parse_instant

#: The largest number of a row.
_MOST: Final = 2**63 - 1
_MINUTE: Final = 16  # signs of 2026-05-11T12:00, as browsers send it


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the pages of the system are handed.

    Attributes:
        access: as of `data.access.bundle.Access`.
        clock: the time of day outside, aware.
        zone: of the district; times are shown and read in it.
        areas: the area reader of the whole district; names of areas are no secret.
        jar: how cookies are named.
    """

    access: Any
    clock: Callable[[], datetime]
    zone: ZoneInfo
    areas: Callable[[], Any]
    jar: Jar

    def shown(self, moment: datetime | None) -> str:
        """A moment as people read it, to the second; a dash for none."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M:%S}" if moment else "—"

    def read(self, text: str, *, end: bool = False) -> datetime | None:
        """A moment as browsers send it, in local time; None where nothing was written.

        Args:
            end: the moment's minute, or its whole day, is meant to its end.

        Raises:
            data.clock.ClockError: it is no time.
        """
        if not text.strip():
            return None
        found = parse_instant(text, self.zone, end=end)
        return found + timedelta(minutes=1) if end and len(text.strip()) == _MINUTE else found

    def streets(self, scope: Scope = EVERYTHING) -> list[tuple[str, str]]:
        """Code and name of the streets within a scope, by code."""
        found = self.areas().children(None, "street")
        return [(code, name) for code, name in found if scope.holds_area(code)]

    def names_of_areas(self) -> Callable[[str], str]:
        """Code -> name, else the code."""
        tree = self.areas().tree()
        known: Mapping[str, str] = dict(zip(tree["area_code"], tree["name"], strict=True))
        return lambda code: known.get(code, code)


def day_said(text: str, field: str, fault: type[ValueError]) -> date:
    """A local day as a form brings it.

    Raises:
        ValueError: of the kind of ``fault``: it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise fault(f"{field} must be a day such as 2026-01-31, got {text[:40]!r}") from error


def may_write(viewer: Viewer) -> bool:
    """Whether somebody may write what is assessed in the whole district."""
    return viewer.may(Permission.ASSESS) and viewer.scope.is_everything


def row_named(text: str) -> int:
    """The number of a row as a form brings it; 0, which none has, for anything else."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and int(plain[:20]) <= _MOST else 0


def entry(action: str, **given: Any) -> Entry:
    """An entry of the audit log on behalf of the viewer of this request."""
    viewer = current_viewer()
    return Entry(account_id=viewer.account_id, account_name=viewer.name, address=request.remote_addr,
                 action=action, **given)


def at(path: str, **query: Any) -> str:
    """An address; what is empty does not stand in it."""
    asked = {key: value for key, value in query.items() if value not in {None, ""}}
    return f"{path}?{urlencode(asked)}" if asked else path


def back(path: str, **query: Any) -> Response:
    """Go on to a page after something was done."""
    answer = redirect(at(path, **query), 303)
    return Response(answer.get_data(), status=303, headers={"Location": answer.location or path})


def typed(name: str) -> list[str]:
    """The words of a field of a form, separated by blanks or commas."""
    return request.form.get(name, "")[:2000].replace(",", " ").replace("，", " ").split()


def chosen_areas() -> frozenset[str]:
    """The areas of a form: boxes that were ticked, and codes that were typed."""
    return frozenset([*request.form.getlist("area")[:500], *typed("codes")])
