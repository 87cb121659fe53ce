"""Where the officers are: a pure function of seed and time, so that it can begin anywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np

from data.demo.draws import Floats, Ints, stream
from data.demo.ground import M_PER_DEG_LAT, m_per_deg_lon
from data.demo.people import SHIFT_MINUTES
from data.devices.rows import Row
from data.simulate.district import District

#: An officer walks, slows down, stands and walks on in rounds of so many seconds.
ROUND_S: Final = 900.0
NOISE_M: Final = 3.0
_DAY_MINUTES: Final = 1_440


def fixes(district: District, since: int, until: int, *, every_s: int, seed: int) -> list[Row]:
    """The positions of those on shift in ``(since, until]``, each ``every_s`` seconds.

    Args:
        since, until: seconds since 1970, the store's time.
        seed: of the noise; the way itself is of the district.
    """
    who, at = _moments(district, since, until, every_s)
    if not who.size:
        return []
    officers = district.officers
    gone, speed = _gone(at.astype(float) + officers.phase_s[who], officers.speed_mps[who])
    lon, lat, heading = district.walks.at(officers.way[who], gone + officers.offset_m[who])
    noise = stream(seed, 93, until).standard_normal((2, who.size)) * NOISE_M
    lon, lat = lon + noise[0] / m_per_deg_lon(lat), lat + noise[1] / M_PER_DEG_LAT
    minute = _local_minute(district, until)
    battery = round(100 - 60 * minute / _DAY_MINUTES)
    return [Row(officers.street_code[one], officers.officer_id[one], datetime.fromtimestamp(second, UTC),
                east, north, metres, course, 5.0, battery)
            for one, second, east, north, metres, course in zip(
                who.tolist(), at.tolist(), np.round(lon, 6).tolist(), np.round(lat, 6).tolist(),
                np.round(speed, 2).tolist(), np.round(heading, 0).tolist(), strict=True)]


def _moments(district: District, since: int, until: int, every_s: int) -> tuple[Ints, Ints]:
    """Who sends, and when: each in turn, so that they do not all send in the same second."""
    on = np.array([_is_on(shift, _local_minute(district, until)) for shift in district.officers.shift])
    phase = district.officers.phase_s % every_s
    who = np.flatnonzero(on)
    first = since + 1 + (phase[who] - (since + 1)) % every_s
    times = np.maximum((until - first) // every_s + 1, 0)
    row = np.repeat(np.arange(who.size), times)
    nth = np.arange(row.size) - np.repeat(np.cumsum(times) - times, times)
    return who[row], first[row] + nth * every_s


def _is_on(shift: str, minute: int) -> bool:
    return any(begin <= minute < end for begin, end in SHIFT_MINUTES.get(shift, SHIFT_MINUTES["day"]))


def _local_minute(district: District, second: int) -> int:
    local = datetime.fromtimestamp(second, district.zone)
    return local.hour * 60 + local.minute


def _gone(second: Floats, speed: Floats) -> tuple[Floats, Floats]:
    """Metres gone by a moment, and the speed at it: it swings between twice the mean and standing."""
    swing = 2 * np.pi / ROUND_S
    return speed * (second - np.sin(second * swing) / swing), speed * (1 - np.cos(second * swing))
