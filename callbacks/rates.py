"""How often anybody may ask: moving windows in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

#: A change of the filter is ten requests, an hour of a wall 2,000; nobody's hand is faster than this.
SESSION: Final = (RateLimitItemPerMinute(6000),)
#: Per address: the sign-in page is five requests, an office signs in at half past eight.
ANONYMOUS: Final = (RateLimitItemPerMinute(600), RateLimitItemPerSecond(60, 2))
#: A position a second is sixty; what was kept without a net comes in batches or in a row.
DEVICE: Final = (RateLimitItemPerMinute(600),)
#: Hashing a password is dear; how many are hashed at once is bounded by `data.access.passwords`.
FACTOR: Final = (RateLimitItemPerMinute(60),)


#: How often what has run out is forgotten.
SWEEP_S: Final = 1.0


class _Counts(MemoryStorage):
    """The library's counts, swept once a second; it would start a thread after every request, 0.2 ms each."""

    @property
    def timer(self) -> threading.Timer:  # type: ignore[override]  # an attribute of the library
        """The next sweep."""
        return self._sweep

    @timer.setter
    def timer(self, sweep: threading.Timer) -> None:
        sweep.interval, sweep.daemon = SWEEP_S, True
        self._sweep = sweep


class Rates:
    """Counts requests by who asks."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(_Counts())

    def wait(self, who: str, limits: Sequence[RateLimitItem]) -> int:
        """Count one request; seconds to wait where it is one too many, else 0.

        Args:
            who: what is counted, such as ``session:…`` or ``address:…``.
            limits: all of them must hold.
        """
        for limit in limits:
            if not self._limiter.hit(limit, who):
                return max(1, limit.get_expiry())
        return 0
