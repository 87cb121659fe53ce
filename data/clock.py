"""What time it is for the store, and times written by people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data import meta

if TYPE_CHECKING:
    from data.engine import Store

DEFAULT_TIME_ZONE: Final = "Asia/Shanghai"
#: So long what is known of the clock is believed.
_FRESH: Final = timedelta(seconds=1)
_DATE_ONLY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class ClockError(ValueError):
    """A time or time zone that cannot be read; the message shows it."""


def time_zone(store: Store) -> ZoneInfo:
    """The time zone of the district."""
    return zone(meta.get(store, "time_zone", DEFAULT_TIME_ZONE))


def zone(name: str) -> ZoneInfo:
    """The time zone of that name.

    Raises:
        ClockError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ClockError(f"time zone must be an IANA name such as {DEFAULT_TIME_ZONE},"
                         f" got {name[:60]!r}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The own clock of a synthetic store, out of meta key ``clock``.

    Attributes:
        at: where it stands, or stood at ``since``; aware.
        since: the real time at which it began to run; None: it stands.
        rate: seconds of the store in a real second.
        until: it runs no further than this; who keeps it running moves it on. None: without end.
    """

    at: datetime
    since: datetime | None = None
    rate: float = 1.0
    until: datetime | None = None

    def now(self, wall: datetime) -> datetime:
        """The moment of the store at a real time; never before ``at``."""
        if self.since is None:
            return self.at
        gone = max(wall - self.since, timedelta(0)) * self.rate
        if self.until is None:
            return self.at + gone
        return max(self.at, min(self.at + gone, self.until))

    def stands(self, wall: datetime) -> bool:
        """Whether it does not run at a real time."""
        return self.since is None or (self.until is not None and self.now(wall) >= self.until)

    def as_json(self) -> dict[str, Any]:
        """As it is kept in the store; `own_clock` reads it."""
        if self.since is None:
            return {"at": self.at.isoformat()}
        end = {} if self.until is None else {"until": self.until.isoformat()}
        return {"at": self.at.isoformat(), "since": self.since.isoformat(), "rate": self.rate, **end}


def own_clock(store: Store) -> Clock | None:
    """The clock of a synthetic store; None where the store goes by the wall's.

    Raises:
        ClockError: what is kept is no clock.
    """
    kept = meta.get(store, "clock")
    if not kept:
        return None
    zone_ = time_zone(store)
    moments = {name: parse_instant(str(kept[name]), zone_) for name in ("at", "since", "until")
               if kept.get(name) is not None}
    rate = kept.get("rate", 1.0)
    if "at" not in moments or isinstance(rate, bool) or not isinstance(rate, (int, float)) or not rate > 0:
        raise ClockError(f"the clock of the store must have at and a rate over 0, got {str(kept)[:80]}")
    return Clock(at=moments["at"], since=moments.get("since"), rate=float(rate), until=moments.get("until"))


def store_now(store: Store, wall: datetime) -> datetime:
    """The moment the store is at: that of its own clock, else the wall's.

    Args:
        store: a store; a synthetic one has a clock, which stands at the end of its data or runs.
        wall: the real time, aware.
    """
    clock = own_clock(store)
    return clock.now(wall) if clock else wall


class StoreClock:
    """`store_now` for who asks all the time: the store is asked again once a second.

    And at once when its data changed. A clock that stands and begins to run is noticed so.

    Args:
        store: the store.
        version: of its data, cheap to ask.
    """

    def __init__(self, store: Store, version: Callable[[], str]) -> None:
        self._store, self._version = store, version
        self._known: tuple[str, datetime, Clock | None] | None = None

    def now(self, wall: datetime) -> datetime:
        """The moment the store is at; ``wall`` is the real time, aware."""
        clock = self._clock(wall)
        return clock.now(wall) if clock else wall

    def rate(self, wall: datetime) -> float:
        """Seconds of the store in a real second; 0 where that moment stands still."""
        clock = self._clock(wall)
        if clock is None:
            return 1.0
        return 0.0 if clock.stands(wall) else clock.rate

    def _clock(self, wall: datetime) -> Clock | None:
        version, known = self._version(), self._known
        if known is None or known[0] != version or abs(wall - known[1]) >= _FRESH:
            known = self._known = (version, wall, own_clock(self._store))
        return known[2]


def parse_instant(text: str, tz: ZoneInfo, *, end: bool = False) -> datetime:
    """Read an ISO 8601 date or time; one without offset is local to ``tz``.

    Args:
        text: such as ``2019-05-12`` or ``2019-05-11T23:30+08:00``.
        tz: zone of a date or of a time without offset.
        end: a bare date means the end of that day, i.e. the next midnight.

    Returns:
        The instant in UTC.

    Raises:
        ClockError: it is neither.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        if end and _DATE_ONLY.fullmatch(text.strip()):
            found += timedelta(days=1)
        local = found if found.tzinfo else found.replace(tzinfo=tz)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ClockError(f"a time must be ISO 8601, such as 2019-05-12 or 2019-05-11T23:30+08:00;"
                         f" got {text[:60]!r}") from None
