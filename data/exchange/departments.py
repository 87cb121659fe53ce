"""The units (单位) that handle cases: centres, departments, streets, community stations.

A handling unit of a street has the id ``S`` + street code, a community's
comprehensive station ``C`` + community code; departments of the district have
a word as their id, which is also their kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

OPERATION_CENTRE: Final = "operation_centre"
#: The level above the district: it passes cases on and handles none itself.
CITY_CENTRE: Final = "city_centre"


class Department(NamedTuple):
    """A row of table ``department``; lon/lat WGS-84, None where the unit has no place yet."""

    dept_id: str
    name: str
    name_en: str
    tier: str
    kind: str
    parent_id: str | None
    area_code: str | None
    is_handler: bool
    lon: float | None = None
    lat: float | None = None


class Place(NamedTuple):
    """An area as departments need it."""

    area_code: str
    name: str
    level: str
    lon: float
    lat: float


_CENTRES: Final = (
    (OPERATION_CENTRE, "智慧城市运行管理中心", "City operation centre"),
    ("data_centre", "大数据中心", "Big-data centre"),
    ("grid_centre", "网格管理中心", "Grid management centre"),
    ("complaint_centre", "市民投诉中心", "Citizen complaint centre"),
    ("command_centre", "应急指挥中心", "Emergency command centre"),
)

#: The 25 departments of a district.
_DEPARTMENTS: Final = (
    ("police", "公安分局", "Police"), ("urban_mgmt", "综合行政执法局", "Urban management"),
    ("environment", "生态环境局", "Environment"), ("health", "卫生健康局", "Health"),
    ("work_safety", "应急管理局", "Emergency and work safety"), ("civil", "民政局", "Civil affairs"),
    ("hr", "人力资源和社会保障局", "Labour and social security"), ("justice", "司法局", "Justice"),
    ("disabled", "残疾人联合会", "Disabled persons' federation"),
    ("housing", "住房和建设局", "Housing and construction"),
    ("market", "市场监督管理局", "Market supervision"), ("water_gas_power", "供水供电供气公司", "Utilities"),
    ("traffic", "交通运输局", "Traffic"), ("parks", "公园城市建设局", "Parks"),
    ("fire", "消防救援大队", "Fire brigade"),
    ("education", "教育局", "Education"), ("culture", "文化体育和旅游局", "Culture, sports and tourism"),
    ("economy", "经济和信息化局", "Economy"), ("water", "水务局", "Water"),
    ("planning", "规划和自然资源局", "Planning"),
    ("statistics", "统计局", "Statistics"), ("petition", "信访局", "Petitions"),
    ("data", "行政审批和数据局", "Approvals and data"),
    ("committee", "党委社会工作部", "Party social work"),
    ("property", "物业服务管理中心", "Property service centre"),
)

#: The three centres of a street (一街三中心).
_STREET_CENTRES: Final = (
    ("party", "党群服务中心", "party-mass service centre", "party_service_centre"),
    ("governance", "综合治理中心", "governance centre", "governance_centre"),
    ("enforcement", "综合执法中心", "enforcement centre", "enforcement_centre"),
)


def district_departments() -> Iterator[Department]:
    """The city's centre, the five centres and the 25 departments of any district, without a place."""
    yield Department(CITY_CENTRE, "市级指挥中心", "City command centre", "city_center", CITY_CENTRE, None,
                     None, is_handler=False)
    for dept_id, name, name_en in _CENTRES:
        parent = CITY_CENTRE if dept_id == OPERATION_CENTRE else OPERATION_CENTRE
        yield Department(dept_id, name, name_en, "district_center", dept_id, parent, None, is_handler=False)
    for dept_id, name, name_en in _DEPARTMENTS:
        yield Department(dept_id, name, name_en, "dept_subcenter", dept_id, OPERATION_CENTRE, None,
                         is_handler=True)


def street_dept_id(street_code: str) -> str:
    """The id of a street's own handling unit."""
    return f"S{street_code}"


def station_dept_id(community_code: str) -> str:
    """The id of a community's comprehensive station (综合管理服务站)."""
    return f"C{community_code}"


def area_departments(places: Iterable[Place]) -> Iterator[Department]:
    """The units of streets and communities, standing at the areas' centres.

    Args:
        places: areas of any level; other levels than street and community are passed over.
    """
    for place in places:
        code, where = place.area_code, (place.lon, place.lat)
        if place.level == "street":
            own = street_dept_id(code)
            yield Department(own, f"{place.name}办事处", f"Subdistrict {code[6:]}", "street_subcenter",
                             "street_office", OPERATION_CENTRE, code, True, *where)
            for suffix, name, name_en, kind in _STREET_CENTRES:
                yield Department(f"{own}-{suffix}", f"{place.name}{name}",
                                 f"Subdistrict {code[6:]} {name_en}", "street_subcenter", kind, own,
                                 code, False, *where)
        elif place.level == "community":
            yield Department(station_dept_id(code), f"{place.name}综合管理服务站", f"Station {code[6:]}",
                             "community_station", "comprehensive_station", street_dept_id(code[:9]), code,
                             True, *where)
