"""Columns of a batch as clean arrays: trimmed texts, numbers, one name per field."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.ingest.errors import IngestError
from data.ingest.mapping import Mapping

Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


class Columns:
    """The fields of a mapping, looked up in one batch."""

    def __init__(self, table: pa.Table, mapping: Mapping) -> None:
        self.table = table
        self.mapping = mapping
        self._nulls = pa.array(sorted(mapping.nulls), pa.string())
        self.rows: int = table.num_rows

    def name(self, field: str) -> str | None:
        """The column that serves ``field`` in this file; None if there is none."""
        return column_of(self.table.column_names, self.mapping, field)

    def raw(self, field: str) -> pa.Array | None:
        """The values as they stand; None without such a column."""
        name = self.name(field)
        return None if name is None else _whole(self.table.column(name))

    def text(self, field: str) -> pa.Array:
        """Trimmed texts; the mapping's nulls, and a column that is missing, are null."""
        found = self.raw(field)
        if found is None:
            return pa.nulls(self.rows, pa.string())
        return self.cleaned(found)

    def cleaned(self, values: pa.Array) -> pa.Array:
        """Any array as trimmed texts with null for the mapping's words for nothing."""
        if pa.types.is_floating(values.type):
            values = _whole_numbers(values)
        texts = values if pa.types.is_string(values.type) else pc.cast(values, pa.string())
        texts = pc.utf8_trim_whitespace(_without_nul(texts))
        return pc.if_else(pc.is_in(texts, value_set=self._nulls), pa.scalar(None, pa.string()), texts)

    def number(self, field: str) -> tuple[Floats, Bools]:
        """Numbers, NaN where there is none, and which were something else than a number."""
        found = self.raw(field)
        if found is None:
            return np.full(self.rows, np.nan), np.zeros(self.rows, dtype=bool)
        return numbers(found if _is_number(found.type) else self.text(field))


def _without_nul(texts: pa.Array) -> pa.Array:
    """The store's texts hold no NUL character; files sometimes do."""
    content = texts.buffers()[2]
    if content is None or b"\x00" not in content.to_pybytes():
        return texts
    return pc.replace_substring(texts, "\x00", "")


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], column.type)
    if pa.types.is_dictionary(whole.type):
        whole = pc.cast(whole, whole.type.value_type)
    if pa.types.is_large_string(whole.type) or pa.types.is_string_view(whole.type):
        whole = pc.cast(whole, pa.string())
    return whole


def _whole_numbers(values: pa.Array) -> pa.Array:
    """Floats that are all whole, as ids read through a spreadsheet are, as integers."""
    finite = pc.drop_null(values)
    if (
        len(finite)
        and pc.all(pc.equal(pc.floor(finite), finite)).as_py()
        and pc.max(pc.abs(finite)).as_py() < 1e15
    ):
        return pc.cast(pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values), pa.int64())
    return values


def numbers(values: pa.Array) -> tuple[Floats, Bools]:
    """Any array as floats (NaN = none) and the mask of texts that are no number."""
    if _is_number(values.type):
        return (
            np.asarray(pc.cast(values, pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)),
            np.zeros(len(values), dtype=bool),
        )
    try:
        floats = pc.cast(values, pa.float64())
    except pa.ArrowInvalid:
        series = pd.Series(values.to_numpy(zero_copy_only=False), dtype=object)
        parsed = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        given = np.asarray(pc.is_valid(values).to_numpy(zero_copy_only=False), dtype=bool)
        words = np.asarray([isinstance(text, str) and text.strip().lower() == "nan" for text in series])
        return parsed, given & np.isnan(parsed) & ~words
    return np.asarray(floats.fill_null(np.nan).to_numpy(zero_copy_only=False)), np.zeros(
        len(values), dtype=bool
    )


def mask(values: pa.Array) -> Bools:
    """A boolean arrow array as numpy; null is False."""
    return np.asarray(values.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)


def column_of(present: Collection[str], mapping: Mapping, field: str) -> str | None:
    """The first of the mapping's names for ``field`` among the present ones, case aside."""
    folded = {name.strip().lower(): name for name in present}
    for wanted in mapping.columns.get(field, ()):
        if wanted in present:
            return wanted
        if wanted.lower() in folded:
            return folded[wanted.lower()]
    return None


def require(present: Collection[str], mapping: Mapping, groups: Collection[tuple[str, ...]]) -> None:
    """Each group of fields must have at least one column in the file.

    Raises:
        IngestError: naming all that is missing, the names looked for and the columns present.
    """
    missing = [
        " or ".join(
            f"{field} ({', '.join(mapping.columns.get(field, ())) or 'not mapped'})" for field in group
        )
        for group in groups
        if not any(column_of(present, mapping, field) for field in group)
    ]
    if missing:
        raise IngestError(
            f"mapping {mapping.name} finds no column for {'; '.join(missing)}; "
            f"the file has {', '.join(present)[:600]}"
        )
