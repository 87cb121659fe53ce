"""The wire format of points and paths: a table of numbers as plain columns.

All numbers are little-endian. ``GRC1``, the length of the header as uint32, the
header as JSON in UTF-8 padded with blanks to a multiple of 4 bytes, then each
column, starting at a multiple of 4 bytes. The header holds ``n`` (rows),
``columns`` (``name``, ``type``, ``offset`` in bytes from the end of the header,
``count``) and ``meta`` (whatever the layer says about its rows). A column may
have another count than ``n``: the vertices of paths.

Positions are int32 in units of 1e-7 degree of WGS-84, about 11 mm.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

MAGIC: Final = b"GRC1"
UNKNOWN_HEADING: Final = 999  # uint16 on the wire; standing or not known
DEGREE: Final = 1e-7
#: Names on the wire; the browser has a typed array for each.
TYPES: Final = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32")
_ALIGN: Final = 4
Columns = Mapping[str, npt.NDArray[Any]]


class ColumnsError(ValueError):
    """Columns that cannot be written, or bytes that are none."""


def degrees(values: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """Degrees as int32 of 1e-7 degree.

    Raises:
        ColumnsError: a value is not finite or beyond ±180.
    """
    wide = np.asarray(values, dtype=np.float64)
    wrong = ~(np.abs(wide) <= 180)
    if wrong.any():
        raise ColumnsError(f"degrees must be finite and within ±180, got {wide[wrong][0]!r}")
    return np.rint(wide / DEGREE).astype(np.int32)


def headings(values: Any) -> npt.NDArray[np.uint16]:
    """Degrees clockwise from north as whole ones of 0..359; NaN and NULL are `UNKNOWN_HEADING`."""
    wide = pd.Series(values).to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.where(np.isfinite(wide), np.mod(np.nan_to_num(wide), 360), UNKNOWN_HEADING)
    return known.astype(np.uint16)


def encode(columns: Columns, *, rows: int, meta: Mapping[str, Any]) -> bytes:
    """Write columns and what is said about them.

    Args:
        columns: one-dimensional arrays of one of `TYPES`.
        rows: number of things (points, paths), not of vertices.
        meta: plain JSON.

    Raises:
        ColumnsError: a column has another type or shape; the message names it.
    """
    parts: list[bytes] = []
    described: list[dict[str, Any]] = []
    offset = 0
    for name, column in columns.items():
        kind = column.dtype.name
        if kind not in TYPES or column.ndim != 1:
            raise ColumnsError(
                f"{name} must be one-dimensional of {', '.join(TYPES)}, got {kind} with shape {column.shape}"
            )
        raw = np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).tobytes()
        described.append({"name": name, "type": kind, "offset": offset, "count": len(column)})
        raw += b"\0" * (-len(raw) % _ALIGN)
        parts.append(raw)
        offset += len(raw)
    header = json.dumps(
        {"n": rows, "columns": described, "meta": meta},
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    ).encode()
    header += b" " * (-len(header) % _ALIGN)
    return b"".join((MAGIC, struct.pack("<I", len(header)), header, *parts))


def decode(content: bytes) -> tuple[dict[str, npt.NDArray[Any]], int, dict[str, Any]]:
    """Columns, rows and meta; the inverse of `encode`.

    Raises:
        ColumnsError: not this format, or cut off.
    """
    if content[:4] != MAGIC or len(content) < 8:
        raise ColumnsError(f"columns must begin with {MAGIC!r}, got {content[:4]!r}")
    (length,) = struct.unpack_from("<I", content, 4)
    try:
        header = json.loads(content[8 : 8 + length])
    except ValueError:
        raise ColumnsError(
            f"the header must be {length} bytes of JSON, got {len(content) - 8} bytes"
        ) from None
    begin = 8 + length
    columns: dict[str, npt.NDArray[Any]] = {}
    for column in header["columns"]:
        if column["type"] not in TYPES:
            raise ColumnsError(f"{column['name']} must be of {', '.join(TYPES)}, got {column['type']!r}")
        kind = np.dtype(column["type"]).newbyteorder("<")
        at = begin + column["offset"]
        if at + column["count"] * kind.itemsize > len(content):
            raise ColumnsError(
                f"{column['name']} must hold {column['count']} values, the content ends before"
            )
        columns[column["name"]] = np.frombuffer(content, dtype=kind, count=column["count"], offset=at)
    return columns, header["n"], header["meta"]


def texts(values: pd.Series) -> list[str]:
    """A column as texts; as objects first, for one after the other an Arrow column gives them slowly."""
    return [str(one) for one in values.to_numpy(dtype=object)]


def codes(values: Any, *, limit: int = 65536) -> tuple[npt.NDArray[Any], list[str]]:
    """A column of texts as indices into the texts that occur, in sorted order.

    NULL is the empty text. The indices are uint8 while they fit, else uint16.

    Raises:
        ColumnsError: more different texts than ``limit``.
    """
    held = pd.Series(values).astype(object)
    known = held.where(held.notna(), "").astype(str).to_numpy(dtype=object)
    if not len(known):
        return np.zeros(0, dtype=np.uint8), []
    index, found = pd.factorize(known, sort=True)
    if len(found) > limit:
        raise ColumnsError(f"a column of codes must hold at most {limit} different ones, got {len(found)}")
    return index.astype(np.uint8 if len(found) <= 256 else np.uint16), [str(text) for text in found]
