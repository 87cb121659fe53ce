"""The columnar snapshot of the store that answers the screens.

A native DuckDB in memory, filled from the store and refreshed by watermark:
the oldest transaction still running is remembered *before* each read, and the
next read asks for every row written by it or later. A transaction that commits
late is therefore seen at the following look, a row may be read twice, and
nothing is missed. Rows are replaced by key; tombstones vanish.

Cases are held from ``hot_since`` on, which lies ``hot_days`` before the newest
case; a window that begins earlier is the store's to answer (`covers`).
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_manager import Error as AdbcError
from sqlalchemy.exc import SQLAlchemyError

from data import mirrored
from data.live.places import CODES, KINDS, MOVES, Touched, only_moved, places_of
from data.live.teller import Replaced, Teller
from data.memory import give_back_memory
from data.mirrored import CASE_REFS, CASE_XIDS, CASES, MIRRORED, SMALL, Mirror
from data.sql import Query, duckdb_sql

if TYPE_CHECKING:
    from data.engine import Store

LOG: Final = logging.getLogger(__name__)
ROWS_PER_SLICE: Final = 100_000
#: After so many replaced rows the gaps they left are given back.
ROWS_PER_CLEANING: Final = 200_000
# `.sql()`, which the warning recommends, plans every statement twice: 3 ms for the largest of ours. The copy
# it spares is 8 ms for 1.5 million rows.
warnings.filterwarnings("ignore", message="Arrow output on a DB-API result", category=UserWarning)
#: A wake-up is answered at most so often.
WAKE_S: Final = 0.25
_STORE_FAULTS: Final = (SQLAlchemyError, AdbcError, duckdb.Error, OSError)


class SnapshotError(RuntimeError):
    """A query was put to a snapshot that has never been filled."""


def utc_now() -> datetime:
    """The wall clock, for telling when a refresh happened."""
    return datetime.fromtimestamp(time.time(), UTC)


class Snapshot:
    """The mirrored tables in memory, one per process.

    Attributes:
        refreshed_at: when the content was last known to be that of the store; None before.
        error: what made the last refresh fail; None while all is well.
        failed_since: when refreshing began to fail; the content is that of `refreshed_at`.
        hot_since: the oldest ``reported_at`` held; None while every case is held.
    """

    def __init__(self, store: Store, hot_days: int, *, every_s: float = 1.5,
                 clock: Callable[[], datetime] = utc_now) -> None:
        if hot_days < 1:
            raise ValueError(f"hot_days must be at least 1, got {hot_days}")
        self._store, self._hot, self._every_s, self._clock = store, timedelta(days=hot_days), every_s, clock
        self._duck = duckdb.connect(":memory:")
        self._duck.execute("SET GLOBAL TimeZone = 'UTC'; ATTACH ':memory:' AS snap (COMPRESS);"
                           " CREATE TABLE snap.content AS SELECT 0 AS mark").fetchall()
        self._local = threading.local()
        self._refreshing = threading.Lock()
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._touched: list[Touched] = []
        self._cases: Replaced | None = None
        self._thread: threading.Thread | None = None
        self._writer = self._cursor()
        self._seen_xid: int | None = None
        self._filenode: int | None = None
        # the life is not to be guessed: scopes are told versions made of it
        self._life, self._ground = secrets.token_hex(16), secrets.token_hex(4)
        self._generation = self._replaced = self._places = 0
        # a transaction left open holds the watermark back; the same rows then come at every look
        self._last: dict[str, pa.Table] = {}
        self._written: pa.Table | None = None
        self._teller = Teller(self._cursor)
        self.hot_since: datetime | None = None
        self.refreshed_at: datetime | None = None
        self.error: str | None = None
        self.failed_since: datetime | None = None

    # ---- reading ----

    @property
    def version(self) -> str:
        """Changes whenever the content does, and never repeats over restarts."""
        return f"{self._life}-{self._generation}"

    @property
    def places_version(self) -> str:
        """Changes when a mirrored area does, and at every full load."""
        return f"{self._ground}-{self._places}"

    @property
    def is_filled(self) -> bool:
        """The first load is done."""
        return self._seen_xid is not None

    def covers(self, since: datetime) -> bool:
        """All cases reported from ``since`` on are held here."""
        return self.is_filled and (self.hot_since is None or since >= self.hot_since)

    def run(self, query: Query) -> pa.Table:
        """Answer a query from the content as it is now; any thread may ask.

        Raises:
            SnapshotError: nothing was loaded yet.
        """
        sql, arguments = duckdb_sql(query)
        return self._reader().execute(sql, arguments).to_arrow_table()

    @contextmanager
    def still(self) -> Iterator[tuple[int, duckdb.DuckDBPyConnection]]:
        """The content as it is now, for several statements of this thread: its mark, and who answers.

        Two contents of one mark are the same. The tables stand in ``snap.main``.

        Raises:
            SnapshotError: nothing was loaded yet.
        """
        cursor = self._reader()
        cursor.begin()
        try:
            found = cursor.execute("SELECT mark FROM content").fetchone()
            if found is None:
                raise SnapshotError("the snapshot has lost the mark of its content")
            yield int(found[0]), cursor
        finally:
            cursor.rollback()

    def _reader(self) -> duckdb.DuckDBPyConnection:
        """This thread's own way in."""
        if not self.is_filled:
            raise SnapshotError("the snapshot is empty; call refresh() first")
        if not hasattr(self._local, "cursor"):
            self._local.cursor = self._cursor()
        cursor: duckdb.DuckDBPyConnection = self._local.cursor
        return cursor

    # ---- refreshing ----

    def observe(self, hear: Callable[[list[Touched]], None]) -> None:
        """Call ``hear`` soon after each look that found something, when all of it can be read here.

        It is called in a thread of the snapshot, for one look after the other.
        """
        self._teller.observe(hear)

    def wake(self) -> None:
        """Something was written: look soon, at most every `WAKE_S` seconds; cheap, from any thread."""
        self._woken.set()

    def refresh(self) -> int:
        """Bring the content up to date and return how many rows changed.

        Raises:
            SQLAlchemyError, adbc_driver_manager.Error, duckdb.Error, OSError: the
                store did not answer; the content stays as it was, see `error`.
        """
        with self._refreshing:
            self.settle()
            self._touched, self._cases = [], None
            try:
                changed = self._look()
            except _STORE_FAULTS as fault:
                self._teller.forget()
                self.error = f"{type(fault).__name__}: {fault}"
                self.failed_since = self.failed_since or self._clock()
                raise
            self.refreshed_at, self.error, self.failed_since = self._clock(), None, None
            self._teller.tell(self._touched, self._cases)
            return changed

    def settle(self) -> None:
        """Wait until all who `observe` were told of the last look."""
        self._teller.settle()

    def start(self) -> None:
        """Refresh now, then every ``every_s`` seconds in a thread of its own."""
        self.refresh()
        self._stopped.clear()
        self._thread = threading.Thread(target=self._keep_up, name="snapshot", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; the content stays readable."""
        self._stopped.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _keep_up(self) -> None:
        while not self._stopped.wait(WAKE_S):
            self._woken.wait(max(0.0, self._every_s - WAKE_S))
            self._woken.clear()
            if self._stopped.is_set():
                return
            try:
                self.refresh()
            except _STORE_FAULTS:
                LOG.warning("refresh failed, data of %s stay: %s", self.refreshed_at, self.error)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._duck.cursor()
        cursor.execute("USE snap").fetchall()
        return cursor

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._writer.begin()
        try:
            yield
        except BaseException:
            self._writer.rollback()
            raise
        self._writer.commit()

    def _moment(self) -> dict[str, Any]:
        return dict(self._store.arrow(mirrored.oldest_running()).to_pylist()[0])

    def _look(self) -> int:
        if self._seen_xid is None:
            return self._load()
        seen = self._seen_xid
        news = self._store.arrow(mirrored.news(seen, ROWS_PER_SLICE + 1))  # before the rows are read
        moment, written = news.drop_columns([CASE_REFS, CASE_XIDS]).to_pylist()[0], _written(news)
        emptied = moment["filenode"] != self._filenode  # rebuilt as a whole, without tombstones
        if emptied or written.num_rows > ROWS_PER_SLICE:
            return self._load()
        changed = self._catch_up(seen, moment, written)
        if changed or (written.num_rows and not written.equals(self._written)):
            self._generation += 1  # also for cases older than the hot window, which the store answers for
        self._written = written
        return changed

    def _load(self) -> int:
        """Fill the snapshot anew, the cases in slices so that no copy of all is held."""
        moment, total = self._moment(), 0
        found = self._store.arrow(mirrored.case_range()).to_pylist()[0]
        start = self._hot_start(found)
        for mirror in MIRRORED:
            pieces = (self._slices(found, start) if mirror is CASES
                      else iter([self._store.arrow(mirror.rows())]))
            for number, rows in enumerate(pieces):
                self._put(f"CREATE OR REPLACE TABLE {_new(mirror)} AS FROM rows" if number == 0
                          else f"INSERT INTO {_new(mirror)} BY NAME FROM rows", rows)
                total += rows.num_rows
                del rows
                self._writer.execute("CHECKPOINT").fetchall()  # packs what came, so that little lies unpacked
                give_back_memory()
        with self._transaction():
            for mirror in MIRRORED:
                self._writer.execute(f'DROP TABLE IF EXISTS "{mirror.table.name}"').fetchall()
                self._writer.execute(f'ALTER TABLE {_new(mirror)} RENAME TO "{mirror.table.name}"').fetchall()
            self._mark()
        self._seen_xid, self._filenode, self.hot_since = int(moment["xid"]), moment["filenode"], start
        self._last, self._written = {}, None
        self._generation += 1
        self._places += 1
        self._touched = [Touched("everything", None)]
        return total

    def _hot_start(self, found: dict[str, Any]) -> datetime | None:
        """Where the hot window begins; None when it holds every case."""
        if not found["total"]:
            return None
        start: datetime = found["last_at"] - self._hot
        return start if found["first_at"] < start else None

    def _slices(self, found: dict[str, Any], start: datetime | None) -> Iterator[pa.Table]:
        """The cases of the hot window, oldest first."""
        if not found["total"]:
            yield self._store.arrow(CASES.rows())
            return
        first, last = start or found["first_at"], found["last_at"] + timedelta(microseconds=1)
        pieces = max(1, -(-found["total"] // ROWS_PER_SLICE))
        step = (last - first) / pieces
        edges = [first + step * number for number in range(pieces)] + [last]
        for since, until in pairwise(edges):
            yield self._store.arrow(mirrored.case_slice(since, until))

    def _catch_up(self, seen_xid: int, moment: dict[str, Any], written: pa.Table) -> int:
        """Replace what is new; the watermark moves only when all of it is in."""
        fetched = {mirror.table.name: self._store.arrow(mirror.changed(seen_xid))
                   for mirror in SMALL if moment[mirror.table.name]}
        changed = 0
        with self._transaction():
            if written.num_rows and not written.equals(self._written):
                changed += self._replace_cases(seen_xid, written)
            for mirror in SMALL:
                name = mirror.table.name
                rows = fetched.get(name)
                if rows and not rows.equals(self._last.get(name)):
                    held = self._held(mirror, rows)
                    if not only_moved(name, mirror.key, held, rows):
                        self._touch(mirror, held, rows)
                    self._delete(mirror, rows)
                    self._insert(mirror, rows)
                    changed += rows.num_rows
                    self._places += name == "area"
            if changed:
                self._mark()
        self._seen_xid, self._last = moment["xid"], fetched
        self._clean(changed)
        return changed

    def _replace_cases(self, seen_xid: int, written: pa.Table) -> int:
        """Put the new rows of the written cases in the place of the old ones, which go while the new come.

        A case that is written after ``written`` was read stays for the next look.
        """
        self._teller.remember()
        coming = self._teller.beside.submit(self._store.arrow, CASES.changed(seen_xid))
        try:
            self._delete(CASES, written)
        finally:
            rows = coming.result()
        wanted = pc.is_in(rows["case_ref"], written["case_ref"])
        come = rows.select([*CODES["case"], "reported_at"]).filter(wanted)
        self._cases = Replaced(written, self._written, come, self.hot_since)
        if self.hot_since is not None:
            wanted = pc.and_(wanted, pc.greater_equal(rows["reported_at"], pa.scalar(self.hot_since)))
        if not pc.all(wanted).as_py():
            rows = rows.filter(wanted)
        self._insert(CASES, rows)
        return int(rows.num_rows)

    def _mark(self) -> None:
        """Another content from here on; in the transaction that makes it."""
        self._writer.execute("UPDATE content SET mark = mark + 1").fetchall()

    def _touch(self, mirror: Mirror, *states: pa.Table) -> None:
        """Remember for `observe` what changed: rows as they were and as they are."""
        name = mirror.table.name
        places = [one for rows in states for one in places_of(name, rows)] if name in CODES else None
        self._touched.append(Touched(KINDS[name], None if places is None else tuple(places)))

    def _delete(self, mirror: Mirror, rows: pa.Table) -> None:
        self._put(f"DELETE {mirror.chosen}", rows.select(mirror.key))

    def _held(self, mirror: Mirror, rows: pa.Table) -> pa.Table:  # noqa: ARG002 - named by the statement
        """The rows of those keys in the snapshot: where they are, of tables that belong to places."""
        name = mirror.table.name
        told = "*" if name in MOVES else ", ".join(f'"{column}"' for column in CODES.get(name, mirror.key))
        return self._writer.execute(f"SELECT {told} {mirror.chosen}").to_arrow_table()

    def _insert(self, mirror: Mirror, rows: pa.Table) -> None:
        name = mirror.table.name
        self._put(f'INSERT INTO "{name}" BY NAME SELECT * FROM rows WHERE deleted_at IS NULL', rows)

    def _put(self, statement: str, rows: pa.Table) -> None:  # noqa: ARG002 - the statement names it
        """Run a statement that reads ``rows``, which the engine finds in this frame: quicker than a view."""
        self._writer.execute(statement).fetchall()

    def _clean(self, changed: int) -> None:
        """Give back the room of replaced rows; readers in the middle of a look only put it off."""
        self._replaced += changed
        if self._replaced < ROWS_PER_CLEANING:
            return
        try:
            self._writer.execute("CHECKPOINT").fetchall()
            self._replaced = 0
        except duckdb.Error as fault:
            LOG.info("cleaning put off: %s", fault)


def _written(news: pa.Table) -> pa.Table:
    """``case_ref`` and ``xid`` of the cases that `mirrored.news` lists, one row each."""
    return pa.table({"case_ref": news[CASE_REFS].combine_chunks().flatten(),
                     "xid": news[CASE_XIDS].combine_chunks().flatten()})


def _new(mirror: Mirror) -> str:
    """Where a table is loaded before it takes the place of the old one."""
    return f'"new {mirror.table.name}"'
