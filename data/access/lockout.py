"""Lock-out (锁定): tries are counted in the database, per account and per address, on every factor.

A try is counted before it is checked and given back when it was right. So of any number of
parallel tries exactly as many are checked as the limit allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from data.access.tables import sign_in_failure as failure
from data.engine import Store

PER_ACCOUNT: Final = 5
PER_ADDRESS: Final = 20
LOCKED_FOR: Final = timedelta(minutes=15)
#: Failures of an account further apart than this are not counted together; those of an address
#: are counted within one such while, so that typing errors of an office do not add up over a day.
WINDOW: Final = timedelta(minutes=15)
_KEPT: Final = timedelta(days=1)
_SWEPT_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try that was counted.

    Attributes:
        subjects: what it was counted for.
        allowed: it may be checked.
        until: end of the lock that stands now, aware; None: nothing is locked.
        locks: this try reached a limit; if it is wrong, its subject is locked from here on.
    """

    subjects: tuple[str, ...]
    allowed: bool
    until: datetime | None = None
    locks: bool = False


def limit_of(subject: str) -> int:
    """Wrong tries that lock a subject, which is ``kind:name``; addresses are shared by many people."""
    return PER_ADDRESS if subject.startswith(("address:", "token:")) else PER_ACCOUNT


class Lockout:
    """The counters of one store. Thread-safe, and safe beside other processes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._swept_at: datetime | None = None

    def count(self, subjects: Sequence[str], *, now: datetime) -> Try:
        """Count a try for each of the subjects, in their order; the first that is locked ends it.

        Name the address first: one that is locked then cannot lock accounts any more.
        """
        self._sweep(now)
        until: datetime | None = None
        locks = False
        with self._store.engine.begin() as connection:
            for subject in subjects:
                row = connection.execute(_counted(subject, now)).one()
                if row.failures > limit_of(subject):
                    return Try(subjects=tuple(subjects), allowed=False, until=row.locked_until)
                if row.failures == limit_of(subject):
                    until, locks = row.locked_until, True
        return Try(subjects=tuple(subjects), allowed=True, until=until, locks=locks)

    def right(self, counted: Try) -> None:
        """A try was right: accounts start anew, an address gets this one try back."""
        self._give_back(counted, forget=True)

    def undone(self, counted: Try) -> None:
        """A try was not checked at all: it does not count."""
        self._give_back(counted, forget=False)

    def forget(self, subjects: Sequence[str]) -> None:
        """Unlock at once, as an administrator may."""
        with self._store.engine.begin() as connection:
            connection.execute(sa.delete(failure).where(failure.c.subject.in_(subjects)))

    def locked_until(self, subject: str, *, now: datetime) -> datetime | None:
        """End of the lock of a subject; None where it is not locked. Counts nothing."""
        query = sa.select(failure.c.locked_until).where(failure.c.subject == subject,
                                                        failure.c.locked_until > now)
        with self._store.engine.connect() as connection:
            found: datetime | None = connection.execute(query).scalar()
        return found

    def _give_back(self, counted: Try, *, forget: bool) -> None:
        with self._store.engine.begin() as connection:
            for subject in counted.subjects:
                if forget and limit_of(subject) == PER_ACCOUNT:
                    connection.execute(sa.delete(failure).where(failure.c.subject == subject))
                else:
                    connection.execute(
                        sa.update(failure).where(failure.c.subject == subject, failure.c.failures > 0)
                        .values(failures=failure.c.failures - 1, locked_until=sa.case(
                            (failure.c.failures - 1 < limit_of(subject), None),
                            else_=failure.c.locked_until)))

    def _sweep(self, now: datetime) -> None:
        """Old counters go, a hundred at a time and at most once a minute."""
        if self._swept_at is not None and abs(now - self._swept_at) < timedelta(minutes=1):
            return
        self._swept_at = now
        old = (sa.select(failure.c.subject).where(failure.c.last_at < now - _KEPT).limit(_SWEPT_AT_ONCE)
               .with_for_update(skip_locked=True))
        with self._store.engine.begin() as connection:
            connection.execute(sa.delete(failure).where(failure.c.subject.in_(old.scalar_subquery())))


def _counted(subject: str, now: datetime) -> Any:
    """One more try, in one statement: rows in conflict wait for each other, so none is lost."""
    limit = limit_of(subject)
    since = failure.c.last_at if limit == PER_ACCOUNT else failure.c.first_at
    over = sa.or_(failure.c.locked_until <= now,
                  sa.and_(failure.c.locked_until.is_(None), since < now - WINDOW))
    more = sa.case((over, 1), else_=sa.func.least(failure.c.failures + 1, limit + 1))
    put = insert(failure).values(subject=subject, failures=1, first_at=now, last_at=now)
    return put.on_conflict_do_update(index_elements=[failure.c.subject], set_={
        "failures": more,
        "first_at": sa.case((over, now), else_=failure.c.first_at),
        "last_at": now,
        "locked_until": sa.case((over, None), (failure.c.failures + 1 < limit, None),
                                else_=sa.func.coalesce(failure.c.locked_until, now + LOCKED_FOR)),
    }).returning(failure.c.failures, failure.c.locked_until)
