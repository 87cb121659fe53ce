"""Devices of officers and vehicles, and sensors: a token shown once, found by it, revoked for ever."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, clean, record_in
from data.access.viewer import Viewer
from data.access.within import within
from data.devices.tables import device
from data.engine import Store
from data.resources.nearest import MOVING
from data.sensors.kinds import SENSORS
from data.tables import officer, resource

#: Bytes of chance in a token: 256 bits.
STRENGTH: Final = 32
MAX_NAME: Final = 60
#: Kinds of devices that send positions; the others are those of `data.sensors.kinds.SENSORS`.
OFFICER, VEHICLE = "officer", "vehicle"
SYSTEMS: Final = ("wgs84", "gcj02", "bd09")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
#: A sign of life is written at most this often.
_SEEN_EVERY: Final = timedelta(minutes=1)
_LISTED: Final = ("device_id", "name", "kind", "street_code", "officer_id", "resource_id", "crs", "issued_by",
                  "created_at", "expires_at", "revoked_at", "seen_at", "refused", "last_fault")


class DeviceError(ValueError):
    """A device that cannot be; the message names the field, the value got and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device as it is listed; its token cannot be had again.

    Attributes:
        kind: `OFFICER`, `VEHICLE`, or that of a sensor.
        street_code: of whom or what it sends for.
        officer_id: whose positions it sends, nobody else's; None: it is a vehicle's or a sensor.
        resource_id: the thing for which a sensor measures or that moves; None: it is an officer's.
        crs: of the coordinates that it sends: one of `SYSTEMS`.
        issued_by: account_id of the issuer; None for the command line.
        expires_at, revoked_at: aware; None: never, not.
        seen_at: about when it sent last, to a minute, by the clock outside; None: never.
        refused: positions of it that were refused so far.
        last_fault: what was wrong with the last of them; None: nothing ever.
    """

    device_id: int
    name: str
    street_code: str
    officer_id: str | None
    crs: str
    issued_by: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    seen_at: datetime | None
    refused: int
    last_fault: str | None
    kind: str = OFFICER
    resource_id: str | None = None

    @property
    def sends_for(self) -> str:
        """The id of the officer or of the thing."""
        return self.officer_id or self.resource_id or ""

    def is_live(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class Devices:
    """The devices of one store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def issue(self, officer_id: str, *, name: str, issued_by: Viewer, now: datetime, crs: str = "wgs84",
              expires_at: datetime | None = None) -> tuple[int, str]:
        """Make a device of an officer; returns its number and its token, of which only the hash is kept.

        Args:
            officer_id: whose positions it will send; inside the issuer's scope.
            name: what people call it, at most `MAX_NAME` signs.
            issued_by: who makes it.
            now: aware.
            crs: of the coordinates that it sends.
            expires_at: aware and after ``now``; None: it lives until it is revoked.

        Raises:
            DeviceError: no such officer, or a name, system or expiry that cannot be.
        """
        _check_crs(crs)
        with self._store.engine.begin() as connection:
            whose = {"kind": OFFICER, "crs": crs, "officer_id": officer_id,
                     "street_code": _street_of(connection, officer_id, issued_by)}
            return _issued(connection, whose, name=name, issued_by=issued_by, now=now, expires_at=expires_at)

    def issue_sensor(self, resource_id: str, *, name: str, issued_by: Viewer, now: datetime,
                     expires_at: datetime | None = None) -> tuple[int, str]:
        """Make the sender of a sensor; returns its number and its token, of which only the hash is kept.

        Args:
            resource_id: the sensor, a resource of a kind of `SENSORS` inside the issuer's scope; the others
                are as of `issue`.

        Raises:
            DeviceError: no such resource or no sensor, or a name or expiry that cannot be.
        """
        with self._store.engine.begin() as connection:
            street, kind = _resource_of(connection, resource_id, issued_by, SENSORS)
            whose = {"kind": kind, "resource_id": resource_id, "street_code": street}
            return _issued(connection, whose, name=name, issued_by=issued_by, now=now, expires_at=expires_at)

    def issue_vehicle(self, resource_id: str, *, name: str, issued_by: Viewer, now: datetime,
                      crs: str = "wgs84", expires_at: datetime | None = None) -> tuple[int, str]:
        """Make the device of a vehicle or a team; returns its number and its token, as of `issue`.

        Args:
            resource_id: what moves, a resource of a kind of `MOVING` inside the issuer's scope; the others
                are as of `issue`.

        Raises:
            DeviceError: no such resource or none that moves, or a name, system or expiry that cannot be.
        """
        _check_crs(crs)
        with self._store.engine.begin() as connection:
            street, _ = _resource_of(connection, resource_id, issued_by, MOVING)
            whose = {"kind": VEHICLE, "crs": crs, "resource_id": resource_id, "street_code": street}
            return _issued(connection, whose, name=name, issued_by=issued_by, now=now, expires_at=expires_at)

    def find(self, token: str, *, now: datetime) -> Device | None:
        """The device behind a token; None: unknown, revoked, expired, or what it sends for is no more."""
        if not _TOKEN.fullmatch(token):
            return None
        serves = (sa.exists().where(table.c.street_code == device.c.street_code, own,
                                    table.c.deleted_at.is_(None)) for table, own in (
            (officer, officer.c.officer_id == device.c.officer_id),
            (resource, resource.c.resource_id == device.c.resource_id)))
        query = sa.select(*(device.c[name] for name in _LISTED)).where(
            device.c.token_hash == _hash(token), sa.or_(*serves))
        with self._store.engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        if row is None or not (found := Device(**row)).is_live(now):
            return None
        if found.seen_at is None or found.seen_at <= now - _SEEN_EVERY:
            self._set(found.device_id, seen_at=now)
        return found

    def note_refused(self, device_id: int, count: int, fault: str) -> None:
        """Count what of a device was refused, and keep what was wrong with the last."""
        self._set(device_id, refused=device.c.refused + count, last_fault=fault[:200])

    def revoke(self, device_id: int, *, by: Viewer, now: datetime) -> bool:
        """End a device for ever; False where there is none, or where it ended so before."""
        with self._store.engine.begin() as connection:
            row = connection.execute(
                sa.update(device).values(revoked_at=now)
                .where(device.c.device_id == device_id, device.c.revoked_at.is_(None))
                .returning(device.c.name, device.c.officer_id, device.c.resource_id)).first()
            if row is None:
                return False
            detail = {key: value for key, value in row._mapping.items() if value is not None}
            record_in(connection, _entry(by, "device_revoked", device_id, detail), now=now)
        return True

    def listing(self) -> list[Device]:
        """All devices that ever were, newest first."""
        query = sa.select(*(device.c[name] for name in _LISTED)).order_by(device.c.device_id.desc())
        with self._store.engine.connect() as connection:
            return [Device(**row) for row in connection.execute(query).mappings()]

    def _set(self, device_id: int, **values: Any) -> None:
        with self._store.engine.begin() as connection:
            connection.execute(sa.update(device).values(values).where(device.c.device_id == device_id))


def _check_crs(crs: str) -> None:
    if crs not in SYSTEMS:
        raise DeviceError(f"crs must be one of {', '.join(SYSTEMS)}; got {crs[:40]!r}")


def _issued(connection: sa.Connection, whose: dict[str, Any], *, name: str, issued_by: Viewer, now: datetime,
            expires_at: datetime | None) -> tuple[int, str]:
    """Write a device and say so in the audit log."""
    called = clean(name, MAX_NAME)
    if not called:
        raise DeviceError(f"name must be a text of 1 to {MAX_NAME} signs, got {name[:40]!r}")
    if expires_at is not None and expires_at <= now:
        raise DeviceError(f"expires_at must be after now, got {expires_at.isoformat()}")
    token = secrets.token_urlsafe(STRENGTH)
    values = {**whose, "token_hash": _hash(token), "name": called, "issued_by": issued_by.account_id,
              "created_at": now, "expires_at": expires_at}
    device_id = int(connection.execute(
        sa.insert(device).values(values).returning(device.c.device_id)).scalar_one())
    said = {key: value for key, value in whose.items() if key != "street_code"}
    record_in(connection, _entry(issued_by, "device_issued", device_id, {
        "name": called, **said, "expires_at": expires_at.isoformat() if expires_at else None}), now=now)
    return device_id, token


def _resource_of(connection: sa.Connection, resource_id: str, issuer: Viewer, kinds: Collection[str]
                 ) -> tuple[str, str]:
    """Street and kind of a resource of some kinds of the issuer's scope."""
    expected = f"that of one resource of kind {', '.join(sorted(kinds))}"
    if "\0" in resource_id:
        raise DeviceError(f"resource_id must be {expected}, got a text with a zero sign")
    rows = connection.execute(sa.select(resource.c.street_code, resource.c.kind).where(
        within(resource, issuer.scope), resource.c.resource_id == resource_id,
        resource.c.kind.in_(sorted(kinds)), resource.c.deleted_at.is_(None))).all()
    if len(rows) != 1:
        raise DeviceError(f"resource_id must be {expected}, got {resource_id[:60]!r}, which {len(rows)} have")
    return str(rows[0].street_code), str(rows[0].kind)


def _street_of(connection: sa.Connection, officer_id: str, issuer: Viewer) -> str:
    """The street of an officer of the issuer's scope."""
    if "\0" in officer_id:
        raise DeviceError("officer_id must be that of one officer, got a text with a zero sign")
    streets = connection.execute(sa.select(officer.c.street_code).where(
        within(officer, issuer.scope), officer.c.officer_id == officer_id,
        officer.c.deleted_at.is_(None))).scalars().all()
    if len(streets) != 1:
        raise DeviceError(f"officer_id must be that of one officer, got {officer_id[:60]!r},"
                          f" which {len(streets)} have")
    return str(streets[0])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _entry(by: Viewer, action: str, device_id: int, detail: dict[str, Any]) -> Entry:
    return Entry(account_id=by.account_id, account_name=by.name, address=None, action=action,
                 object_kind="device", object_id=str(device_id), detail=detail)
