"""Numbers, rates and times as text; "—" where there is nothing to say."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

NONE: Final = "—"
NO_BREAK: Final = "\u00a0"


def missing(value: Any) -> bool:
    """None, NaN and NaT alike."""
    return value is None or value != value  # noqa: PLR0124  NaN and NaT differ from themselves


def number(value: Any, digits: int = 0) -> str:
    """Thousands separated, e.g. ``1,472``; None, NaN and infinities give "—"."""
    if missing(value) or math.isinf(float(value)):
        return NONE
    return f"{float(value):,.{digits}f}" if digits else f"{int(value):,}"


def percent(rate: float | None, digits: int = 1) -> str:
    """A rate of 0..1 as ``96.5%``; None and NaN (nothing to divide by) give "—"."""
    return NONE if missing(rate) else f"{100 * float(rate):.{digits}f}%"  # type: ignore[arg-type]


def clock(seconds: float, day: str = "d") -> str:
    """A span as ``05:12`` (hours and minutes), from one day on ``3d 04:12``."""
    minutes = int(abs(seconds)) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours_minutes = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{days}{day}{NO_BREAK}{hours_minutes}" if days else hours_minutes


def moment(at: Any, zone: ZoneInfo, *, year: bool = False, seconds: bool = False) -> str:
    """An aware instant as local ``11-22 14:32``; missing gives "—"."""
    if missing(at):
        return NONE
    pattern = ("%Y-" if year else "") + "%m-%d %H:%M" + (":%S" if seconds else "")
    return as_datetime(at).astimezone(zone).strftime(pattern)


def as_datetime(at: Any) -> datetime:
    """A datetime out of a datetime, a pandas Timestamp or ISO text; naive means UTC."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    if hasattr(at, "to_pydatetime"):
        at = at.to_pydatetime(warn=False)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo("UTC"))


def seconds_between(later: Any, earlier: Any) -> float | None:
    """Seconds from ``earlier`` to ``later``; None where one is missing."""
    if missing(later) or missing(earlier):
        return None
    return (as_datetime(later) - as_datetime(earlier)) / timedelta(seconds=1)
