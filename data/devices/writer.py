"""Positions on their way into the store: what comes at the same time goes in one transaction.

Nobody waits for a clock: the first writes for all who have come meanwhile, the next for those
who came while it wrote. An answer is given when the positions stand in the store.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from data.areas.assign import AreaIndex
from data.bulk import ensure_fix_partitions
from data.devices.rows import Row
from data.engine import Store
from data.ingest.fixes import jumps
from data.ingest.grids import load_index
from data.tables import area, gps_fix

CHANNEL: Final = "fix_arrived"
#: Positions of one transaction.
MAX_AT_ONCE: Final = 20_000
#: A message of the database has room for 8,000 bytes.
_STREETS_A_MESSAGE: Final = 400
#: The position before is looked for so far back; whoever was silent longer may be anywhere.
_BEFORE: Final = timedelta(hours=1)
_KEY: Final = ("street_code", "officer_id", "at")
_COLUMNS: Final = (*Row._fields, "grid_code")


class WriterError(RuntimeError):
    """The store cannot be reached or refuses; nothing of what was put is in it."""


@dataclass(slots=True)
class _Job:
    """What one caller brought, and what became of it."""

    rows: Sequence[Row]
    new: int | None = None
    fault: Exception | None = None


@dataclass(slots=True)
class _Queue:
    guard: threading.Lock = field(default_factory=threading.Lock)
    jobs: list[_Job] = field(default_factory=list)

    def put(self, job: _Job) -> None:
        with self.guard:
            self.jobs.append(job)

    def take(self) -> list[_Job]:
        """The oldest jobs, together at most `MAX_AT_ONCE` rows, at least one job."""
        with self.guard:
            taken, rows = 0, 0
            for job in self.jobs:
                rows += len(job.rows)
                if taken and rows > MAX_AT_ONCE:
                    break
                taken += 1
            found, self.jobs = self.jobs[:taken], self.jobs[taken:]
            return found


class FixWriter:
    """Writes positions of one store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue, self._turn = _Queue(), threading.Lock()
        self._days: set[date] = set()
        self._index: tuple[int, AreaIndex] | None = None

    def put(self, rows: Sequence[Row]) -> int:
        """Write positions; how many of them are new.

        One whose officer has a position of that second already changes nothing. The grid of
        each is found here; one that cannot be reached from the one before is kept as doubtful
        (``valid`` false). Who listens to ``fix_arrived`` is told.

        Raises:
            WriterError: the store failed; put them again later.
        """
        if not rows:
            return 0
        job = _Job(rows)
        self._queue.put(job)
        with self._turn:
            while job.new is None and job.fault is None:
                self._write_for(self._queue.take())
        if job.fault is not None:
            raise WriterError("the store takes no positions now") from job.fault
        return job.new or 0

    def _write_for(self, jobs: list[_Job]) -> None:
        try:
            written = self._write([row for job in jobs for row in job.rows])
        except Exception as fault:  # handed to each of those who wait
            for job in jobs:
                job.fault = fault
            return
        for job in jobs:
            mine = {(row.street_code, row.officer_id, row.at) for row in job.rows} & written
            written -= mine
            job.new = len(mine)

    def _write(self, rows: Iterable[Row]) -> set[tuple[str, str, datetime]]:
        """In one transaction, in the order of the key, so that writers never wait in a circle."""
        found = {(row.street_code, row.officer_id, row.at): row for row in reversed(list(rows))}
        ordered = [found[key] for key in sorted(found)]
        self._make_days({row.at.astimezone(UTC).date() for row in ordered})
        with self._store.engine.begin() as connection:
            grids = self._grids(connection).assign([row.lon for row in ordered], [row.lat for row in ordered])
            sound = _sound(connection, ordered)
            columns = [list(column) for column in zip(*ordered, strict=True)]
            columns[Row._fields.index("valid")] = sound
            columns.append([str(code) or None for code in grids])
            stored = connection.execute(_INSERT, dict(zip(_COLUMNS, columns, strict=True))).all()
            _tell(connection, stored)
        return {(row.street_code, row.officer_id, row.at) for row in stored}

    def _make_days(self, days: set[date]) -> None:
        if missing := days - self._days:
            ensure_fix_partitions(self._store, sorted(missing))
            self._days |= missing

    def _grids(self, connection: sa.Connection) -> AreaIndex:
        """The base grids as they stand; made anew when an area has changed."""
        version = int(connection.execute(sa.select(sa.func.max(area.c.changed_xid))).scalar() or 0)
        if self._index is None or self._index[0] != version:
            self._index = (version, load_index(self._store))
        return self._index[1]


def _sound(connection: sa.Connection, ordered: Sequence[Row]) -> list[bool]:
    """Which rows their officer can have reached; in the order of the key."""
    people = list(dict.fromkeys((row.street_code, row.officer_id) for row in ordered))
    first: dict[tuple[str, str], datetime] = {}
    for row in ordered:
        first.setdefault((row.street_code, row.officer_id), row.at)
    moments = list(first.values())
    before = connection.execute(_LAST, {
        "streets": [street for street, _ in people], "officers": [officer for _, officer in people],
        "firsts": moments, "since": min(moments) - _BEFORE, "until": max(moments)}).all()
    number = {person: place for place, person in enumerate(people)}
    points = [(row.n - 1, row.at, row.lon, row.lat) for row in before]
    points += [(number[row.street_code, row.officer_id], row.at, row.lon, row.lat) for row in ordered]
    person = np.array([point[0] for point in points], dtype=np.int64)
    at = np.array([point[1].astimezone(UTC).replace(tzinfo=None) for point in points], dtype="datetime64[us]")
    lon, lat = (np.array([point[place] for point in points], dtype=float) for place in (2, 3))
    order = np.lexsort([at.view(np.int64), person])
    far = np.zeros(len(points), dtype=bool)
    far[order] = jumps(person[order], at[order], lon[order], lat[order])
    return [row.valid and not jumped for row, jumped in zip(ordered, far[len(before):], strict=True)]


def _tell(connection: sa.Connection, stored: Sequence[Any]) -> None:
    """Wake who listens, with the streets and how many positions of them are new."""
    counted: dict[str, int] = {}
    for row in stored:
        counted[row.street_code] = counted.get(row.street_code, 0) + 1
    streets = sorted(counted)
    for start in range(0, len(streets), _STREETS_A_MESSAGE):
        part = streets[start:start + _STREETS_A_MESSAGE]
        payload = json.dumps({"street_codes": part, "count": sum(counted[street] for street in part)})
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, payload)))


def _insert() -> sa.TextClause:
    columns = ", ".join(_COLUMNS)
    arrays = ", ".join(f":{name}" for name in _COLUMNS)
    text = (f"INSERT INTO gps_fix ({columns}) SELECT * FROM unnest({arrays})"
            f" ON CONFLICT DO NOTHING RETURNING {', '.join(_KEY)}")
    return sa.text(text).bindparams(*(sa.bindparam(name, type_=ARRAY(gps_fix.c[name].type))
                                      for name in _COLUMNS))


_INSERT: Final = _insert()
#: The last sound position of each officer before their first new one.
_LAST: Final = sa.text("""
    SELECT who.n, last.at, last.lon, last.lat
    FROM unnest(:streets, :officers, :firsts) WITH ORDINALITY AS who (street_code, officer_id, first, n)
    CROSS JOIN LATERAL (
        SELECT f.at, f.lon, f.lat FROM gps_fix AS f
        WHERE f.street_code = who.street_code AND f.officer_id = who.officer_id AND f.valid
          AND f.at < who.first AND f.at >= :since AND f.at < :until
        ORDER BY f.at DESC LIMIT 1) AS last
""").bindparams(
    sa.bindparam("streets", type_=ARRAY(sa.Text)), sa.bindparam("officers", type_=ARRAY(sa.Text)),
    sa.bindparam("firsts", type_=ARRAY(sa.DateTime(timezone=True))),
    sa.bindparam("since", type_=sa.DateTime(timezone=True)),
    sa.bindparam("until", type_=sa.DateTime(timezone=True)))
