"""The demo districts: how many of everything, and how it behaves.

Numbers marked as parameters in the domain reference stand here and nowhere
else; code reads them from the profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

TIME_ZONE: Final = "Asia/Shanghai"
LOCAL: Final = ZoneInfo(TIME_ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What makes one demo.

    Attributes:
        key: the name on the command line.
        places: which set of places (`data.demo.places`) it stands on.
        adcode: the district's six digits.
        since: first local day with cases; None counts ``days`` back from the end.
        days: days with cases, the last one possibly incomplete.
        cases_per_day: mean of cases reported per full day.
        case_total: exact number of cases wanted, the latest of those drawn; None keeps all.
        exact: (accepted, handled) that must come out exactly; None leaves it to chance.
        clock_time: local time of day at which the frozen clock stands on its last day.
        stuck_share: share of the cases whose handling drags on for a multiple of the limit.
        self_done_share: share solved on the spot among patrol cases that stay in the grid.
        is_compact: leaves the optional acts out of the logs (load set).
        level_two, level_three: officers of tiers two and three in all.
        aux_police_per_grid: auxiliary police officers of a grid.
        vacant_every: one grid in so many lacks its last auxiliary police officer; 0 = none does.
        volunteers_per_grid: safety volunteers beside the tiers; 0 where tier three holds them.
        community_workers: people of the communities sent down into the grids (社区工作者), tier two.
        road_chiefs: chiefs of streets and of lanes (街长, 巷长), one road each; None gives every
            road of a street a chief.
        counts: resources of a kind in all, where a source states the number.
        fix_days: days of raw positions up to the end.
        fixes_per_day: positions of one officer on a full day, 60 s apart.
        fix_total: exact number of positions wanted; None keeps what was made.
        cameras: cameras among the resources.
        channels: share of each channel, in per cent.
        slow_streets: positions (in order of code) of the streets that work badly.
        slow_departments: the departments that work badly.
    """

    key: str
    places: str
    adcode: str
    name: str
    name_en: str
    city: str
    city_en: str
    since: date | None
    days: int
    cases_per_day: float
    case_total: int | None = None
    exact: tuple[int, int] | None = None
    clock_time: time = time(0)
    stuck_share: float = 0.012
    self_done_share: float = 0.45
    is_compact: bool = False
    level_two: int
    level_three: int
    aux_police_per_grid: int
    vacant_every: int = 0
    volunteers_per_grid: int
    community_workers: int = 0
    road_chiefs: tuple[int, int] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    fix_days: int = 3
    fixes_per_day: int = 270
    fix_total: int | None = None
    cameras: int
    channels: Mapping[str, float]
    slow_streets: tuple[int, ...]
    slow_departments: tuple[str, ...]

    def until(self, day: date) -> datetime:
        """The aware instant of the frozen clock on a local day."""
        return datetime.combine(day, self.clock_time, LOCAL)

    def first_day(self, until: datetime) -> date:
        """The first local day that has cases, for a demo that ends at ``until``."""
        if self.since is not None:
            return self.since
        last = (until.astimezone(LOCAL) - timedelta(microseconds=1)).date()
        return last - timedelta(days=self.days - 1)


_ZHONGSHAN_CHANNELS: Final = {
    "officer_pda": 46, "volunteer": 4, "app_key": 2, "hotline_12345": 18, "hotline_local": 2,
    "snap_public": 5, "wechat_mp": 4, "app_public": 3, "web": 4, "minxin": 2, "minyi": 2,
    "video_ai": 2, "iot": 1, "leader": 1, "dept": 1, "smart_city": 1.5, "police_110": 1, "face_to_face": 0.5,
}
_CHENGHUA_CHANNELS: Final = {
    "officer_pda": 50, "app_key": 3, "volunteer": 4, "rider": 1, "hotline_96966": 9, "hotline_12345": 8,
    "snap_public": 6, "wechat_mini": 3, "wechat_mp": 2, "app_public": 2, "wechat_group": 1.5, "weibo": 0.5,
    "sms": 1, "video_ai": 3, "iot": 1, "leader": 0.8, "dept": 1.5, "smart_city": 0.7, "police_110": 1.2,
    "face_to_face": 0.8,
}

_CHENGHUA: Final = Profile(
    key="chenghua", places="chenghua", adcode="510108", name="成华区", name_en="Chenghua District",
    city="成都市", city_en="Chengdu",
    since=None, days=120, cases_per_day=420, clock_time=time(16, 30),
    level_two=2_900, level_three=17_000, aux_police_per_grid=2, vacant_every=29, volunteers_per_grid=0,
    cameras=1_500, channels=_CHENGHUA_CHANNELS, slow_streets=(4, 10), slow_departments=("housing", "water"),
)
_ZHONGSHAN: Final = Profile(
    key="zhongshan", places="zhongshan", adcode="210202", name="中山区", name_en="Zhongshan District",
    city="大连市", city_en="Dalian",
    since=date(2019, 1, 1), days=131, cases_per_day=112, exact=(13_870, 13_385), stuck_share=0.035,
    level_two=717, level_three=0, aux_police_per_grid=2, volunteers_per_grid=8,
    cameras=400, channels=_ZHONGSHAN_CHANNELS, slow_streets=(1, 3), slow_departments=("housing", "water"),
)
_XIANGSHAN_CHANNELS: Final = {
    "officer_pda": 44, "volunteer": 6, "rider": 5, "face_to_face": 9, "snap_public": 10, "wechat_mini": 8,
    "hotline_12345": 9, "smart_city": 4, "leader": 1, "dept": 2, "police_110": 1, "app_public": 1,
}
_XUBI_CHANNELS: Final = {
    "officer_pda": 42, "volunteer": 5, "wechat_group": 18, "wechat_mp": 6, "web_community": 9,
    "hotline_service": 12, "hotline_12345": 4, "face_to_face": 4,
}
_FUBAO_CHANNELS: Final = {
    "officer_pda": 46, "snap_public": 14, "wechat_mp": 8, "web_community": 8, "hotline_12345": 12,
    "dept": 6, "video_ai": 4, "leader": 2,
}
#: S1 (e治理): 972 community workers in 292 compounds, 75 party-mass service centres, 129 resident units.
_XIANGSHAN: Final = Profile(
    key="xiangshan", places="xiangshan", adcode="340603", name="相山区", name_en="Xiangshan District",
    city="淮北市", city_en="Huaibei",
    since=None, days=90, cases_per_day=108, clock_time=time(16, 30),
    level_two=0, level_three=0, aux_police_per_grid=2, volunteers_per_grid=6, community_workers=972,
    counts={"service_centre": 75, "partner_unit": 129},
    cameras=420, channels=_XIANGSHAN_CHANNELS, slow_streets=(3,), slow_departments=("housing", "water"),
)
#: What a single street has of the services that the demos spread over a district.
_STREET_COUNTS: Final = {"fire_station": 1, "fire_engine": 3, "ambulance": 2}
#: S3 (徐碧路径): 6 street chiefs, 9 lane chiefs, 277 building chiefs; a grid chief for each of 34 grids.
_XUBI: Final = Profile(
    key="xubi", places="xubi", adcode="350402",
    name="梅列区(仅徐碧街道)", name_en="Meilie (Xubi only)", city="三明市", city_en="Sanming",
    since=None, days=90, cases_per_day=12, clock_time=time(16, 30),
    level_two=102, level_three=0, aux_police_per_grid=2, volunteers_per_grid=5, road_chiefs=(6, 9),
    counts=_STREET_COUNTS, cameras=60, channels=_XUBI_CHANNELS,
    slow_streets=(), slow_departments=("housing", "water"),
)
#: S0 (福保): 79 base grids, 33 work grids, professional grids with officers of their own.
_FUBAO: Final = Profile(
    key="fubao", places="fubao", adcode="440304",
    name="福田区(仅福保街道)", name_en="Futian (Fubao only)", city="深圳市", city_en="Shenzhen",
    since=None, days=90, cases_per_day=26, clock_time=time(16, 30),
    level_two=237, level_three=0, aux_police_per_grid=2, volunteers_per_grid=6,
    counts=_STREET_COUNTS, cameras=160, channels=_FUBAO_CHANNELS,
    slow_streets=(), slow_departments=("housing", "water"),
)
PROFILES: Final[Mapping[str, Profile]] = {
    "chenghua": _CHENGHUA,
    "zhongshan": _ZHONGSHAN,
    "city": replace(_CHENGHUA, key="city", days=730, cases_per_day=1_523_000 / 730, case_total=1_520_000,
                    self_done_share=0.97,
                    is_compact=True, fix_days=26, fix_total=10_000_000),
    "xiangshan": _XIANGSHAN,
    "xubi": _XUBI,
    "fubao": _FUBAO,
}
#: The last local day (exclusive) of the demo whose numbers are history.
ZHONGSHAN_END: Final = date(2019, 5, 12)


def fitted(profile: Profile, until: datetime) -> Profile:
    """The profile for a demo that ends at ``until``: history's exact numbers hold only at history's end.

    Raises:
        ValueError: the demo would end before its first day.
    """
    if profile.since is None or until == profile.until(ZHONGSHAN_END):
        return profile
    days = ceil((until - datetime.combine(profile.since, time(0), LOCAL)) / timedelta(days=1))
    if days < 1:
        raise ValueError(f"until must be after {profile.since} for {profile.key}, got {until.isoformat()}")
    return replace(profile, days=days, exact=None)


def default_until(profile: Profile, now: datetime) -> datetime:
    """Where the clock of a demo stands when nobody says: history's end, or the last full working hour.

    Args:
        now: the wall clock, aware; the result is never after it.
    """
    if profile.since is not None:
        return profile.until(ZHONGSHAN_END)
    today = now.astimezone(LOCAL).date()
    found = profile.until(today)
    return found if found <= now else profile.until(today - timedelta(days=1))
