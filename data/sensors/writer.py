"""Readings on their way into the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from data.engine import Store
from data.sensors.kinds import AT_HOME
from data.sensors.rows import Reading
from data.sensors.tables import reading
from data.tables import resource

#: Said when sensors were heard: ``places``, pairs of the code of an area and the id of a department or null.
CHANNEL: Final = "reading_arrived"
#: So many places are named; with more of them only their streets are.
MAX_PLACES: Final = 100
_STREET: Final = 9

_FIELDS: Final = Reading._fields
_APPEND: Final = sa.text(
    f"INSERT INTO reading ({', '.join(_FIELDS)})"
    f" SELECT * FROM unnest({', '.join(f':{name}' for name in _FIELDS)})"
    " ON CONFLICT DO NOTHING RETURNING street_code, resource_id").bindparams(*(
        sa.bindparam(name, type_=ARRAY(reading.c[name].type)) for name in _FIELDS))


def put_readings(store: Store, rows: Sequence[Reading]) -> int:
    """Append in one transaction; how many of them are new.

    One whose sensor has told a reading of that kind and second already changes nothing. They are
    written in the order of the key, so that writers never wait in a circle. The screens are told where
    sensors were heard, of those at homes nothing.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the store refused; nothing is written.
    """
    if not rows:
        return 0
    columns = zip(*sorted(rows), strict=True)
    with store.engine.begin() as connection:
        new = connection.execute(_APPEND, dict(zip(_FIELDS, map(list, columns), strict=True))).all()
        _tell(connection, {(row.street_code, row.resource_id) for row in new})
    return len(new)


def _tell(connection: sa.Connection, sensors: set[tuple[str, str]]) -> None:
    """Tell the workers where sensors stand, when the transaction ends."""
    named = sa.tuple_(resource.c.street_code, resource.c.resource_id).in_(sorted(sensors))
    found = connection.execute(sa.select(resource.c.area_code, resource.c.dept_id).distinct().where(
        named, resource.c.kind != AT_HOME, resource.c.area_code.is_not(None))).all()
    places = sorted({(row.area_code, row.dept_id) for row in found}, key=str)
    if len(places) > MAX_PLACES:
        places = sorted({(code[:_STREET], None) for code, _ in places})[:MAX_PLACES]
    if places:
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, json.dumps({"places": places}))))
