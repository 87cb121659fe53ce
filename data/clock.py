"""What time it is for the store, and times written by people."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data import meta

if TYPE_CHECKING:
    from data.engine import Store

DEFAULT_TIME_ZONE: Final = "Asia/Shanghai"
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


def store_now(store: Store, wall: datetime) -> datetime:
    """The moment the store is at: its own standing clock, else the wall's.

    Args:
        store: a store; a synthetic one has a clock that stands at the end of its data.
        wall: the real time, aware.
    """
    return _standing(store) or wall


def _standing(store: Store) -> datetime | None:
    clock = meta.get(store, "clock")
    return parse_instant(clock["at"], time_zone(store)) if clock else None


class StoreClock:
    """`store_now` for who asks all the time: the store is asked again only when its data changed.

    Args:
        store: the store.
        version: of its data, cheap to ask.
    """

    def __init__(self, store: Store, version: Callable[[], str]) -> None:
        self._store, self._version = store, version
        self._known: tuple[str, datetime | None] | None = None

    def now(self, wall: datetime) -> datetime:
        """The moment the store is at; ``wall`` is the real time, aware."""
        version, known = self._version(), self._known
        if known is None or known[0] != version:
            known = self._known = (version, _standing(self._store))
        return known[1] or wall


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
