"""What the snapshot mirrors of the store: tables, columns, keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Label,
    Table,
    Text,
    cast,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql

from data.access.protected import HELD_AS, is_protected_case
from data.replay.settled import SETTLED_AT, settled_at
from data.sql import Query
from data.tables import area, cases, category, channel, department, officer, resource

_CASE_LEFT_OUT: Final = frozenset({
    "title", "description", "address", "building_id", "reporter_kind", "reporter_masked", "event_seq",
    "level_now", "cause_tags", "quality_flags", "parent_case_no", "similar_of", "is_synthetic",
    "source_id", "content_hash", "source_system", "created_at", "updated_at", "changed_xid", "limit_min",
})
_LEFT_OUT: Final = frozenset({
    "geometry", "members", "created_at", "updated_at", "source_system", "changed_xid",
    "valid_from", "valid_to", "phone_masked", "device_id", "stream_url",
})
#: The transaction in the statements of every look, worded once; bound values took a millisecond more.
_XID: Final = literal_column("{xid}", BigInteger)
_LIMIT: Final = literal_column("{limit}", BigInteger)
#: The columns of `news` about cases.
CASE_REFS: Final = "case_refs"
CASE_XIDS: Final = "case_xids"


@dataclass(frozen=True, slots=True)
class Mirror:
    """One mirrored table: the columns kept, and the key that names a row."""

    table: Table
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def kept(self) -> list[ColumnElement[Any]]:
        """What the snapshot holds of a row: the columns kept; of a case, if it is about protected people,
        and from when on it is what it is now.
        """
        found: list[ColumnElement[Any]] = [self.table.c[name] for name in self.columns]
        beside = (is_protected_case().label(HELD_AS), settled_at().label(SETTLED_AT))
        return [*found, *beside] if self.table is cases else found

    @property
    def chosen(self) -> str:
        """The part of a statement of the snapshot that names the rows whose keys are in ``rows``."""
        key = ", ".join(f'"{column}"' for column in self.key)
        return f'FROM "{self.table.name}" WHERE ({key}) IN (SELECT ({key}) FROM rows)'

    def rows(self) -> Query:
        """What is kept of the rows that are not deleted."""
        return select(*self.kept).where(self.table.c.deleted_at.is_(None))

    def changed(self, xid: int) -> str:
        """The statement for the kept columns, tombstones included, of rows written by ``xid`` or later."""
        return _changed(self).format(xid=int(xid))


def _mirror(table: Table, key: tuple[str, ...], left_out: frozenset[str]) -> Mirror:
    return Mirror(table, tuple(c.name for c in table.columns if c.name not in left_out), key)


CASES: Final = _mirror(cases, ("case_ref",), _CASE_LEFT_OUT)
#: The small tables.
SMALL: Final = (
    _mirror(area, ("area_code",), _LEFT_OUT),
    _mirror(category, ("cat_code",), _LEFT_OUT),
    _mirror(channel, ("channel_code",), _LEFT_OUT),
    _mirror(department, ("dept_id",), _LEFT_OUT),
    _mirror(officer, ("street_code", "officer_id"), _LEFT_OUT),
    _mirror(resource, ("street_code", "resource_id"), _LEFT_OUT),
)
MIRRORED: Final = (CASES, *SMALL)


def _worded(query: Query) -> str:
    text = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    return str(text)


@cache
def _changed(mirror: Mirror) -> str:
    return _worded(select(*mirror.kept).where(mirror.table.c.changed_xid >= _XID))


def _moment() -> tuple[Label[int], Label[int]]:
    """``xid``, below which every transaction has ended, and ``filenode``, the file that holds the cases.

    A table that was emptied as a whole leaves no tombstones, but it gets another file.
    """
    xmin = func.pg_snapshot_xmin(func.pg_current_snapshot())
    file = func.pg_relation_filenode(func.to_regclass(f'"{cases.name}"'))
    return cast(cast(xmin, Text), BigInteger).label("xid"), cast(file, BigInteger).label("filenode")


def oldest_running() -> Query:
    """One row: ``xid`` and ``filenode`` of this moment, see `news`."""
    return select(*_moment())


def case_range() -> Query:
    """One row: ``first_at, last_at, total`` of all cases; NULL and 0 in an empty store."""
    return (select(func.min(cases.c.reported_at).label("first_at"),
                   func.max(cases.c.reported_at).label("last_at"),
                   func.count().label("total")).where(cases.c.deleted_at.is_(None)))


def case_slice(since: datetime, until: datetime) -> Query:
    """Cases reported in ``[since, until)``, oldest first, so that a window touches few blocks."""
    inside = (cases.c.reported_at >= since, cases.c.reported_at < until)
    return CASES.rows().where(*inside).order_by(cases.c.reported_at)


@cache
def _news() -> str:
    def touched(mirror: Mirror) -> Label[bool]:
        return exists().where(mirror.table.c.changed_xid >= _XID).label(mirror.table.name)

    rows = select(cases.c.case_ref, cases.c.changed_xid).where(cases.c.changed_xid >= _XID).limit(_LIMIT)
    written = rows.subquery()
    listed = select(func.array_agg(written.c.case_ref).label(CASE_REFS),
                    func.array_agg(written.c.changed_xid).label(CASE_XIDS)).subquery()
    return _worded(select(*_moment(), listed, *(touched(mirror) for mirror in SMALL)))


def news(xid: int, limit: int) -> str:
    """The statement for one row that says what ``xid`` or later wrote, as of one moment.

    ``xid`` and ``filenode`` of the moment; `CASE_REFS` and `CASE_XIDS`, lists of the cases written,
    tombstones included, and of the transaction that wrote each, NULL for none and at most ``limit``
    long; for each small table whether it was written to.
    """
    return _news().format(xid=int(xid), limit=int(limit))
