"""Ctrl-C while the database works: in the first thread the driver takes the signal, and may lose it.

It answers a signal by asking the server to cancel, and says nothing when there is nothing to cancel just
then: a press between two of its calls is swallowed. Statements of the first thread are therefore called in
another one, where the driver leaves signals alone, while the first waits and can be interrupted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

import adbc_driver_manager
from adbc_driver_postgresql import dbapi

Answer = TypeVar("Answer")

#: Seconds between two cancels, and how many looks a thread has to begin.
_AGAIN_S: Final = 0.05
_LOOKS: Final = 20


def interruptible(cursor: dbapi.Cursor, call: Callable[[], Answer]) -> Answer:
    """What a call on a cursor answers.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C meanwhile; the statement is cancelled and has ended.
        adbc_driver_manager.Error: as the call.
    """
    if threading.current_thread() is not threading.main_thread():
        return call()
    done, answers, faults = threading.Event(), [], []

    def work() -> None:
        try:
            answers.append(call())
        except BaseException as fault:
            faults.append(fault)
        finally:
            done.set()

    thread = threading.Thread(target=work, name="statement", daemon=True)
    try:
        thread.start()
        done.wait()
    except BaseException:
        _cancel(cursor, thread, done)
        raise
    if faults:
        raise faults[0]
    return answers[0]


def _cancel(cursor: dbapi.Cursor, thread: threading.Thread, done: threading.Event) -> None:
    """Cancel until the statement has ended, however often somebody presses again."""
    looks = 0
    while looks < _LOOKS or thread.is_alive():
        looks += 1
        with suppress(KeyboardInterrupt):
            if done.wait(_AGAIN_S):
                return
            with suppress(adbc_driver_manager.Error):
                cursor.adbc_cancel()
