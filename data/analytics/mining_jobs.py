"""Mining in the background: one at a time, told how far it is, kept until the data or the question change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, Final

LOG: Final = logging.getLogger(__name__)
#: Questions whose answers are kept.
KEPT: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One question.

    Attributes:
        share: how much of it is done, 0..1.
        found: its answer; None while there is none.
        fault: why there will be none; empty: nothing.
    """

    share: float = 0.0
    found: Any = None
    fault: str = ""


class Jobs:
    """Questions that are asked again and again until they are answered; safe to use from any thread."""

    def __init__(self) -> None:
        self._jobs: dict[Hashable, Job] = {}
        self._guard, self._turn = threading.Lock(), threading.Lock()

    def ask(self, key: Hashable, work: Callable[[Callable[[float], None]], Any]) -> Job:
        """How a question stands; it is begun where nobody asked it yet, and again where it failed.

        Args:
            key: what makes it the same question.
            work: answers it; it is handed who is told the share that is done.
        """
        with self._guard:
            held = self._jobs.get(key)
            if held is not None and not held.fault:
                return held
            self._jobs.pop(key, None)
            self._jobs[key] = Job()
            for old in [one for one, job in self._jobs.items() if job.found is not None][:-KEPT]:
                del self._jobs[old]
        threading.Thread(target=self._run, args=(key, work), name="mining", daemon=True).start()
        return held or Job()

    def _run(self, key: Hashable, work: Callable[[Callable[[float], None]], Any]) -> None:
        with self._turn:
            try:
                found = work(lambda share: self._put(key, share=share))
            except Exception as fault:
                LOG.exception("mining failed")
                self._put(key, fault=f"{type(fault).__name__}: {str(fault)[:200]}")
            else:
                self._put(key, share=1.0, found=found)

    def _put(self, key: Hashable, **about: Any) -> None:
        with self._guard:
            self._jobs[key] = replace(self._jobs.get(key, Job()), **about)
