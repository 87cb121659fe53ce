"""A process apart whose tasks go wrong; `data.uploads.sandbox.WORKER` is set to it by tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from data.uploads import worker


def greedy(_facts: Mapping[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    return {"length": len(bytearray(3 << 30))}, b""


def busy(_facts: Mapping[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    while True:
        continue


def idle(facts: Mapping[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    child = subprocess.Popen([sys.executable, "-c", "import select; select.select([], [], [], 600)"])
    with open(facts["note"], "w", encoding="utf-8") as note:  # noqa: PTH123 - as small as can be
        note.write(str(child.pid))
    child.wait()
    return {}, b""


def talkative(_facts: Mapping[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    return {}, b"x" * (200 << 20)


def crashing(_facts: Mapping[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    os.abort()


def failing(_facts: Mapping[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    raise RuntimeError("a fault of ours")


def hoarding(_facts: Mapping[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    with tempfile.TemporaryFile() as file:
        for _ in range(100):
            file.write(bytes(1 << 20))
    return {}, b""


def reaching(_facts: Mapping[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    opened = [socket.socket() for _ in range(200)]
    return {"opened": len(opened)}, b""


def telling(_facts: Mapping[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    return {"environment": sorted(os.environ),
            "files": sorted(one.name for one in Path("/proc/self/fd").iterdir())}, content


MODULE = "tests.data.uploads.misbehaving"
NAMES = ("greedy", "busy", "idle", "talkative", "crashing", "failing", "hoarding", "reaching", "telling")

if __name__ == "__main__":
    worker.TASKS = MappingProxyType({name: (MODULE, name) for name in NAMES})
    sys.exit(worker.main())
