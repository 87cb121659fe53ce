"""Where something changed, and whether that lies inside a scope: `data.access.within` without a query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from data.access.scope import Scope

_DISTRICT, _STREET, _COMMUNITY, _GRID = 6, 9, 12, 15
#: Columns that say where a row of a mirrored table is; departments come last.
CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "case": ("case_ref", "street_code", "community_code", "grid_code", "main_dept_id", "first_dept_id",
             "assist_dept_ids"),
    "officer": ("street_code", "community_code", "grid_code", "dept_id"),
    "resource": ("area_code", "dept_id"),
}
#: What of a resource only says where it moved to: the stream tells that by itself.
MOVES: Final[Mapping[str, tuple[str, ...]]] = {"resource": ("lon", "lat", "heading")}
#: What the screens call a change of a mirrored table.
KINDS: Final[Mapping[str, str]] = {
    "case": "cases", "officer": "forces", "resource": "forces", "area": "areas", "category": "words",
    "channel": "words", "department": "words",
}


class Place(NamedTuple):
    """Where a row is.

    Attributes:
        street, community, grid: codes of 9, 12 and 15 digits; '' where the row names none.
        departments: that it belongs to; None: not known, every department may hear of it.
    """

    street: str
    community: str
    grid: str
    departments: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Touched:
    """What one look found changed.

    Attributes:
        kind: ``cases, forces, areas, words, alerts, whistle, readings``, or ``everything`` after a full load.
        rows: handle (``case_ref``; None for what has none) and place of each changed row, before and after
            the change; None: it concerns every scope.
    """

    kind: str
    rows: tuple[tuple[int | None, Place], ...] | None

    def within(self, scope: Scope) -> bool:
        """Anything of it lies inside the scope."""
        return self.rows is None or any(holds(scope, place) or self._is_of_district(scope, place)
                                        for _, place in self.rows)

    def handles(self, scope: Scope) -> set[int]:
        """The handles of what lies inside the scope."""
        return {handle for handle, place in self.rows or () if handle is not None and holds(scope, place)}

    def _is_of_district(self, scope: Scope, place: Place) -> bool:
        """An alert of no street is one of the whole district, see `data.access.within`."""
        return self.kind == "alerts" and not place.street and any(
            len(code) == _DISTRICT for code in scope.areas)


def holds(scope: Scope, place: Place) -> bool:
    """The place lies inside the scope, as `data.access.within.within` says of rows."""
    if scope.departments and place.departments is not None and not scope.departments.intersection(
            place.departments):
        return False
    if scope.has_all_areas:
        return True
    by_length = {_STREET: place.street, _COMMUNITY: place.community, _GRID: place.grid}
    return any(by_length[len(code)] == code if len(code) in by_length else place.street.startswith(code)
               for code in scope.areas)


def places_of(table: str, rows: pa.Table) -> list[tuple[int | None, Place]]:
    """Handle (of a case) and place of rows with the columns `CODES` of a mirrored table.

    By columns, for a look may find thousands of cases.
    """
    columns = [rows[name].to_pylist() for name in CODES[table]]
    if table == "resource":
        return [(None, of_area(code or "", (dept,))) for code, dept in zip(*columns, strict=True)]
    refs, *codes = columns if table == "case" else [[None] * rows.num_rows, *columns]
    return [(ref, Place(street or "", community or "", grid or "", _known(_flat(departments))))
            for ref, street, community, grid, *departments in zip(refs, *codes, strict=True)]


def only_moved(table: str, key: Sequence[str], held: pa.Table, rows: pa.Table) -> bool:
    """Whether rows of a mirrored table differ from those held in nothing but their places.

    Args:
        key: the columns that say which row is which.
        held: the rows as they were, with all columns of ``rows``.
    """
    if table not in MOVES or held.num_rows != rows.num_rows:
        return False
    names = [name for name in rows.column_names if name not in MOVES[table] and name in held.column_names]
    order = [(name, "ascending") for name in key]
    return bool(held.select(names).sort_by(order).equals(rows.select(names).cast(
        held.select(names).schema).sort_by(order)))


def versions(written: pa.Table) -> set[tuple[int, int]]:
    """``case_ref`` and ``xid`` of each row: that version of a case is told once."""
    return set(zip(written["case_ref"].to_pylist(), written["xid"].to_pylist(), strict=True))


def touched_cases(fresh: Iterable[tuple[int, int]], gone: pa.Table, come: pa.Table,
                  hot_since: datetime | None) -> list[Touched]:
    """What one look changed of the cases, as they were and as they are; nothing where it is nothing new.

    Args:
        fresh: the `versions` that no look before has seen.
        gone: the rows that were replaced in the snapshot, with the columns `CODES`.
        come: the rows as they are, tombstones and cases older than the hot window included.
        hot_since: older ones are not in the snapshot: nobody knows to whom they belonged.
    """
    refs = {ref for ref, _ in fresh}
    found = [one for one in places_of("case", gone) if one[0] in refs]
    held = {handle for handle, _ in found}
    is_cold = [False] * come.num_rows if hot_since is None else pc.less(
        come["reported_at"], pa.scalar(hot_since)).to_pylist()
    for (handle, place), cold in zip(places_of("case", come), is_cold, strict=True):
        if handle in refs:
            found.append((handle, place._replace(departments=None) if cold and handle not in held else place))
    return [Touched("cases", tuple(found))] if found else []


def of_area(code: str, departments: Sequence[str | None]) -> Place:
    """The place of an area, whatever its level."""
    return Place(code[:_STREET], code[:_COMMUNITY] if len(code) >= _COMMUNITY else "",
                 code[:_GRID] if len(code) >= _GRID else "", _known(departments))


def _flat(values: Iterable[str | Sequence[str] | None]) -> Iterator[str | None]:
    """Codes, and codes of lists, one after another."""
    for value in values:
        if isinstance(value, str) or value is None:
            yield value
        else:
            yield from value


def _known(departments: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(one for one in departments if one)
