"""Feeds (数据来源): whether channels, department systems, positions and sensors still speak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, select

from data.access.scope import Scope
from data.access.within import within
from data.cases.facts import epoch, instant
from data.sensors.kinds import SENSORS
from data.sensors.tables import reading
from data.sql import Query
from data.tables import cases, gps_fix, resource

if TYPE_CHECKING:
    from data.access.seen import Asked
    from data.snapshot import Snapshot

#: What a feed usually sends is looked at over so many days.
DAYS: Final = 28
#: Records that should have come since the last one: with 3 the silence is a chance of 5 %, with 6.9 of 0.1 %
#: (a Poisson process at the feed's own rate of each hour).
LATE, SILENT = 3.0, 6.9
#: Officers send every half minute or minute: nobody's position for so long is no chance.
POSITIONS_LATE: Final = timedelta(minutes=5)
POSITIONS_SILENT: Final = timedelta(minutes=15)
#: Sensors of a kind tell at least hourly together.
READINGS_LATE: Final = timedelta(hours=2)
READINGS_SILENT: Final = timedelta(hours=6)
STATES: Final = ("silent", "late", "ok")
_DAY: Final = timedelta(days=1)
_HOURS: Final = 24

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One source of records.

    Attributes:
        kind: ``channel`` (cases reported), ``department`` (cases handled), ``positions`` (fixes) or
            ``readings`` (of sensors).
        code: of the channel or department, kind of the sensors; '' for positions.
        last_at: time of its last record, aware; None: none for a day (positions, readings).
        today: records since local midnight.
        usual: records a day over the last `DAYS`; None where nobody counts them.
        expected: records that should have come since the last one; None with ``usual``.
        state: one of `STATES`.
    """

    kind: str
    code: str
    last_at: datetime | None
    today: int
    usual: float | None
    expected: float | None
    state: str


class FeedReader:
    """Tells how the feeds of one scope do; safe to use from any thread."""

    def __init__(self, store: Asked, snapshot: Snapshot, scope: Scope) -> None:
        self._store, self._snapshot, self._scope = store, snapshot, scope

    def all(self, now: datetime, zone: ZoneInfo) -> list[Feed]:
        """Every feed that ever sent something by ``now``, the most silent first.

        Args:
            now: aware; nothing later is counted.
            zone: of the district; its midnight begins the day.
        """
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
        found = [self._positions(now, midnight), *self._readings(now, midnight)]
        for kind, code, moment in (("channel", cases.c.channel_code, cases.c.reported_at),
                                   ("department", cases.c.main_dept_id, cases.c.handled_at)):
            query = flow(code, moment, now=now, midnight=midnight, scope=self._scope)
            found += flows(kind, self._run(query), now)
        return sorted(found, key=lambda feed: (STATES.index(feed.state), -(feed.expected or 0.0), feed.code))

    def _run(self, query: Query) -> pa.Table:
        has_all = self._snapshot.is_filled and self._snapshot.hot_since is None
        return self._snapshot.run(query) if has_all else self._store.arrow(query)

    def _positions(self, now: datetime, midnight: datetime) -> Feed:
        row = self._store.arrow(last_fix(now=now, midnight=midnight, scope=self._scope)).to_pylist()[0]
        return _steady("positions", "", row, now, (POSITIONS_LATE, POSITIONS_SILENT))

    def _readings(self, now: datetime, midnight: datetime) -> list[Feed]:
        """Of each kind of sensors that there are."""
        rows = self._store.arrow(last_readings(now=now, midnight=midnight, scope=self._scope)).to_pylist()
        return [_steady("readings", row["code"], row, now, (READINGS_LATE, READINGS_SILENT)) for row in rows]


def flow(code: ColumnElement[Any], moment: ColumnElement[Any], *, now: datetime, midnight: datetime,
         scope: Scope) -> Query:
    """By code and hour of the day (UTC): ``code, hour, last_at, recent`` (of `DAYS`), ``today``."""
    hour = func.mod(cast(func.floor(epoch(moment) / 3600), BigInteger), _HOURS)
    since = instant("recent_since", now - timedelta(days=DAYS))
    return (select(code.label("code"), hour.label("hour"), func.max(moment).label("last_at"),
                   func.count().filter(moment > since).label("recent"),
                   func.count().filter(moment >= instant("midnight", midnight)).label("today"))
            .where(within(cases, scope), cases.c.deleted_at.is_(None), code.is_not(None),
                   moment <= instant("now", now))
            .group_by(code, hour))


def last_fix(*, now: datetime, midnight: datetime, scope: Scope) -> Query:
    """One row of the last 24 hours: ``last_at`` (NULL for none) and ``today`` (fixes since midnight)."""
    return select(func.max(gps_fix.c.at).label("last_at"),
                  func.count().filter(gps_fix.c.at >= instant("midnight", midnight)).label("today")).where(
                      within(gps_fix, scope), gps_fix.c.at > instant("since", now - _DAY),
                      gps_fix.c.at <= instant("now", now))


def last_readings(*, now: datetime, midnight: datetime, scope: Scope) -> Query:
    """By kind of sensor, of the last 24 hours: ``code``, ``last_at`` (NULL for none), ``today``."""
    own = and_(reading.c.street_code == resource.c.street_code,
               reading.c.resource_id == resource.c.resource_id,
               reading.c.at > instant("since", now - _DAY), reading.c.at <= instant("now", now))
    return (select(resource.c.kind.label("code"), func.max(reading.c.at).label("last_at"),
                   func.count().filter(reading.c.at >= instant("midnight", midnight)).label("today"))
            .select_from(resource.outerjoin(reading, own))
            .where(within(resource, scope), resource.c.deleted_at.is_(None),
                   resource.c.kind.in_(sorted(SENSORS)))
            .group_by(resource.c.kind).order_by(resource.c.kind))


def _steady(kind: str, code: str, row: Mapping[str, Any], now: datetime, limits: tuple[timedelta, timedelta]
            ) -> Feed:
    """A feed that nobody counts: late and silent after so long."""
    silence = None if row["last_at"] is None else now - row["last_at"]
    late, silent = limits
    state = "silent" if silence is None or silence > silent else "late" if silence > late else "ok"
    return Feed(kind=kind, code=code, last_at=row["last_at"], today=row["today"], usual=None, expected=None,
                state=state)


def flows(kind: str, rows: pa.Table, now: datetime) -> list[Feed]:
    """The feeds of one kind out of `flow`."""
    by_code: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows.to_pylist():
        by_code.setdefault(row["code"], []).append(row)
    return [_feed(kind, code, hours, now) for code, hours in by_code.items()]


def _feed(kind: str, code: str, hours: Iterable[Mapping[str, Any]], now: datetime) -> Feed:
    counts, last_at, today = np.zeros(_HOURS), None, 0
    for row in hours:
        counts[row["hour"]] += row["recent"]
        last_at = row["last_at"] if last_at is None else max(last_at, row["last_at"])
        today += row["today"]
    due = expected(counts / DAYS, last_at or now, now)
    state = "silent" if due >= SILENT or not counts.any() else "late" if due >= LATE else "ok"
    return Feed(kind=kind, code=code, last_at=last_at, today=today, usual=float(counts.sum() / DAYS),
                expected=due, state=state)


def expected(rates: Counts, since: datetime, until: datetime) -> float:
    """Records that a feed should have sent in a span.

    Args:
        rates: records an hour, for each hour of the day in UTC.
        since, until: aware, in order.
    """
    total = (until - since).total_seconds() / 3600
    days, rest = divmod(total, _HOURS)
    at = since.astimezone(UTC)
    begun, due = at.hour + at.minute / 60 + at.second / 3600, float(rates.sum() * days)
    while rest > 0:
        part = min(rest, 1 - begun % 1)
        due += float(rates[int(begun) % _HOURS]) * part
        begun, rest = (begun // 1 + 1 if part == 1 - begun % 1 else begun + part), rest - part
    return due
