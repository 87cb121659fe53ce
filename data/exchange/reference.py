"""Writes the reference rows that every store starts with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Table, or_
from sqlalchemy.dialects.postgresql import insert

from data.exchange.categories import categories
from data.exchange.channels import CHANNELS
from data.exchange.departments import Place, area_departments, district_departments
from data.exchange.labels import labels
from data.tables import CURRENT_XID, category, channel, department, label

if TYPE_CHECKING:
    from data.engine import Store


def seed_reference(store: Store, places: Sequence[Place] = ()) -> dict[str, int]:
    """Write labels, categories, channels and departments; running it again changes nothing.

    Args:
        store: a migrated store.
        places: streets and communities whose own units are wanted; none gives
            the district's centres and departments only.

    Returns:
        Rows in each seed by table name (not rows changed).
    """
    seeds: tuple[tuple[Table, list[NamedTuple]], ...] = (
        (label, [*labels()]),
        (category, [*categories()]),
        (channel, [*CHANNELS]),
        (department, [*district_departments(), *area_departments(places)]),
    )
    with store.engine.begin() as connection:
        for table, rows in seeds:
            write_rows(connection, table, (row._asdict() for row in rows))
    return {table.name: len(rows) for table, rows in seeds}


def write_rows(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows or replace those that differ, by primary key; equal rows stay untouched."""
    written = [dict(row) for row in rows]
    if not written:
        return
    keys = [column.name for column in table.primary_key]
    given = [name for name in written[0] if name not in keys]
    statement = insert(table)
    changed: dict[str, Any] = {name: statement.excluded[name] for name in given}
    if "changed_xid" in table.c:
        changed["changed_xid"] = CURRENT_XID
    statement = statement.on_conflict_do_update(
        index_elements=keys, set_=changed,
        where=or_(*(table.c[name].is_distinct_from(statement.excluded[name]) for name in given)),
    )
    connection.execute(statement, written)
