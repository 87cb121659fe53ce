"""Writes what resources report of themselves: the log grows, and the row follows the newest of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from data.engine import Store
from data.resources.tables import resource_event

#: Tells who listens that resources moved, with their streets.
CHANNEL: Final = "resource_moved"
#: A row whose place is nearer than this to the newest one stays as it is: some 20 m, in degrees.
NEAR_DEG: Final = 2e-4
_STREETS_A_MESSAGE: Final = 400


class State(NamedTuple):
    """A resource at a moment (aware): state, WGS-84 degrees, degrees from north; None is not known."""

    street_code: str
    resource_id: str
    at: datetime
    status: str | None
    lon: float | None
    lat: float | None
    heading: float | None


_FIELDS: Final = State._fields
_ARRAYS: Final = ", ".join(f":{name}" for name in _FIELDS)


def _bound(text: str) -> sa.TextClause:
    return sa.text(text).bindparams(*(sa.bindparam(name, type_=ARRAY(resource_event.c[name].type))
                                      for name in _FIELDS))


_APPEND: Final = _bound(f"INSERT INTO resource_event ({', '.join(_FIELDS)}) SELECT * FROM unnest({_ARRAYS})"
                        " ON CONFLICT DO NOTHING RETURNING street_code")
_BRING: Final = _bound(f"""
UPDATE resource AS r SET status = e.status, lon = e.lon, lat = e.lat, heading = e.heading,
    updated_at = now(), changed_xid = pg_current_xact_id()::text::bigint
FROM (SELECT DISTINCT ON (street_code, resource_id) * FROM unnest({_ARRAYS}) AS e ({', '.join(_FIELDS)})
      ORDER BY street_code, resource_id, at DESC) AS e
WHERE r.street_code = e.street_code AND r.resource_id = e.resource_id AND NOT EXISTS (
    SELECT FROM resource_event AS later WHERE later.street_code = e.street_code
        AND later.resource_id = e.resource_id AND later.at > e.at)
    AND (r.status IS DISTINCT FROM e.status
         OR r.lon IS NULL OR r.lat IS NULL OR e.lon IS NULL OR e.lat IS NULL
         OR abs(r.lon - e.lon) + abs(r.lat - e.lat) > :least)""")


def put_states(store: Store, states: Sequence[State]) -> None:
    """Append in one transaction, see `append_in`.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the store refused; nothing is written.
    """
    if not states:
        return
    with store.engine.begin() as connection:
        append_in(connection, states)


def append_in(connection: sa.Connection, states: Sequence[State], *, least_deg: float = -1.0) -> int:
    """Append; how many are new. A moment that is told twice stands as it was told first.

    A resource's own row follows where nothing newer of it is known. Who listens is told.

    Args:
        states: at least one.
        least_deg: a row whose state is the same follows only a place farther away than this.
    """
    columns = dict(zip(_FIELDS, (list(column) for column in zip(*states, strict=True)), strict=True))
    new = connection.execute(_APPEND, columns).scalars().all()
    connection.execute(_BRING, {**columns, "least": least_deg})
    streets = sorted({str(street) for street in new})
    for start in range(0, len(streets), _STREETS_A_MESSAGE):
        payload = json.dumps({"street_codes": streets[start:start + _STREETS_A_MESSAGE]})
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, payload)))
    return len(new)
