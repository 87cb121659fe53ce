"""The audit log (审计日志): who did what to which object, when, from where and why. It only grows.

A trigger refuses UPDATE, DELETE and TRUNCATE; rows are chained by their hashes
(`data.access.audit_chain`). No row is ever removed: `export` writes an archive, the rows stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from data.access.audit_chain import GENESIS, Row, Verdict, Walk, hash_of
from data.access.tables import audit_log
from data.engine import Store
from data.tables import meta

HEAD: Final = "audit_head"
SLICE: Final = 2000
_LOCK: Final = 0x61756474  # "audt" in ASCII
_ACTION: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
#: Keys of a detail whose value would be a secret; ``token_id`` or ``area_code`` are none.
_SECRET: Final = re.compile(r".*(password|passwd|passphrase|secret|cookie|csrf).*|(.*_)?(token|hash|totp|otp)"
                            r"|code|(one_time|totp|recovery|access|secret)_code|(.*_)?(api|private|secret)_key")
_GUARDS: Final = frozenset({"audit_log_no_change", "audit_log_no_truncate"})
_BOUNDS: Final = {"account_name": 80, "address": 64, "object_kind": 40, "object_id": 80, "reason": 400}
_TEXT, _ITEMS, _KEYS = 400, 100, 30
_WHOLE: Final = 2**53


class AuditError(ValueError):
    """An entry that must not be written; the message names the field, the value got and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be recorded.

    Texts are cleaned of control and direction signs and cut at a bound, so that no name that
    somebody types keeps the record from being written. ``detail`` holds small facts: texts,
    whole numbers, truth values, None, and flat lists of these, under lower-case keys. Fractions
    become texts. Nothing secret may stand in it.

    Raises:
        AuditError: an action or a key of the detail is malformed, or the key names a secret.
    """

    account_id: int | None
    account_name: str
    address: str | None
    action: str
    object_kind: str | None = None
    object_id: str | None = None
    reason: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ACTION.fullmatch(self.action):
            raise AuditError(f"action must be a lower-case word of at most 40 signs, got"
                             f" {self.action[:60]!r}")
        for name, bound in _BOUNDS.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, clean(str(value), bound))
        object.__setattr__(self, "detail", _detail(self.detail))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows are asked for; what is None or empty does not restrict.

    Attributes:
        since: inclusive, aware.
        until: exclusive, aware.
        account: name of an account or screen, whole.
        action: whole.
        object: an object's kind, or its id, or ``kind:id``, whole.
    """

    since: datetime | None = None
    until: datetime | None = None
    account: str = ""
    action: str = ""
    object: str = ""


class Audit:
    """The audit log of one store. Thread-safe, and safe beside other processes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, entry: Entry, *, now: datetime) -> int:
        """Write an entry in a transaction of its own; returns its number."""
        with self._store.engine.begin() as connection:
            return record_in(connection, entry, now=now)

    def record_in(self, connection: sa.Connection, entry: Entry, *, now: datetime) -> int:
        """The same as the function of this name."""
        return record_in(connection, entry, now=now)

    def verify(self) -> Verdict:
        """Walk along the whole log as it stands now; reads `SLICE` rows at a time."""
        walk = Walk()
        with self._steady() as connection:
            head = _head(connection)
            for row in _rows(connection, sa.select(audit_log).order_by(audit_log.c.seq)):
                if not walk.take(row):
                    return walk.verdict()
            walk.end(head)
            if lacking := _GUARDS - _guards(connection):
                walk.fail(walk.rows, "unguarded", f"the guard {min(lacking)} of the table is off:"
                                                  " rows could be changed or removed")
        return walk.verdict()

    def listing(self, filter_: AuditFilter | None = None, *, limit: int = 100, offset: int = 0) -> list[Row]:
        """Rows that match, newest first."""
        query = (sa.select(audit_log).where(_matches(filter_ or AuditFilter()))
                 .order_by(audit_log.c.seq.desc()).limit(limit).offset(offset))
        with self._store.engine.connect() as connection:
            return [Row(**found) for found in connection.execute(query).mappings()]

    def count(self, filter_: AuditFilter | None = None) -> int:
        """How many rows match."""
        query = sa.select(sa.func.count()).select_from(audit_log).where(_matches(filter_ or AuditFilter()))
        with self._store.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def actions(self) -> list[str]:
        """The actions that occur, in the order of the alphabet."""
        query = sa.select(audit_log.c.action).distinct().order_by(audit_log.c.action)
        with self._store.engine.connect() as connection:
            return [str(found) for found in connection.execute(query).scalars()]

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of a row by its number; None where there is none."""
        with self._store.engine.connect() as connection:
            found = connection.execute(sa.select(audit_log.c.hash).where(audit_log.c.seq == seq)).scalar()
            return None if found is None else bytes(found)

    def rows(self, filter_: AuditFilter | None = None) -> Iterator[Row]:
        """Rows that match, oldest first, `SLICE` at a time: for archives and exports."""
        query = sa.select(audit_log).where(_matches(filter_ or AuditFilter())).order_by(audit_log.c.seq)
        with self._steady() as connection:
            yield from _rows(connection, query)

    def _steady(self) -> sa.Connection:
        """A connection whose reads all see the log of one moment."""
        return self._store.engine.connect().execution_options(isolation_level="REPEATABLE READ")


def record_in(connection: sa.Connection, entry: Entry, *, now: datetime) -> int:
    """Write an entry within the caller's transaction, best as its last act; returns its number.

    Writers wait for each other until the transaction ends, so numbers have no gaps. The row
    follows the newest hash kept outside the table: rows that were cut or slipped in before stay
    visible to `Audit.verify`.

    Raises:
        AuditError: ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise AuditError(f"now must be aware, got {now.isoformat()}")
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    last = connection.execute(sa.select(audit_log.c.seq, audit_log.c.hash)
                              .order_by(audit_log.c.seq.desc()).limit(1)).first()
    seq, previous = _head(connection) or ((last.seq, last.hash) if last else (0, GENESIS))
    row = Row(seq=max(seq, last.seq if last else 0) + 1, at=now, account_id=entry.account_id,
              account_name=entry.account_name, address=entry.address, action=entry.action,
              object_kind=entry.object_kind, object_id=entry.object_id, reason=entry.reason,
              detail=dict(entry.detail), previous_hash=previous)
    row = replace(row, hash=hash_of(row))
    connection.execute(sa.insert(audit_log).values({name: getattr(row, name) for name in Row.__slots__}))
    put = insert(meta).values(key=HEAD, value={"seq": row.seq, "hash": row.hash.hex()})
    connection.execute(put.on_conflict_do_update(index_elements=[meta.c.key],
                                                 set_={"value": put.excluded.value}))
    return row.seq


def clean(text: str, bound: int) -> str:
    """A text without control, direction and line signs, at most ``bound`` signs long; cut ones end in …."""
    shown = "".join(" " if sign in "\t\r\n\u2028\u2029" else
                    "\ufffd" if unicodedata.category(sign) in {"Cc", "Cf", "Cs"} else sign
                    for sign in text[:4 * bound]).strip()
    return shown if len(shown) <= bound else f"{shown[:bound - 1]}…"


def _detail(given: Mapping[str, Any]) -> dict[str, Any]:
    if len(given) > _KEYS:
        raise AuditError(f"detail must hold at most {_KEYS} facts, got {len(given)}")
    for key in given:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise AuditError(f"a key of detail must be a lower-case word, got {str(key)[:60]!r}")
        if _SECRET.fullmatch(key):
            raise AuditError(f"detail must hold nothing secret, got the key {key!r}")
    return {key: [_fact(key, item) for item in list(value)[:_ITEMS]]
            if isinstance(value, (list, tuple)) else _fact(key, value) for key, value in given.items()}


def _fact(key: str, value: Any) -> Any:
    """A value that PostgreSQL's JSON gives back exactly as it was written."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (str, int, float)):
        whole = isinstance(value, int) and abs(value) <= _WHOLE
        return int(value) if whole else clean(str(value), _TEXT)
    raise AuditError(f"detail.{key} must be a text, a number or a list of them, got {type(value).__name__}")


def _matches(filter_: AuditFilter) -> sa.ColumnElement[bool]:
    row, kind, colon, number = audit_log.c, *filter_.object.partition(":")
    clauses: list[sa.ColumnElement[bool]] = [sa.true()]
    if filter_.since:
        clauses.append(row.at >= filter_.since)
    if filter_.until:
        clauses.append(row.at < filter_.until)
    if filter_.account:
        clauses.append(row.account_name == filter_.account)
    if filter_.action:
        clauses.append(row.action == filter_.action)
    if filter_.object:
        named = sa.or_(row.object_kind == filter_.object, row.object_id == filter_.object)
        both = (row.object_kind == kind) & (row.object_id == number)
        clauses.append(named | both if colon else named)
    return sa.and_(*clauses)


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Row]:
    for found in connection.execution_options(yield_per=SLICE).execute(query).mappings():
        yield Row(**found)


def _head(connection: sa.Connection) -> tuple[int, bytes] | None:
    """The newest number and hash; None where nothing was written yet, or where they were spoilt."""
    value = connection.execute(sa.select(meta.c.value).where(meta.c.key == HEAD)).scalar()
    try:
        return (int(value["seq"]), bytes.fromhex(value["hash"])) if value else None
    except (KeyError, TypeError, ValueError):
        return None  # `Audit.verify` says so


def _guards(connection: sa.Connection) -> set[str]:
    """The triggers of the table that are on."""
    found = connection.execute(sa.text(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_log'::regclass AND tgenabled IN ('O', 'A')"))
    return set(found.scalars())
