"""Counts of protected groups by area: told as one release of the whole store, small cells withheld.

See `data.access.suppress` for what is withheld and why. The release is made of the base partition;
a work grid is told as the sum of its base grids, grids of another kind are not told at all, for
their counts would be equations beside the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from sqlalchemy import func, select

from data.access.suppress import NO_PARENT, Release, Tree, suppress
from data.memo import Memo
from data.sql import Query
from data.tables import area

if TYPE_CHECKING:
    from data.access.seen import Asked

#: Length of a code -> length of the code of the area above it.
_ABOVE: Final = {15: 12, 12: 9, 9: 6}


class Told(NamedTuple):
    """A number that is told; None with ``is_withheld``, or where nobody counted."""

    number: int | None
    is_withheld: bool


UNKNOWN: Final = Told(None, is_withheld=False)


class ProtectedCounts:
    """Floating residents (流动人口) of every area, released once for a state of the areas. Thread-safe."""

    def __init__(self, whole: Asked) -> None:
        """``whole`` is the store without any scope: a release of a part could be undone by another's."""
        self._whole, self._memo = whole, Memo(2)

    def floating(self, area_code: str, members: Sequence[str] | None, version: str) -> Told:
        """What is told of an area.

        Args:
            area_code: of the area.
            members: base grids of a work grid; None for the base partition.
            version: changes whenever an area may have.
        """
        places, made = self._memo.get((version,), self._release)
        asked = list(members) if members else [area_code]
        if not asked or any(code not in places for code in asked):
            return UNKNOWN
        count = made.total(places[code] for code in asked)
        return Told(count, is_withheld=count is None)

    def _release(self) -> tuple[dict[str, int], Release]:
        return released(self._whole.arrow(floating_by_area()).to_pylist())


def floating_by_area() -> Query:
    """``area_code, floating`` of the base partition of the whole store; NULL where nobody counted."""
    return select(area.c.area_code, area.c.floating).where(
        func.coalesce(area.c.grid_kind, "base") == "base", area.c.deleted_at.is_(None))


def released(rows: Sequence[dict[str, Any]]) -> tuple[dict[str, int], Release]:
    """Position of each area that is told of, and the release.

    What an area has more than its parts stands in a part of its own that nobody asks for; where
    it states less than its parts, it is withheld. Where it states nothing, nothing is told of it.
    """
    stated = {row["area_code"]: row["floating"] for row in rows}
    known = {code for code, count in stated.items() if count is not None}
    held = known | {code[:length] for code in known for length in _ABOVE.values()
                    if len(code) > length and code[:length] in stated}
    codes = sorted(held)
    places = {code: position for position, code in enumerate(codes)}
    parent = [places.get(code[:_ABOVE.get(len(code), 0)], NO_PARENT) for code in codes]
    counts = [int(stated[code] or 0) for code in codes]
    also = [False] * len(codes)
    parts: dict[int, list[int]] = {}
    for node, above in enumerate(parent):
        parts.setdefault(above, []).append(node)
    for node in sorted(range(len(codes)), key=lambda one: -len(codes[one])):
        within = sum(counts[one] for one in parts.get(node, ()))
        if node in parts and counts[node] > within:
            parent.append(node)
            counts.append(counts[node] - within)
            also.append(False)
        elif node in parts and counts[node] < within:
            counts[node], also[node] = within, stated[codes[node]] is not None
    places = {code: place for code, place in places.items() if stated[code] is not None}
    tree, values = Tree(np.array(parent, dtype=np.int64)), np.array(counts, dtype=np.int64)
    return places, Release(tree, values, suppress(values, tree, also=np.array(also, dtype=bool)))
