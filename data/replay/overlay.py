"""The cases that were another thing at T than they are now: their rows as of T, folded from the log.

The row of a case that was settled by T (see `data.replay.settled`) is that of T. All others reported
by T are few, however many cases there are; for these the log up to T is read and folded, and the
result stands over the rows of today.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from data.access.protected import HELD_AS
from data.cases.fold import FOLDED, KEYS, READ, fold_events
from data.mirrored import CASES
from data.replay.settled import SETTLED_AT
from data.tables import case_event

if TYPE_CHECKING:
    from data.access.seen import Asked

#: Columns of the snapshot's cases that the log does not decide: what an overlay takes over as it is.
GIVEN: Final = (*(name for name in CASES.columns if name not in FOLDED), HELD_AS)
#: Between the keys in one text; no code has it.
_BETWEEN: Final = "\x1f"
#: Numbers alone, in the order of the key, are found in one walk along it; a case of the same number in
#: another street comes along and is left out by who asked.
_EVENTS: Final = f"""
SELECT {", ".join(READ)} FROM {case_event.name}
WHERE case_no = ANY (string_to_array($1, chr({ord(_BETWEEN)}))) AND at <= (SELECT $2::timestamptz)
ORDER BY case_no, street_code, seq
"""


def instant_sql(at: datetime) -> str:
    """An instant as both engines read it, for texts that carry no arguments."""
    return f"TIMESTAMPTZ '{at.astimezone(UTC).isoformat()}'"


def settled_sql(at: datetime) -> str:
    """The condition on a row of the store's ``case`` that it was then what it is now."""
    moment = instant_sql(at)
    return (f"(reported_at <= {moment} AND ended_at IS NOT NULL AND ended_at <= {moment}"
            f" AND (visited_at IS NULL OR visited_at <= {moment}))")


def held_settled_sql(at: datetime) -> str:
    """The same of a row of the snapshot: who was settled by then had been reported."""
    return f"({SETTLED_AT} <= {instant_sql(at)})"


def held_unsettled_sql(at: datetime) -> str:
    """The condition on a row of the snapshot that it was reported by then and not settled."""
    return f"(reported_at <= {instant_sql(at)} AND {SETTLED_AT} > {instant_sql(at)})"


@dataclass(frozen=True)
class Overlay:
    """The unsettled cases at T.

    Attributes:
        mark: of the content of the snapshot that they were unsettled in.
        rows: as the snapshot holds cases, with what the log decides as of T.
        folded: ``case_ref``, `KEYS` and every column of `FOLDED`, in the order of ``rows``.
    """

    mark: int
    rows: pa.Table
    folded: pa.Table

    @cached_property
    def argument(self) -> str:
        """``case_ref`` and `FOLDED` as JSON, an object for each case; NULL, 0 and false are left out."""
        rows = self.folded.select(["case_ref", *FOLDED]).to_pylist()
        return json.dumps([{name: value for name, value in row.items() if value} for row in rows],
                          default=str)


def overlay_of(mark: int, unsettled: pa.Table, store: Asked, at: datetime) -> Overlay:
    """Fold the log of some cases up to an instant.

    Args:
        mark: of the content that ``unsettled`` was read from.
        unsettled: rows of the snapshot's cases, at least with `GIVEN`.
        store: the whole store.
        at: T, aware.

    Returns:
        One row for each case with an event by T; a case without one did not exist.

    Raises:
        adbc_driver_manager.Error: the store did not answer.
    """
    log = events_until(store, unsettled, at)
    folded = fold_events(log)
    place = pc.index_in(_keys(unsettled), value_set=_keys(folded))
    known = unsettled.filter(pc.is_valid(place))
    folded = folded.take(pc.drop_null(place)).append_column("case_ref", known["case_ref"])
    for name in FOLDED:
        if name in CASES.columns:
            known = known.append_column(name, folded[name])
    never = pa.nulls(known.num_rows, pa.timestamp("us", tz="UTC"))
    known = known.append_column(SETTLED_AT, never)  # as of T, nobody knows when
    return Overlay(mark=mark, rows=known.combine_chunks(), folded=folded.combine_chunks())


def events_until(store: Asked, cases: pa.Table, at: datetime) -> pa.Table:
    """`READ` of the events by T of the cases of some numbers (`KEYS`), ordered as the fold wants them."""
    numbers = sorted(set(cases["case_no"].to_pylist()))
    return store.arrow(_EVENTS, [_BETWEEN.join(numbers), _text(at)])


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _keys(table: pa.Table) -> pa.Array:
    columns: Sequence[Any] = [pc.cast(table[name], pa.string()) for name in KEYS]
    joined = pc.binary_join_element_wise(*columns, _BETWEEN)
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
