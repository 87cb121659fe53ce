"""Chinese texts of sensors."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "sensor.readings": "最近读数",
    "sensor.none": "尚无读数",
    "sensor.smoke": "烟雾浓度",
    "sensor.tilt": "井盖倾角",
    "sensor.volume": "水表读数",
    "sensor.battery": "电量",
    "sensor.used": "24 小时用水",
}
