"""The windows of time that one click chooses."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from data.filters import MAX_WINDOW

_SPANS = {
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
}
_SHORTEST = timedelta(hours=1)


def windows(
    now: datetime,
    zone: ZoneInfo,
    first: datetime | None,
    last: datetime | None,
) -> dict[str, tuple[datetime, datetime]]:
    """The window of every preset as ``(since, until)``, until exclusive.

    Args:
        now: the store's now. The sliding windows end with the full minute that holds it.
        zone: the district's time zone; "today" is its calendar day.
        first: when the oldest case was reported; None = the store is empty.
        last: when the newest case was reported. Where the store ends before
            ``now`` (an old file was imported), sliding windows end with the data.
    """
    end = now if last is None or last >= now - timedelta(days=1) else last + timedelta(seconds=1)
    floor = end.replace(second=0, microsecond=0)
    until = floor if floor == end else floor + timedelta(minutes=1)
    midnight = datetime.combine((until - timedelta(seconds=1)).astimezone(zone).date(), time(), zone)
    found = {"today": (midnight, datetime.combine(midnight.date() + timedelta(days=1), time(), zone))}
    found |= {key: (until - span, until) for key, span in _SPANS.items()}
    since = max(min(first or until - _SHORTEST, until - _SHORTEST), until - MAX_WINDOW)
    found["all"] = (since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0), until)
    return {key: (a.astimezone(zone), b.astimezone(zone)) for key, (a, b) in found.items()}
