"""The demo districts as places: how many of everything, and how their land is cut.

Numbers that a source states stand here as they are; the others are parameters
of the domain reference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from data.areas.plane import Warp


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """What makes the land of one demo: facts of domain.md 5.1 and 5.3 and a look of its own.

    Attributes:
        facts: name of its files in ``data/demo/facts``: the district's code, or the code of
            the single street that the demo shows.
        is_patch: the outline is no recorded border but a patch that we made.
        grids: base grids in all; ``least_grids`` is the least of a community.
        area_km2: about how large each street is (by the last three digits of its
            code); only the relation counts. 008 and 012 of Zhongshan are recorded.
        fixed_grids: communities whose number of grids is recorded.
        work_grids: recorded number of work grids; None draws two or three base grids each.
        are_grids_compounds: every base grid is one compound (小区即网格).
        unit_streets: streets (last three digits) that have unit grids of 100 m as well.
        floating_share: floating residents among all, 0..1; it varies by community.
        buildings_per_chief: buildings of a building chief where no tier holds them.
    """

    adcode: str
    name: str
    name_en: str
    facts: str
    is_patch: bool = False
    grids: int
    least_grids: int
    buildings: int
    residents: int
    persons_per_household: float
    warp: Warp
    area_km2: Mapping[str, float]
    fixed_grids: Mapping[str, int] = field(default_factory=dict)
    work_grids: int | None = None
    are_grids_compounds: bool = False
    unit_streets: tuple[str, ...] = ()
    floating_share: float
    buildings_per_chief: int = 6


CHENGHUA: Final = District(
    adcode="510108", name="成华区", name_en="Chenghua", facts="510108", grids=1600, least_grids=6,
    buildings=12_000, residents=1_381_894, persons_per_household=2.49, floating_share=0.35,
    warp=Warp(angle=math.radians(14), amplitude_m=170, wave_m=6300, phase=0.7),
    area_km2={"002": 3, "004": 3, "005": 2.5, "006": 3, "007": 5, "008": 3.5, "010": 7, "011": 4, "012": 2.5,
              "013": 8, "014": 17, "015": 9, "016": 30, "017": 11},
    unit_streets=("002", "004", "005"),
)
ZHONGSHAN: Final = District(
    adcode="210202", name="中山区", name_en="Zhongshan", facts="210202", grids=239, least_grids=2,
    buildings=5_900, residents=388_564, persons_per_household=2.29, floating_share=0.18,
    warp=Warp(angle=math.radians(-18), amplitude_m=120, wave_m=5200, phase=2.1),
    area_km2={"001": 3, "003": 1.6, "005": 2.2, "008": 1.39, "009": 1.8, "010": 6, "011": 9,
              "012": 14.65, "013": 4},
    fixed_grids={"210202010011": 10}, unit_streets=("008", "009"),
)
#: S1: 292 compounds, each a grid; 75 communities, those of the nine streets in the list of 2016.
XIANGSHAN: Final = District(
    adcode="340603", name="相山区", name_en="Xiangshan", facts="340603", grids=292, least_grids=2,
    buildings=4_400, residents=360_000, persons_per_household=2.8, floating_share=0.15,
    warp=Warp(angle=math.radians(6), amplitude_m=130, wave_m=5600, phase=1.3),
    area_km2={"001": 9, "002": 7, "003": 8, "004": 12, "005": 11, "006": 8, "008": 20, "009": 12, "010": 24},
    are_grids_compounds=True, unit_streets=("002",),
)
#: S3: one street with 5 communities, 34 grids of 300-500 households, 277 buildings each with a chief.
XUBI: Final = District(
    adcode="350402", name="梅列区(仅徐碧街道)", name_en="Meilie (Xubi only)", facts="350402003",
    is_patch=True, grids=34, least_grids=5, buildings=277, residents=37_100, persons_per_household=3.1,
    warp=Warp(angle=math.radians(11), amplitude_m=40, wave_m=3600, phase=0.4),
    area_km2={"003": 5.6}, unit_streets=("003",), floating_share=0.22, buildings_per_chief=1,
)
#: S0: one street with 79 base grids, gathered into 33 work grids.
FUBAO: Final = District(
    adcode="440304", name="福田区(仅福保街道)", name_en="Futian (Fubao only)", facts="440304010",
    is_patch=True, grids=79, least_grids=10, buildings=760, residents=81_300, persons_per_household=2.9,
    warp=Warp(angle=math.radians(-9), amplitude_m=35, wave_m=3400, phase=1.9),
    area_km2={"010": 5.2}, work_grids=33, unit_streets=("010",), floating_share=0.55,
)
DISTRICTS: Final[Mapping[str, District]] = {
    "chenghua": CHENGHUA, "zhongshan": ZHONGSHAN, "city": CHENGHUA,
    "xiangshan": XIANGSHAN, "xubi": XUBI, "fubao": FUBAO,
}
