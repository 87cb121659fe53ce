"""Bulk writing beyond a plain copy: days of fixes, and rows that may exist already."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from data import arrow_types
from data.engine import Copying, Store
from data.tables import METADATA

_PARTITION_LOCK: Final = 0x66697865  # "fixe" in ASCII


def days_of(at: pa.ChunkedArray) -> list[date]:
    """The different UTC days of a column of instants, ascending; nulls are left out."""
    days = pc.unique(pc.cast(pc.floor_temporal(at, unit="day"), pa.timestamp("us")))
    return sorted(moment.date() for moment in days.to_pylist() if moment is not None)


def ensure_fix_partitions(store: Store, days: Iterable[date]) -> int:
    """Make the partitions of ``gps_fix`` for these UTC days; returns how many were new."""
    with store.copying() as copy:
        return ensure_partitions_in(copy, days)


def ensure_partitions_in(copy: Copying, days: Iterable[date]) -> int:
    """The same as `ensure_fix_partitions` within an open bulk transaction.

    A partition is made beside the table and then attached, so that readers and
    writers of other days are not stopped.
    """
    wanted = {f"gps_fix_{day:%Y%m%d}": day for day in days}
    if not wanted.keys() - _partitions(copy):
        return 0
    copy.execute(f"SELECT pg_advisory_xact_lock({_PARTITION_LOCK})::text AS locked")
    made = sorted(wanted.keys() - _partitions(copy))
    for name in made:
        since = datetime.combine(wanted[name], datetime.min.time(), UTC)
        until = since + timedelta(days=1)
        copy.execute(f"CREATE TABLE {name} (LIKE gps_fix INCLUDING ALL)")
        copy.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")  # viewers read through gps_fix alone
        copy.execute(f"ALTER TABLE gps_fix ATTACH PARTITION {name}"
                     f" FOR VALUES FROM ('{since.isoformat()}') TO ('{until.isoformat()}')")
    return len(made)


def _partitions(copy: Copying) -> set[str]:
    found = copy.execute(
        "SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'gps_fix'::regclass")
    return set(found["name"].to_pylist()) if found is not None else set()


def upsert(store: Store, table_name: str, data: pa.Table, keys: Sequence[str]) -> tuple[int, int]:
    """Insert rows, or update those whose key exists and whose content differs.

    A row that was deleted is alive again. An updated row gets ``updated_at`` and
    ``changed_xid`` of now; one that says nothing new is left untouched.

    Args:
        store: where to.
        table_name: a table of the store.
        data: rows; columns by name, absent ones keep what is there.
        keys: columns of a primary key or unique constraint.

    Returns:
        The numbers of rows inserted and updated.

    Raises:
        ValueError: unknown table or column, a value that does not fit, or a key twice.
    """
    with store.copying() as copy:
        return upsert_into(copy, table_name, data, keys)


def upsert_into(copy: Copying, table_name: str, data: pa.Table, keys: Sequence[str]) -> tuple[int, int]:
    """The same as `upsert` within an open bulk transaction."""
    fitted = arrow_types.fit(table_name, data)
    _require_unique(table_name, fitted, keys)
    if fitted.num_rows == 0:
        return 0, 0
    table = METADATA.tables[table_name]
    if table_name == "gps_fix":
        ensure_partitions_in(copy, days_of(fitted["at"]))
    stage = f"stage_{uuid.uuid4().hex[:12]}"
    columns = ", ".join(f'"{name}"' for name in fitted.column_names)
    copy.execute(f'CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {columns} FROM "{table_name}" LIMIT 0')
    copy.ingest(stage, fitted, temporary=True)
    result = copy.execute(_merge(table, stage, fitted.column_names, keys))
    copy.execute(f"DROP TABLE {stage}")
    assert result is not None  # noqa: S101 - a WITH … SELECT always returns its row
    row = result.to_pylist()[0]
    return int(row["inserted"]), int(row["updated"])


def _merge(table: sa.Table, stage: str, names: Sequence[str], keys: Sequence[str]) -> str:
    """INSERT … ON CONFLICT … RETURNING, counted."""
    columns = ", ".join(f'"{name}"' for name in names)
    changing = [name for name in names if name not in keys]
    target = f'"{table.name}"'
    if changing:
        sets = [f'"{name}" = excluded."{name}"' for name in changing]
        differs = " OR ".join(f'{target}."{name}" IS DISTINCT FROM excluded."{name}"' for name in changing)
        if "changed_xid" in table.c:
            sets += ["updated_at = now()", "changed_xid = pg_current_xact_id()::text::bigint"]
        if "deleted_at" in table.c and "deleted_at" not in names:
            sets.append("deleted_at = NULL")
            differs += f" OR {target}.deleted_at IS NOT NULL"
        action = f"DO UPDATE SET {', '.join(sets)} WHERE {differs}"
    else:
        action = "DO NOTHING"
    conflict = ", ".join(f'"{name}"' for name in keys)
    return (
        f"WITH written AS (INSERT INTO {target} ({columns}) SELECT {columns} FROM {stage}"
        f" ON CONFLICT ({conflict}) {action} RETURNING (xmax = 0) AS is_new)"
        " SELECT count(*) FILTER (WHERE is_new) AS inserted,"
        " count(*) FILTER (WHERE NOT is_new) AS updated FROM written")


def _require_unique(table_name: str, data: pa.Table, keys: Sequence[str]) -> None:
    missing = [key for key in keys if key not in data.column_names]
    if missing or not keys:
        raise ValueError(f"{table_name}: keys must be columns of the data,"
                         f" got {list(keys)}, missing {missing}")
    counted = data.group_by(list(keys)).aggregate([([], "count_all")])
    twice: list[dict[str, Any]] = counted.filter(pc.greater(counted["count_all"], 1)).slice(0, 3).to_pylist()
    if twice:
        raise ValueError(f"{table_name}: each key must come once, got more of {twice}")
