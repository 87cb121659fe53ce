"""The readers of a store as of T."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from data.cases import queries
from data.cases.reader import CaseReader
from data.filters import FilterError
from data.sql import Query

if TYPE_CHECKING:
    from data.access.scope import Scope
    from data.access.seen import Asked
    from data.replay.moment import SnapshotAt


#: How far before the last case the place of cases is looked for.
RECENT: Final = timedelta(days=30)


class CaseReaderAt(CaseReader):
    """Cases as of T: the reader over a snapshot and a store as of T, within the hot window alone."""

    _snapshot: SnapshotAt  # answers all that a snapshot does

    def seen_in(self, scope: Scope, store: Asked) -> CaseReaderAt:
        """The same reader for another scope, over a store that shows no more and nothing later."""
        return CaseReaderAt(store, self._snapshot, scope=scope, memo=self._memo)

    def reported_range(self) -> tuple[datetime, datetime] | None:
        """When the first and the last case of those held were reported by T; None without cases."""
        found = self._kept(("range",), lambda: self._snapshot.run(
            queries.reported_range(scope=self._scope)).to_pylist()[0])
        return (found["first_at"], found["last_at"]) if found["first_at"] else None

    def reach(self, since: datetime) -> datetime:
        """The earliest instant at or after ``since`` that can be looked back to: cases are replayed
        only as far as the snapshot holds them.
        """
        held = self._snapshot.hot_since
        return since if held is None else max(since, held)

    def _edges(self, since: datetime | None = None) -> dict[str, float | None]:
        """Around the cases of the last days before T, where there are any: all of them take too long."""
        reported = self.reported_range()
        last = None if reported is None else reported[1] - RECENT
        found = super()._edges(since or last)
        return found if found["west"] is not None else super()._edges()

    def _lines(self, refs: list[int], since: datetime, now: datetime) -> list[dict[str, Any]]:
        lines = self._run_in_hand(queries.lines_held(refs, scope=self._scope), since, now).to_pylist()
        texts = {row["case_ref"]: row for row in self._texts(refs)}
        return [{**line, **texts.get(line["case_ref"], {"title": None, "address": None})} for line in lines]

    def _texts(self, refs: Iterable[int]) -> list[dict[str, Any]]:
        return self._store.arrow(queries.texts_of(refs, scope=self._scope)).to_pylist()

    def _run(self, query: Query, since: datetime) -> pa.Table:
        self._must_cover(since)
        return self._snapshot.run(query)

    def _run_in_hand(self, query: Query, since: datetime, now: datetime) -> pa.Table:
        """Who is in hand at T was not settled by then; of an earlier instant that cannot be said."""
        self._must_cover(since)
        return self._snapshot.run(query, in_hand=now >= self._snapshot.at)

    def _must_cover(self, since: datetime) -> None:
        if not self._snapshot.covers(since):
            raise FilterError(f"since must not lie before {self._snapshot.hot_since} while a past moment"
                              f" is shown, got {since}")
