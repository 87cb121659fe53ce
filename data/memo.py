"""Answers kept for a moment: several charts ask the same question at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class Memo:
    """The latest answers by question; threads with the same question wait for one answer.

    A failure is not kept: everybody who waited asks again.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._asking: dict[Hashable, threading.Lock] = {}

    def get(self, question: Hashable, answer: Callable[[], Any]) -> Any:
        """The kept answer, or that of ``answer()``."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                return self._answers[question]
            asking = self._asking.setdefault(question, threading.Lock())
        with asking:
            with self._lock:
                if question in self._answers:
                    return self._answers[question]
            try:
                value = answer()
                with self._lock:
                    self._answers[question] = value
                    while len(self._answers) > self._size:
                        self._answers.popitem(last=False)
            finally:
                with self._lock:
                    self._asking.pop(question, None)
        return value
