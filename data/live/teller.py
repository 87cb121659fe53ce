"""Tells who listens what a look at the store changed, while the snapshot goes on.

The new content waits for nobody: it can be read some milliseconds before this is worked out. Where the
replaced cases were is asked of the content as it was, which a transaction of its own keeps so long.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from data.live.places import CODES, Touched, touched_cases, versions
from data.mirrored import CASES


@dataclass(frozen=True, slots=True)
class Replaced:
    """The cases that one look replaced.

    Attributes:
        written: ``case_ref`` and ``xid`` of each.
        known: the same of the look before; None: there was none.
        come: where they are now, columns `CODES` and ``reported_at``, tombstones included.
        hot_since: older cases are not in the snapshot; None: all are.
    """

    written: pa.Table
    known: pa.Table | None
    come: pa.Table
    hot_since: datetime | None


class Teller:
    """One for each snapshot; used by the one thread that refreshes it, and heard in another.

    Attributes:
        beside: runs one thing at a time.
    """

    def __init__(self, cursor: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self.beside = ThreadPoolExecutor(1, thread_name_prefix="snapshot beside")
        self._cursor = cursor
        self._before: duckdb.DuckDBPyConnection | None = None
        self._heard: list[Callable[[list[Touched]], None]] = []
        self._told: Future[None] | None = None

    def observe(self, hear: Callable[[list[Touched]], None]) -> None:
        """Call ``hear`` after each look that found something."""
        self._heard.append(hear)

    def remember(self) -> None:
        """Keep the content as it is until it was told or forgotten, whatever is put in."""
        self._before = self._cursor()
        self._before.begin()
        self._before.execute("SELECT mark FROM content").fetchall()  # it begins where it first reads

    def forget(self) -> None:
        """The look came to nothing."""
        if self._before is not None:
            self._before.close()
            self._before = None

    def tell(self, touched: list[Touched], cases: Replaced | None) -> None:
        """Have it told, one look after the other; nothing where nothing changed."""
        if touched or cases is not None:
            self._told = self.beside.submit(self._tell, touched, cases)

    def settle(self) -> None:
        """Wait until the last look was told.

        Raises:
            duckdb.Error: it could not be worked out; whoever listens was told that everything changed.
        """
        told, self._told = self._told, None
        if told is not None:
            told.result()

    def _tell(self, touched: list[Touched], cases: Replaced | None) -> None:
        try:
            if cases is not None:
                touched = [*self._of_cases(cases), *touched]
        except duckdb.Error:
            touched = [Touched("everything", None)]
            raise
        finally:
            self.forget()
            for hear in self._heard if touched else ():
                hear(touched)

    def _of_cases(self, cases: Replaced) -> list[Touched]:
        if self._before is None:
            raise duckdb.InvalidInputException("the content before the look was not kept")
        rows = cases.written  # noqa: F841 - the statement names it
        told = ", ".join(f'"{column}"' for column in CODES["case"])
        gone = self._before.execute(f"SELECT {told} {CASES.chosen}").to_arrow_table()
        known = set() if cases.known is None else versions(cases.known)
        return touched_cases(versions(cases.written) - known, gone, cases.come, cases.hot_since)
