"""What every kind of import is handed: the file, its mapping, the store, the account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data.ingest.mapping import Mapping
from data.ingest.readers import BATCH_ROWS, Batch, read_batches
from data.ingest.report import RowReport, Summary

if TYPE_CHECKING:
    from data.engine import Store
    from data.ingest.write import Writer


@dataclass(slots=True, kw_only=True)
class Run:
    """One import; ``stop`` says between batches whether somebody wants it to end."""

    store: Store
    path: Path
    mapping: Mapping
    crs: str
    now: datetime
    writer: Writer
    given_crs: str | None = None  # by the user; None believes a map file's own word
    derive_cell_m: float | None = None
    batch_rows: int = BATCH_ROWS
    summary: Summary = field(default_factory=Summary)
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[int], None] = lambda _rows: None

    def batches(self, *, geometry: bool = False) -> Iterator[tuple[pa.Table, RowReport]]:
        """The file's rows in parts, each with a report that holds its unreadable rows already."""
        for batch in read_batches(
            self.path, batch_rows=self.batch_rows, crs=self.given_crs if geometry else None
        ):
            if self.stop():
                return
            table, report = whole(batch)
            if table.num_rows:
                yield table, report
            self.progress(table.num_rows)


def whole(batch: Batch) -> tuple[pa.Table, RowReport]:
    """All rows of a batch: unreadable ones stand last, empty and refused."""
    if not batch.unreadable:
        return batch.table, RowReport(batch.row_no)
    count = len(batch.unreadable)
    empty = pa.table(
        {name: pa.nulls(count, batch.table.schema.field(name).type) for name in batch.table.column_names}
    )
    report = RowReport(np.concatenate([batch.row_no, np.asarray([row.row_no for row in batch.unreadable])]))
    for place, row in enumerate(batch.unreadable, start=len(batch)):
        mask = np.zeros(len(report.row_no), dtype=bool)
        mask[place] = True
        report.reject(mask, field=row.field, reason=row.reason, got={place: row.got}, expected=row.expected)
    report.mute()
    return pa.concat_tables([batch.table, empty]), report
