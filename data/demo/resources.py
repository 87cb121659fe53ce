"""Resources and stations of every kind, professional forces and mass forces. Names are invented."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from data.demo.draws import Ints, pick, pick_key
from data.demo.ground import Ground
from data.demo.profiles import Profile
from data.exchange.departments import station_dept_id

_MOBILE_STATUS: Final = {"idle": 58.0, "assigned": 18.0, "busy": 16.0, "offline": 8.0}
_FIXED_STATUS: Final = {"idle": 82.0, "busy": 14.0, "offline": 4.0}


class Kind(NamedTuple):
    """How one kind is spread.

    ``per`` is the level of which each area gets ``number`` (fractions are drawn);
    ``district`` gives ``number`` in all. ``force`` None: neither of the two forces.
    """

    kind: str
    name: str
    per: str
    number: float
    force: str | None
    dept: str
    is_mobile: bool = False
    capacity: int | None = None
    alt_m: float | None = None


KINDS: Final = (
    Kind("police_station", "派出所", "street", 1, "professional", "police", capacity=40),
    Kind("police_car", "警车", "street", 3, "professional", "police", is_mobile=True, capacity=4),
    Kind("patrol_car", "巡防车", "street", 4, "professional", "urban_mgmt", is_mobile=True, capacity=4),
    Kind("ebike", "电动巡逻车", "community", 1.5, "professional", "urban_mgmt", is_mobile=True, capacity=1),
    Kind("drone", "无人机", "street", 0.6, "professional", "police", is_mobile=True, alt_m=90.0),
    Kind("fire_station", "消防救援站", "district", 6, "professional", "fire", capacity=30),
    Kind("fire_engine", "消防车", "district", 18, "professional", "fire", is_mobile=True, capacity=6),
    Kind("ambulance", "救护车", "district", 14, "professional", "health", is_mobile=True, capacity=3),
    Kind("hospital", "医院", "street", 0.6, "professional", "health", capacity=300),
    Kind("chv", "社区卫生服务站", "community", 0.4, "professional", "health", capacity=20),
    Kind("service_centre", "党群服务中心", "community", 1, None, "station", capacity=120),
    Kind("service_station", "便民服务站", "community", 1, None, "station", capacity=30),
    Kind("comprehensive_station", "综合管理服务站", "community", 1, "professional", "station", capacity=12),
    Kind("mediation_point", "连心驿站", "community", 1, "mass", "station", capacity=15),
    Kind("court_yard", "坝坝法庭", "street", 1.5, "mass", "justice", capacity=60),
    Kind("volunteer_team", "志愿者队伍", "community", 1.5, "mass", "committee", capacity=25),
    Kind("redband", "红袖套巡逻队", "community", 3, "mass", "station", is_mobile=True, capacity=8),
    Kind("terminal", "惠民通终端", "community", 1.2, None, "station"),
    Kind("shelter", "应急避难场所", "street", 1.5, None, "work_safety", capacity=1_500),
    Kind("hydrant", "消防栓", "community", 4, None, "fire"),
    Kind("aed", "自动体外除颤器", "community", 0.8, None, "health"),
    Kind("partner_unit", "驻区单位", "community", 1.25, None, "committee", capacity=80),
    Kind("patrol_team", "综治巡防队", "street", 3, "professional", "police", is_mobile=True, capacity=8),
    Kind("stability_team", "应急维稳队", "street", 1, "professional", "police", is_mobile=True, capacity=20),
)


class Site(NamedTuple):
    """A resource that a source places in a community by name."""

    community: str
    kind: str
    name: str
    force: str | None
    dept: str
    capacity: int


#: S4: 华林 mediates by people, administration and courts together; 怡福 and 关家 let floating
#: residents report themselves by code, app and web page. Where exactly they stand is made up.
SITES: Final = (
    Site("华林社区", "mediation_room", "人民调解室(互联网+三调联动)", "mass", "justice", 12),
    Site("华林社区", "mediation_room", "行政调解室(互联网+三调联动)", "professional", "justice", 12),
    Site("华林社区", "mediation_room", "司法调解室(互联网+三调联动)", "professional", "justice", 12),
    Site("华林社区", "court_yard", "坝坝法庭", "mass", "justice", 60),
    Site("怡福社区", "population_desk", "流动人口服务站(二维码、APP、网页申报)", None, "station", 8),
    Site("关家社区", "population_desk", "流动人口服务站(二维码、APP、网页申报)", None, "station", 8),
)


def build_resources(profile: Profile, ground: Ground, rng: np.random.Generator) -> pd.DataFrame:
    """One row per resource, columns of table ``resource``; ids count per kind in the order of grids."""
    cameras = Kind("camera", "视频监控", "district", profile.cameras, "professional", "police", alt_m=6.0)
    kinds = [_fitted(kind, profile, ground) for kind in (*KINDS, cameras)]
    rows = pd.concat([spread(kind, ground, rng) for kind in kinds], ignore_index=True)
    rows = pd.concat([rows, _sites(ground, rows, rng)], ignore_index=True)
    return rows.assign(is_synthetic=True, source_system="demo")


def _fitted(kind: Kind, profile: Profile, ground: Ground) -> Kind:
    """The kind with the number that the profile gives: one a community, else all over the district."""
    wanted = profile.counts.get(kind.kind)
    if wanted is None or (kind.number == 1 and wanted == ground.community_codes.size):
        return kind
    return kind._replace(per="district", number=wanted)


def _sites(ground: Ground, rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The resources of `SITES` whose community the district has; their ids follow those of their kind."""
    count = rows["kind"].value_counts().to_dict()
    parts = []
    for site in SITES:
        own = np.flatnonzero(ground.community_names[ground.community] == site.community)
        if not own.size:
            continue
        first = count.get(site.kind, 0) + 1
        count[site.kind] = first
        kind = Kind(site.kind, site.name, "site", 1, site.force, site.dept, capacity=site.capacity)
        part = _rows(kind, ground, rng.choice(own, 1), rng, first=first)
        parts.append(part.assign(name=f"{site.community.removesuffix('社区')}{site.name}"))
    return pd.concat(parts, ignore_index=True) if parts else rows.iloc[:0]


def spread(kind: Kind, ground: Ground, rng: np.random.Generator) -> pd.DataFrame:
    """The resources of one kind, in its grids."""
    return _rows(kind, ground, np.sort(_grids(kind, ground, rng)), rng)


def _rows(kind: Kind, ground: Ground, grid: Ints, rng: np.random.Generator, *, first: int = 1
          ) -> pd.DataFrame:
    """One resource in each of the grids, numbered from ``first``."""
    lon, lat = _places(grid, ground, rng)
    codes = ground.grid_code[grid]
    number = np.arange(first, first + grid.size)
    states = _MOBILE_STATUS if kind.is_mobile else _FIXED_STATUS
    ids = [f"{kind.kind}-{n:04d}" for n in number]
    return pd.DataFrame({
        "street_code": [code[:9] for code in codes],
        "resource_id": ids,
        "kind": kind.kind,
        "force_class": kind.force,
        "name": [_name(kind, ground, at, n) for at, n in zip(grid.tolist(), number.tolist(), strict=True)],
        "dept_id": [station_dept_id(code[:12]) if kind.dept == "station" else kind.dept for code in codes],
        "area_code": codes,
        "lon": np.round(lon, 6), "lat": np.round(lat, 6), "alt": kind.alt_m,
        "status": pick_key(rng, states, grid.size),
        "capacity": kind.capacity,
        # a path and no address: streams are served by the operator's own video platform
        "stream_url": [f"/streams/{own}" for own in ids] if kind.kind in ("camera", "drone") else None,
    }).astype({"capacity": "Int64", "alt": "float64", "force_class": "object", "stream_url": "object"})


def _name(kind: Kind, ground: Ground, grid: int, number: int) -> str:
    """The community's name where each has just one, else the street's with a running number."""
    if kind.per == "community" and kind.number == 1:
        return f"{ground.community_names[ground.community[grid]]}{kind.name}"
    street = str(ground.street_names[ground.street[grid]]).removesuffix("街道")
    return f"{street}{kind.name}{number:03d}"


def _grids(kind: Kind, ground: Ground, rng: np.random.Generator) -> Ints:
    """The grid in which each resource stands."""
    size = ground.grid_code.size
    if kind.per == "district":
        return pick(rng, ground.households, int(kind.number))
    area = ground.street if kind.per == "street" else ground.community
    found = []
    for number in np.unique(area):
        own = np.flatnonzero(area == number)
        count = int(kind.number) + int(rng.random() < kind.number % 1)
        found.append(rng.choice(own, count, replace=count > own.size))
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64) * size


def _places(grid: Ints, ground: Ground, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """At a building of the grid, or at its middle where it has none."""
    housed = ground.building_count[grid] > 0
    nth = (rng.random(grid.size) * ground.building_count[grid]).astype(np.int64)
    at = np.where(housed, ground.building_first[grid] + nth, 0)
    if not ground.building_id.size:
        return ground.lon[grid], ground.lat[grid]
    return (np.where(housed, ground.building_lon[at], ground.lon[grid]),
            np.where(housed, ground.building_lat[at], ground.lat[grid]))
