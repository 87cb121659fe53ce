"""The store as a viewer sees it: every query runs as a role that the database itself restricts.

The role ``grid_viewer`` may read what pages show and nothing else; which rows of it exist is
decided by row-level security (migration 0006) from two settings of the connection,
``grid.areas`` and ``grid.departments``. Connections of this role are kept apart from those of
the owner, and none answers a question before role and settings were set for who asks, whatever
they were before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import adbc_driver_manager
import pyarrow as pa
import sqlalchemy as sa
from adbc_driver_postgresql import dbapi

from data import arrow_types
from data.access.scope import Scope
from data.interrupt import interruptible
from data.sql import postgres_sql

VIEWER_ROLE: Final = "grid_viewer"
_MAX_IDLE: Final = 16
_SET: Final = (f"SELECT set_config('role', '{VIEWER_ROLE}', false) AS role,"
               " set_config('grid.areas', $1, false) AS areas,"
               " set_config('grid.departments', $2, false) AS departments")


def narrow(connection: sa.Connection, scope: Scope) -> None:
    """Go on as the viewers' role with a scope, until the transaction of the connection ends."""
    areas, departments = _texts(scope)
    connection.execute(sa.select(
        sa.func.set_config("role", VIEWER_ROLE, True), sa.func.set_config("grid.areas", areas, True),
        sa.func.set_config("grid.departments", departments, True)))


def _texts(scope: Scope) -> tuple[str, str]:
    """Areas and departments as the database is told of them."""
    return ",".join(sorted(scope.areas)), ",".join(sorted(scope.departments))


class Asked(Protocol):
    """Whatever answers queries: the whole store, or what a viewer sees of it."""

    def arrow(self, query: sa.Select[Any] | str, params: Sequence[Any] | None = None) -> pa.Table:
        """The rows of a query; see `data.engine.Store.arrow`."""


class ViewerConnections:
    """Rested connections of the viewers' role. Thread-safe."""

    def __init__(self, connect: Callable[[], dbapi.Connection]) -> None:
        """``connect`` opens one in the role, committing by itself."""
        self._connect = connect
        self._idle: list[dbapi.Connection] = []
        self._guard = threading.Lock()

    def fetch(self, scope: Scope, text: str, values: Sequence[Any]) -> pa.Table:
        """Run a statement as a viewer of the scope.

        Raises:
            adbc_driver_manager.Error: the database refused or could not be reached.
        """
        rested = self._take()
        if rested is not None:
            try:
                return self._run(rested, scope, text, values)
            except adbc_driver_manager.OperationalError:
                self.discard()  # the server went away since; one fresh try
        return self._run(self._connect(), scope, text, values)

    def discard(self) -> None:
        """Close every rested connection."""
        with self._guard:
            stale, self._idle = self._idle, []
        for connection in stale:
            connection.close()

    def _take(self) -> dbapi.Connection | None:
        with self._guard:
            return self._idle.pop() if self._idle else None

    def _run(self, connection: dbapi.Connection, scope: Scope, text: str, values: Sequence[Any]) -> pa.Table:
        """Set role and scope, then run; a connection that failed at either is closed."""
        areas, departments = _texts(scope)
        try:
            with connection.cursor() as cursor:
                def ask() -> pa.Table:
                    cursor.execute(_SET, [areas, departments])
                    cursor.fetch_arrow_table()
                    cursor.execute(text, list(values) or None)
                    return cursor.fetch_arrow_table()

                table = interruptible(cursor, ask)
        except BaseException:
            connection.close()
            raise
        with self._guard:
            keep = len(self._idle) < _MAX_IDLE
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()
        return arrow_types.plain(table)


class SeenStore:
    """What of a store exists in a scope; see `data.engine.Store.seen_by`."""

    def __init__(self, connections: ViewerConnections, scope: Scope) -> None:
        self._connections, self.scope = connections, scope

    def arrow(self, query: sa.Select[Any] | str, params: Sequence[Any] | None = None) -> pa.Table:
        """Run a query as a viewer of the scope; see `data.engine.Store.arrow`.

        Raises:
            adbc_driver_manager.Error: the database refused, or could not be reached.
        """
        text, values = postgres_sql(query) if isinstance(query, sa.Select) else (query, list(params or ()))
        return self._connections.fetch(self.scope, text, values)
