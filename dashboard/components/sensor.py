"""读数: what a sensor read last, on its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import html

from dashboard.components.case_card import Tongue
from dashboard.components.parts import facts, section
from dashboard.format import moment, number
from data.sensors.kinds import MEASURES

#: Unit of a reading -> its sign, and digits after the point.
_SIGNS: Final[Mapping[str, tuple[str, int]]] = {
    "dB/m": (" dB/m", 2), "deg": ("°", 0), "m3": (" m³", 3), "%": (" %", 0)}
#: The battery last.
_ORDER: Final = [*MEASURES]


def readings_section(readings: Sequence[Mapping[str, Any]], tongue: Tongue) -> html.Section:
    """The last reading of each kind with its time, and what a meter counted in a day.

    Args:
        readings: as of `data.resources.reader.ResourceReader.one`; empty: it never told anything.
    """
    say = tongue.say
    if not readings:
        return section(say("sensor.readings"), html.P(say("sensor.none"), className="quiet"))
    rows: list[tuple[str, Any]] = []
    for one in sorted(readings, key=lambda one: _ORDER.index(one["kind"])):
        rows.append((say(f"sensor.{one['kind']}"), [
            measured(one["kind"], one["value"]), " · ", html.Small(moment(one["at"], tongue.zone))]))
        if one["kind"] == "volume" and one["before"] is not None and one["value"] >= one["before"]:
            rows.append((say("sensor.used"), measured("volume", one["value"] - one["before"])))
    return section(say("sensor.readings"), facts(rows))


def measured(kind: str, value: float) -> str:
    """A reading with its unit."""
    sign, digits = _SIGNS[MEASURES[kind].unit]
    return f"{number(value, digits)}{sign}"
