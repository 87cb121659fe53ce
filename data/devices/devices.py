"""Devices of officers: issued with a token that is shown once, found by it, revoked for ever."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, clean, record_in
from data.access.viewer import Viewer
from data.access.within import within
from data.devices.tables import device
from data.engine import Store
from data.tables import officer

#: Bytes of chance in a token: 256 bits.
STRENGTH: Final = 32
MAX_NAME: Final = 60
SYSTEMS: Final = ("wgs84", "gcj02", "bd09")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
#: A sign of life is written at most this often.
_SEEN_EVERY: Final = timedelta(minutes=1)
_LISTED: Final = ("device_id", "name", "street_code", "officer_id", "crs", "issued_by", "created_at",
                  "expires_at", "revoked_at", "seen_at", "refused", "last_fault")


class DeviceError(ValueError):
    """A device that cannot be; the message names the field, the value got and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device as it is listed; its token cannot be had again.

    Attributes:
        street_code, officer_id: whose positions it sends; nobody else's.
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
    officer_id: str
    crs: str
    issued_by: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    seen_at: datetime | None
    refused: int
    last_fault: str | None

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
        called = clean(name, MAX_NAME)
        if not called:
            raise DeviceError(f"name must be a text of 1 to {MAX_NAME} signs, got {name[:40]!r}")
        if crs not in SYSTEMS:
            raise DeviceError(f"crs must be one of {', '.join(SYSTEMS)}; got {crs[:40]!r}")
        if expires_at is not None and expires_at <= now:
            raise DeviceError(f"expires_at must be after now, got {expires_at.isoformat()}")
        token = secrets.token_urlsafe(STRENGTH)
        with self._store.engine.begin() as connection:
            values = {"token_hash": _hash(token), "name": called, "crs": crs, "officer_id": officer_id,
                      "street_code": _street_of(connection, officer_id, issued_by),
                      "issued_by": issued_by.account_id, "created_at": now, "expires_at": expires_at}
            device_id = int(connection.execute(
                sa.insert(device).values(values).returning(device.c.device_id)).scalar_one())
            record_in(connection, _entry(issued_by, "device_issued", device_id, {
                "name": called, "officer_id": officer_id, "crs": crs,
                "expires_at": expires_at.isoformat() if expires_at else None}), now=now)
        return device_id, token

    def find(self, token: str, *, now: datetime) -> Device | None:
        """The device behind a token; None: unknown, revoked, expired, or its officer is no more."""
        if not _TOKEN.fullmatch(token):
            return None
        serves = sa.and_(officer.c.street_code == device.c.street_code,
                         officer.c.officer_id == device.c.officer_id, officer.c.deleted_at.is_(None))
        query = sa.select(*(device.c[name] for name in _LISTED)).join(officer, serves).where(
            device.c.token_hash == _hash(token))
        with self._store.engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        if row is None or not (found := Device(**row)).is_live(now):
            return None
        if found.seen_at is None or found.seen_at <= now - _SEEN_EVERY:
            self._set(found.device_id, seen_at=now)
        return found

    def note_refused(self, device_id: int, count: int, fault: str) -> None:
        """Count positions of a device that were refused, and keep what was wrong with the last."""
        self._set(device_id, refused=device.c.refused + count, last_fault=fault[:200])

    def revoke(self, device_id: int, *, by: Viewer, now: datetime) -> bool:
        """End a device for ever; False where there is none, or where it ended so before."""
        with self._store.engine.begin() as connection:
            row = connection.execute(
                sa.update(device).values(revoked_at=now)
                .where(device.c.device_id == device_id, device.c.revoked_at.is_(None))
                .returning(device.c.name, device.c.officer_id)).first()
            if row is None:
                return False
            record_in(connection, _entry(by, "device_revoked", device_id,
                                         {"name": row.name, "officer_id": row.officer_id}), now=now)
        return True

    def listing(self) -> list[Device]:
        """All devices that ever were, newest first."""
        query = sa.select(*(device.c[name] for name in _LISTED)).order_by(device.c.device_id.desc())
        with self._store.engine.connect() as connection:
            return [Device(**row) for row in connection.execute(query).mappings()]

    def _set(self, device_id: int, **values: Any) -> None:
        with self._store.engine.begin() as connection:
            connection.execute(sa.update(device).values(values).where(device.c.device_id == device_id))


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
