"""Lists as CSV that a spreadsheet (Excel, WPS, LibreOffice) opens without running anything.

Whatever people typed may stand in an exported cell. A cell that begins with one of the signs
of a formula gets an apostrophe, so that it is shown and not computed.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

#: Excel reads UTF-8 only where the file begins with it.
BOM: Final = "\ufeff"
#: The type of the answer that carries such a file.
MEDIA_TYPE: Final = "text/csv; charset=utf-8"
_FORMULA: Final = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_HEAD: Final = re.compile(rf"[\s\ufeff\u200b]*{_FORMULA}|[\t\r]")
#: Some spreadsheets cut a cell in two at these signs.
_CUT: Final = re.compile(rf"([;\t\r\n|]\s*)(?={_FORMULA})")
_PLAIN_NUMBER: Final = re.compile(r"-\d{1,15}(\.\d{1,15})?", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def cell(value: Any, *, zone: tzinfo = UTC) -> str | int | float | Decimal:
    """One value as a spreadsheet may have it.

    Args:
        value: numbers stay numbers; None, NaN, NaT and infinities become an empty cell; times become
            local ISO texts to the second; all else becomes a text without formulas. A text that
            is a negative number, such as ``-5.2``, is one and stays as it is.
        zone: of the times that are shown.
    """
    is_none = value is None or value != value  # noqa: PLR0124 - NaN, and the moment that is none
    if is_none or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    return text_cell(str(value))


def text_cell(text: str) -> str:
    """A text in which no spreadsheet finds a formula, without control signs."""
    text = _CONTROL.sub("", text)
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    return ("'" if _HEAD.match(text) else "") + _CUT.sub(r"\1'", text)


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, zone: tzinfo = UTC) -> Iterator[str]:
    """The lines of a file: mark of UTF-8, names of columns, rows; texts in quotes, lines end in CRLF.

    Args:
        columns: names shown in the first line.
        rows: values in the order of the columns; no rows give the first line alone.
        zone: of the times that are shown.

    Raises:
        ValueError: a row has more or fewer values than there are columns.
    """
    yield BOM + _line([text_cell(name) for name in columns])
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise ValueError(f"row {number} must have {len(columns)} values, got {len(row)}")
        yield _line([cell(value, zone=zone) for value in row])


def _line(cells: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
