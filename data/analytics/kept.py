"""Rows that people add and take back, never change; both on record."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from data.access.audit import Entry, record_in
from data.access.viewer import Viewer

if TYPE_CHECKING:
    from data.engine import Store


def add(store: Store, table: sa.Table, row: dict[str, Any], *, by: Viewer, now: datetime,
        address: str | None = None) -> int:
    """Add a row; on record as ``<table>_added``.

    Args:
        now: outside time, aware.
        address: where from; None on the console.

    Returns:
        Its id.
    """
    (key,) = table.primary_key.columns
    with store.engine.begin() as connection:
        made = connection.execute(sa.insert(table).values(**row, set_at=now, set_by=by.name).returning(key))
        number = int(made.scalar_one())
        detail = {name: f"{value}" for name, value in row.items() if value is not None}
        record_in(connection, _entry(table, "added", number, detail, by, address), now=now)
    return number


def withdraw(store: Store, table: sa.Table, number: int, *, by: Viewer, now: datetime,
             address: str | None = None) -> bool:
    """Take a row back; on record as ``<table>_withdrawn``.

    Returns:
        Whether there was one that stood.
    """
    (key,) = table.primary_key.columns
    with store.engine.begin() as connection:
        found = connection.execute(
            sa.update(table).where(key == number, table.c.withdrawn_at.is_(None))
            .values(withdrawn_at=now, withdrawn_by=by.name))
        if not found.rowcount:
            return False
        record_in(connection, _entry(table, "withdrawn", number, {}, by, address), now=now)
    return True


def _entry(table: sa.Table, done: str, number: int, detail: dict[str, Any], by: Viewer, address: str | None
           ) -> Entry:
    return Entry(account_id=by.account_id, account_name=by.name, address=address,
                 action=f"{table.name}_{done}", object_kind=table.name, object_id=f"{number}", detail=detail)
