"""``python app.py import KIND FILE``: the command line of the import."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from tqdm import tqdm

from data import meta
from data.engine import open_store
from data.ingest import vocab
from data.ingest.admit import admit
from data.ingest.cases import import_cases
from data.ingest.entities import IMPORTS
from data.ingest.errors import IngestError
from data.ingest.fixes import import_fixes
from data.ingest.grids import need_areas
from data.ingest.mapping import KINDS, Mapping, check_crs, load_mapping, shipped
from data.ingest.readers import format_of
from data.ingest.report import RejectsFile, Summary
from data.ingest.run import Run
from data.ingest.write import Writer, close_run, note_progress, open_run
from data.settings import Settings
from data.tables import area

if TYPE_CHECKING:
    from data.engine import Store

INTERRUPTED: Final = 130
TELL_S: Final = 1.0  # between two notes of how far an import has come
#: Kinds whose rows are assigned to base grids.
PLACED: Final = frozenset({"buildings", "cases", "resources", "officers", "fixes", "roads"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of ``import``."""
    parser.add_argument("kind", choices=KINDS, help="what the rows of the file are")
    parser.add_argument(
        "file", type=Path, help="CSV(.gz), Excel, Parquet, JSON, GeoJSON, Shapefile, GeoPackage or GPX"
    )
    parser.add_argument(
        "--mapping",
        metavar="NAME|FILE.toml",
        help=f"what the columns mean: a file, or one of {', '.join(shipped())}",
    )
    parser.add_argument("--crs", help="wgs84, gcj02, bd09 or EPSG:n; overrides mapping and file")
    parser.add_argument(
        "--rejects", type=Path, metavar="OUT.csv", help="where to list refused and flagged rows"
    )
    parser.add_argument(
        "--derive-areas",
        type=float,
        metavar="METRES",
        help="without areas in the store: cover the places of the file with cells of this size",
    )


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """Import a file; prints one line of JSON and returns the exit status.

    0 done, 1 not possible (the reason is on stderr), 130 interrupted: what was
    committed until then stays and is counted.
    """
    try:
        mapping = load_mapping(args.mapping, args.kind)
        if args.crs:
            check_crs(args.crs)
        format_of(args.file)
    except IngestError as error:
        print(f"import: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    store = open_store(settings)
    try:
        with interruptible() as stop:
            result = import_file(
                store,
                args.kind,
                args.file,
                mapping=mapping,
                crs=args.crs,
                rejects=args.rejects,
                derive_cell_m=args.derive_areas,
                now=now,
                stop=stop,
                progress=True,
            )
    except IngestError as error:
        print(f"import: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    except KeyboardInterrupt:
        print("import: interrupted; of the batch in hand nothing was written", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    finally:
        store.close()
    print(json.dumps(result, ensure_ascii=False))  # noqa: T201 - a command
    return INTERRUPTED if result.get("interrupted") else 0


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Ctrl-C ends the import after the batch in hand; a second one at once."""
    wanted = threading.Event()

    def on_signal(_number: int, _frame: Any) -> None:
        if wanted.is_set():
            raise KeyboardInterrupt
        wanted.set()

    if threading.current_thread() is not threading.main_thread():
        yield wanted.is_set
        return
    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield wanted.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def import_file(
    store: Store,
    kind: str,
    path: Path,
    *,
    now: datetime,
    mapping: Mapping | None = None,
    crs: str | None = None,
    rejects: Path | None = None,
    derive_cell_m: float | None = None,
    batch_rows: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: bool = False,
) -> dict[str, Any]:
    """Import one file into an open store.

    Args:
        store: where to.
        kind: one of `data.ingest.mapping.KINDS`.
        path: the file.
        now: the present; rows reported later are refused.
        mapping: what the columns mean; None takes the default one of the kind.
        crs: overrides the mapping's.
        rejects: CSV to list refused and flagged rows in.
        derive_cell_m: size in metres of the cells to derive where the store has no areas.
        batch_rows: rows of a batch; None takes the reader's.
        stop: asked between batches.
        progress: show a bar on stderr.

    Returns:
        Counts of rows (see `data.ingest.report.Summary`), ``seconds``, and
        ``interrupted`` if it was.

    Raises:
        IngestError: the import is not possible at all.
    """
    began = time.perf_counter()
    admit(path)
    mapping = mapping or load_mapping(None, kind)
    summary = Summary()
    vocab.prepare(store, mapping)
    run_id = open_run(store, kind=kind, file_name=path.name, now=now)
    account = RejectsFile(rejects)
    bar = tqdm(unit=" rows", unit_scale=True, disable=not progress, file=sys.stderr, desc=path.name)
    try:
        with Writer(store, run_id, summary, account) as writer:
            job = Run(
                store=store,
                path=path,
                mapping=mapping,
                crs=crs or mapping.crs,
                now=now,
                writer=writer,
                given_crs=crs,
                derive_cell_m=derive_cell_m,
                summary=summary,
                stop=stop,
                progress=_progress(store, run_id, summary, bar),
            )
            if batch_rows:
                job.batch_rows = batch_rows
            _import(job, kind)
    finally:
        bar.close()
        account.close()
    result = {
        "kind": kind,
        "file": path.name,
        "run_id": run_id,
        **summary.as_dict(),
        "seconds": round(time.perf_counter() - began, 3),
    }
    if stop():
        result["interrupted"] = True
    close_run(store, run_id, now=now, summary=result)
    return result


def _progress(store: Store, run_id: int, summary: Summary, bar: Any) -> Callable[[int], None]:
    """Moves the bar, and tells the store now and then."""
    told, rows = time.perf_counter(), 0

    def progressed(count: int) -> None:
        nonlocal told, rows
        bar.update(count)
        rows += count
        if time.perf_counter() - told > TELL_S:
            told = time.perf_counter()
            note_progress(store, run_id, summary, rows=rows)

    return progressed


def _import(job: Run, kind: str) -> None:
    by_name = kind == "cases" and job.mapping.place == "names"
    before_areas = kind == "roads" and job.derive_cell_m is None  # borders may be derived from roads
    if kind in PLACED and not (by_name or before_areas):
        need_areas(replace(job, progress=lambda _rows: None))
    if not job.stop():
        {"cases": import_cases, "fixes": import_fixes, **IMPORTS}[kind](job)
    job.writer.drain()
    _describe(job)


def _describe(job: Run) -> None:
    """The first import into a store says which district it is and what its clocks show."""
    if meta.get(job.store, "district") is not None or not _holds_rows(job):
        return
    known = job.mapping.district
    with job.store.engine.connect() as connection:
        row = connection.execute(
            select(area.c.area_code, area.c.name, area.c.lon, area.c.lat)
            .where(area.c.level == "district")
            .order_by(area.c.area_code)
            .limit(1)
        ).first()
    if row is None and not known.name:
        return
    code, name, lon, lat = (known.code, known.name, known.lon, known.lat) if row is None else row
    meta.put(
        job.store,
        "district",
        {
            "code": code,
            "name": known.name or name,
            "name_en": known.name_en or known.name or name,
            "lon": lon if known.lon is None else known.lon,
            "lat": lat if known.lat is None else known.lat,
        },
    )
    meta.put(job.store, "time_zone", job.mapping.time_zone)


def _holds_rows(job: Run) -> bool:
    return job.summary.inserted + job.summary.updated + job.summary.unchanged > 0
