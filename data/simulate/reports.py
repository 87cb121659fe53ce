"""New cases: like those of the weeks before, at other places of the same ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from data.demo.draws import stream
from data.demo.ground import M_PER_DEG_LAT, m_per_deg_lon
from data.simulate.district import SAID, District
from data.simulate.profiles import HOURS, Profile

SOURCE: Final = "simulation"
#: So far from the place of its pattern a report lies, metres (standard deviation).
SPREAD_M: Final = 40.0
_DAY_S: Final = 86_400
_MEAN_HOUR: Final = sum(HOURS) / len(HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is reported, when, by whom."""

    at: datetime
    facts: Mapping[str, Any]
    actor_role: str
    actor_id: str | None
    level: str
    dept_id: str | None


def reports(district: District, profile: Profile, since: int, until: int, *, seed: int) -> list[Report]:
    """What is reported in ``(since, until]``, by time; drawn from the seed and ``until`` alone.

    Args:
        since, until: seconds since 1970, the store's time.
    """
    rng = stream(seed, 94, until)
    hour = datetime.fromtimestamp(until, district.zone).hour
    mean = district.a_day * profile.reports * HOURS[hour] / _MEAN_HOUR * (until - since) / _DAY_S
    count = int(rng.poisson(mean))
    moments = sorted(rng.integers(since + 1, until + 1, count).tolist())
    found = []
    for second in moments:
        pattern = district.patterns[int(rng.integers(len(district.patterns)))]
        east, north = (rng.standard_normal(2) * SPREAD_M).tolist()
        found.append(_report(district, pattern, datetime.fromtimestamp(second, UTC), east, north))
    return found


def _report(district: District, pattern: Mapping[str, Any], at: datetime,
            east: float, north: float) -> Report:
    facts = {name: pattern[name] for name in SAID}
    lat = round(facts["lat"] + north / M_PER_DEG_LAT, 6)
    lon = round(facts["lon"] + east / float(m_per_deg_lon(facts["lat"])), 6)
    grid = str(district.index.assign([lon], [lat])[0])
    if grid:  # a place outside of every grid would be none; the pattern's own is one
        facts |= {"lon": lon, "lat": lat, "street_code": grid[:9], "community_code": grid[:12],
                  "grid_code": grid}
    officer = district.officer_of.get(facts["grid_code"] or "")
    patrol = facts["channel_code"] in district.patrols and officer is not None
    return Report(at=at, facts={**facts, "is_synthetic": True, "source_system": SOURCE},
                  actor_role="officer" if patrol else "reporter", actor_id=officer if patrol else None,
                  level=pattern["level"], dept_id=pattern["main_dept_id"])
