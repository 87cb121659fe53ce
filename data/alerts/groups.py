"""Groups of alerts: those of one kind in one street, which the board tells as one line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

#: Code of the list of all alerts, in place of that of a group.
ALL: Final = "all"
_CODE: Final = re.compile(r"(?:all|([a-z0-9_]{1,40})/([0-9]{9})?)(?:/([1-9][0-9]{0,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts of one kind in one street.

    Attributes:
        street: code of 9 digits; '' for alerts of the whole district.
    """

    kind: str
    street: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.street}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The alerts that somebody chose to be told of.

    Attributes:
        kinds, colors: an alert is of one of each; none of either is none.
        since: told again after this, aware; None: whenever.
    """

    kinds: frozenset[str]
    colors: frozenset[str]
    since: datetime | None = None


def read_code(code: str) -> tuple[Group | None, int] | None:
    """``kind/street`` or ``all``, and the number of the page behind another stroke, from 1.

    Returns:
        The group (None: all alerts) and the page; None where it is no such code.
    """
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    kind, street, page = found.groups()
    return (Group(kind, street or "") if kind else None), int(page or 1)
