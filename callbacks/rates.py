"""How often anybody may ask: moving windows in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

#: A change of the filter is ten requests, an hour of a wall 2,000; nobody's hand is faster than this.
SESSION: Final = (RateLimitItemPerMinute(6000),)
#: Per address: the sign-in page is five requests, an office signs in at half past eight.
ANONYMOUS: Final = (RateLimitItemPerMinute(600), RateLimitItemPerSecond(60, 2))
#: Hashing a password is dear; how many are hashed at once is bounded by `data.access.passwords`.
FACTOR: Final = (RateLimitItemPerMinute(60),)


class Rates:
    """Counts requests by who asks."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

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
