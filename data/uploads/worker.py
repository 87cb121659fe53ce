"""The process apart: bounds itself, does one task, answers by a line of JSON and bytes.

Started by `data.uploads.sandbox` only.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from data.uploads import limits
from data.uploads.refused import UploadError

#: Word -> function (facts, content) -> (facts, content).
TASKS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType({
    "photo": ("data.uploads.images", "drawn_anew"),
    "file": ("data.uploads.probe", "looked_through"),
})


def bound(memory: int, cpu_s: int, answer: int) -> None:
    """Take the limits that this system knows; they can only be lowered afterwards."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    for name, value in (("RLIMIT_AS", memory), ("RLIMIT_CPU", cpu_s), ("RLIMIT_FSIZE", answer),
                        ("RLIMIT_NOFILE", limits.OPEN_FILES), ("RLIMIT_CORE", 0)):
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):
            if sys.platform == "linux":  # macOS refuses some of them; Linux keeps all
                raise


def main() -> int:
    """Answer the one request on standard input."""
    request = json.loads(sys.stdin.buffer.readline(limits.MIB))
    bound(request["memory"], request["cpu_s"], request["answer"])
    module, function = TASKS[request["task"]]
    made = b""
    try:
        task = getattr(importlib.import_module(module), function)
        facts, made = task(request["facts"], sys.stdin.buffer.read())
        told: dict[str, Any] = {"state": "done", "facts": facts}
    except UploadError as refusal:
        told = {"state": "refused", "refused": refusal.as_dict()}
    except (MemoryError, RecursionError) as fault:
        told = {"state": "memory" if isinstance(fault, MemoryError) else "unreadable"}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + made)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
