"""The store: one PostgreSQL database, reached row by row or by whole columns.

SQLAlchemy (psycopg 3) carries acts and small queries; ADBC carries Arrow tables
in and out. Every connection has a connect timeout, a statement timeout and TCP
keep-alives, so that a dead database fails instead of hanging a worker.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import adbc_driver_manager
import psycopg
import pyarrow as pa
import sqlalchemy as sa
from adbc_driver_postgresql import StatementOptions, dbapi

from data import arrow_types, embedded, migrate
from data.access.scope import Scope
from data.access.seen import VIEWER_ROLE, SeenStore, ViewerConnections
from data.embedded import Embedded
from data.interrupt import interruptible
from data.settings import Settings
from data.sql import postgres_sql

CONNECT_TIMEOUT_S: Final = 5
STATEMENT_TIMEOUT_S: Final = 60
#: What is sent and not acknowledged for so long goes to nobody.
UNHEARD_MS: Final = 10_000
_KEEPALIVES: Final = {"keepalives": "1", "keepalives_idle": "30", "keepalives_interval": "10",
                      "keepalives_count": "3"}
_MAX_IDLE: Final = 8
#: Rows are encoded in pieces that the processor's cache holds; the server reads one while the next is made.
_IN_PIECES: Final = {StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(64 << 10)}

#: What is raised where the database refuses or cannot be reached.
STORE_FAULTS: Final = (sa.exc.SQLAlchemyError, adbc_driver_manager.Error, psycopg.Error, OSError)


class Store:
    """A migrated database. Thread-safe; close it when done.

    Attributes:
        url: libpq address (``postgresql://``), without options of ours.
        engine: SQLAlchemy engine for acts and small queries.
    """

    def __init__(self, url: str, *, server: Embedded | None = None,
                 statement_timeout_s: int = STATEMENT_TIMEOUT_S) -> None:
        self.url = libpq_url(url)
        self._server = server
        self._application = _application(server)
        self._timeout_s = statement_timeout_s
        self._idle: list[dbapi.Connection] = []
        self._idle_bulk: list[dbapi.Connection] = []  # without a statement timeout
        self._viewers = ViewerConnections(self._connect_viewer)
        self._guard = threading.Lock()
        self._pid = os.getpid()
        self.engine = sa.create_engine(
            _sqlalchemy_url(self.url), pool_pre_ping=True, pool_size=8, max_overflow=24,
            connect_args=self._options(statement_timeout_s))
        if server:
            atexit.register(self.close)

    def arrow(self, query: sa.Select[Any] | str, params: Sequence[Any] | None = None) -> pa.Table:
        """Run a query and return its rows as an Arrow table.

        Args:
            query: a `Select` (carries its own values), or SQL with ``$1`` placeholders.
            params: values of the placeholders; only with SQL text.

        Returns:
            One column per selected column; ``numeric`` becomes float64, JSON
            becomes text, times are UTC. No rows give an empty table.

        Raises:
            adbc_driver_manager.Error: the database refused or could not be reached.
        """
        text, values = postgres_sql(query) if isinstance(query, sa.Select) else (query, list(params or ()))
        pooled = self._take(self._idle)
        if pooled is not None:
            try:
                return self._fetch(pooled, text, values)
            except adbc_driver_manager.OperationalError:
                self._discard_idle()  # the server went away since; one fresh try
        return self._fetch(self._connect_adbc(autocommit=True, timeout_s=self._timeout_s), text, values)

    def seen_by(self, scope: Scope) -> SeenStore:
        """What of the store exists in a scope: queries run in a role that the database restricts to it.

        Nothing can be written through it, and accounts, the audit log and details of persons
        cannot be read.
        """
        return SeenStore(self._viewers, scope)

    def append(self, table_name: str, data: pa.Table) -> int:
        """Copy rows into a table in a transaction of its own; returns their number."""
        with self.copying() as copy:
            return copy.append(table_name, data)

    @contextmanager
    def copying(self) -> Iterator[Copying]:
        """Several copies and statements in one transaction, committed at the end.

        No statement timeout holds inside: a bulk load takes as long as it takes.
        """
        connection = self._begin()
        try:
            with connection.cursor() as cursor:
                yield Copying(cursor)
            connection.adbc_connection.set_autocommit(True)  # commits; rests without a transaction
        except BaseException:
            try:
                connection.rollback()
            finally:
                connection.close()
            raise
        self._keep(connection, self._idle_bulk)

    def dedicated(self) -> psycopg.Connection[Any]:
        """A connection outside the pools that commits by itself, for who listens; the caller closes it.

        Raises:
            psycopg.OperationalError: the database cannot be reached.
        """
        options: dict[str, Any] = {**self._options(self._timeout_s), "tcp_user_timeout": str(UNHEARD_MS)}
        return psycopg.connect(self.url, autocommit=True, **options)

    def revive(self) -> None:
        """Start an embedded server again that died under us; nothing is done about one by address.

        Raises:
            data.embedded.EmbeddedError: it does not come up.
        """
        if self._server and os.getpid() == self._pid:
            self._server.revive()

    def close(self) -> None:
        """Close every connection; an embedded server that nobody else uses stops."""
        if os.getpid() != self._pid:
            return
        atexit.unregister(self.close)
        self.engine.dispose()
        self._discard_idle()
        self._viewers.discard()
        if self._server:
            self._server.close()

    def _options(self, timeout_s: int, *, role: str = "") -> dict[str, str]:
        own = f" -c role={role}" if role else ""
        return {
            "connect_timeout": str(CONNECT_TIMEOUT_S), "application_name": self._application,
            "options": f"-c statement_timeout={timeout_s * 1000} -c timezone=UTC{own}", **_KEEPALIVES,
        }

    def _connect_adbc(self, *, autocommit: bool, timeout_s: int, role: str = "") -> dbapi.Connection:
        url = sa.make_url(self.url).update_query_dict(self._options(timeout_s, role=role))
        return dbapi.connect(_text(url), autocommit=autocommit)

    def _connect_viewer(self) -> dbapi.Connection:
        return self._connect_adbc(autocommit=True, timeout_s=self._timeout_s, role=VIEWER_ROLE)

    def _begin(self) -> dbapi.Connection:
        """A connection within a new transaction; a rested one where it still lives.

        Connecting costs as much as copying some thousand rows.
        """
        rested = self._take(self._idle_bulk)
        if rested is not None:
            try:
                with rested.cursor() as cursor:
                    interruptible(cursor, partial(cursor.execute, "SELECT 1"))
                rested.adbc_connection.set_autocommit(False)
            except adbc_driver_manager.Error:
                rested.close()  # the server went away since
            else:
                return rested
        return self._connect_adbc(autocommit=False, timeout_s=0)

    def _take(self, idle: list[dbapi.Connection]) -> dbapi.Connection | None:
        with self._guard:
            return idle.pop() if idle else None

    def _keep(self, connection: dbapi.Connection, idle: list[dbapi.Connection]) -> None:
        with self._guard:
            keep = len(idle) < _MAX_IDLE
            if keep:
                idle.append(connection)
        if not keep:
            connection.close()

    def _discard_idle(self) -> None:
        with self._guard:
            stale = [*self._idle, *self._idle_bulk]
            self._idle.clear()
            self._idle_bulk.clear()
        for connection in stale:
            connection.close()

    def _fetch(self, connection: dbapi.Connection, text: str, values: list[Any]) -> pa.Table:
        """Run on a connection and keep it for the next query; a failed one is closed."""
        try:
            with connection.cursor() as cursor:
                table = interruptible(cursor, partial(_answer, cursor, text, values))
        except BaseException:
            connection.close()
            raise
        self._keep(connection, self._idle)
        return arrow_types.plain(table)


def _answer(cursor: dbapi.Cursor, text: str, values: list[Any]) -> Any:
    """The rows of a statement; None where it has none to return."""
    cursor.execute(text, values or None)
    return cursor.fetch_arrow_table() if cursor.description else None


class Copying:
    """One open bulk transaction; see `Store.copying`."""

    def __init__(self, cursor: dbapi.Cursor) -> None:
        self._cursor = cursor

    def append(self, table_name: str, data: pa.Table) -> int:
        """Copy rows into a table of the store; columns are matched by name.

        Absent columns take the default of the database. Types are converted to
        those of the table; days of ``gps_fix`` get their partition.

        Raises:
            ValueError: an unknown table or column, or a value that does not fit.
        """
        from data import bulk  # noqa: PLC0415 - bulk is built on this class

        fitted = arrow_types.fit(table_name, data)
        if table_name == "gps_fix":
            bulk.ensure_partitions_in(self, bulk.days_of(fitted["at"]))
        return self.ingest(table_name, fitted)

    def ingest(self, table_name: str, data: pa.Table, *, temporary: bool = False) -> int:
        """Copy rows as they are, into a temporary table if so wanted."""
        if data.num_rows == 0:
            return 0
        self._cursor.adbc_statement.set_options(**_IN_PIECES)
        interruptible(self._cursor, partial(
            self._cursor.adbc_ingest, table_name, data, mode="append", temporary=temporary))
        return int(data.num_rows)

    def execute(self, statement: str, params: Sequence[Any] | None = None) -> pa.Table | None:
        """Run one SQL statement with ``$1`` placeholders.

        Returns:
            The rows of a query or of RETURNING; None where there are none to return.
        """
        found = interruptible(self._cursor, partial(_answer, self._cursor, statement, list(params or ())))
        return None if found is None else arrow_types.plain(found)

    def select(self, query: sa.Select[Any]) -> pa.Table:
        """The rows of a query, as `Store.arrow` gives them, seen from within the transaction."""
        text, values = postgres_sql(query)
        return arrow_types.plain(interruptible(self._cursor, partial(_answer, self._cursor, text, values)))


def open_store(settings: Settings) -> Store:
    """Open the store that the settings name, at the newest version of its tables.

    The embedded server is started, or attached to where it runs already.

    Raises:
        data.embedded.EmbeddedError: the embedded server does not come up.
        sqlalchemy.exc.OperationalError: the server of DATABASE_URL cannot be reached.
        data.migrate.MigrationError: the database is newer than this program.
    """
    if settings.database_url:
        url, server = settings.database_url, None
    else:
        server = embedded.start(settings.data_dir)
        url = server.url
    try:
        migrate.to_head(_sqlalchemy_url(libpq_url(url)), application=_application(server))
    except BaseException:
        if server:
            server.close()
        raise
    return Store(url, server=server)


def _application(server: Embedded | None) -> str:
    return server.application if server else f"grid-{os.getpid()}"


def libpq_url(url: str) -> str:
    """The address as libpq and ADBC read it, whatever driver it names."""
    return _text(sa.make_url(url).set(drivername="postgresql"))


def _text(url: sa.URL) -> str:
    """An address with blanks as ``%20``: SQLAlchemy writes '+', which libpq takes for a plus."""
    base, mark, query = url.render_as_string(hide_password=False).partition("?")
    return base.replace(" ", "%20") + mark + query.replace("+", "%20")


def _sqlalchemy_url(url: str) -> sa.URL:
    return sa.make_url(url).set(drivername="postgresql+psycopg")
