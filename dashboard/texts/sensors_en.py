"""English texts of sensors."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "sensor.readings": "Last readings",
    "sensor.none": "No reading yet",
    "sensor.smoke": "Smoke",
    "sensor.tilt": "Tilt of the cover",
    "sensor.volume": "Meter",
    "sensor.battery": "Battery",
    "sensor.used": "Used in 24 h",
}
