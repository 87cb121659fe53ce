"""Answers kept for a moment."""

from __future__ import annotations

import threading

import pytest

from data.memo import Memo


def test_the_same_question_asked_at_once_is_answered_once() -> None:
    memo, asked, gate = Memo(4), [], threading.Event()

    def answer() -> str:
        asked.append(1)
        gate.wait(10)
        return "yes"

    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(memo.get("q", answer))) for _ in range(5)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert (got, len(asked)) == (["yes"] * 5, 1)


def test_a_failure_is_not_kept() -> None:
    memo = Memo(4)
    with pytest.raises(ZeroDivisionError):
        memo.get("q", lambda: 1 // 0)
    assert memo.get("q", lambda: 7) == 7


def test_the_oldest_answers_are_forgotten() -> None:
    memo = Memo(2)
    for question in "abc":
        memo.get(question, lambda question=question: question.upper())
    assert memo.get("c", lambda: "again") == "C"
    assert memo.get("a", lambda: "again") == "again"
