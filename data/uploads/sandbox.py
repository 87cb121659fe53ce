"""A process apart for everything that takes a stranger's bytes to pieces.

The child starts fresh: no memory, no open files, no environment of ours (hence no keys and no
address of the store). It bounds itself before it imports anything else (`data.uploads.worker`);
the parent watches the wall clock and ends the whole group. Only files cross the border, so an
answer is bounded as well.

Linux keeps all limits. macOS does not keep ``RLIMIT_AS``, Windows has none of them: there the wall
clock, the checks of sizes and the separate process remain.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from data.uploads import limits
from data.uploads.refused import UploadError

LOG: Final = logging.getLogger(__name__)
ROOT: Final = Path(__file__).parents[2]
WORKER: Final = "data.uploads.worker"
#: What libraries need to start, and nothing else of our environment.
_KEPT: Final = ("LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "PATH")
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one piece of work may use.

    Attributes:
        memory: bytes of address space.
        cpu_s: seconds of processor.
        wall_s: seconds from start to answer.
        answer: bytes of the answer, and of any file that it writes.
    """

    memory: int
    cpu_s: int
    wall_s: float
    answer: int = limits.ANSWER_BYTES


PHOTO: Final = Bounds(memory=limits.PHOTO_MEMORY, cpu_s=limits.PHOTO_CPU_S, wall_s=limits.PHOTO_WALL_S)
FILE: Final = Bounds(memory=limits.FILE_MEMORY, cpu_s=limits.FILE_CPU_S, wall_s=limits.FILE_WALL_S)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a piece of work gave back: small facts and, where it makes some, bytes."""

    facts: Mapping[str, Any]
    content: bytes = b""


@dataclass(slots=True)
class Sandbox:
    """Starts processes, some at the same time; further ones wait. Thread-safe.

    Attributes:
        at_once: how many.
    """

    at_once: int = limits.AT_ONCE
    _slots: threading.BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        self._slots = threading.BoundedSemaphore(self.at_once)

    def run(self, task: str, name: str, *, bounds: Bounds, facts: Mapping[str, Any] | None = None,
            content: bytes = b"") -> Answer:
        """Do a task of `data.uploads.worker.TASKS` in a process apart.

        Args:
            task: its word.
            name: the file as its sender calls it, for messages.
            bounds: what it may use.
            facts: small values for the task.
            content: bytes for the task.

        Raises:
            UploadError: the task refused, went over a bound, or its process broke down.
        """
        if not self._slots.acquire(timeout=limits.WAIT_S):
            raise UploadError("busy", name, expected="be sent when fewer files are being read",
                              got=f"{self.at_once} at work")
        try:
            return _run(task, name, bounds, {**(facts or {}), "name": name}, content)
        finally:
            self._slots.release()


def _run(task: str, name: str, bounds: Bounds, facts: Mapping[str, Any], content: bytes) -> Answer:
    request = {"task": task, "facts": dict(facts), "memory": bounds.memory, "cpu_s": bounds.cpu_s,
               "answer": bounds.answer}
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as told, \
            tempfile.TemporaryFile() as complaints:
        asked.write(json.dumps(request).encode() + b"\n" + content)
        asked.seek(0)
        status = _wait(_start(asked, told, complaints), name, bounds)
        told.seek(0)
        line = told.readline(limits.MIB)
        if status == 0 and line.endswith(b"\n"):
            answer = json.loads(line)
            if answer["state"] == "done":
                return Answer(answer["facts"], told.read(bounds.answer))
            if answer["state"] == "refused":
                raise UploadError.of(answer["refused"])
            status = answer["state"]
        complaints.seek(0)
        raise _broken(name, status, bounds, complaints.read(4000).decode("utf-8", "replace"))


def _start(asked: IO[bytes], told: IO[bytes], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
    return subprocess.Popen(
        [sys.executable, "-s", "-E", "-m", WORKER], cwd=ROOT, stdin=asked, stdout=told, stderr=complaints,
        env={**kept, **dict.fromkeys(_ONE_THREAD, "1")}, close_fds=True, start_new_session=True)


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whatever happens, nothing of the process's group outlives the block."""
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], name: str, bounds: Bounds) -> int | str:
    with _ended(process):
        try:
            return process.wait(bounds.wall_s)
        except subprocess.TimeoutExpired:
            LOG.warning("reading %s took more than %s s", name, bounds.wall_s)
            return "time"


def _broken(name: str, status: int | str, bounds: Bounds, complaints: str) -> UploadError:
    """The refusal of a process that gave no answer: status is its exit code, ``time`` or ``memory``."""
    over_time = {"time", -getattr(signal, "SIGXCPU", 24), -getattr(signal, "SIGKILL", 9)}
    if status in over_time:
        return UploadError("time", name, expected=f"be read within {bounds.cpu_s} s", got="more")
    if status == "memory":
        return UploadError("memory", name, expected=f"be read within {bounds.memory >> 20} MiB of memory",
                           got="more")
    LOG.warning("the process that read %s ended with %s: %s", name, status, complaints[-2000:])
    return UploadError("unreadable", name, expected="be readable", got="a content that breaks its reader")
