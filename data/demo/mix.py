"""The shares of the demo's cases: what is reported, when, by whom, and who handles it.

Sources of the numbers: calibration chapter of the domain reference. Weights are
per cent of all cases unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Share of every subclass; sums to 100.
CATEGORY_SHARE: Final[Mapping[str, float]] = {
    "E0102": 8.5, "E0119": 4.0, "E0103": 3.0, "E0104": 2.5, "E0101": 1.2, "E0106": 1.2, "E0108": 1.2,
    "E0107": 0.6, "E0109": 0.4, "E0110": 0.9, "E0105": 0.2, "E0115": 0.3,
    "E0505": 12.0, "E0501": 2.6, "E0504": 2.8, "E0506": 2.4, "E0509": 1.0, "E0508": 0.5, "E0512": 0.4,
    "E0502": 0.3,
    "E0404": 4.0, "E0406": 0.8, "E0402": 0.4, "E0408": 0.4, "E0401": 0.2, "E0403": 0.1, "E0405": 0.1,
    "E0201": 3.5, "E0202": 1.2, "E0203": 0.9, "E0204": 0.4,
    "E0301": 1.2, "E0302": 0.9, "E0303": 0.8, "E0304": 0.6, "E0305": 0.5,
    "C0210": 1.6, "C0206": 0.9, "C0101": 0.3, "C0102": 0.4, "C0103": 0.5, "C0104": 0.3, "C0105": 0.3,
    "C0107": 0.4, "C0109": 0.7, "C0112": 0.4, "C0205": 0.4, "C0207": 0.2, "C0208": 0.2, "C0304": 0.4,
    "C0302": 0.3, "C0401": 0.4, "C0404": 0.3,
    "S1001": 6.2, "S1003": 1.8,
    "S0701": 2.8, "S0702": 1.2, "S0703": 0.8, "S0704": 0.5, "S0705": 0.2, "S0706": 0.5,
    "S1101": 3.4, "S1102": 1.6, "S1103": 0.4, "S1104": 0.6,
    "S0901": 1.1, "S0902": 1.2, "S0903": 0.4, "S0904": 0.4, "S0905": 0.3, "S0801": 0.2, "S0803": 0.3,
    "S0804": 0.1,
    "S1002": 0.8, "S1004": 0.3, "S1005": 0.3, "S1006": 0.2, "S1007": 0.3, "S1008": 0.3,
    "S1403": 0.5, "S1402": 0.3, "S1401": 0.2, "S1501": 0.3, "S1502": 0.1, "S1201": 0.2, "S1202": 0.2,
    "S1301": 0.9, "S1302": 0.6, "S1303": 0.4, "S1304": 0.1,
}

#: Share of the level that ends a case (grid, community, street, district) by class prefix.
LEVEL_SHARE: Final[Mapping[str, tuple[float, float, float, float]]] = {
    "E01": (0.66, 0.17, 0.13, 0.04), "E02": (0.66, 0.17, 0.13, 0.04), "E05": (0.66, 0.17, 0.13, 0.04),
    "E03": (0.15, 0.25, 0.38, 0.22), "S11": (0.15, 0.25, 0.38, 0.22), "E04": (0.12, 0.20, 0.40, 0.28),
    "C01": (0.10, 0.25, 0.35, 0.30), "C02": (0.10, 0.25, 0.35, 0.30), "C03": (0.10, 0.25, 0.35, 0.30),
    "C04": (0.10, 0.25, 0.35, 0.30), "S07": (0.45, 0.40, 0.12, 0.03), "S08": (0.30, 0.30, 0.25, 0.15),
    "S09": (0.30, 0.30, 0.25, 0.15), "S10": (0.35, 0.35, 0.20, 0.10), "S12": (0.50, 0.35, 0.10, 0.05),
    "S13": (0.50, 0.35, 0.10, 0.05), "S14": (0.20, 0.30, 0.30, 0.20), "S15": (0.20, 0.30, 0.30, 0.20),
}

#: How much more often than average a channel group carries a class; rebalanced to the channel shares.
PATROL_TILT: Final[Mapping[str, float]] = {
    "E01": 1.8, "E02": 2.2, "E03": 1.1, "E04": 0.9, "E05": 1.6, "C01": 1.8, "C02": 1.6, "C03": 1.8,
    "C04": 1.8, "S07": 0.6, "S08": 0.9, "S09": 1.3, "S10": 0.15, "S11": 0.3, "S12": 2.0, "S13": 0.9,
    "S14": 0.02, "S15": 0.02,
}
DEVICE_TILT: Final[Mapping[str, float]] = {
    "E01": 1.5, "E04": 2.0, "E05": 2.5, "S09": 1.5, "S07": 0.02, "S10": 0.02, "S12": 0.02, "S13": 0.3,
    "S14": 0.0, "S15": 0.0, "E02": 0.4,
}

#: Monday .. Sunday.
WEEKDAY: Final = (1.10, 1.05, 1.04, 1.02, 1.04, 0.85, 0.75)
#: Weight of each local hour of the day.
HOURS: Final[Mapping[str, tuple[float, ...]]] = {
    "patrol": (.2, .1, .1, .1, .2, .4, 1.2, 3, 7, 11, 10.5, 6.5,
               3.5, 4, 9, 10.5, 9, 6, 3.5, 3, 3, 2, 1, .5),
    "hotline": (.8, .5, .4, .3, .4, .7, 1.5, 3.5, 7.5, 10, 9.5, 6.5,
                4.5, 5, 8, 8.5, 7.5, 6, 4.5, 4.5, 5, 3.5, 2, 1.2),
    "internet": (.9, .5, .3, .3, .3, .6, 1.5, 4, 6.5, 8, 7.5, 6,
                 5.5, 5, 6.5, 7, 6.5, 6, 5.5, 6, 7.5, 6.5, 3.5, 1.8),
    "device": (2.5, 2, 2, 2, 2.2, 2.6, 4, 5.5, 6, 6, 5.5, 5,
               4.5, 4.5, 5, 5.5, 5.5, 6, 6, 5.5, 5, 4.5, 3.5, 3),
    "internal": (.2, .1, .1, .1, .1, .2, .6, 2, 9, 13, 12, 6,
                 2, 3, 11, 13, 11, 6, 2, 1.5, 1.5, 1, .5, .3),
    "offline": (.1, .1, .1, .1, .1, .3, 1, 4, 10, 13, 11, 5,
                2, 3, 11, 12, 9, 5, 2.5, 2, 2, 1, .3, .1),
    "evening": (3, 1.5, .6, .3, .2, .3, .8, 1.5, 2.5, 3, 3, 3,
                3, 3, 3, 3.5, 4, 6, 9, 12, 14, 12, 8, 4.5),
}
#: Subclasses that happen in the evening whoever reports them.
EVENING: Final = frozenset({"E0508", "E0512", "S1101", "E0301"})

#: Subclasses that stand on the carriageway or pavement rather than at a building.
ON_ROADS: Final = frozenset({
    "E0104", "E0110", "E0303", "E0305", "E0401", "E0406", "E0501", "E0505", "E0506", "C0205", "C0206",
    "C0207",
    "C0208", "C0210", "C0101", "C0102", "C0103", "C0104", "C0105", "C0107", "C0109", "C0401",
})

#: Nature of what the public says, in per cent (reports of officers and devices are ``report``).
NATURES: Final[Mapping[str, float]] = {
    "complaint": 58.0, "report": 14.0, "help": 14.0, "consult": 9.0, "suggestion": 4.0, "praise": 1.0,
}
SATISFACTION: Final[Mapping[int, float]] = {100: 46.0, 80: 35.0, 50: 10.0, 0: 6.0, -100: 3.0}
