"""Casts (投屏): a desk sends its view to a wall, which shows it for a while; written down, told by NOTIFY."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from data.access.audit import Entry, record_in
from data.access.tables import display_token
from data.access.viewer import Viewer
from data.live.tables import screen_cast

if TYPE_CHECKING:
    from data.engine import Store

#: What the database says to the others.
CHANNEL: Final = "cast_changed"
MIN_MINUTES, MAX_MINUTES = 1, 240


class CastError(ValueError):
    """A cast that cannot be; the message names the field, the value got and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """What one wall is to show.

    Attributes:
        token_id: of the wall.
        address: the query of the page.
        by: name of the account that sent it.
        at, until: aware, of the clock on the wall; from ``until`` on the wall is its own again.
    """

    cast_id: int
    token_id: int
    address: str
    by: str
    at: datetime
    until: datetime


@dataclass(slots=True)
class _Held:
    """The casts that have not ended, by wall."""

    casts: Mapping[int, Cast] = field(default_factory=dict)


class Casts:
    """The casts of one store, those under way held in memory. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store, self._held, self._guard = store, _Held(), threading.Lock()

    def refresh(self) -> None:
        """Read what is under way; called when the database says that it changed.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database could not be asked; what was held stays.
        """
        query = (sa.select(screen_cast).where(screen_cast.c.ended_at.is_(None))
                 .order_by(screen_cast.c.cast_id))
        with self._guard, self._store.engine.connect() as connection:
            found = {row["token_id"]: _cast(row) for row in connection.execute(query).mappings()}
            self._held.casts = found

    def current(self, token_id: int | None, now: datetime) -> Cast | None:
        """What a wall is to show at ``now`` (aware); None: what it shows by itself."""
        found = self._held.casts.get(token_id) if token_id is not None else None
        return found if found is not None and now < found.until else None

    def send(self, token_id: int, address: str, *, by: Viewer, minutes: int, now: datetime,
             where: str | None = None) -> Cast:
        """Send a view to a wall, in place of what was sent before.

        Args:
            address: the query of the page, checked by the caller against what the wall may see.
            now: aware.
            where: address of the sender's machine, for the record.

        Raises:
            CastError: ``minutes`` is out of range.
        """
        if not MIN_MINUTES <= minutes <= MAX_MINUTES:
            raise CastError(f"minutes must be {MIN_MINUTES}..{MAX_MINUTES}, got {minutes}")
        values = {"token_id": token_id, "address": address, "cast_by": by.name, "at": now,
                  "until": now + timedelta(minutes=minutes)}
        with self._store.engine.begin() as connection:
            _end(connection, token_id, by, now)
            row = connection.execute(
                sa.insert(screen_cast).values(values).returning(screen_cast)).mappings().one()
            _tell(connection, token_id)
            record_in(connection, _entry(by, where, "cast_sent", token_id, {
                "cast_id": row["cast_id"], "minutes": minutes, "address": address[:400]}), now=now)
        self.refresh()
        return _cast(row)

    def end(self, token_id: int, *, by: Viewer, now: datetime, where: str | None = None) -> bool:
        """Give a wall back to itself; False where nothing was sent to it."""
        with self._store.engine.begin() as connection:
            ended = _end(connection, token_id, by, now)
            if ended:
                _tell(connection, token_id)
                record_in(connection, _entry(by, where, "cast_ended", token_id, {}), now=now)
        self.refresh()
        return ended


def _end(connection: sa.Connection, token_id: int, by: Viewer, now: datetime) -> bool:
    """End what was under way; false where that was nothing, or its time was over."""
    # one after the other: two who send at once leave one cast
    connection.execute(sa.select(display_token.c.token_id).where(display_token.c.token_id == token_id)
                       .with_for_update())
    ended = connection.execute(
        sa.update(screen_cast).values(ended_at=sa.func.least(now, screen_cast.c.until), ended_by=by.name)
        .where(screen_cast.c.token_id == token_id, screen_cast.c.ended_at.is_(None))
        .returning(screen_cast.c.until)).scalars().all()
    return any(until > now for until in ended)


def _tell(connection: sa.Connection, token_id: int) -> None:
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, json.dumps({"token_id": token_id}))))


def _cast(row: sa.RowMapping) -> Cast:
    return Cast(by=row["cast_by"],
                **{name: row[name] for name in ("cast_id", "token_id", "address", "at", "until")})


def _entry(by: Viewer, where: str | None, action: str, token_id: int, detail: dict[str, object]) -> Entry:
    return Entry(account_id=by.account_id, account_name=by.name, address=where, action=action,
                 object_kind="screen", object_id=str(token_id), detail=detail)
