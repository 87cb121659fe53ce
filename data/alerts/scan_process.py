"""The process apart that scans: the least urgent of the machine, without store, keys or network.

Reads one question as JSON on standard input; writes lines of JSON: ``{"share": 0..1}`` now and then, at last
``{"found": …}`` or ``{"refused": why}``. Started by `data.alerts.scanner` only.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Final

from data.alerts import clusters
from data.alerts.study import ScanError
from data.uploads.worker import bound

MEMORY: Final = 3 << 30
CPU_S: Final = 600
ANSWER_BYTES: Final = 16 << 20
#: Exit status when nobody is there any more who asked.
GONE: Final = 3
#: Smaller steps are not told.
_STEP: Final = 0.01


def main() -> int:
    """Answer the one question on standard input."""
    if hasattr(os, "nice"):
        os.nice(19)
    bound(MEMORY, CPU_S, ANSWER_BYTES)
    told = -1.0

    def progress(share: float) -> None:
        nonlocal told
        if share >= told + _STEP:
            told = share
            _say({"share": round(share, 3)})

    try:
        question = json.load(sys.stdin)
    except json.JSONDecodeError:
        return GONE  # who asked ended in the middle of the question
    try:
        try:
            asked = clusters.question_from(question)
            _say({"found": clusters.answer(asked, progress=progress).to_json()})
        except ScanError as refused:
            _say({"refused": str(refused)})
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor is the rest told at the end
        return GONE
    return 0


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
