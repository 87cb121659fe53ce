"""What sensors there are, and what each of them reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Measure(NamedTuple):
    """One kind of reading: its unit, and the lowest and highest value that can be."""

    unit: str
    low: float
    high: float


#: Kind of a reading -> what it is. ``smoke``: obscuration; who knows only alarm or none tells 1 or 0.
#: ``tilt``: of a cover against its seat; ``volume``: the standing of the meter, which only rises.
MEASURES: Final[Mapping[str, Measure]] = {
    "smoke": Measure("dB/m", 0, 20),
    "tilt": Measure("deg", 0, 180),
    "volume": Measure("m3", 0, 10_000_000),
    "battery": Measure("%", 0, 100),
}
#: Kind of a sensor, which is the kind of its resource -> what it reads, the main one first.
SENSORS: Final[Mapping[str, tuple[str, ...]]] = {
    "smoke": ("smoke", "battery"), "manhole": ("tilt", "battery"), "water_meter": ("volume", "battery"),
}
#: Stands at the home of a person: place and readings are told only to those who see people.
AT_HOME: Final = "water_meter"
