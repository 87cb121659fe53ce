"""The thread of a process that lets the engine look, again and again, in the store's own time.

Every process has one; the lock of the engine sees to it that one looks at a time. A look that finds
the store as it was, at the moment it was, is left out.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from data.alerts.engine import Outcome, evaluate
from data.alerts.rules.model import Found
from data.alerts.writing import note_fault
from data.engine import STORE_FAULTS

if TYPE_CHECKING:
    from data.engine import Store

LOG: Final = logging.getLogger(__name__)
#: Kind -> seconds between two looks; what is not named here is looked at each time.
EVERY_S: Final[Mapping[str, float]] = {
    "case_repeat": 30.0, "case_surge": 300.0, "case_cluster": 300.0, "officer_offline": 15.0,
    "officer_still": 60.0, "officer_out": 60.0, "grid_unmanned": 60.0, "camera_silent": 30.0,
    "feed_silent": 300.0, "smoke": 5.0, "manhole": 15.0, "water": 300.0, "sensor_silent": 60.0,
    "officer_missed": 300.0,
}
EACH_TIME: Final = ("case_urgent", "case_due_soon", "case_overdue", "case_130", "case_rework")
#: Between two looks; and at least so long after a wake, for many changes wake once.
PAUSE_S: Final = 5.0
LEAST_S: Final = 2.0
#: After a failure, seconds until the next try.
BACK_OFF_S: Final = (1.0, 5.0, 15.0, 30.0)

#: What holds as of a moment; None: not known yet, what stands is left as it is.
Source = Callable[[datetime], Iterable[Found] | None]


class Runner:
    """Looks while the process lives.

    Args:
        store: whose alerts.
        now: the store's now, aware.
        version: of its cases, cheap to ask; while neither it nor the moment changes, they are not looked at.
        sources: kind -> what holds of it as of a moment, for kinds that are found outside the tables.

    Attributes:
        looked_at: the store's time of the last look that went well; None before the first.
        error: why the last one failed; None where it did not.
    """

    def __init__(self, store: Store, *, now: Callable[[], datetime], version: Callable[[], str],
                 sources: Mapping[str, Source] | None = None) -> None:
        self._store, self._now, self._version = store, now, version
        self._sources = dict(sources or {})
        self._seen: tuple[datetime, str] | None = None
        self._woken, self._stopped = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._due: dict[str, float] = {}
        self.looked_at: datetime | None = None
        self.error: str | None = None

    def start(self) -> None:
        """Look in a thread of its own."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Something changed: look soon. Quick."""
        self._woken.set()

    def look(self, mono: float) -> Outcome | None:
        """One look at what is due.

        Args:
            mono: seconds of a clock that only rises.

        Returns:
            None where another process looks just now.

        Raises:
            data.engine.STORE_FAULTS: the store failed; the same is due again.
        """
        seen = (self._now(), self._version())
        kinds = [kind for kind in EVERY_S if self._due.get(kind, mono) <= mono]
        kinds += EACH_TIME if seen != self._seen else ()
        told = {kind: found for kind in kinds if kind in self._sources
                and (found := self._sources[kind](seen[0])) is not None}
        outcome = evaluate(self._store, now=seen[0], kinds=kinds, told=told) if kinds else Outcome()
        if outcome is not None:
            self._due |= {kind: mono + EVERY_S[kind] for kind in kinds if kind in EVERY_S}
            self._seen, self.looked_at = seen, seen[0]
        return outcome

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                self.look(time.monotonic())
            except STORE_FAULTS as fault:
                self.error = f"{type(fault).__name__}: {str(fault)[:200]}"
                LOG.warning("alerts were not looked at: %s", self.error)
                self._say(self.error)
                self._stopped.wait(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
                failures += 1
                continue
            self.error, failures = None, 0
            self._stopped.wait(LEAST_S)
            self._woken.wait(PAUSE_S)
            self._woken.clear()

    def _say(self, fault: str) -> None:
        """Let the screens know, as far as the store takes it."""
        try:
            note_fault(self._store, fault)
        except STORE_FAULTS as error:
            LOG.warning("nor could that be written: %s", error)
