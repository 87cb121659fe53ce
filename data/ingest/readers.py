"""Files as batches of rows, whatever the format: texts, numbers and times as they stand.

Every batch carries the number of each row in the file (1 = first data row) and
the rows that could not be read at all, so that the account misses nobody.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from data.ingest import readers_csv, readers_geo, readers_gpx
from data.ingest.errors import IngestError
from data.ingest.readers_csv import Ints, Unreadable
from data.uploads.archives import open_zip
from data.uploads.refused import UploadError

BATCH_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in the order of the file; ``row_no`` has one number per row of ``table``."""

    table: pa.Table
    row_no: Ints
    unreadable: list[Unreadable] = field(default_factory=list)

    def __len__(self) -> int:
        return self.table.num_rows


def read_batches(path: Path, *, batch_rows: int = BATCH_ROWS, crs: str | None = None) -> Iterator[Batch]:
    """Yield the rows of a file.

    Args:
        path: ``.csv(.gz) .tsv .txt .xlsx .parquet .json .geojson .shp .gpkg .gpx``,
            or a zip of GPX files, of one shapefile or one GeoPackage. Looked through by
            `data.ingest.admit.admit` before: nothing here bounds what a file unpacks to but of CSV.
        batch_rows: rows of a batch; CSV is cut by bytes instead.
        crs: for geometry: what the coordinates are in, over what the file says;
            None believes the file. Geometry arrives as WKB in column ``geometry``.

    Raises:
        IngestError: missing, empty, of an unknown format or unreadable as a whole.
    """
    if not path.is_file():
        raise IngestError(f"file must exist, got {str(path)!r}")
    form = format_of(path)
    if form == "csv":
        try:
            yield from (Batch(*part) for part in readers_csv.read(path))
        except UploadError as refusal:
            raise IngestError(str(refusal)) from refusal
        return
    if form == "parquet":
        yield from _parquet(path, batch_rows)
        return
    if form == "gpx":
        table, unreadable = readers_gpx.read(path)
        yield from _cut(table, batch_rows, unreadable)
        return
    readers = {"excel": _excel, "json": _json}
    if form in readers:
        yield from _cut(readers[form](path), batch_rows)
        return
    yield from _cut(readers_geo.read(path, crs), batch_rows)


def format_of(path: Path) -> str:
    """One of csv, excel, parquet, json, geo, gpx, by name and, for a zip, by content."""
    name = path.name.lower()
    endings = {
        "csv": (".csv", ".csv.gz", ".tsv", ".txt"),
        "excel": (".xlsx", ".xlsm"),
        "parquet": (".parquet", ".pq"),
        "geo": (".geojson", ".shp", ".gpkg"),
        "gpx": (".gpx",),
        "json": (".json", ".ndjson"),
    }
    for form, ends in endings.items():
        if name.endswith(ends):
            return form
    if name.endswith(".zip"):
        return _format_in_zip(path)
    raise IngestError(f"file must end in {', '.join(sum(endings.values(), ()))} or .zip; got {path.name!r}")


def _format_in_zip(path: Path) -> str:
    try:
        with open_zip(path) as archive:
            endings = {Path(name).suffix.lower() for name in archive.namelist()}
    except UploadError as refusal:
        raise IngestError(str(refusal)) from refusal
    if ".gpx" in endings:
        return "gpx"
    if endings & {".shp", ".gpkg"}:
        return "geo"
    raise IngestError(f"a zip must hold .gpx files, a shapefile or a GeoPackage, got {sorted(endings)[:20]}")


def _cut(table: pa.Table, batch_rows: int, unreadable: list[Unreadable] | None = None) -> Iterator[Batch]:
    """Numbered slices; unreadable rows come after the others, with the first slice."""
    table = table.combine_chunks()
    rest = list(unreadable or [])
    for start in range(0, max(table.num_rows, 1), batch_rows):
        part = table.slice(start, batch_rows)
        yield Batch(part, np.arange(start + 1, start + 1 + part.num_rows, dtype=np.int64), rest)
        rest = []


def _parquet(path: Path, batch_rows: int) -> Iterator[Batch]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise IngestError(f"{path.name} is not a Parquet file: {error}") from error
    start = 0
    with file:
        for part in file.iter_batches(batch_size=batch_rows):
            table = pa.Table.from_batches([part])
            yield Batch(table, np.arange(start + 1, start + 1 + table.num_rows, dtype=np.int64))
            start += table.num_rows


def _excel(path: Path) -> pa.Table:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise IngestError(f"{path.name} is not an Excel workbook: {error}") from error
    try:
        rows = list(book.worksheets[0].iter_rows(values_only=True))
    finally:
        book.close()
    if not rows:
        raise IngestError(f"{path.name}: the first sheet is empty")
    header = ["" if cell is None else str(cell).strip() for cell in rows[0]]
    readers_csv.check_header(header, path.name)
    columns = {
        name: pa.array(
            [cell_text(row[position] if position < len(row) else None) for row in rows[1:]], pa.string()
        )
        for position, name in enumerate(header)
        if name
    }
    return pa.table(columns)


def cell_text(value: Any) -> str | None:
    """A cell or JSON value as text: times in ISO form, whole floats without ``.0``, nested as JSON."""
    if value is None or isinstance(value, str):
        return value
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _json(path: Path) -> pa.Table:
    """A list of objects, an object that holds one, or one object per line."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        parsed = _json_lines(text, path.name, error)
    except RecursionError as error:
        raise IngestError(f"{path.name}: nested too deeply") from error
    if isinstance(parsed, dict):
        lists = [value for value in parsed.values() if isinstance(value, list)]
        parsed = lists[0] if lists else [parsed]
    if not isinstance(parsed, list):
        raise IngestError(f"{path.name} must hold a list of objects, got {type(parsed).__name__}")
    rows = [row if isinstance(row, dict) else {"value": row} for row in parsed]
    names = list(dict.fromkeys(key for row in rows for key in row))
    return pa.table(
        {name: pa.array([cell_text(row.get(name)) for row in rows], pa.string()) for name in names}
    )


def _json_lines(text: str, name: str, error: json.JSONDecodeError) -> list[Any]:
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        return [json.loads(line) for line in lines]
    except (json.JSONDecodeError, RecursionError):
        raise IngestError(f"{name} is neither JSON nor one object per line: {error}") from error
