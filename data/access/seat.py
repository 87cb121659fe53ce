"""The seat (席位) from which somebody looks: a centre below their own, which narrows their scope.

The three tiers of the platform: the district's centre, the sub-centres of streets and departments,
the stations of communities, the work
stations of grids. A seat never widens: what lies outside the viewer's own scope cannot be taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from data.access.scope import Scope, ScopeError
from data.filters import FilterError

#: Kind of seat -> digits of its area's code.
AREA_KINDS: Final[Mapping[str, int]] = {"district": 6, "street": 9, "community": 12, "grid": 15}
DEPARTMENT: Final = "dept"
KINDS: Final = (*AREA_KINDS, DEPARTMENT)
_CODE: Final = re.compile(r"[A-Za-z0-9_\-]{1,40}", re.ASCII)
_KIND_OF: Final = {digits: kind for kind, digits in AREA_KINDS.items()}


@dataclass(frozen=True, slots=True)
class Seat:
    """One centre.

    Attributes:
        kind: of `KINDS`.
        code: of its area, or the id of its department.
    """

    kind: str
    code: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


def read_seat(text: str) -> Seat:
    """A seat as an address names it: ``street:210202003``, ``dept:police``.

    Raises:
        FilterError: it is none.
    """
    kind, _, code = text.partition(":")
    digits = AREA_KINDS.get(kind)
    fits = kind == DEPARTMENT or (digits is not None and len(code) == digits and code.isdigit())
    if not fits or not _CODE.fullmatch(code):
        raise FilterError("seat must be district:CODE, street:CODE, community:CODE, grid:CODE"
                          f" (6, 9, 12, 15 digits) or dept:ID, got {text[:60]!r}")
    return Seat(kind, code)


def narrowed_to(scope: Scope, seat: Seat) -> Scope:
    """The part of a scope that is seen from a seat.

    Raises:
        ScopeError: the seat sees what lies outside the scope.
    """
    if seat.kind == DEPARTMENT:
        if not scope.departments or seat.code in scope.departments:
            return replace(scope, departments=frozenset({seat.code}))
    elif scope.holds_area(seat.code):
        return replace(scope, areas=frozenset({seat.code}))
    raise ScopeError(f"seat must be a centre within your own scope, got {str(seat)[:60]!r}")


def seat_of(scope: Scope) -> Seat | None:
    """The centre whose whole part a scope is; None: that of the district, or of no single one."""
    if len(scope.departments) == 1:
        return Seat(DEPARTMENT, min(scope.departments))
    kind = _KIND_OF.get(len(scope.home or ""))
    return Seat(kind, scope.home or "") if kind and not scope.departments else None
