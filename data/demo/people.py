"""The staff of a demo district: three tiers, five posts, chiefs of grids, buildings, streets and lanes.

Everybody is invented; names and phones are masked from the start.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from data.demo.districts import DISTRICTS
from data.demo.draws import Ints, pick, where_else_none
from data.demo.ground import Ground, Strings
from data.demo.narrative import SURNAMES
from data.demo.profiles import Profile
from data.exchange.departments import station_dept_id, street_dept_id

#: Shift of an officer and its share.
SHIFTS: Final = {"day": 0.68, "evening": 0.22, "flex2h": 0.10}
#: Roles of tier two, in turn over the grids.
_SECOND_TIER: Final = (("publicist", "publicity"), ("service_staff", "service"),
                       ("informant", "information"))
#: Tier two of courtyard groups, where tier three fills the posts.
_COURTYARD: Final = tuple((role, None) for role, _ in _SECOND_TIER)
#: Roles of the third tier by their order inside a grid.
_THIRD_TIER: Final = (("informant", "information"), ("service_staff", "service"),
                      ("publicist", "publicity"),
                      ("building_chief", None),
                      ("volunteer", None), ("building_chief", None), ("volunteer", None),
                      ("building_chief", None),
                      ("volunteer", None), ("building_chief", None), ("volunteer", None))
_PHONES: Final = ("133", "135", "138", "139", "150", "158", "177", "186", "189")
FIELDS: Final = ("work_safety", "city_mgmt", "hazard", "care", "attention")
#: Hours of each shift, as local minutes of the day.
SHIFT_MINUTES: Final = {
    "day": ((480, 720), (840, 1_080)), "evening": ((1_050, 1_440),), "flex2h": ((540, 720), (900, 1_080)),
}
#: Share of those on shift who are really on duty.
ON_DUTY_SHARE: Final = 0.95
ROADS_PER_CHIEF: Final = 6
_VOLUNTEERS: Final = (("volunteer", None),)
_WORKERS: Final = (("community_worker", None),)


def grid_officer_id(grid_code: str) -> str:
    """The id of the level-1 officer of a base grid."""
    return f"G{grid_code}-1"


def tier_three_ids(profile: Profile, ground: Ground) -> Strings:
    """People of tier three who exist in every grid: (grids, people), perhaps no column."""
    size = ground.grid_code.size
    ids = [f"3{n + 1:02d}" for n in range(profile.level_three // size)]
    ids += [f"V{n + 1:02d}" for n in range(profile.volunteers_per_grid)]
    return np.array([[f"G{code}-{own}" for own in ids] for code in ground.grid_code],
                    dtype=object).reshape(size, len(ids))


def build_people(profile: Profile, ground: Ground, rng: np.random.Generator, *, areas: gpd.GeoDataFrame,
                 buildings: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, minute: int) -> pd.DataFrame:
    """One row per person, columns of table ``officer``.

    Args:
        minute: local minute of the day at which ``on_duty`` is told, 0..1439.
        areas, buildings, roads: the places; not modified (see `assign_chiefs`).
    """
    parts = [
        *_grid_teams(profile, ground),
        _tier(ground, profile.level_two, 2, _SECOND_TIER if not profile.level_three else _COURTYARD),
        _tier(ground, profile.level_three, 3, _THIRD_TIER),
        _tier(ground, profile.volunteers_per_grid * ground.grid_code.size, 3, _VOLUNTEERS),
        _tier(ground, profile.community_workers, 2, _WORKERS),
        _community_staff(ground),
        _street_staff(profile, ground),
        _specialists(areas),
        _road_chiefs(roads, profile),
    ]
    people = pd.concat([part for part in parts if len(part)], ignore_index=True)
    people = pd.concat([people, _missing_building_chiefs(people, buildings, profile)], ignore_index=True)
    return _dress(people, rng, minute)


def _rows(**columns: object) -> pd.DataFrame:
    base = {"officer_id": None, "street_code": None, "community_code": None, "grid_code": None, "role": None,
            "team_level": 0, "post": None, "dept_id": None, "lead_officer_id": None}
    return pd.DataFrame({**base, **columns}).astype({"team_level": "int16"})


def _of_grids(codes: Strings, suffix: object, **about: object) -> pd.DataFrame:
    texts = pd.Series(codes, dtype="object")
    suffixes = pd.Series(suffix, index=texts.index, dtype="object").astype(str)
    return _rows(officer_id="G" + texts + "-" + suffixes,
                 grid_code=texts, community_code=texts.str[:12], street_code=texts.str[:9],
                 dept_id=texts.str[:12].map(station_dept_id), **about)


def _grid_teams(profile: Profile, ground: Ground) -> list[pd.DataFrame]:
    """Chief, level-1 officer and auxiliary police of every base grid."""
    codes = ground.grid_code
    leads = "G" + pd.Series(codes, dtype="object") + "-1"
    teams = [
        _of_grids(codes, "chief", role="grid_chief"),
        _of_grids(codes, "1", role="grid_officer", team_level=1, post="manager"),
    ]
    filled = np.ones(codes.size, dtype=bool)
    for number in range(profile.aux_police_per_grid):
        if profile.vacant_every and number == profile.aux_police_per_grid - 1:
            filled[profile.vacant_every // 2::profile.vacant_every] = False
        teams.append(_of_grids(codes[filled], f"aux{number + 1}", role="aux_police",
                               post="police" if number == 0 else None,
                               lead_officer_id=leads[filled].to_list()))
    return teams


def _tier(ground: Ground, count: int, level: int, roles: tuple[tuple[str, str | None], ...]) -> pd.DataFrame:
    """``count`` people spread evenly over the grids, led by the level-1 officer."""
    size = ground.grid_code.size
    number = np.arange(count)
    grid, nth = number % size, number // size
    codes = ground.grid_code[grid]
    turn = (nth + (grid if level == 2 and count < 3 * size else 0)) % len(roles)
    kind = "V" if roles == _VOLUNTEERS else "W" if roles == _WORKERS else str(level)
    return _of_grids(codes, [f"{kind}{n + 1:02d}" for n in nth], role=[roles[at][0] for at in turn],
                     post=[roles[at][1] for at in turn], team_level=level,
                     lead_officer_id=[grid_officer_id(code) for code in codes])


def _community_staff(ground: Ground) -> pd.DataFrame:
    """A community grid chief and a police officer for every community."""
    kinds = (("chief", "grid_chief"), ("police", "police"))
    return pd.concat([
        _rows(officer_id=[f"C{code}-{suffix}" for code in ground.community_codes], role=role,
              street_code=[code[:9] for code in ground.community_codes],
              community_code=ground.community_codes,
              dept_id="police" if role == "police" else [*map(station_dept_id, ground.community_codes)])
        for suffix, role in kinds
    ], ignore_index=True)


def _street_staff(profile: Profile, ground: Ground) -> pd.DataFrame:
    """Leader, dispatcher and verifiers of each street's grid centre; operators of the district."""
    rows = [
        _rows(officer_id=[f"S{code}-{suffix}" for code in ground.street_codes], role=role,
              street_code=ground.street_codes, dept_id=[street_dept_id(code) for code in ground.street_codes])
        for suffix, role in (("leader", "leader"), ("dispatcher", "dispatcher"), ("verifier1", "verifier"),
                             ("verifier2", "verifier"))
    ]
    district = [("leader", "leader", 3), ("operator", "operator", 16), ("dispatcher", "dispatcher", 6)]
    rows += [
        _rows(officer_id=[f"D{profile.adcode}-{suffix}{n + 1:02d}" for n in range(count)], role=role,
              street_code=profile.adcode, dept_id="operation_centre")
        for suffix, role, count in district
    ]
    return pd.concat(rows, ignore_index=True)


def operator_ids(profile: Profile) -> Strings:
    """The people who take calls and dispatch for the whole district."""
    return np.array([f"D{profile.adcode}-operator{n + 1:02d}" for n in range(16)], dtype=object)


def _specialists(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """One specialist officer for every professional grid."""
    codes = areas.loc[areas["grid_kind"] == "professional", "area_code"].sort_values().to_numpy(dtype=object)
    return _rows(officer_id=[f"{code}-1" for code in codes], role="special_officer",
                 street_code=[code[:9] for code in codes], grid_code=codes,
                 dept_id=[street_dept_id(code[:9]) for code in codes])


def _road_chiefs(roads: gpd.GeoDataFrame, profile: Profile) -> pd.DataFrame:
    """Street chiefs (街长) for named streets and lane chiefs (巷长) for lanes."""
    chiefs = road_chief_ids(roads, profile).dropna().drop_duplicates().sort_values()
    return _rows(officer_id=chiefs.to_list(), street_code=chiefs.str[1:10].to_list(),
                 role=np.where(chiefs.str.contains("-lane"), "lane_chief", "road_chief").tolist(),
                 dept_id=chiefs.str[1:10].map(street_dept_id).to_list())


def road_chief_ids(roads: gpd.GeoDataFrame, profile: Profile) -> pd.Series:
    """The chief of every road that has one, a few roads each or one where their number is given.

    Returns:
        Ids, null for roads without a chief. Index of ``roads``.
    """
    known = roads[roads["street_code"].notna()].sort_values("road_id")
    if profile.road_chiefs is None:
        lane = known["class_code"].isin(["lane", "residential"])
        share, most = ROADS_PER_CHIEF, {"lane": len(roads), "road": len(roads)}
    else:
        known = known.sort_values(["length_m", "road_id"], ascending=[False, True])
        lane = known["name"].str.endswith("巷")
        share, most = 1, dict(zip(("road", "lane"), profile.road_chiefs, strict=True))
    kind = pd.Series(np.where(lane, "lane", "road"), index=known.index)
    number = known.assign(kind=kind).groupby(["street_code", "kind"]).cumcount() // share + 1
    chosen = known.index[(number <= kind.map(most)).to_numpy()]
    found = pd.Series(None, index=roads.index, dtype="object")
    found[chosen] = "R" + known.loc[chosen, "street_code"] + "-" + kind[chosen] + number[chosen].astype(str)
    return found


def building_chief_ids(people: pd.DataFrame, buildings: gpd.GeoDataFrame, profile: Profile) -> pd.Series:
    """The chief of each building: the building chiefs of its grid in turn. Index of ``buildings``.

    Grids without any building chief get some of their own (`_missing_building_chiefs`).
    """
    share = DISTRICTS[profile.places].buildings_per_chief
    chiefs = people[people["role"] == "building_chief"].sort_values("officer_id")
    by_grid = chiefs.groupby("grid_code")["officer_id"].agg(list).to_dict()
    ordered = buildings.sort_values("building_id")
    nth = ordered.groupby("grid_code").cumcount()
    found = [
        by_grid[grid][n % len(by_grid[grid])] if grid in by_grid else f"G{grid}-B{n // share + 1:02d}"
        for grid, n in zip(ordered["grid_code"], nth, strict=True)
    ]
    return pd.Series(found, index=ordered.index, dtype="object").reindex(buildings.index)


def _missing_building_chiefs(people: pd.DataFrame, buildings: gpd.GeoDataFrame, profile: Profile
                             ) -> pd.DataFrame:
    """Building chiefs where the third tier holds none."""
    wanted = building_chief_ids(people, buildings, profile)
    new = wanted[~wanted.isin(people["officer_id"])].drop_duplicates().sort_values()
    codes = new.str[1:16].to_numpy(dtype=object)
    rows = _of_grids(codes, "B", role="building_chief", team_level=3,
                     lead_officer_id=[grid_officer_id(code) for code in codes])
    return rows.assign(officer_id=new.to_list())


def _dress(people: pd.DataFrame, rng: np.random.Generator, minute: int) -> pd.DataFrame:
    """Masked names and phones, shifts, devices, and who is on duty."""
    size = len(people)
    names = np.array([f"{name}*" for name in SURNAMES], dtype=object)
    first: Ints = rng.integers(0, len(_PHONES), size)
    last = rng.integers(0, 10_000, size)
    shifts = np.array([*SHIFTS], dtype=object)[pick(rng, [*SHIFTS.values()], size)]
    now = np.array([shift for shift, spans in SHIFT_MINUTES.items()
                    if any(begin <= minute < end for begin, end in spans)])
    carries = people["role"].isin(["grid_officer", "aux_police", "police", "special_officer"]).to_numpy()
    return people.assign(
        name_masked=names[rng.integers(0, len(names), size)],
        phone_masked=[f"{_PHONES[a]}****{b:04d}" for a, b in zip(first.tolist(), last.tolist(), strict=True)],
        device_id=where_else_none(carries, ("PDA-" + people["officer_id"]).to_numpy(dtype=object)),
        shift=shifts, on_duty=np.isin(shifts.astype(str), now) & (rng.random(size) < ON_DUTY_SHARE),
        is_synthetic=True, source_system="demo",
    )
