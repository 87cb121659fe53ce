"""Opening a person (查看敏感信息): the only reader of ``person_detail``, and never without a record.

The record is written first and read after it in the same transaction: whoever saw a person stands
in the audit log, and where the reading fails there is neither an answer nor a record of one. What
is refused is recorded as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from data.access.audit import Audit, Entry
from data.access.roles import Permission
from data.access.scope import Scope
from data.access.tables import audit_log, person_detail
from data.access.viewer import Viewer
from data.access.within import within
from data.engine import Store
from data.tables import cases, officer

#: Kinds of persons: people of the grids, and who reported a case (their id is the number of the case).
KINDS: Final = ("officer", "reporter")
OPENED: Final = "person_opened"
REFUSED: Final = "person_refused"
#: Signs of a reason, without the blanks around it.
REASON: Final = (4, 200)
#: Persons that one account may open within `WITHIN`.
MOST: Final = 30
WITHIN: Final = timedelta(hours=1)
_LOCK: Final = 0x6F70656E  # "open" in ASCII
_MAX_ID: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetail:
    """What the store knows of one person; None where it does not.

    Attributes:
        kind: one of `KINDS`.
        record: number of the opening in the audit log.
    """

    kind: str
    person_id: str
    name: str | None
    phone: str | None
    address: str | None
    is_synthetic: bool
    record: int


class OpeningError(PermissionError):
    """A person that is not shown.

    Attributes:
        why: ``permission`` (the viewer may not, or is a screen), ``reason``, ``rate``, or
            ``unknown``: there is nothing of that id in the viewer's scope.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class Opening:
    """Opens persons of one store, on record. Thread-safe."""

    def __init__(self, store: Store, audit: Audit) -> None:
        self._store, self._audit = store, audit

    def open(self, viewer: Viewer, kind: str, person_id: str, *, reason: str, address: str | None,
             now: datetime) -> PersonDetail:
        """Show one person to one viewer.

        Args:
            viewer: who asks; their scope is that of the query.
            kind: one of `KINDS`.
            person_id: id of the officer, or number of the case that the reporter brought.
            reason: what for, 4..200 signs; stands in the record.
            address: of the viewer's machine, for the record.
            now: aware.

        Raises:
            OpeningError: refused; ``why`` tells the page what to say.
        """
        try:
            _may(viewer, kind, person_id, reason)
            return self._opened(viewer, _entry(viewer, OPENED, kind, person_id, address, reason), now)
        except OpeningError as refused:
            entry = _entry(viewer, REFUSED, kind, person_id, address, reason, why=refused.why)
            self._audit.record(entry, now=now)
            raise

    def _opened(self, viewer: Viewer, entry: Entry, now: datetime) -> PersonDetail:
        with self._store.engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, viewer.account_id)))
            if connection.execute(_opened_since(viewer, now - WITHIN)).scalar_one() >= MOST:
                raise OpeningError("rate", f"at most {MOST} persons may be opened in an hour, got one more")
            record = self._audit.record_in(connection, entry, now=now)
            row = connection.execute(_detail(str(entry.object_kind), str(entry.object_id),
                                             viewer.scope)).mappings().one_or_none()
            if row is None:
                raise OpeningError("unknown", f"no details of a {entry.object_kind} {entry.object_id!r} are"
                                              " within your scope")
            return PersonDetail(**row, record=record)


def _may(viewer: Viewer, kind: str, person_id: str, reason: str) -> None:
    if viewer.is_screen or viewer.account_id is None or not viewer.may(Permission.OPEN_PERSON):
        raise OpeningError("permission", f"{viewer.name} may not open persons; expected an account with the"
                                         f" permission {Permission.OPEN_PERSON}")
    if kind not in KINDS or not 1 <= len(person_id) <= _MAX_ID or "\x00" in person_id:
        raise OpeningError("unknown", f"a person must be one of {', '.join(KINDS)} and an id of 1..{_MAX_ID}"
                                      f" signs; got {kind[:40]!r} {person_id[:40]!r}")
    least, most = REASON
    given = len(reason.strip())
    if not least <= given <= most:
        raise OpeningError("reason", f"reason must be {least}..{most} signs, got {given}")


def _entry(viewer: Viewer, action: str, kind: str, person_id: str, address: str | None, reason: str,
           **detail: str) -> Entry:
    return Entry(account_id=viewer.account_id, account_name=viewer.name, address=address, action=action,
                 object_kind=kind, object_id=person_id, reason=reason.strip()[:REASON[1]], detail=detail)


def _opened_since(viewer: Viewer, since: datetime) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(audit_log).where(
        audit_log.c.account_name == viewer.name, audit_log.c.at > since, audit_log.c.action == OPENED,
        audit_log.c.account_id == viewer.account_id)


def _detail(kind: str, person_id: str, scope: Scope) -> sa.Select[Any]:
    """The row, where the officer or the case it belongs to lies in the scope and was not deleted."""
    owner = officer if kind == "officer" else cases
    key = officer.c.officer_id if kind == "officer" else cases.c.case_no
    inside = sa.exists().where(key == person_detail.c.person_id, owner.c.deleted_at.is_(None),
                               owner.c.street_code == person_detail.c.street_code, within(owner, scope))
    columns = person_detail.c
    return sa.select(columns.kind, columns.person_id, columns.name, columns.phone, columns.address,
                     columns.is_synthetic).where(columns.kind == kind, columns.person_id == person_id, inside)
