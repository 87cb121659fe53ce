"""The three demo districts: how many of everything, and how it behaves.

Numbers marked as parameters in the domain reference stand here and nowhere
else; code reads them from the profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    since=None, days=120, cases_per_day=420, clock_time=time(16, 30),
    level_two=2_900, level_three=17_000, aux_police_per_grid=2, vacant_every=29, volunteers_per_grid=0,
    cameras=1_500, channels=_CHENGHUA_CHANNELS, slow_streets=(4, 10), slow_departments=("housing", "water"),
)
_ZHONGSHAN: Final = Profile(
    key="zhongshan", places="zhongshan", adcode="210202", name="中山区", name_en="Zhongshan District",
    since=date(2019, 1, 1), days=131, cases_per_day=112, exact=(13_870, 13_385), stuck_share=0.035,
    level_two=717, level_three=0, aux_police_per_grid=2, volunteers_per_grid=8,
    cameras=400, channels=_ZHONGSHAN_CHANNELS, slow_streets=(1, 3), slow_departments=("housing", "water"),
)
PROFILES: Final[Mapping[str, Profile]] = {
    "chenghua": _CHENGHUA,
    "zhongshan": _ZHONGSHAN,
    "city": replace(_CHENGHUA, key="city", days=730, cases_per_day=1_523_000 / 730, case_total=1_520_000,
                    self_done_share=0.97,
                    is_compact=True, fix_days=26, fix_total=10_000_000),
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
