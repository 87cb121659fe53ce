"""Values as devices send them: numbers, moments, and what is said of one that cannot be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

#: Older ones come by import: each day is a table of its own, and no device makes many of them.
MAX_AGE: Final = timedelta(days=7)
#: So far a device's clock may be ahead.
MAX_AHEAD: Final = timedelta(minutes=5)
_MILLISECONDS_FROM: Final = 1e11  # as seconds this were the year 5138
_GOT: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one position or reading.

    Attributes:
        row: its place in what was sent, from 1.
        is_refused: it was not taken; else it was, without this value.
    """

    row: int
    field: str
    got: str
    expected: str
    is_refused: bool

    def as_json(self) -> dict[str, Any]:
        """For the answer."""
        return {"row": self.row, "field": self.field, "got": self.got, "expected": self.expected,
                "severity": "rejected" if self.is_refused else "flagged"}


class WrongError(ValueError):
    """A value that cannot be: field, value got, value expected."""

    def __init__(self, field: str, got: Any, expected: str) -> None:
        super().__init__(field)
        self.field, self.got, self.expected = field, told(got), expected


def number_of(value: Any) -> float | None:
    """A finite number, or the text of one; None for all else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def moment_of(value: Any, now: datetime) -> datetime:
    """An ISO 8601 time with offset, or seconds or milliseconds since 1970; whole seconds, UTC.

    Raises:
        WrongError: it is none, or lies too far from ``now`` (aware).
    """
    expected = "ISO 8601 with an offset, or seconds or milliseconds since 1970 UTC"
    number = number_of(value)
    found: datetime | None = None
    try:
        if number is not None:
            seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
            found = datetime.fromtimestamp(seconds, UTC)
        else:
            local = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
            found = local.astimezone(UTC) if local and local.tzinfo else None
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None:
        raise WrongError("at", value, expected)
    if not now - MAX_AGE <= found <= now + MAX_AHEAD:
        raise WrongError("at", value, f"at most {MAX_AGE.days} days before and"
                                      f" {MAX_AHEAD.seconds // 60} minutes after the store's now,"
                                      f" {now.astimezone(UTC).isoformat(timespec='seconds')}")
    return found.replace(microsecond=0)


def told(value: Any) -> str:
    """A value as it is told back: its beginning, without signs that no line should hold."""
    shown = value[:_GOT] if isinstance(value, str) else type(value).__name__ \
        if isinstance(value, (Mapping, list)) else repr(value)[:_GOT]
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in shown)
