"""CSV: separator and encoding found out, every cell a text, broken lines kept for the account."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv

from data.ingest.errors import IngestError
from data.uploads import limits
from data.uploads.archives import open_gz
from data.uploads.refused import UploadError

BLOCK_BYTES: Final = 2 << 20
_SEPARATORS: Final = (",", "\t", ";", "|")
_ENCODINGS: Final = ("utf-8-sig", "gb18030")

Ints = np.ndarray[Any, np.dtype[np.int64]]


class Unreadable(NamedTuple):
    """A row that has no cells to look at."""

    row_no: int
    field: str
    reason: str
    got: str
    expected: str


def read(path: Path) -> Iterator[tuple[pa.Table, Ints, list[Unreadable]]]:
    """Yield (rows, their numbers, lines with a wrong number of cells).

    Raises:
        IngestError: empty, no header, a column name twice, or not text.
        UploadError: too many columns, an endless header, or a packed file that grows beyond its limits.
    """
    encoding = _encoding(path)
    with _open(path) as raw:
        begin = raw.readline(limits.HEADER_BYTES + 1)
    first = begin.splitlines()[0] if begin else b""
    if len(first) > limits.HEADER_BYTES:
        raise UploadError("header", path.name, got="more",
                          expected=f"have a header line of at most {limits.HEADER_BYTES} bytes")
    header_line = first.decode(encoding, "replace")
    if not header_line:
        raise IngestError(f"{path.name} is empty: a header line is expected")
    separator = max(_SEPARATORS, key=header_line.count)
    try:
        header = [name.strip() for name in next(csv.reader([header_line], delimiter=separator))]
    except (StopIteration, csv.Error) as error:
        raise IngestError(f"{path.name} is empty: a header line is expected") from error
    if len(header) > limits.COLUMNS:
        raise UploadError("columns", path.name, got=len(header),
                          expected=f"have at most {limits.COLUMNS} columns")
    check_header(header, path.name)
    invalid: list[Any] = []

    def note(row: Any) -> str:
        invalid.append(row)
        return "skip"

    with _open(path) as raw:
        yield from _parse(
            _decoded(raw, encoding), path.name, header=header, separator=separator, note=note, invalid=invalid
        )


def _parse(
    stream: IO[bytes],
    name: str,
    *,
    header: list[str],
    separator: str,
    note: Any,
    invalid: list[Any],
) -> Iterator[tuple[pa.Table, Ints, list[Unreadable]]]:
    names = [column or f"column_{position + 1}" for position, column in enumerate(header)]
    seen = 0
    try:
        reader = pc_csv.open_csv(
            stream,
            read_options=pc_csv.ReadOptions(
                use_threads=False, block_size=BLOCK_BYTES, column_names=names, skip_rows=1
            ),
            parse_options=pc_csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=pc_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        for part in reader:
            broken, invalid[:] = list(invalid), []
            first = seen + 1
            seen += part.num_rows + len(broken)
            yield _numbered(pa.Table.from_batches([part]), first, seen, broken)
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise IngestError(f"{name} is not readable as CSV after row {seen}: {error}") from error
    if invalid:
        empty = pa.table({column: pa.array([], pa.string()) for column in names})
        yield _numbered(empty, seen + 1, seen + len(invalid), list(invalid))


def _numbered(
    table: pa.Table, first: int, last: int, broken: list[Any]
) -> tuple[pa.Table, Ints, list[Unreadable]]:
    """Numbers first..last shared out between good and broken lines, in the order of the file."""
    numbers = np.arange(first, last + 1, dtype=np.int64)
    # the parser counts lines from the header on and may know no number with several threads
    at = [row.number - 1 if row.number is not None else first + place for place, row in enumerate(broken)]
    bad = np.asarray([min(max(number, first), last) for number in at], dtype=np.int64)
    if len(np.unique(bad)) != len(bad):
        bad = numbers[len(numbers) - len(broken) :]
    unreadable = [
        Unreadable(
            int(number),
            "",
            "wrong_cell_count",
            f"{row.actual_columns} cells: {row.text[:120]}",
            f"{row.expected_columns} cells as in the header",
        )
        for number, row in zip(bad, broken, strict=True)
    ]
    return table, np.setdiff1d(numbers, bad), unreadable


def check_header(header: list[str], name: str) -> None:
    """Refuse a header without names or with one twice.

    Raises:
        IngestError: as said.
    """
    named = [column for column in header if column]
    if not named:
        raise IngestError(f"{name}: the first line must name the columns, got {header!r}")
    twice = sorted({column for column in named if named.count(column) > 1})
    if twice:
        raise IngestError(f"{name}: column names must differ, got {twice} more than once")


def _open(path: Path) -> Any:
    if path.name.lower().endswith(".gz"):
        return open_gz(path)
    return path.open("rb")


def _encoding(path: Path) -> str:
    """utf-8 if the whole file is, else gb18030 (Chinese files), else latin-1."""
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with _open(path) as raw:
                while chunk := raw.read(1 << 22):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        except (OSError, EOFError) as error:
            raise IngestError(f"{path.name} cannot be unpacked: {error}") from error
        return encoding
    return "latin-1"


def _decoded(raw: IO[bytes], encoding: str) -> IO[bytes]:
    """The bytes as UTF-8 for the parser, which skips a byte order mark itself."""
    if encoding == "utf-8-sig":
        return raw
    text = io.TextIOWrapper(raw, encoding=encoding, newline="")
    return io.BufferedReader(_Recoded(text))


class _Recoded(io.RawIOBase):
    """Text as a stream of UTF-8 bytes."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = self._text.read(1 << 18).encode("utf-8")
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)
