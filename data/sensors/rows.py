"""What a sensor sends, value by value: readings that can be, and a word on each that cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from data.devices.devices import Device
from data.devices.values import Fault, WrongError, moment_of, number_of
from data.sensors.kinds import MEASURES, SENSORS


class Reading(NamedTuple):
    """One reading as it goes to ``reading``; ``at`` is aware, whole seconds."""

    street_code: str
    resource_id: str
    kind: str
    at: datetime
    value: float


def read_readings(sent: Sequence[Any], device: Device, *, now: datetime
                  ) -> tuple[list[Reading], list[Fault]]:
    """The readings that can be, in the order sent, and what is wrong with the others, none of which is taken.

    Args:
        sent: objects ``at, value``, and perhaps ``kind`` (else the main one of the sensor), ``unit`` (if
            given, that of the kind), ``resource_id`` (if given, that of the sensor).
        device: who sends them, a sensor.
        now: the store's now, aware.

    Raises:
        KeyError: the device is no sensor.
    """
    rows: list[Reading] = []
    faults: list[Fault] = []
    for number, one in enumerate(sent, 1):
        try:
            rows.append(_read(one, device, now))
        except WrongError as wrong:
            faults.append(Fault(row=number, field=wrong.field, got=wrong.got, expected=wrong.expected,
                                is_refused=True))
    return rows, faults


def _read(one: Any, device: Device, now: datetime) -> Reading:
    if not isinstance(one, Mapping):
        raise WrongError("reading", one, "an object with at and value")
    owner = one.get("resource_id", device.resource_id)
    if owner != device.resource_id:
        raise WrongError("resource_id", owner, f"that of the sensor, {device.resource_id!r}, or none")
    known = SENSORS[device.kind]
    kind = one.get("kind", known[0])
    if kind not in known:
        raise WrongError("kind", kind, f"one of {', '.join(known)}, or none")
    measure = MEASURES[kind]
    unit = one.get("unit", measure.unit)
    if unit != measure.unit:
        raise WrongError("unit", unit, f"{measure.unit}, or none")
    value = number_of(one.get("value"))
    if value is None or not measure.low <= value <= measure.high:
        raise WrongError("value", one.get("value"), f"a number {measure.low:g}..{measure.high:.10g}"
                                                    f" {measure.unit}")
    return Reading(device.street_code, device.sends_for, kind, moment_of(one.get("at"), now), value)
