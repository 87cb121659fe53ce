"""The chain of the audit log: each row's hash covers the row and the hash before it.

Nobody who reaches the tables can be kept from writing them; the chain makes it visible. A row
that was changed, moved or taken out no longer fits its neighbours, and a tail that was cut no
longer fits the newest hash, which is kept outside the table (``meta.audit_head``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

#: What stands before the first row.
GENESIS: Final = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the log, as written.

    Attributes:
        seq: 1, 2, 3, … without gaps.
        at: aware.
        account_id: None where nobody was signed in, or for a screen.
        address: of the asking machine, None on the command line.
        object_id: of what was acted on, in the words of ``object_kind``.
        previous_hash, hash: 32 bytes each.
    """

    seq: int
    at: datetime
    account_id: int | None
    account_name: str
    address: str | None
    action: str
    object_kind: str | None
    object_id: str | None
    reason: str | None
    detail: dict[str, Any] = field(default_factory=dict)
    previous_hash: bytes = GENESIS
    hash: bytes = b""


def plain(row: Row) -> dict[str, Any]:
    """A row without its hashes as JSON values; the time is UTC with microseconds."""
    return {
        "seq": row.seq, "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "account_id": row.account_id, "account_name": row.account_name, "address": row.address,
        "action": row.action, "object_kind": row.object_kind, "object_id": row.object_id,
        "reason": row.reason, "detail": row.detail,
    }


def hash_of(row: Row) -> bytes:
    """SHA-256 over the hash before the row and the row's canonical JSON (keys sorted, no blanks, UTF-8)."""
    words = json.dumps(plain(row), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(row.previous_hash + words.encode("utf-8", "surrogatepass")).digest()


def to_line(row: Row) -> str:
    """A row with its hashes as one line of JSON, without the line's end."""
    return json.dumps({**plain(row), "previous_hash": row.previous_hash.hex(), "hash": row.hash.hex()},
                      sort_keys=True, ensure_ascii=False)


def from_line(line: str) -> Row:
    """The inverse of `to_line`.

    Raises:
        ValueError: the line is not one of ours; the message says how.
    """
    try:
        found = json.loads(line)
        if type(found["seq"]) is not int or type(found["detail"]) is not dict:
            raise ValueError("seq must be a whole number and detail an object")
        return Row(**{**found, "at": datetime.fromisoformat(found["at"]),
                      "previous_hash": bytes.fromhex(found["previous_hash"]),
                      "hash": bytes.fromhex(found["hash"])})
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"a line must be a row of the log as JSON, got {line[:60]!r}: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a walk along the chain found.

    Attributes:
        rows: rows that were read, up to and with the broken one.
        head: the hash of the last of them, in hex; empty without rows.
        broken_at: number of the first row that does not fit; None while all fit.
        fault: changed, reordered, replaced, missing, twice, cut, forged, headless, unguarded,
            unreadable, rewritten; None while all fit.
        message: one English sentence, empty while all fit.
    """

    rows: int
    head: str = ""
    broken_at: int | None = None
    fault: str | None = None
    message: str = ""

    @property
    def ok(self) -> bool:
        """Every row fits, and so does the newest hash."""
        return self.fault is None


class Walk:
    """One pass over rows in the order of their numbers; it stops at the first that does not fit."""

    def __init__(self) -> None:
        self.rows = 0
        self.hash = GENESIS
        self.broken: Verdict | None = None

    def take(self, row: Row) -> bool:
        """Look at the next row; False where it does not fit, and nothing more need be read."""
        self.rows += 1
        expected = self.rows
        fits_before = row.previous_hash == self.hash
        fits_itself = hash_of(row) == row.hash
        if row.seq > expected:
            self.fail(expected, "missing", f"row {expected} is missing, row {row.seq} comes next")
        elif row.seq < expected:
            self.fail(row.seq, "twice", f"row {row.seq} stands there more than once")
        elif not fits_itself and not fits_before:
            self.fail(row.seq, "reordered", f"row {row.seq} was written in another place")
        elif not fits_itself:
            self.fail(row.seq, "changed", f"row {row.seq} is not what was written")
        elif not fits_before:
            self.fail(row.seq, "replaced", f"row {row.seq} does not follow the row before it:"
                                           " one of the two was replaced")
        if self.broken is None:
            self.hash = row.hash
        return self.broken is None

    def fail(self, seq: int, fault: str, message: str) -> None:
        """Note what broke; the first fault stays."""
        self.broken = self.broken or Verdict(rows=self.rows, head=self.head, broken_at=seq, fault=fault,
                                             message=message)

    def end(self, head: tuple[int, bytes] | None) -> None:
        """Compare the last row with the newest number and hash that are kept outside the table."""
        if head is None:
            if self.rows:
                self.fail(self.rows, "headless", "the newest hash, kept outside the table, is missing")
        elif head[0] > self.rows:
            self.fail(self.rows + 1, "cut", f"rows {self.rows + 1} to {head[0]} were cut off")
        elif head[0] < self.rows:
            self.fail(head[0] + 1, "forged", f"row {head[0] + 1} was not written by the program")
        elif head[1] != self.hash:
            self.fail(self.rows, "forged", f"row {self.rows} is not the newest that was written")

    @property
    def head(self) -> str:
        """The hash of the last row that fits, in hex; empty without one."""
        return self.hash.hex() if self.hash != GENESIS else ""

    def verdict(self) -> Verdict:
        """What was found so far."""
        return self.broken or Verdict(rows=self.rows, head=self.head)
