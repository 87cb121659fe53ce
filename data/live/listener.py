"""One thread of a process that hears `NOTIFY`, wakes the snapshot and feeds the hub.

What it hears only says that there is something to look at; what there is comes from the tables.
So nothing is lost with the connection: after each new one everything is looked at once.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import psycopg
from adbc_driver_manager import Error as AdbcError
from sqlalchemy.exc import SQLAlchemyError

from data.embedded_cluster import EmbeddedError
from data.emergency.rules import WHISTLES
from data.live.hub import Hub
from data.live.places import Place, Touched, of_area
from data.live.positions import read_drives, read_last
from data.resources.writer import CHANNEL as DRIVES
from data.sensors.writer import CHANNEL as READINGS

if TYPE_CHECKING:
    from data.engine import Store

LOG: Final = logging.getLogger(__name__)
CASES, FIXES, ALERTS = "case_changed", "fix_arrived", "alert_changed"
CHANNELS: Final = (CASES, FIXES, DRIVES, ALERTS, WHISTLES, READINGS)
#: Positions are read at most so often, in seconds.
FIXES_S: Final = 1.0
#: A silent connection is tried so often.
PING_S: Final = 5.0
#: The end of the thread is noticed so soon.
STOP_S: Final = 0.5
#: Waits between attempts to connect, in seconds; the last one again and again.
BACK_OFF_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_FAULTS: Final = (psycopg.Error, SQLAlchemyError, AdbcError, EmbeddedError, OSError)


class Listener:
    """Hears the database on behalf of one process.

    Args:
        store: whose database.
        hub: who is told.
        wake: called when cases may have changed; must be quick.
        now: the store's now, aware.
        heard: other channels, and what is called when something is said there, or may have been.

    Attributes:
        connected: how often a connection was made.
        error: why there is none now; None while there is one.
    """

    def __init__(self, store: Store, hub: Hub, *, wake: Callable[[], None], now: Callable[[], datetime],
                 heard: Mapping[str, Callable[[], None]] | None = None) -> None:
        self._store, self._hub, self._wake, self._now = store, hub, wake, now
        self._heard = dict(heard or {})
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._streets: dict[str, set[str] | None] = {FIXES: set(), DRIVES: set()}  # to be read; None: all
        self._read_at = self._heard_at = 0.0
        self.connected = 0
        self.error: str | None = "not started"

    def start(self) -> None:
        """Listen in a thread of its own."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; whoever waits at the hub goes home."""
        self._stopped.set()
        self._hub.close()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                with self._store.dedicated() as connection:
                    self._greet(connection)
                    failures = 0
                    while not self._stopped.is_set():
                        self._hear(connection)
            except _FAULTS as fault:
                self.error = f"{type(fault).__name__}: {fault}"
                LOG.warning("not listening: %s", self.error)
                self._stopped.wait(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
                failures += 1
                self._try_to_revive()

    def _try_to_revive(self) -> None:
        """An embedded server that died is started again; by address somebody else does that."""
        if self._stopped.is_set():
            return
        try:
            self._store.revive()
        except _FAULTS as fault:
            LOG.warning("the database does not come up: %s", fault)

    def _greet(self, connection: psycopg.Connection[Any]) -> None:
        """Listen, then look at everything once: what was said before now was not heard."""
        for channel in (*CHANNELS, *self._heard):
            connection.execute(f"LISTEN {channel}")
        self.connected += 1
        self.error = None
        self._wake()
        for look in self._heard.values():
            look()
        self._streets = {FIXES: None, DRIVES: None}
        if self.connected > 1:
            self._hub.tell([Touched(kind, None) for kind in ("alerts", "whistle", "readings")])
        self._read_fixes()

    def _hear(self, connection: psycopg.Connection[Any]) -> None:
        """Take what is said for a moment; a connection on which nothing is said is tried."""
        due = self._read_at + FIXES_S - time.monotonic() if self._is_due() else STOP_S
        for said in connection.notifies(timeout=min(max(0.02, due), STOP_S), stop_after=1):
            self._heard_at = time.monotonic()
            self._note(said.channel, said.payload)
        if time.monotonic() >= self._heard_at + PING_S:
            connection.execute("SELECT 1")
            self._heard_at = time.monotonic()
        if self._is_due() and time.monotonic() >= self._read_at + FIXES_S:
            self._read_fixes()

    def _is_due(self) -> bool:
        """Fixes are to be read."""
        return any(streets is None or streets for streets in self._streets.values())

    def _note(self, channel: str, payload: str) -> None:
        if channel == CASES:
            self._wake()
            return
        if channel in self._heard:
            self._heard[channel]()
            return
        try:
            found = json.loads(payload)
            if channel == ALERTS:
                self._hub.tell([_alert(found)])
            elif channel == WHISTLES:
                self._hub.tell([_whistle(found)])
            elif channel == READINGS:
                self._hub.tell([_heard(found)])
            elif (streets := self._streets[channel]) is not None:
                streets.update(str(street) for street in found["street_codes"])
        except (ValueError, KeyError, TypeError):
            # whoever wrote that is to blame; what there is to see is looked at all the same
            LOG.warning("%s must carry JSON with its fields, got %r", channel, payload[:120])
            if channel in self._streets:
                self._streets[channel] = None

    def _read_fixes(self) -> None:
        """Where officers and vehicles are of the streets that were named."""
        self._read_at = time.monotonic()
        for channel, read, move in ((FIXES, read_last, self._hub.move),
                                    (DRIVES, read_drives, self._hub.drive)):
            streets, self._streets[channel] = self._streets[channel], set()
            if streets is not None and not streets:
                continue
            try:
                move(read(self._store, self._now(), streets))
            except _FAULTS:
                self._streets[channel] = None
                raise


def _alert(found: dict[str, Any]) -> Touched:
    """An alert changed in a street; who sees less than the street is told by the codes that come along."""
    place = Place(str(found["street_code"] or ""), str(found.get("community_code") or ""),
                  str(found.get("grid_code") or ""), None)
    return Touched("alerts", ((None, place),))


def _whistle(found: dict[str, Any]) -> Touched:
    """A whistle changed in an area; departments hear of what changed about their own call."""
    return Touched("whistle", ((None, of_area(str(found["area_code"]), tuple(found["departments"]))),))


def _heard(found: dict[str, Any]) -> Touched:
    """Sensors were heard where they stand."""
    return Touched("readings", tuple((None, of_area(str(code), (dept,))) for code, dept in found["places"]))
