"""What the process holds of the machine's memory."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa


def give_back_memory() -> None:
    """Hand freed memory back to the system; where the C library cannot, it stays with the process."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def keep_for_good() -> None:
    """Take what a process has made so far out of what is looked through for garbage.

    To be called once, when a server has started: to look through its modules and first answers, a
    quarter of a million objects, holds up every thread for a tenth of a second each time, and nothing
    of them ever goes.
    """
    gc.collect()
    gc.freeze()
