"""What belongs to an area: by its code in the partition, by base grids or by ground beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, or_

from data.areas.codes import DIGITS

#: Kinds of grid that are smaller than a base grid: what lies in them is found by its place.
SMALL: Final = ("unit", "compound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An area as a restriction of other tables.

    Attributes:
        code: of the area.
        kind: of a grid beside the partition; None for an area of the partition.
        grids: base grids of which a grid beside the partition consists, or the one in
            which it lies; empty for an area of the partition.
        polygon: ground of a grid smaller than a base grid, EPSG:4326; else None.
    """

    code: str
    kind: str | None = None
    grids: tuple[str, ...] = ()
    polygon: Any = None

    @property
    def home(self) -> str:
        """The area of the partition that it is or lies in: itself, its first grid, else its street."""
        if self.kind is None:
            return self.code
        return self.grids[0] if self.grids else self.code[:9]

    def areas(self) -> tuple[str, ...]:
        """Codes of the partition whose cases are the area's own."""
        return (self.code,) if self.kind is None else self.grids

    def holds(self, table: Table) -> ColumnElement[bool]:
        """Rows of ``building`` or ``officer`` (or another table with their codes) in the area."""
        columns = table.c
        if self.kind == "compound" and "compound_id" in columns:
            return columns.compound_id == self.code
        if self.polygon is not None and "lon" in columns:
            return self.near(table)
        if self.kind is not None:
            return columns.grid_code.in_([*self.grids, self.code])
        if len(self.code) == DIGITS["grid"]:
            return columns.grid_code == self.code
        if len(self.code) == DIGITS["community"]:
            return columns.community_code == self.code
        return or_(columns.street_code == self.code,
                   columns.street_code.startswith(self.code, autoescape=True))

    def holds_thing(self, table: Table) -> ColumnElement[bool]:
        """Rows of ``resource``, which names one area of any level, in the area."""
        if self.polygon is not None:
            return self.near(table)
        if self.kind is not None:
            return table.c.area_code.in_(self.grids)
        return table.c.area_code.startswith(self.code, autoescape=True)

    def near(self, table: Table) -> ColumnElement[bool]:
        """Rows of the area's street whose place lies in the box around its ground."""
        west, south, east, north = (float(edge) for edge in self.polygon.bounds)
        return and_(table.c.street_code == self.code[:9], table.c.lon >= west, table.c.lon < east,
                    table.c.lat >= south, table.c.lat < north)


def holding_of(area: dict[str, Any], inside: Sequence[str], polygon: Any) -> Holding:
    """The holding of a row of table ``area``.

    Args:
        inside: base grids in the ground of a grid beside the partition that names no members.
        polygon: its ground.
    """
    kind = area["grid_kind"]
    if kind in (None, "base"):
        return Holding(code=area["area_code"])
    if area["members"]:
        return Holding(code=area["area_code"], kind=kind, grids=tuple(area["members"]))
    if kind in SMALL:
        return Holding(code=area["area_code"], kind=kind, grids=tuple(inside[:1]), polygon=polygon)
    return Holding(code=area["area_code"], kind=kind, grids=tuple(inside))
