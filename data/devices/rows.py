"""What a device sends, value by value: positions that can be, and a word on each that cannot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from data.areas.crs import to_wgs84
from data.devices.devices import Device

#: Positions in one request; a morning without a net at one a second is sent in parts.
MAX_ROWS: Final = 5_000
#: Older ones come by import: each day is a table of its own, and no device makes many of them.
MAX_AGE: Final = timedelta(days=7)
#: So far a device's clock may be ahead.
MAX_AHEAD: Final = timedelta(minutes=5)
#: Field -> bounds, both allowed; what lies outside is left out and said.
OPTIONAL: Final[Mapping[str, tuple[float, float]]] = {
    "speed_mps": (0, 200), "heading": (0, 360), "accuracy_m": (0, 100_000), "battery": (0, 100)}
#: Receivers send the same pair of zeros while they know no place.
_NOWHERE: Final = 1e-6
_MILLISECONDS_FROM: Final = 1e11  # as seconds this were the year 5138
_GOT: Final = 60


class Row(NamedTuple):
    """One position as it goes to ``gps_fix``.

    Attributes:
        at: aware, whole seconds: a receiver knows one place a second.
        lon, lat: degrees, WGS-84.
        speed_mps, heading, accuracy_m, battery: None: not told; heading in degrees from north.
        valid: False where the device doubts it itself.
    """

    street_code: str
    officer_id: str
    at: datetime
    lon: float
    lat: float
    speed_mps: float | None
    heading: float | None
    accuracy_m: float | None
    battery: int | None
    valid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one position.

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


class _WrongError(ValueError):
    """A value that cannot be: field, value got, value expected."""

    def __init__(self, field: str, got: Any, expected: str) -> None:
        super().__init__(field)
        self.field, self.got, self.expected = field, _text(got), expected


def read_rows(sent: Sequence[Any], device: Device, *, now: datetime) -> tuple[list[Row], list[Fault]]:
    """The positions that can be, in the order sent, and what is wrong with the others.

    Args:
        sent: objects ``lon, lat, at`` and perhaps `OPTIONAL`, ``valid``, ``officer_id``, as of
            `data.devices.formats`; at most `MAX_ROWS`, which the caller has checked.
        device: who sends them; a position of another officer is refused.
        now: the store's now, aware.
    """
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, one in enumerate(sent, 1):
        try:
            row, doubts = _read(one, device, now)
        except _WrongError as wrong:
            faults.append(Fault(row=number, field=wrong.field, got=wrong.got, expected=wrong.expected,
                                is_refused=True))
            continue
        rows.append(row)
        faults += [Fault(row=number, field=doubt.field, got=doubt.got, expected=doubt.expected,
                         is_refused=False) for doubt in doubts]
    return _converted(rows, device.crs), faults


def _read(one: Any, device: Device, now: datetime) -> tuple[Row, list[_WrongError]]:
    if not isinstance(one, Mapping):
        raise _WrongError("position", one, "an object with lon, lat and at")
    owner = one.get("officer_id", device.officer_id)
    if owner != device.officer_id:
        raise _WrongError("officer_id", owner, f"that of the device, {device.officer_id!r}, or none")
    lon, lat = _degrees(one, "lon", 180.0), _degrees(one, "lat", 90.0)
    if abs(lon) < _NOWHERE and abs(lat) < _NOWHERE:
        raise _WrongError("lon,lat", f"{lon},{lat}", "a place; 0,0 is sent where none is known")
    values: dict[str, Any] = {}
    doubts: list[_WrongError] = []
    for field, (low, high) in OPTIONAL.items():
        value = one.get(field)
        number = None if value in (None, "") else _number(value)
        if number is not None and low <= number <= high:
            values[field] = number
        elif value not in (None, ""):
            doubts.append(_WrongError(field, value, f"a number {low:g}..{high:g}, or none"))
    battery = values.get("battery")
    row = Row(device.street_code, device.officer_id, _moment(one.get("at"), now), lon, lat,
              values.get("speed_mps"), values.get("heading"), values.get("accuracy_m"),
              None if battery is None else round(battery), valid=one.get("valid") is not False)
    return row, doubts


def _degrees(one: Mapping[str, Any], field: str, most: float) -> float:
    number = _number(one.get(field))
    if number is None or not -most <= number <= most:
        raise _WrongError(field, one.get(field), f"degrees {-most:g}..{most:g}")
    return number


def _number(value: Any) -> float | None:
    """A finite number, or the text of one; None for all else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _moment(value: Any, now: datetime) -> datetime:
    """An ISO 8601 time with offset, or seconds or milliseconds since 1970; whole seconds, UTC."""
    expected = "ISO 8601 with an offset, or seconds or milliseconds since 1970 UTC"
    number = _number(value)
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
        raise _WrongError("at", value, expected)
    if not now - MAX_AGE <= found <= now + MAX_AHEAD:
        raise _WrongError("at", value, f"at most {MAX_AGE.days} days before and"
                                       f" {MAX_AHEAD.seconds // 60} minutes after the store's now,"
                                       f" {now.astimezone(UTC).isoformat(timespec='seconds')}")
    return found.replace(microsecond=0)


def _converted(rows: list[Row], crs: str) -> list[Row]:
    """To WGS-84, to a centimetre."""
    lon, lat = to_wgs84([row.lon for row in rows], [row.lat for row in rows], crs)
    return [row._replace(lon=round(float(east), 7), lat=round(float(north), 7))
            for row, east, north in zip(rows, lon, lat, strict=True)]


def _text(value: Any) -> str:
    """A value as it is told back: its beginning, without signs that no line should hold."""
    shown = value[:_GOT] if isinstance(value, str) else type(value).__name__ \
        if isinstance(value, (Mapping, list)) else repr(value)[:_GOT]
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in shown)
