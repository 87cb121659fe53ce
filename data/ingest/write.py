"""Writes batches beside the reading of the next one; each batch is one transaction."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from sqlalchemy import insert, update

from data.ingest.report import OUTCOMES, RejectsFile, RowReport, Summary
from data.tables import import_reject, import_run

if TYPE_CHECKING:
    from datetime import datetime

    from data.engine import Store

Write = Callable[[Any], None]

WRITERS: Final = 2  # one copies while the other commits


@dataclass(frozen=True, slots=True)
class Job:
    """What one batch writes, and its account, which counts once that is committed."""

    write: Write
    report: RowReport | None
    outcome: Mapping[str, int] = field(default_factory=dict)


class Writer:
    """Threads that commit jobs, two at a time; jobs that need others committed are put after `drain`.

    A job that fails is rolled back, later jobs are dropped, and the fault is
    raised by the next call of the reading side.
    """

    def __init__(self, store: Store, run_id: int, summary: Summary, rejects: RejectsFile) -> None:
        self._store, self._run_id, self._summary, self._rejects = store, run_id, summary, rejects
        self._jobs: queue.Queue[Job | None] = queue.Queue(maxsize=WRITERS)
        self._fault: BaseException | None = None
        self._counting = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, name=f"import-writer-{number}", daemon=True)
            for number in range(WRITERS)
        ]

    def __enter__(self) -> Writer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        if fault[0] is None:
            self._raise()

    def put(self, job: Job) -> None:
        """Hand a batch over; waits while two are waiting already."""
        self._raise()
        self._jobs.put(job)

    def drain(self) -> None:
        """Wait until all that was handed over is committed."""
        self._jobs.join()
        self._raise()

    def _raise(self) -> None:
        if self._fault is not None:
            raise self._fault

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                if self._fault is None:
                    self._commit(job)
            except BaseException as fault:
                self._fault = fault
            finally:
                self._jobs.task_done()
        self._jobs.task_done()

    def _commit(self, job: Job) -> None:
        findings = None if job.report is None else findings_of(job.report, self._run_id)
        with self._store.copying() as copy:
            job.write(copy)
            if findings is not None and findings.num_rows:
                copy.append(import_reject.name, findings)
        if job.report is not None:
            with self._counting:
                self._rejects.write(job.report.table())
                self._summary.add(job.report, job.outcome)


def findings_of(report: RowReport, run_id: int) -> Any:
    """Rows of ``import_reject``: one per row and field, the first finding wins."""
    table = report.table()
    if not table.num_rows:
        return table
    frame = table.select(["row_no", "field"]).to_pandas()
    table = table.filter(pa.array(~frame.duplicated().to_numpy()))
    return table.add_column(0, "run_id", pa.array(np.full(table.num_rows, run_id, dtype=np.int64)))


def open_run(store: Store, *, kind: str, file_name: str, now: datetime) -> int:
    """Note the beginning of an import; returns its number."""
    with store.engine.begin() as connection:
        row = connection.execute(
            insert(import_run)
            .values(kind=kind, file_name=file_name, started_at=now)
            .returning(import_run.c.run_id)
        )
        return int(row.scalar_one())


def note_progress(store: Store, run_id: int, summary: Summary, *, rows: int) -> None:
    """Say how far an import has come: ``rows`` were read from the file, the counts are of committed ones."""
    so_far = {name: getattr(summary, name) for name in ("read", *OUTCOMES, "rejected", "flagged")}
    with store.engine.begin() as connection:
        connection.execute(
            update(import_run).where(import_run.c.run_id == run_id).values(summary={**so_far, "rows": rows})
        )


def close_run(store: Store, run_id: int, *, now: datetime, summary: Mapping[str, Any]) -> None:
    """Note the end of an import with its counts."""
    with store.engine.begin() as connection:
        connection.execute(
            update(import_run)
            .where(import_run.c.run_id == run_id)
            .values(finished_at=now, summary=dict(summary))
        )
