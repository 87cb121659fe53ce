"""Rows of small tables against the store: new, changed, unchanged; tombstones revive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Table, select

from data import bulk
from data.ingest.report import Bools

if TYPE_CHECKING:
    from data.engine import Store


def compare(store: Store, table: Table, rows: pa.Table, keys: Sequence[str]) -> tuple[Bools, Bools]:
    """Per row: the store has its key; and all given columns are equal.

    Args:
        store: where to look.
        table: the table of the store.
        rows: unique by ``keys``; columns that are not given do not count.
        keys: columns that identify a row.
    """
    names = rows.column_names
    query = select(*(table.c[name] for name in names), table.c.deleted_at)
    with store.engine.connect() as connection:
        stored = connection.execute(query).all()
    known = {tuple(row[names.index(key)] for key in keys): row for row in stored}
    found = np.zeros(rows.num_rows, dtype=bool)
    same = np.zeros(rows.num_rows, dtype=bool)
    for place, row in enumerate(rows.to_pylist()):
        other = known.get(tuple(row[key] for key in keys))
        if other is not None:
            found[place] = True
            same[place] = other[-1] is None and all(
                equal(row[name], other[position]) for position, name in enumerate(names)
            )
    return found, same


def equal(one: Any, other: Any) -> bool:
    """Whether a value of a file is the stored one; floats within 1e-9 of their size, bytes by content."""
    if one is None or other is None:
        return one is None and other is None
    if isinstance(one, float) or isinstance(other, float):
        return bool(abs(float(one) - float(other)) <= 1e-9 * max(1.0, abs(float(one))))
    if isinstance(other, (bytes, memoryview)):
        return bytes(one) == bytes(other)
    return bool(one == other)


def merge(store: Store, table: Table, rows: pa.Table, *, batch: bool = False) -> dict[str, int]:
    """Write what is new or changed.

    Args:
        store: where to write.
        table: with its primary key among the columns of ``rows``.
        rows: unique by key.
        batch: count nothing, write all (a derived cover).

    Returns:
        ``inserted``, ``updated``, ``unchanged``.
    """
    keys = [column.name for column in table.primary_key]
    if batch:
        bulk.upsert(store, table.name, rows, keys)
        return {"inserted": rows.num_rows, "updated": 0, "unchanged": 0}
    found, same = compare(store, table, rows, keys)
    changed = rows.filter(pa.array(~(found & same)))
    if changed.num_rows:
        bulk.upsert(store, table.name, changed, keys)
    return {
        "inserted": int((~found).sum()),
        "updated": int((found & ~same).sum()),
        "unchanged": int((found & same).sum()),
    }


def repeated_keys(keys: Sequence[Any]) -> tuple[Bools, Any]:
    """Later rows of a key, and per row the position of the key's first row."""
    frame = pd.DataFrame({str(position): list(values) for position, values in enumerate(keys)})
    group = frame.groupby(list(frame.columns), dropna=False, sort=False)
    first = (
        group[frame.columns[0]].transform(lambda part: part.index[0]).to_numpy(dtype=np.int64)
        if len(frame)
        else np.zeros(0, dtype=np.int64)
    )
    return first != np.arange(len(frame)), first
