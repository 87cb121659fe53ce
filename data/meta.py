"""Facts about the store itself: the district, its clock, what is synthetic.

Known keys: ``district`` {code, name, name_en, lon, lat}, ``time_zone`` (IANA
name), ``clock`` {at} of a store whose time
stands still, {at, since, rate, until} of one whose time runs (`data.clock`), ``synthetic`` {zh, en,
profile, seed}, ``data_version``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from data.tables import meta

if TYPE_CHECKING:
    from data.engine import Store


def get(store: Store, key: str, default: Any = None) -> Any:
    """The value of a key, or ``default`` where it was never put."""
    with store.engine.connect() as connection:
        row = connection.execute(sa.select(meta.c.value).where(meta.c.key == key)).first()
    return default if row is None else row.value


def put(store: Store, key: str, value: Any) -> None:
    """Set a key to a JSON value, in a transaction of its own."""
    statement = insert(meta).values(key=key, value=value)
    with store.engine.begin() as connection:
        connection.execute(statement.on_conflict_do_update(
            index_elements=[meta.c.key], set_={"value": statement.excluded.value}))


def remove(store: Store, key: str) -> None:
    """Forget a key; one that is not there stays so."""
    with store.engine.begin() as connection:
        connection.execute(sa.delete(meta).where(meta.c.key == key))
