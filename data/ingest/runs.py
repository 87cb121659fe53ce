"""What became of imports: runs, and their rows that were refused or flagged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from data.tables import import_reject, import_run

if TYPE_CHECKING:
    from data.engine import Store

#: Fields whose value tells of no person; the values of all others are not asked for, see `data.access.masks`.
OPEN_VALUES: Final = (
    "status", "category", "category_class", "channel", "department", "nature", "urgency", "kind", "role",
    "level", "grid_kind", "force_class", "professional_field", "reported", "accepted", "filed", "dispatched",
    "received", "handled", "closed", "updated", "deadline", "time", "at", "floors", "units", "height_m",
    "built_year", "households", "residents", "floating", "area_code", "parent_code", "street", "community",
    "grid", "class_code", "file", "",
)
#: Columns of `Runs.findings`.
FINDINGS: Final = ("row_no", "field", "severity", "reason", "got", "expected")
_SLICE: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One import.

    Attributes:
        summary: counts as of `data.ingest.report.Summary`, those so far while it runs; empty
            before the first rows.
        finished_at: None while it runs, and for ever where it broke off.
    """

    run_id: int
    kind: str
    file_name: str
    started_at: datetime | None
    finished_at: datetime | None
    summary: dict[str, Any] = field(default_factory=dict)


class Runs:
    """The account of all imports of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def latest(self, limit: int = 50) -> list[RunRow]:
        """The newest runs, newest first."""
        return self._rows(sa.select(import_run).order_by(import_run.c.run_id.desc()).limit(limit))

    def one(self, run_id: int) -> RunRow | None:
        """A run by its number; None where there is none."""
        found = self._rows(sa.select(import_run).where(import_run.c.run_id == run_id))
        return found[0] if found else None

    def count(self, run_id: int) -> int:
        """How many findings a run has."""
        query = sa.select(sa.func.count()).select_from(import_reject).where(import_reject.c.run_id == run_id)
        with self._store.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def findings(self, run_id: int, *, limit: int | None = None) -> Iterator[tuple[Any, ...]]:
        """Rows that were refused or flagged, in the order of the file: `FINDINGS`.

        ``got`` is None for fields beside `OPEN_VALUES`.
        """
        row = import_reject.c
        got = sa.case((row.field.in_(OPEN_VALUES), row.got)).label("got")
        query = (sa.select(row.row_no, row.field, row.severity, row.reason, got, row.expected)
                 .where(row.run_id == run_id).order_by(row.row_no, row.field).limit(limit))
        with self._store.engine.connect() as connection:
            for found in connection.execution_options(yield_per=_SLICE).execute(query):
                yield tuple(found)

    def _rows(self, query: sa.Select[Any]) -> list[RunRow]:
        with self._store.engine.connect() as connection:
            return [RunRow(**{**found, "summary": found["summary"] or {}})
                    for found in connection.execute(query).mappings()]
