"""One instant T of a store: a snapshot and a store that know nothing later."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlalchemy as sa

from data.replay import wording
from data.replay.overlay import GIVEN, Overlay, held_unsettled_sql, overlay_of
from data.sql import Query, duckdb_sql, postgres_sql
from data.tables import cases

if TYPE_CHECKING:
    from data.access.seen import Asked
    from data.snapshot import Snapshot


class SnapshotAt:
    """The snapshot as of T; as `data.snapshot.Snapshot` to those who ask it. Thread-safe.

    The rows of unsettled cases are folded once for each content of the snapshot, for all viewers:
    the scope stands in the questions.
    """

    def __init__(self, snapshot: Snapshot, store: Asked, at: datetime) -> None:
        """``store`` is the whole store, ``at`` is T, aware."""
        self.at = at.astimezone(UTC)
        self._snapshot, self._store = snapshot, store
        self._making = threading.Lock()
        self._overlay: Overlay | None = None

    @property
    def version(self) -> str:
        """Changes whenever an answer may have, and is that of one T."""
        return f"{self._snapshot.version}-at-{self.at:%Y%m%dT%H%M%S}"

    @property
    def places_version(self) -> str:
        """That of the snapshot: areas have no history."""
        return self._snapshot.places_version

    @property
    def is_filled(self) -> bool:
        """The first load is done."""
        return self._snapshot.is_filled

    @property
    def hot_since(self) -> datetime | None:
        """The oldest ``reported_at`` held; None while every case is held."""
        return self._snapshot.hot_since

    @property
    def refreshed_at(self) -> datetime | None:
        """When the content was last known to be that of the store."""
        return self._snapshot.refreshed_at

    @property
    def error(self) -> str | None:
        """What made the last refresh fail; None while all is well."""
        return self._snapshot.error

    @property
    def failed_since(self) -> datetime | None:
        """When refreshing began to fail."""
        return self._snapshot.failed_since

    def covers(self, since: datetime) -> bool:
        """All cases reported from ``since`` on are held here."""
        return self._snapshot.covers(since)

    def run(self, query: Query, *, in_hand: bool = False) -> pa.Table:
        """Answer a query as of T; with ``in_hand`` one about cases in hand at T alone, which are few.

        Raises:
            SnapshotError: nothing was loaded yet.
            adbc_driver_manager.Error: the store did not answer when the log was asked for.
        """
        statement, arguments = duckdb_sql(query)
        statement = wording.snapshot_wording(statement, self.at, in_hand=in_hand)
        overlay = self._overlay or self.overlay()
        while True:
            with self._snapshot.still() as (mark, cursor):
                if mark == overlay.mark:
                    moved_rows = overlay.rows  # noqa: F841 - the statement names it
                    return cursor.execute(statement, arguments).to_arrow_table()
            overlay = self.overlay()

    def overlay(self) -> Overlay:
        """The unsettled cases as of T, of the content as it is now."""
        with self._making:
            with self._snapshot.still() as (mark, cursor):
                if self._overlay is not None and self._overlay.mark == mark:
                    return self._overlay
                # a third of the columns: the others would be unpacked to be thrown away
                unsettled = cursor.execute(f'SELECT {", ".join(GIVEN)} FROM "{cases.name}"'
                                           f" WHERE {held_unsettled_sql(self.at)}").to_arrow_table()
            self._overlay = overlay_of(mark, unsettled, self._store, self.at)
            return self._overlay


class StoreAt:
    """What of a store exists in a scope, as of T; see `data.access.seen.SeenStore`."""

    def __init__(self, store: Asked, moment: SnapshotAt) -> None:
        self._store, self._moment = store, moment

    def arrow(self, query: sa.Select[Any] | str, params: Sequence[Any] | None = None) -> pa.Table:
        """Run a query as of T; see `data.engine.Store.arrow`.

        Raises:
            adbc_driver_manager.Error: the database refused, or could not be reached.
        """
        text, values = postgres_sql(query) if isinstance(query, sa.Select) else (query, list(params or ()))
        overlay = self._moment.overlay() if wording.asks_for_the_fold(text) else None
        worded = wording.store_wording(text, self._moment.at, overlay, len(values) + 1)
        if overlay is not None:
            values = [*values, overlay.argument]
        return self._store.arrow(worded, values)
