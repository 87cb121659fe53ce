"""Arrow columns and the columns of the store: conversions in both directions."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from data.tables import METADATA

_SIMPLE: Final = (
    # the order matters: a SmallInteger is an Integer to SQLAlchemy
    (sa.SmallInteger, pa.int16()), (sa.BigInteger, pa.int64()), (sa.Integer, pa.int32()),
    (sa.Double, pa.float64()), (sa.Boolean, pa.bool_()), (sa.LargeBinary, pa.binary()),
    (sa.DateTime, pa.timestamp("us", tz="UTC")), (sa.Date, pa.date32()),
    (sa.ARRAY, pa.list_(pa.string())), (sa.Text, pa.string()),
)


def arrow_type(column: sa.Column[Any]) -> pa.DataType:
    """The Arrow type that a column of the store takes in a binary copy.

    Raises:
        ValueError: the column (JSON) cannot be copied.
    """
    for sql_type, type_ in _SIMPLE:
        if isinstance(column.type, sql_type):
            return type_
    raise ValueError(f"{column.table.name}.{column.name} of type {column.type} cannot be copied in bulk")


def fit(table_name: str, data: pa.Table) -> pa.Table:
    """The same rows with the types that the table wants.

    Naive times are taken for UTC; nanoseconds are cut to microseconds; NaN in a
    column of whole numbers is refused.

    Raises:
        ValueError: an unknown table or column, or a value that does not fit.
    """
    if table_name not in METADATA.tables:
        raise ValueError(f"table must be one of {', '.join(sorted(METADATA.tables))}; got {table_name!r}")
    table = METADATA.tables[table_name]
    unknown = [name for name in data.column_names if name not in table.c]
    if unknown:
        raise ValueError(f"{table_name} has no columns {unknown}; it has {', '.join(table.c.keys())}")
    return pa.table({
        name: _cast(f"{table_name}.{name}", data[name], arrow_type(table.c[name]))
        for name in data.column_names
    })


def _cast(where: str, values: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    if values.type == wanted:
        return values
    is_time = pa.types.is_timestamp(values.type) and pa.types.is_timestamp(wanted)
    try:
        if is_time and values.type.tz is None:
            values = pc.assume_timezone(values, "UTC")
        return values.cast(wanted, safe=not is_time)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ValueError(f"{where} must be {wanted}, got {values.type}: {error}") from error


def plain(table: pa.Table) -> pa.Table:
    """The same rows without types only PostgreSQL has: numeric as float64, JSON as text."""
    columns = {}
    for field in table.schema:
        column = table[field.name]
        if isinstance(field.type, pa.BaseExtensionType):
            storage = pa.chunked_array([chunk.storage for chunk in column.chunks],
                                       type=field.type.storage_type)
            is_number = getattr(field.type, "type_name", "") == "numeric"
            column = storage.cast(pa.float64()) if is_number else storage
        columns[field.name] = column
    if len(columns) != table.num_columns:
        raise ValueError(f"columns of a query must have different names, got {table.column_names}")
    return pa.table(columns)
