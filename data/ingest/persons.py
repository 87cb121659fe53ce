"""Persons of a file: what pages may read is masked at once, the rest goes to ``person_detail`` alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.access.tables import person_detail
from data.bulk import upsert_into
from data.ingest.columns import Columns

#: Columns of a batch that ``person_detail`` takes, under the names that they have among other columns.
DETAILS: Final[Mapping[str, str]] = {"person_name": "name", "person_phone": "phone",
                                     "person_address": "address"}
_KEYS: Final = ("kind", "person_id")
_MAX_TEXT: Final = 300


def mask_name(name: str) -> str:
    """A family name and one or two stars, whatever else stands there."""
    return name[:1] + "*" * min(max(len(name) - 1, 1), 2)


def mask_phone(phone: str) -> str:
    """A number without its middle digits; one that is masked already stays."""
    signs = "".join(sign for sign in phone if sign.isdigit() or sign == "*")
    return f"{signs[:3]}****{signs[-4:]}" if len(signs) >= 8 else "****"


def masked_names(columns: Columns, *fields: str) -> pa.Array:
    """The first of some fields that a row has, as a masked name."""
    return _each(pc.coalesce(*(columns.text(field) for field in fields)), mask_name)


def masked_phones(columns: Columns, *fields: str) -> pa.Array:
    """The first of some fields that a row has, as a masked phone."""
    return _each(pc.coalesce(*(columns.text(field) for field in fields)), mask_phone)


def details(columns: Columns, **fields: str) -> dict[str, pa.Array]:
    """The unmasked columns, by the names of `DETAILS`; only those that the file has.

    Args:
        fields: ``name``, ``phone`` or ``address`` -> field of the mapping.
    """
    return {own: _unmasked(columns.text(fields[name]))
            for own, name in DETAILS.items() if name in fields and columns.name(fields[name])}


def _unmasked(values: pa.Array) -> pa.Array:
    """Texts without those that came masked: they say nothing new."""
    kept = pc.if_else(pc.match_substring(values, "*"), pa.scalar(None, pa.string()), values)
    return pc.utf8_slice_codeunits(kept, 0, _MAX_TEXT)


def split(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rows without the columns of `DETAILS`, and those columns under their own names."""
    present = [name for name in DETAILS if name in rows.column_names]
    told = rows.select(present).rename_columns([DETAILS[name] for name in present])
    return rows.drop_columns(present), told


def person_rows(kind: str, ids: Any, street_code: Any, told: pa.Table) -> pa.Table:
    """Rows of ``person_detail`` for those of whom anything is told.

    Args:
        kind: officer or reporter.
        ids, street_code: one per row of ``told``.
        told: columns ``name``, ``phone``, ``address``, or some of them.
    """
    known = np.zeros(len(ids), dtype=bool)
    for name in told.column_names:
        known |= np.asarray(pc.is_valid(told[name]).to_numpy(zero_copy_only=False), dtype=bool)
    kinds = pa.array([kind]).take(pa.array(np.zeros(len(ids), dtype=np.int64)))
    rows = pa.table({"kind": kinds, "person_id": ids, "street_code": street_code,
                     **{name: told[name] for name in told.column_names}})
    return rows.filter(pa.array(known))


def write_persons(copy: Any, rows: pa.Table) -> None:
    """Within a transaction: persons that are new or told anew; columns that a file lacks stay."""
    if rows.num_rows:
        upsert_into(copy, person_detail.name, rows, _KEYS)


def _each(values: pa.Array, change: Any) -> pa.Array:
    if values.null_count == len(values):
        return pa.nulls(len(values), pa.string())
    return pa.array([None if value is None else change(value) for value in values.to_pylist()], pa.string())
