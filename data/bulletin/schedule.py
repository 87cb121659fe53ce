"""When bulletins are made by themselves: a draft of each half-month, as soon as it is over."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from data.analytics.periods import Period, before, period_at
from data.bulletin.content import Sources, reckon
from data.bulletin.keeping import Bulletins
from data.engine import STORE_FAULTS

LOG = logging.getLogger(__name__)
#: Seconds between two looks.
EVERY_S = 60.0
KIND = "half_month"


def last_over(now: datetime, zone: ZoneInfo) -> Period:
    """The last half-month that is over at an aware instant."""
    return before(period_at(KIND, now, zone))


class Schedule:
    """Looks while the process lives; several processes make one draft together.

    Args:
        sources: of the figures.
        now: the store's now, aware.
        clock: the time outside, aware.

    Attributes:
        error: why the last look failed; None where it did not.
    """

    def __init__(self, sources: Sources, kept: Bulletins, *, now: Callable[[], datetime],
                 clock: Callable[[], datetime], zone: ZoneInfo) -> None:
        self._sources, self._kept, self._zone = sources, kept, zone
        self._now, self._clock = now, clock
        self._also: list[Callable[[], object]] = []
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self.error: str | None = None

    def then(self, also: Callable[[], object]) -> None:
        """Do something else at each look, what happens by itself as well."""
        self._also.append(also)

    def look(self) -> None:
        """Make the draft that is due, if it is; then do what else is.

        A period before the first case has no bulletin.

        Raises:
            data.engine.STORE_FAULTS: the store does not answer.
        """
        now = self._now()
        period, first = last_over(now, self._zone), self._sources.words().first_reported
        if first is not None and first < period.until and not self._kept.versions(period.code):
            self._kept.make(reckon(self._sources, period, now), by=None, now=self._clock())
        for also in self._also:
            also()

    def start(self) -> None:
        """Look in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="bulletins", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something is to be done: look soon."""
        self._woken.set()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.look()
                self.error = None
            except STORE_FAULTS as fault:
                self.error = f"{type(fault).__name__}: {str(fault)[:200]}"
                LOG.warning("bulletins were not looked at: %s", self.error)
            self._woken.wait(EVERY_S)
            self._woken.clear()
