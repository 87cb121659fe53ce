"""Scans in a process of their own, one at a time; what was found is kept for each scope and data day.

Nothing here waits for a scan: `Scanner.look` says at once what is known and sees to it that the rest comes.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from data.alerts.clusters import Found, Question, found_from
from data.alerts.study import ScanError

LOG: Final = logging.getLogger(__name__)
ROOT: Final = Path(__file__).parents[2]
COMMAND: Final = (sys.executable, "-s", "-E", "-m", "data.alerts.scan_process")
#: What the interpreter needs to start, and nothing else of our environment.
_KEPT_NAMES: Final = ("LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "PATH")
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
#: Results that are kept, and scans that may wait; of more the oldest go.
MOST_KEPT: Final = 64
MOST_WAITING: Final = 8

_Key = tuple[str, datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a scan stands.

    Attributes:
        state: ``waiting``, ``running``, ``done`` or ``failed``; a failed one is tried again at the next look.
        share: of it that is done, 0..1.
        found: the result; while a new scan of changed counts runs, that of the old ones. None before.
        fault: why it failed.
    """

    state: str
    share: float = 0.0
    found: Found | None = None
    fault: str = ""


class Scanner:
    """Answers looks at scans and runs them one after the other. Thread-safe.

    Args:
        command: the command line of the process.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._guard = threading.Condition()
        self._looks: OrderedDict[_Key, tuple[str, Look]] = OrderedDict()
        self._waiting: OrderedDict[_Key, Question] = OrderedDict()
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._is_stopped = False

    def look(self, scope: str, asked: Question) -> Look:
        """What is known of the scan of a scope (its key); begins it where the question is new."""
        key, digest = (scope, asked.since, asked.until), asked.digest
        with self._guard:
            known = self._looks.get(key)
            if known is not None and known[0] == digest and known[1].state != "failed":
                self._looks.move_to_end(key)
                return known[1]
            failed = known[1] if known is not None and known[0] == digest else None
            old = known[1].found if known is not None else None
            self._put(key, digest, Look(state="waiting", found=old))
            self._waiting[key] = asked
            while len(self._waiting) > MOST_WAITING:
                dropped, _ = self._waiting.popitem(last=False)
                self._looks.pop(dropped, None)
            self._start()
            self._guard.notify_all()
            return failed or self._looks[key][1]

    def stop(self) -> None:
        """Give up what runs and what waits."""
        with self._guard:
            self._is_stopped = True
            self._waiting.clear()
            process, thread = self._process, self._thread
            self._guard.notify_all()
        if process is not None:
            process.kill()
        if thread is not None:
            thread.join()

    def _put(self, key: _Key, digest: str, look: Look) -> None:
        self._looks[key] = (digest, look)
        self._looks.move_to_end(key)
        while len(self._looks) > MOST_KEPT + MOST_WAITING:
            self._looks.popitem(last=False)

    def _start(self) -> None:
        alive = self._thread is not None and self._thread.is_alive()
        if not alive and not self._is_stopped:
            self._thread = threading.Thread(target=self._work, name="scans", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._guard:
                while not self._waiting and not self._is_stopped:
                    self._guard.wait()
                if self._is_stopped:
                    return
                key, asked = self._waiting.popitem()  # the latest first: somebody looks at it now
            digest = asked.digest
            try:
                look = Look(state="done", share=1.0, found=self._scan(key, asked, digest))
            except (ScanError, OSError, ValueError, TypeError) as fault:
                LOG.warning("the scan of %s up to %s failed: %s", key[0], key[2], fault)
                look = Look(state="failed", fault=str(fault))
            self._tell(key, digest, look)

    def _tell(self, key: _Key, digest: str, look: Look) -> None:
        with self._guard:
            known = self._looks.get(key)
            if known is not None and known[0] == digest:  # else counts have changed, a newer scan waits
                self._put(key, digest, look)

    def _scan(self, key: _Key, asked: Question, digest: str) -> Found:
        """One scan in its process.

        Raises:
            ScanError: it refused, or its process broke down.
        """
        known = self._looks.get(key)
        old = known[1].found if known is not None else None

        def tell(share: float) -> None:
            self._tell(key, digest, Look(state="running", share=share, found=old))

        tell(0.0)
        environment = {name: os.environ[name] for name in _KEPT_NAMES if name in os.environ}
        with subprocess.Popen(
                self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env={**environment, **dict.fromkeys(_ONE_THREAD, "1")}, start_new_session=True) as process:
            with self._guard:
                self._process = process
                if self._is_stopped:
                    process.kill()
            try:
                return _followed(process, asked, tell)
            finally:
                process.kill()
                with self._guard:
                    self._process = None


def _followed(process: subprocess.Popen[str], asked: Question, tell: Callable[[float], None]) -> Found:
    """Hand over the question and read what the process tells; ``tell`` is told the share that is done.

    Raises:
        ScanError: it refused, or gave no answer.
    """
    if process.stdin is None or process.stdout is None:
        raise ScanError("a scan must have pipes to its process, got none")
    json.dump(asked.to_json(), process.stdin)
    process.stdin.close()
    for line in process.stdout:
        told = json.loads(line)
        if "found" in told:
            return found_from(told["found"])
        if "refused" in told:
            raise ScanError(str(told["refused"]))
        if "share" not in told:
            raise ScanError(f"a scan must tell share, found or refused, got {line[:80]!r}")
        tell(float(told["share"]))
    raise ScanError(f"the process of the scan ended with {process.wait()} and no answer")
