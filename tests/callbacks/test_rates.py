"""How often anybody may ask."""

from __future__ import annotations

import threading

import pytest

from callbacks.rates import ANONYMOUS, Rates


def test_windows_move_and_are_counted_apart() -> None:
    rates = Rates()
    assert [rates.wait("a", ANONYMOUS) for _ in range(60)] == [0] * 60
    assert rates.wait("a", ANONYMOUS) > 0
    assert rates.wait("b", ANONYMOUS) == 0


def test_counting_does_not_start_a_thread_for_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    rates, started, begin = Rates(), [], threading.Thread.start

    def start(thread: threading.Thread) -> None:
        started.append(thread)
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    for number in range(200):
        rates.wait(f"address:{number}", ANONYMOUS)
    assert len(started) <= 1
