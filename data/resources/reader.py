"""Reads resources and stations for the screens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa

from data.access.scope import Scope
from data.resources import queries
from data.sensors.kinds import SENSORS
from data.sql import Query

if TYPE_CHECKING:
    from data.access.seen import Asked
    from data.replay.moment import SnapshotAt
    from data.snapshot import Snapshot

#: How long before it was last heard what a sensor read is told.
READ_WITHIN: Final = timedelta(days=2)
DAY: Final = timedelta(hours=24)


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
        """Everything about one resource; None where there is none of that id.

        With ``readings``: what a sensor read last, `None` for what is no sensor. Of each kind that it told
        in the two days before it was last heard ``kind, at, value`` in the unit of
        `data.sensors.kinds.MEASURES`, and ``before``: the value a day earlier, None where nobody knows it.
        """
        rows = self._store.arrow(queries.one_resource(resource_id, scope=self._scope)).to_pylist()
        if not rows:
            return None
        row = rows[0]
        read = self._readings(row["street_code"], resource_id) if row["kind"] in SENSORS else None
        return {**row, "readings": read}

    def _readings(self, street_code: str, resource_id: str) -> list[dict[str, Any]]:
        last = self._store.arrow(queries.newest_reading(street_code, resource_id, scope=self._scope))
        heard_at = last["at"][0].as_py()
        if heard_at is None:
            return []
        told = self._store.arrow(queries.readings(street_code, resource_id, heard_at - READ_WITHIN,
                                                  scope=self._scope)).to_pylist()
        by_kind = {kind: list(own) for kind, own in groupby(told, key=lambda row: row["kind"])}
        return [{**own[-1], "before": next((row["value"] for row in reversed(own)
                                            if own[-1]["at"] - row["at"] >= DAY), None)}
                for own in by_kind.values()]

    def status_changes(self, resource_id: str, now: datetime, limit: int = 6) -> list[dict[str, Any]]:
        """``at, status`` of the last changes of state of two days by ``now``, the newest first."""
        query = queries.status_changes(resource_id, now, limit, scope=self._scope)
        return self._store.arrow(query).to_pylist()

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
