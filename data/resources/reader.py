"""Reads resources and stations for the screens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from data.access.scope import Scope
from data.resources import queries
from data.sql import Query

if TYPE_CHECKING:
    from data.access.seen import Asked
    from data.replay.moment import SnapshotAt
    from data.snapshot import Snapshot


class ResourceReader:
    """Answers questions about the resources of one scope, from the snapshot once it is filled."""

    def __init__(self, store: Asked, snapshot: Snapshot | SnapshotAt, *, scope: Scope) -> None:
        self._store, self._snapshot, self._scope = store, snapshot, scope

    def seen_in(self, scope: Scope, store: Asked) -> ResourceReader:
        """The same reader for another scope, over a store that shows no more."""
        return ResourceReader(store, self._snapshot, scope=scope)

    def all(self, kinds: Iterable[str] | None = None, area: str | None = None) -> pd.DataFrame:
        """Resources by kind and id: resource_id, street_code, kind, force_class, name, dept_id,
        area_code, lon, lat (WGS-84 degrees, NaN unknown), alt (metres), status, heading (degrees from
        north, NaN unknown or standing), capacity, is_synthetic.
        """
        return self._rows(queries.resources(kinds, area, scope=self._scope)).to_pandas()

    def _rows(self, query: Query) -> pa.Table:
        return self._snapshot.run(query) if self._snapshot.is_filled else self._store.arrow(query)

    def one(self, resource_id: str) -> dict[str, Any] | None:
        """Everything about one resource; None where there is none of that id."""
        rows = self._store.arrow(queries.one_resource(resource_id, scope=self._scope)).to_pylist()
        return rows[0] if rows else None

    def status_changes(self, resource_id: str, now: datetime, limit: int = 6) -> list[dict[str, Any]]:
        """``at, status`` of the last changes of state of two days by ``now``, the newest first."""
        query = queries.status_changes(resource_id, now, limit, scope=self._scope)
        return self._store.arrow(query).to_pylist()

    def readings(self, street_code: str, resource_id: str, now: datetime) -> list[dict[str, Any]]:
        """What a sensor read last by ``now`` (aware), of each kind that it told within 30 days.

        ``kind, at, value`` in the unit of `data.sensors.kinds.MEASURES`, and ``before``: the value a day
        before ``now``, None where nobody knows it.
        """
        query = queries.readings(street_code, resource_id, now, scope=self._scope)
        rows = self._store.arrow(query).to_pylist()
        before = {row["kind"]: row["value"] for row in rows if row["is_old"]}
        last = {row["kind"]: row for row in reversed(rows)}
        return [{"kind": kind, "at": row["at"], "value": row["value"], "before": before.get(kind)}
                for kind, row in sorted(last.items())]

    def engaged(self) -> set[str]:
        """Ids of the officers with a case in hand; empty without sight of people."""
        query = queries.engaged(scope=self._scope)
        rows = self._snapshot.run(query) if self._snapshot.is_filled else self._store.arrow(query)
        return set(rows["officer_id"].to_pylist())


class ResourceReaderAt(ResourceReader):
    """Resources as of T: their places and states are those of their log, which the store alone has."""

    def seen_in(self, scope: Scope, store: Asked) -> ResourceReaderAt:
        """The same reader for another scope, over a store that shows no more and nothing later."""
        return ResourceReaderAt(store, self._snapshot, scope=scope)

    def _rows(self, query: Query) -> pa.Table:
        return self._store.arrow(query)
