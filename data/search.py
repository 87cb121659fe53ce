"""One search box, five kinds of things: area, case, officer, resource, building."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Double, Table, and_, cast, func, literal, null, or_, select, union_all

from data.access.masks import masked
from data.access.scope import Scope
from data.access.within import within
from data.readers import Readers
from data.sql import Query
from data.tables import area, building, cases, officer, resource

#: In the order of the list.
KINDS: Final = ("area", "building", "officer", "resource", "case")
MAX_HITS: Final = 100
MAX_TEXT: Final = 80
_NOWHERE: Final = cast(null(), Double)


def search(readers: Readers, text: str, limit: int = 12) -> list[dict[str, Any]]:
    """Things whose code begins with the text or whose name holds it, best first.

    Args:
        readers: whose store is asked, in whose scope.
        text: what was typed; blanks around it do not count, letters of any case.
        limit: at most this many hits, 1..100.

    Returns:
        ``kind, code, title, subtitle, lon, lat``; lon and lat None where unknown. A code that is
        the text comes first, then areas from the district down, then the other kinds, cases from the
        newest. No hit for an empty text.

    Raises:
        ValueError: ``limit`` or the length of the text out of bounds.
    """
    wanted = text.strip()
    if not 1 <= limit <= MAX_HITS:
        raise ValueError(f"limit must be 1..{MAX_HITS}, got {limit}")
    if len(wanted) > MAX_TEXT or "\x00" in wanted:
        raise ValueError(f"a search must be at most {MAX_TEXT} signs without NUL, got {len(wanted)}")
    if not wanted:
        return []
    rows = readers.store.arrow(_hits(wanted, limit, scope=readers.scope)).to_pylist()
    rows.sort(key=lambda row: (row["code"] != wanted, KINDS.index(row["kind"])))
    return [{key: row[key] for key in ("kind", "code", "title", "subtitle", "lon", "lat")}
            for row in rows[:limit]]


def _found(wanted: str, code: ColumnElement[str], *names: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(code.startswith(wanted, autoescape=True),
               *(func.lower(name).contains(wanted.lower(), autoescape=True) for name in names))


def _found_shown(wanted: str, code: ColumnElement[str], name: ColumnElement[Any],
                 shown: ColumnElement[Any]) -> ColumnElement[bool]:
    """The same, and it is there in what is shown of the name, which takes longer to tell."""
    return and_(_found(wanted, code, name), _found(wanted, code, shown))


def _hits(wanted: str, limit: int, *, scope: Scope) -> Query:
    """The first hits of every kind."""
    areas, houses, things, files = area.c, building.c, resource.c, cases.c
    sight = scope.sight
    person, person_name = masked(officer.c.officer_id, sight), masked(officer.c.name_masked, sight)
    title = masked(files.title, sight)
    where = (masked(files.lon, sight), masked(files.lat, sight))
    # a number is a case number; only words are looked for in titles
    in_cases = (files.case_no.startswith(wanted, autoescape=True) if wanted.isdigit()
                else _found_shown(wanted, files.case_no, files.title, title))
    def part(kind: str, shown: tuple[Any, ...], found: ColumnElement[bool], table: Table,
             *order: ColumnElement[Any]) -> Query:
        return _part(kind, shown, and_(within(table, scope), found), table.c, *order).limit(limit)

    parts = (
        part("area", (areas.area_code, areas.name, areas.area_code, areas.lon, areas.lat),
             _found(wanted, areas.area_code, areas.name), area),
        part("building", (houses.building_id, houses.name, houses.address, houses.lon, houses.lat),
             _found(wanted, houses.building_id, houses.name, houses.address), building),
        part("officer", (person, person_name, person, _NOWHERE, _NOWHERE),
             _found(wanted, person, person_name), officer),
        part("resource", (things.resource_id, things.name, things.resource_id, things.lon, things.lat),
             _found(wanted, things.resource_id, things.name), resource),
        part("case", (files.case_no, title, files.case_no, *where), in_cases, cases,
             files.reported_at.desc()),
    )
    return select(union_all(*(one.subquery().select() for one in parts)).subquery())


def _part(kind: str, shown: tuple[Any, ...], found: ColumnElement[bool], columns: Any,
          *order: ColumnElement[Any]) -> Query:
    """Hits of one kind: what is shown is code, title (else the code), subtitle, lon, lat."""
    code, title, subtitle, lon, lat = shown
    return select(literal(kind).label("kind"), code.label("code"), func.coalesce(title, code).label("title"),
                  subtitle.label("subtitle"), lon.label("lon"), lat.label("lat")).where(
                      found, columns.deleted_at.is_(None)).order_by(*order, func.length(code), code)
