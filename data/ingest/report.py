"""The account of an import: what became of every row, and why.

``read = inserted + updated + unchanged + rejected`` holds at any moment, also
after an interruption: a batch is counted when it is committed, or not at all.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.access.masks import scrub

REJECTED: Final = "rejected"
FLAGGED: Final = "flagged"
OUTCOMES: Final = ("inserted", "updated", "unchanged")
REJECT_COLUMNS: Final = ("row_no", "field", "reason", "severity", "source_id", "got", "expected")
MAX_TEXT: Final = 200  # characters of a value that are quoted
#: Fields whose values are long numbers by nature; elsewhere such numbers are phones or identity numbers
#: that slipped into a wrong column.
_NUMBERS: Final = frozenset({"lon", "lat", "lon,lat", "geometry", "area_code", "parent_code", "members",
                             "street_code", "community_code", "grid_code", "source_id", "street", "at",
                             "resource_id", "building_id", "road_id", "officer_id", "deadline",
                             "reported", "accepted", "filed", "dispatched", "received", "handled", "closed",
                             "updated"})

Bools = np.ndarray[Any, np.dtype[np.bool_]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class _Note:
    rows: Ints  # positions in the batch
    field: str
    reason: str
    severity: str
    got: list[str | None]
    expected: str


def quote(value: Any) -> str | None:
    """A value as short text for the account; None stays None."""
    if value is None or value != value:  # noqa: PLR0124 - NaN differs from itself
        return None
    return str(value)[:MAX_TEXT].replace("\x00", "")  # the store's texts hold no NUL


class Told:
    """One text per row of a batch, made only for the rows that are asked for."""

    def __init__(self, tell: Callable[[int], str]) -> None:
        self._tell = tell

    def __getitem__(self, row: int) -> str:
        return self._tell(row)


class RowReport:
    """Findings about the rows of one batch.

    The first rejection of a row is its reason in the counts; further ones are
    listed. Flags of rejected rows are dropped: a flagged row is an imported one.
    """

    def __init__(self, row_no: Ints) -> None:
        self.row_no = row_no
        self.rejected: Bools = np.zeros(len(row_no), dtype=bool)
        self.source_ids: pa.Array | None = None
        self._primary: Counter[str] = Counter()
        self._notes: list[_Note] = []
        self._mute: Bools = np.zeros(len(row_no), dtype=bool)

    @classmethod
    def joined(cls, parts: Sequence[RowReport]) -> RowReport:
        """One report over the rows of several, in their order."""
        whole = cls(_concat([part.row_no for part in parts]))
        begin = 0
        for part in parts:
            whole._primary += part._primary
            whole._notes += [replace(note, rows=note.rows + begin) for note in part._notes]
            begin += len(part.row_no)
        whole.rejected = np.concatenate([part.rejected for part in parts])
        whole._mute = np.concatenate([part._mute for part in parts])
        ids = [part.source_ids for part in parts if part.source_ids is not None]
        whole.source_ids = pa.concat_arrays(ids) if len(ids) == len(parts) else None
        return whole

    def mute(self) -> None:
        """Say no more about the rows that are refused already."""
        self._mute = self.rejected.copy()

    def reject(self, mask: Bools, *, field: str, reason: str, got: Any, expected: str) -> None:
        """Refuse the rows of ``mask``; ``got`` holds one value per row of the batch."""
        mask = mask & ~self._mute
        rows = np.flatnonzero(mask)
        if not len(rows):
            return
        self._primary[reason] += int(np.count_nonzero(mask & ~self.rejected))
        self.rejected = self.rejected | mask
        self._note(rows, field, reason, REJECTED, got, expected)

    def flag(self, mask: Bools, *, field: str, reason: str, got: Any, expected: str) -> None:
        """Mention the rows of ``mask`` that go in all the same."""
        rows = np.flatnonzero(mask & ~self._mute)
        if len(rows):
            self._note(rows, field, reason, FLAGGED, got, expected)

    def _note(self, rows: Ints, field: str, reason: str, severity: str, got: Any, expected: str) -> None:
        if isinstance(got, (pa.Array, pa.ChunkedArray)):
            values = got.take(pa.array(rows)).to_pylist()
        elif got is None:
            values = [None] * len(rows)
        else:
            values = [got[row] for row in rows.tolist()]
        told = [quote(value) for value in values]
        if field not in _NUMBERS:
            told = [None if value is None else scrub(value) for value in told]
        self._notes.append(_Note(rows, field, reason, severity, told, expected))

    def reasons(self) -> Counter[str]:
        """Rejected rows by their first reason."""
        return Counter({reason: count for reason, count in self._primary.items() if count})

    def flags(self) -> Counter[str]:
        """Imported rows by what was noted about them (a row may count twice)."""
        found: Counter[str] = Counter()
        for note in self._notes:
            if note.severity == FLAGGED:
                kept = np.unique(note.rows)
                found[note.reason] += int(np.count_nonzero(~self.rejected[kept]))
        return Counter({reason: count for reason, count in found.items() if count})

    def flagged_rows(self) -> int:
        """How many imported rows carry at least one flag."""
        rows = [note.rows for note in self._notes if note.severity == FLAGGED]
        if not rows:
            return 0
        return int(np.count_nonzero(~self.rejected[np.unique(np.concatenate(rows))]))

    def quality_flags(self) -> pa.Array:
        """Per row the reasons it was flagged for, null where there are none (``case.quality_flags``)."""
        found: dict[int, list[str]] = {}
        for note in self._notes:
            if note.severity == FLAGGED:
                for row in note.rows.tolist():
                    found.setdefault(row, []).append(note.reason)
        return pa.array(
            [found.get(row) for row in range(len(self.row_no))] if found else [None] * len(self.row_no),
            pa.list_(pa.string()),
        )

    def table(self) -> pa.Table:
        """All findings, one row per finding, with the columns `REJECT_COLUMNS`."""
        kept = []
        for note in self._notes:
            stays = np.ones(len(note.rows), bool) if note.severity == REJECTED else ~self.rejected[note.rows]
            kept.append((note, stays))
        rows = _concat([note.rows[stays] for note, stays in kept])
        counts = [int(stays.sum()) for _, stays in kept]
        got = [value for note, stays in kept for value, keep in zip(note.got, stays, strict=True) if keep]
        ids = (
            pa.nulls(len(rows), pa.string())
            if self.source_ids is None
            else self.source_ids.take(pa.array(rows))
        )
        return pa.table(
            {
                "row_no": pa.array(self.row_no[rows], pa.int64()),
                "field": _repeat([note.field for note, _ in kept], counts),
                "reason": _repeat([note.reason for note, _ in kept], counts),
                "severity": _repeat([note.severity for note, _ in kept], counts),
                "source_id": _short(ids),
                "got": pa.array(got, pa.string()),
                "expected": _repeat([note.expected for note, _ in kept], counts),
            }
        )


def _concat(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _repeat(values: Sequence[str], counts: Sequence[int]) -> pa.Array:
    index = np.repeat(np.arange(len(values), dtype=np.int64), counts)
    return pa.array(list(values), pa.string()).take(pa.array(index, pa.int64()))


def _short(values: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(pc.cast(values, pa.string()), 0, MAX_TEXT)


@dataclass(slots=True)
class Summary:
    """Counts of rows of one import; `as_dict` is the last line that it prints."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejected_by_reason: Counter[str] = field(default_factory=Counter)
    flagged: int = 0
    flagged_by_reason: Counter[str] = field(default_factory=Counter)

    def add(self, report: RowReport, outcome: Mapping[str, int]) -> None:
        """Count one committed batch; ``outcome`` has the counts of `OUTCOMES`."""
        self.read += len(report.row_no)
        for name in OUTCOMES:
            setattr(self, name, getattr(self, name) + outcome.get(name, 0))
        self.rejected += int(report.rejected.sum())
        self.rejected_by_reason += report.reasons()
        self.flagged += report.flagged_rows()
        self.flagged_by_reason += report.flags()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON; reasons in the order of their frequency."""
        return {
            "read": self.read,
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "rejected_by_reason": dict(self.rejected_by_reason.most_common()),
            "flagged": self.flagged,
            "flagged_by_reason": dict(self.flagged_by_reason.most_common()),
        }


class RejectsFile:
    """The CSV that ``--rejects`` asks for; without a path nothing is written."""

    def __init__(self, path: Path | None) -> None:
        self._handle = path.open("w", encoding="utf-8-sig", newline="") if path else None
        self._writer = csv.writer(self._handle) if self._handle else None
        if self._writer:
            self._writer.writerow(REJECT_COLUMNS)

    def write(self, findings: pa.Table) -> None:
        """Append findings."""
        if self._writer and findings.num_rows:
            columns = [findings.column(name).to_pylist() for name in REJECT_COLUMNS]
            self._writer.writerows(zip(*columns, strict=True))

    def close(self) -> None:
        """Flush to disk."""
        if self._handle:
            self._handle.close()
