"""Readings on their way into the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from data.engine import Store
from data.sensors.rows import Reading
from data.sensors.tables import reading

_FIELDS: Final = Reading._fields
_APPEND: Final = sa.text(
    f"INSERT INTO reading ({', '.join(_FIELDS)})"
    f" SELECT * FROM unnest({', '.join(f':{name}' for name in _FIELDS)})"
    " ON CONFLICT DO NOTHING RETURNING 1").bindparams(*(
        sa.bindparam(name, type_=ARRAY(reading.c[name].type)) for name in _FIELDS))


def put_readings(store: Store, rows: Sequence[Reading]) -> int:
    """Append in one transaction; how many of them are new.

    One whose sensor has told a reading of that kind and second already changes nothing. They are
    written in the order of the key, so that writers never wait in a circle.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the store refused; nothing is written.
    """
    if not rows:
        return 0
    columns = zip(*sorted(rows), strict=True)
    with store.engine.begin() as connection:
        return len(connection.execute(_APPEND, dict(zip(_FIELDS, map(list, columns), strict=True))).all())
