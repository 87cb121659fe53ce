"""Positions of vehicles and teams (车辆定位): what their devices send, on its way into the log of resources.

They are judged as those of officers (`data.devices.rows`). What the log has no room for is not kept: a
position that the device doubts, or that cannot be reached from the one before, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import atan2, cos, degrees, hypot, radians
from typing import Any, Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from data.devices.devices import Device
from data.devices.rows import read_rows
from data.devices.values import Fault, WrongError
from data.devices.writer import WriterError
from data.engine import STORE_FAULTS, Store
from data.ingest.fixes import jumps
from data.resources.tables import resource_event
from data.resources.writer import NEAR_DEG, State, append_in
from data.tables import resource

#: What a vehicle may say of itself; one that says nothing goes on in the state that it was in.
STATUSES: Final = ("idle", "assigned", "busy", "offline")
#: The place before is looked for so far back; whoever was silent longer may be anywhere.
_BEFORE: Final = timedelta(hours=1)
#: Metres: who moved less has no direction.
_MOVED_M: Final = 5.0
_DEGREE_M: Final = 111_195.0


class Sent(NamedTuple):
    """A position and its place, from 1, in what the device sent."""

    row: int
    state: State


class Put(NamedTuple):
    """What became of some positions.

    Attributes:
        new: how many stand in the log that did not before.
        kept: how many were taken, those that stood there before included.
        faults: of those that cannot be reached, all refused.
    """

    new: int
    kept: int
    faults: list[Fault]


def read_states(sent: Sequence[Any], device: Device, *, now: datetime) -> tuple[list[Sent], list[Fault]]:
    """The positions that can be, in the order sent, and what is wrong with the others.

    Args:
        sent: as of `data.devices.rows.read_rows`, with ``resource_id`` in place of ``officer_id``, and
            perhaps ``status``, one of `STATUSES`.
        device: of a vehicle.
        now: the store's now, aware.
    """
    rows, faults = read_rows(sent, device, now=now)
    lost = {fault.row for fault in faults if fault.is_refused}
    taken = [(place, one) for place, one in enumerate(sent, 1) if place not in lost]
    found = []
    for (place, one), row in zip(taken, rows, strict=True):
        if not row.valid:
            wrong = WrongError("valid", False, "true; what is doubted is not kept")
            faults.append(_fault(place, wrong, True))
            continue
        status, doubt = _status(one)
        if doubt is not None:
            faults.append(_fault(place, doubt, False))
        found.append(Sent(place, State(row.street_code, device.sends_for, row.at, status, row.lon, row.lat,
                                       row.heading)))
    return found, faults


def _status(one: Mapping[str, Any]) -> tuple[str | None, WrongError | None]:
    value = one.get("status")
    if value in (None, "") or value in STATUSES:
        return value or None, None
    return None, WrongError("status", value, f"one of {', '.join(STATUSES)}, or none")


def _fault(row: int, wrong: WrongError, is_refused: bool) -> Fault:
    return Fault(row=row, field=wrong.field, got=wrong.got, expected=wrong.expected, is_refused=is_refused)


def put_drive(store: Store, sent: Sequence[Sent]) -> Put:
    """Write positions of one vehicle.

    A state that was not told is that of the moment before; a heading that was not told is that from the
    place before, where it moved. A moment that is known already changes nothing.

    Raises:
        WriterError: the store failed; nothing is written, put them again later.
    """
    if not sent:
        return Put(0, 0, [])
    ordered = sorted(sent, key=lambda one: one.state.at)
    try:
        with store.engine.begin() as connection:
            known = _known(connection, ordered[0].state, ordered[-1].state.at)
            states, faults = _joined(known, ordered)
            new = append_in(connection, states, least_deg=NEAR_DEG) if states else 0
    except STORE_FAULTS as fault:
        raise WriterError("the store takes no positions now") from fault
    return Put(new, len(states), faults)


def _known(connection: sa.Connection, first: State, until: datetime) -> list[State]:
    """The log from the last moment before the first position on; writers come one after the other."""
    own = (resource.c.street_code == first.street_code, resource.c.resource_id == first.resource_id)
    row = connection.execute(sa.select(resource.c.status).where(*own).with_for_update()).first()
    logged = (resource_event.c.street_code == first.street_code,
              resource_event.c.resource_id == first.resource_id)
    columns = [resource_event.c[name] for name in State._fields]
    before = connection.execute(sa.select(*columns).where(*logged, resource_event.c.at < first.at).order_by(
        resource_event.c.at.desc()).limit(1)).all()
    since = connection.execute(sa.select(*columns).where(
        *logged, resource_event.c.at >= first.at, resource_event.c.at <= until)).all()
    found = [State(*one) for one in (*before, *since)]
    if not before and row is not None:  # nothing is known of before: it is taken to have been as it is
        found.insert(0, State(first.street_code, first.resource_id, datetime.min.replace(tzinfo=UTC),
                              row.status, None, None, None))
    return found


def _joined(known: Sequence[State], ordered: Sequence[Sent]) -> tuple[list[State], list[Fault]]:
    """The positions with what was not told, and those that cannot be reached; both in order of time."""
    far = _far(known, [one.state for one in ordered])
    faults = [_fault(one.row, WrongError("lon,lat", f"{one.state.lon},{one.state.lat}",
                                         "a place that can be reached from the one before"), True)
              for one, jumped in zip(ordered, far, strict=True) if jumped]
    sound = [one.state for one, jumped in zip(ordered, far, strict=True) if not jumped]
    states: list[State] = []
    status: str | None = None
    before: State | None = None
    new = {id(one) for one in sound}
    for one in sorted([*known, *sound], key=lambda state: state.at):  # stable: what is known comes first
        if id(one) in new:
            heading = one.heading if one.heading is not None else _course(before, one)
            states.append(one._replace(status=one.status or status, heading=heading))
        status, before = one.status or status, one if one.lon is not None else before
    return states, faults


def _far(known: Sequence[State], states: Sequence[State]) -> list[bool]:
    """Which positions cannot be reached from the one before them."""
    since = states[0].at - _BEFORE
    placed = [one for one in known if one.lon is not None and one.lat is not None and one.at >= since]
    both = sorted([*((one.at, 0, -1, one.lon, one.lat) for one in placed),
                   *((one.at, 1, n, one.lon, one.lat) for n, one in enumerate(states))])
    at = np.array([one[0].astimezone(UTC).replace(tzinfo=None) for one in both], dtype="datetime64[us]")
    lon, lat = (np.array([one[place] for one in both], dtype=float) for place in (3, 4))
    found = jumps(np.zeros(len(both), dtype=np.int64), at, lon, lat)
    jumped = {number for (_, _, number, _, _), is_far in zip(both, found, strict=True) if is_far}
    return [number in jumped for number in range(len(states))]


def _course(before: State | None, one: State) -> float | None:
    """Degrees from north from one place to the next; None where it stood, or was silent for long."""
    if before is None or None in (before.lon, before.lat, one.lon, one.lat) or one.at - before.at > _BEFORE:
        return None
    north = one.lat - before.lat  # type: ignore[operator]  # neither is None here
    east = (one.lon - before.lon) * cos(radians(one.lat or 0.0))  # type: ignore[operator]
    if hypot(east, north) * _DEGREE_M < _MOVED_M:
        return None
    return round(degrees(atan2(east, north)) % 360, 0)
