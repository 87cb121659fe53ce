"""What a device sends, value by value: positions that can be, and a word on each that cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from data.areas.crs import to_wgs84
from data.devices.devices import Device
from data.devices.values import Fault, WrongError, moment_of, number_of

#: Positions in one request; a morning without a net at one a second is sent in parts.
MAX_ROWS: Final = 5_000
#: Field -> bounds, both allowed; what lies outside is left out and said.
OPTIONAL: Final[Mapping[str, tuple[float, float]]] = {
    "speed_mps": (0, 200), "heading": (0, 360), "accuracy_m": (0, 100_000), "battery": (0, 100)}
#: Receivers send the same pair of zeros while they know no place.
_NOWHERE: Final = 1e-6


class Row(NamedTuple):
    """One position as it goes to ``gps_fix``.

    Attributes:
        officer_id: or the id of the vehicle, see `data.devices.drives`.
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


def read_rows(sent: Sequence[Any], device: Device, *, now: datetime) -> tuple[list[Row], list[Fault]]:
    """The positions that can be, in the order sent, and what is wrong with the others.

    Args:
        sent: objects ``lon, lat, at`` and perhaps `OPTIONAL`, ``valid``, ``officer_id``, as of
            `data.devices.formats`; at most `MAX_ROWS`, which the caller has checked.
        device: who sends them; a position of another officer or vehicle is refused.
        now: the store's now, aware.
    """
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, one in enumerate(sent, 1):
        try:
            row, doubts = _read(one, device, now)
        except WrongError as wrong:
            faults.append(Fault(row=number, field=wrong.field, got=wrong.got, expected=wrong.expected,
                                is_refused=True))
            continue
        rows.append(row)
        faults += [Fault(row=number, field=doubt.field, got=doubt.got, expected=doubt.expected,
                         is_refused=False) for doubt in doubts]
    return _converted(rows, device.crs), faults


def _read(one: Any, device: Device, now: datetime) -> tuple[Row, list[WrongError]]:
    if not isinstance(one, Mapping):
        raise WrongError("position", one, "an object with lon, lat and at")
    whose = "resource_id" if device.officer_id is None else "officer_id"
    owner = one.get(whose, device.sends_for)
    if owner != device.sends_for:
        raise WrongError(whose, owner, f"that of the device, {device.sends_for!r}, or none")
    lon, lat = _degrees(one, "lon", 180.0), _degrees(one, "lat", 90.0)
    if abs(lon) < _NOWHERE and abs(lat) < _NOWHERE:
        raise WrongError("lon,lat", f"{lon},{lat}", "a place; 0,0 is sent where none is known")
    values: dict[str, Any] = {}
    doubts: list[WrongError] = []
    for field, (low, high) in OPTIONAL.items():
        value = one.get(field)
        number = None if value in (None, "") else number_of(value)
        if number is not None and low <= number <= high:
            values[field] = number
        elif value not in (None, ""):
            doubts.append(WrongError(field, value, f"a number {low:g}..{high:g}, or none"))
    battery = values.get("battery")
    row = Row(device.street_code, device.sends_for, moment_of(one.get("at"), now), lon, lat,
              values.get("speed_mps"), values.get("heading"), values.get("accuracy_m"),
              None if battery is None else round(battery), valid=one.get("valid") is not False)
    return row, doubts


def _degrees(one: Mapping[str, Any], field: str, most: float) -> float:
    number = number_of(one.get(field))
    if number is None or not -most <= number <= most:
        raise WrongError(field, one.get(field), f"degrees {-most:g}..{most:g}")
    return number


def _converted(rows: list[Row], crs: str) -> list[Row]:
    """To WGS-84, to a centimetre."""
    lon, lat = to_wgs84([row.lon for row in rows], [row.lat for row in rows], crs)
    return [row._replace(lon=round(float(east), 7), lat=round(float(north), 7))
            for row, east, north in zip(rows, lon, lat, strict=True)]
