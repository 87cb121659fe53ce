"""The scope (辖区) of a viewer: what part of the store exists for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from data.access.sight import Sight

_AREA: Final = re.compile(r"\d{6}(?:\d{3}){0,3}", re.ASCII)
_DEPARTMENT: Final = re.compile(r"[A-Za-z0-9_\-]{1,40}")
_ALL: Final = "*"


class ScopeError(ValueError):
    """A scope that cannot be, or a question without one; the message names value got and expected."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Areas of the area tree, and departments.

    Attributes:
        areas: codes of 6, 9, 12 or 15 digits; what lies in any of them is inside. ``*`` alone
            is everything; no code at all is nothing.
        departments: ids; only cases that one of them handles or handled first, and its
            people and things, are inside. Empty: departments do not restrict.
        sight: what of persons comes along; `data.readers.Readers.seen_by` puts that of the viewer here, so
            that it goes wherever the scope goes: into every query, key and version.
    """

    areas: frozenset[str]
    departments: frozenset[str] = frozenset()
    sight: Sight = Sight.PEOPLE

    def __post_init__(self) -> None:
        for code in self.areas - {_ALL}:
            if not _AREA.fullmatch(code):
                raise ScopeError(f"a scope's area must be 6, 9, 12 or 15 digits, got {str(code)[:40]!r}")
        if _ALL in self.areas and len(self.areas) > 1:
            raise ScopeError("a scope of everything must name no area beside '*',"
                             f" got {sorted(self.areas)[:5]}")
        for department in self.departments:
            if not _DEPARTMENT.fullmatch(department):
                raise ScopeError(f"a scope's department must be an id of at most 40 signs,"
                                 f" got {str(department)[:40]!r}")

    @property
    def is_everything(self) -> bool:
        """Nothing lies outside."""
        return _ALL in self.areas and not self.departments

    @property
    def has_all_areas(self) -> bool:
        """No area lies outside; departments may restrict."""
        return _ALL in self.areas

    @property
    def key(self) -> str:
        """The scope as a text that is the same for equal scopes, for versions of answers."""
        return f"{','.join(sorted(self.areas))}/{','.join(sorted(self.departments))}/{self.sight}"

    @property
    def digest(self) -> str:
        """The key in twelve signs, for versions that stand in addresses."""
        return blake2b(self.key.encode(), digest_size=6).hexdigest()

    @property
    def roots(self) -> tuple[str, ...]:
        """The areas that lie in no other of them, by code; none where no area lies outside."""
        return () if self.has_all_areas else tuple(
            code for code in sorted(self.areas)
            if not any(code != other and code.startswith(other) for other in self.areas))

    @property
    def home(self) -> str | None:
        """The one area that everything lies in; None where there are several, or all."""
        return self.roots[0] if len(self.roots) == 1 else None

    def holds_area(self, code: str) -> bool:
        """An area, by its code, is one of the scope's or lies in one of them."""
        return self.has_all_areas or code.startswith(tuple(self.areas))

    def holds(self, other: Scope) -> bool:
        """Nothing of another scope lies outside this one."""
        areas = self.has_all_areas or all(self.holds_area(code) for code in other.areas)
        return areas and (not self.departments or (bool(other.departments)
                                                   and other.departments <= self.departments))


EVERYTHING: Final = Scope(areas=frozenset({_ALL}))
NOTHING: Final = Scope(areas=frozenset())
