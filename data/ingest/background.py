"""An import in a process of its own, one at a time: what it was told, how it ended."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from data.uploads import limits

LOG: Final = logging.getLogger(__name__)
ROOT: Final = Path(__file__).parents[2]
COMMAND: Final = (sys.executable, str(ROOT / "app.py"), "import")
_SAID: Final = "import: "
_INTERRUPTED: Final = 130
#: Secrets that an import needs none of.
_KEPT_BACK: Final = ("GRID_SECRET_KEY", "GRID_SECRET_FILE", "GRID_OIDC")


class BusyError(RuntimeError):
    """Another import runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be imported.

    Attributes:
        folder: holds the file alone; it is removed at the end.
        path: the file.
        mapping: name or path of the mapping; None for that of the kind.
        crs: overrides the mapping's; None does not.
    """

    kind: str
    folder: Path
    path: Path
    started_at: datetime
    mapping: str | None = None
    crs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How an import ended.

    Attributes:
        state: ``done``, ``interrupted`` (what was committed stays) or ``failed``.
        summary: its last line, with ``run_id``; empty where it failed.
        message: why it failed.
    """

    order: Order
    state: str
    summary: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""


class Importer:
    """Runs imports, one at a time. Thread-safe.

    Args:
        folder: where uploads wait; only the owner may look in.
        url: address of the store.
        command: the import's command line before its arguments.
    """

    def __init__(self, folder: Path, url: str, *, command: Sequence[str] = COMMAND) -> None:
        self.folder = folder
        self._url, self._command = url, tuple(command)
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self.current: Order | None = None
        self.last: Ended | None = None

    def room(self) -> Path:
        """A new empty folder for one upload."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self.folder, prefix="import-"))

    def start(self, order: Order, *, then: Callable[[Ended], None] = lambda _ended: None) -> None:
        """Begin an import; returns at once.

        Args:
            order: what; its folder belongs to the importer from now on.
            then: told when it has ended, in another thread.

        Raises:
            BusyError: another one runs; the folder is left as it is.
        """
        with self._guard:
            if self.current is not None:
                raise BusyError(f"one import at a time, {self.current.path.name} is being imported")
            self.current = order
        said, complaints = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed by _wait
        try:
            self._process = self._begin(order, said, complaints)
        except BaseException:
            self.current = None
            raise
        self._thread = threading.Thread(target=self._wait, args=(order, said, complaints, then), daemon=True,
                                        name="import")
        self._thread.start()

    def stop(self) -> None:
        """Ask the import to end after the batch in hand; nothing happens where none runs."""
        process = self._process
        if self.current is not None and process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)

    def join(self, timeout_s: float) -> None:
        """Wait until the import has ended, so long at most."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _begin(self, order: Order, said: IO[bytes], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
        options = [part for name, value in (("--mapping", order.mapping), ("--crs", order.crs)) if value
                   for part in (name, value)]
        environment = {key: value for key, value in os.environ.items() if key not in _KEPT_BACK}
        process = subprocess.Popen(
            [*self._command, order.kind, str(order.path), *options], cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=said, stderr=complaints, env={**environment, "DATABASE_URL": self._url},
            start_new_session=True)
        _bound(process.pid)
        return process

    def _wait(self, order: Order, said: IO[bytes], complaints: IO[bytes],
              then: Callable[[Ended], None]) -> None:
        with said, complaints:
            status = self._process.wait() if self._process else 1
            ended = _ended(order, status, _tail(said), _tail(complaints))
        shutil.rmtree(order.folder, ignore_errors=True)
        self.last = ended
        try:
            then(ended)
        finally:
            self.current = None


def _bound(pid: int) -> None:
    """Limit the memory of a process that has just begun, where the system can."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    if hasattr(resource, "prlimit"):
        resource.prlimit(pid, resource.RLIMIT_AS, (limits.IMPORT_MEMORY, limits.IMPORT_MEMORY))


def _tail(file: IO[bytes]) -> list[str]:
    """The last lines of what a process wrote."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 64_000, 0))
    return file.read().decode("utf-8", "replace").replace("\r", "\n").splitlines()


def _ended(order: Order, status: int, said: list[str], complaints: list[str]) -> Ended:
    ended = Ended(order=order, state="failed")
    if status in {0, _INTERRUPTED} and said:
        summary = json.loads(said[-1])
        return replace(ended, state="interrupted" if status else "done", summary=summary)
    reason = next((line for line in reversed(complaints) if line.startswith(_SAID)), None)
    if reason is None:
        LOG.error("the import of %s ended with %s: %s", order.path.name, status, "\n".join(complaints[-30:]))
        return replace(ended, message=f"the import ended with status {status}; the log says why")
    return replace(ended, message=reason.removeprefix(_SAID).replace(f"{order.folder}{os.sep}", ""))
