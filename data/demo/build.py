"""Builds a demo district into a store: one transaction, so that it is there whole or not at all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import Table, func, or_, select

from data import bulk, meta
from data.access.tables import person_detail
from data.analytics.tables import day_note, survey
from data.demo.batches import case_batches
from data.demo.draws import stream
from data.demo.example import find_site, name_building
from data.demo.fixes import fixes_by_day, local_days, patrol_of
from data.demo.ground import Ground, build_ground
from data.demo.holidays import calendar_json, demo_calendar
from data.demo.memory import build_notes, build_surveys
from data.demo.people import build_people, building_chief_ids, road_chief_ids
from data.demo.persons import officer_persons, reporter_persons
from data.demo.places import Places, build_places
from data.demo.profiles import LOCAL, PROFILES, TIME_ZONE, ZHONGSHAN_END, Profile, fitted
from data.demo.resources import build_resources
from data.demo.sensors import build_points, build_sensors, readings, sensors_of, span_of
from data.demo.zones import build_zones
from data.engine import Store
from data.exchange.departments import Place
from data.exchange.reference import seed_reference
from data.patrol.tables import patrol_point, patrol_zone
from data.sensors.rows import Reading
from data.tables import METADATA, area, building, cases, officer, resource

#: (stage, done in the stage so far as a share of the whole build, 0..1).
Progress = Callable[[str, float], None]

#: Tables that a demo fills, in the order in which they are written and emptied.
FILLED: Final = ("area", "building", "road", "base_feature", "officer", "resource", "patrol_zone",
                 "patrol_point", "reading", "case", "case_event", "gps_fix", "person_detail", "day_note",
                 "survey")
#: What was said about rows that a new build replaces goes with them.
_OF_THEM: Final = ("alert", "alert_event", "resource_event")
#: Raised whenever the same arguments give other rows, so that an older build is replaced.
VERSION: Final = 12
_MARKED: Final = (building, officer, resource, cases, person_detail)


class RealDataError(RuntimeError):
    """The store holds data that no demo made."""


class Built(NamedTuple):
    """What a build left in the store: rows by table, seconds by stage, and whether it was there already."""

    rows: dict[str, int]
    seconds: dict[str, float]
    was_there: bool


def _silent(_stage: str, _done: float) -> None:
    """Nobody watches."""


def build(profile_key: str, seed: int, until: datetime | None, store: Store,
          progress: Progress = _silent) -> Built:
    """Fill a store with a demo district; the same arguments give the same rows.

    A store that already holds exactly this demo is left as it is; another demo
    in it is replaced.

    Args:
        profile_key: one of `data.demo.profiles.PROFILES`.
        seed: whole number >= 0.
        until: the frozen clock, aware; nothing happens at or after it. None is the
            end of history, for profiles that have one.
        store: migrated store.
        progress: told after each step.

    Raises:
        RealDataError: the store holds rows that are not synthetic.
        ValueError: unknown profile, or no ``until`` where the profile needs one.
    """
    if profile_key not in PROFILES:
        raise ValueError(f"profile must be one of {', '.join(PROFILES)}, got {profile_key!r}")
    profile = PROFILES[profile_key]
    if until is None and profile.since is None:
        raise ValueError(f"profile {profile_key} needs an until, got None")
    until = until or profile.until(ZHONGSHAN_END)
    profile = fitted(profile, until)
    signature = {"profile": profile.key, "seed": seed, "until": until.astimezone(UTC).isoformat(),
                 "version": VERSION}
    made = meta.get(store, "synthetic")
    if made and made.get("signature") == signature:
        return Built(dict(made["rows"]), {}, was_there=True)
    refuse_real_data(store)
    watch = _Watch(progress)
    places, ground, people = _prepare(profile, seed, until, watch)
    seed_reference(store, _area_places(places.areas))
    days = local_days((until - timedelta(microseconds=1)).astimezone(LOCAL).date(), profile.fix_days)
    # partitions are UTC days; they cannot be made while the transaction below holds the table
    bulk.ensure_fix_partitions(store, [days[0] - timedelta(days=1), *days, days[-1] + timedelta(days=1)])
    rows = _write(profile, signature, until, store, watch=watch, places=places, ground=ground,
                  people=people)
    watch.step("done", 1.0)
    return Built(rows, watch.seconds, was_there=False)


def refuse_real_data(store: Store) -> None:
    """Stop before anything that is not synthetic could be overwritten.

    Raises:
        RealDataError: naming the table and the number of rows.
    """
    with store.engine.connect() as connection:
        for table in _MARKED:
            count = connection.scalar(select(func.count()).where(table.c.is_synthetic.is_(False)))
            if count:
                raise RealDataError(
                    f"table {table.name} holds {count} rows that are not synthetic; expected an empty store "
                    "or a demo. Choose another GRID_DATA_DIR or DATABASE_URL for the demo")
        count = connection.scalar(select(func.count()).where(or_(
            area.c.source_system.is_(None), area.c.source_system != "demo")))
        if count:
            raise RealDataError(
                f"table area holds {count} areas that no demo made; expected an empty store or a demo. "
                "Choose another GRID_DATA_DIR or DATABASE_URL for the demo")


class _Watch:
    """Seconds by stage, and the progress of the whole."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def step(self, stage: str, done: float) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._last, 2)
        self._last = now
        self._progress(stage, done)


def _prepare(profile: Profile, seed: int, until: datetime,
             watch: _Watch) -> tuple[Places, Ground, pd.DataFrame]:
    """Places with their chiefs, as frames and as arrays, and the people."""
    places = build_places(profile.places, seed)
    watch.step("places", 0.08)
    ground = build_ground(places.areas, places.roads, places.buildings, stream(seed, 10))
    buildings = places.buildings
    site = find_site(profile, ground)
    if site is not None:
        buildings = name_building(buildings, str(ground.building_id[site.building]))
    people = build_people(profile, ground, stream(seed, 20), areas=places.areas, buildings=buildings,
                          roads=places.roads, minute=_last_minute(until))
    places = Places(
        areas=places.areas.assign(chief_officer_id=_area_chiefs(places.areas)),
        roads=places.roads.assign(chief_id=road_chief_ids(places.roads, profile)),
        features=places.features,
        buildings=buildings.assign(chief_id=building_chief_ids(people, buildings, profile)),
    )
    watch.step("people", 0.12)
    return places, ground, people


def _last_minute(until: datetime) -> int:
    """The last whole minute of the local day before the end."""
    local = (until - timedelta(microseconds=1)).astimezone(LOCAL)
    return local.hour * 60 + local.minute


def _area_chiefs(areas: gpd.GeoDataFrame) -> list[str | None]:
    """The chief of each area: leader, community grid chief, grid chief, specialist officer."""
    def chief(code: str, level: str, kind: str | None, members: Any, parent: str) -> str | None:
        if level == "district":
            return f"D{code}-leader01"
        if level == "street":
            return f"S{code}-leader"
        if level == "community":
            return f"C{code}-chief"
        if kind == "professional":
            return f"{code}-1"
        base = members[0] if kind == "work" else parent if kind in ("compound", "unit") else code
        return f"G{base}-chief"

    return [chief(*row) for row in areas[["area_code", "level", "grid_kind", "members",
                                          "parent_code"]].itertuples(index=False)]


def _area_places(areas: gpd.GeoDataFrame) -> list[Place]:
    """Streets and communities as the seed of departments wants them."""
    chosen = areas[areas["level"].isin(["street", "community"])]
    columns = ["area_code", "name", "level", "lon", "lat"]
    return [Place(*row) for row in chosen[columns].itertuples(index=False)]

#: Where the rows of a time lie is known of those alone that an index by ranges has summarised.
_SUMMARISED: Final = """
SELECT count(brin_summarize_new_values(i.indexrelid))
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_am AS a ON a.oid = c.relam AND a.amname = 'brin' WHERE c.relkind = 'i'"""


def _write(profile: Profile, signature: Mapping[str, Any], until: datetime, store: Store, *, watch: _Watch,
           places: Places, ground: Ground, people: pd.DataFrame) -> dict[str, int]:
    """Empty the tables and fill them again in one transaction; rows by table."""
    rows = dict.fromkeys(FILLED, 0)
    seed = int(signature["seed"])
    with store.copying() as copy:
        emptied = ", ".join(f'"{name}"' for name in (*FILLED, *_OF_THEM))
        copy.execute(f"TRUNCATE {emptied} RESTART IDENTITY")
        for name, table in _standing(profile, seed, until, places=places, ground=ground, people=people):
            rows[name] += copy.append(name, table)
            watch.step("places" if name != "officer" else "people", 0.15)
        done, wanted = 0, profile.cases_per_day * profile.days
        rows["person_detail"] = copy.append("person_detail", officer_persons(people, seed))
        for number, batch in enumerate(case_batches(profile, ground, demo_calendar(), until, seed)):
            watch.step("cases", 0.15 + 0.4 * min(done / wanted, 1.0))
            rows["case"] += copy.append("case", batch.cases)
            rows["case_event"] += copy.append("case_event", batch.events)
            rows["person_detail"] += copy.append("person_detail", reporter_persons(batch.cases, seed, number))
            done += batch.cases.num_rows
            watch.step("write cases", 0.15 + 0.45 * min(done / wanted, 1.0))
        for number, table in enumerate(_fixes(profile, seed, until, ground, people), start=1):
            watch.step("positions", 0.6 + 0.4 * (number - 0.5) / profile.fix_days)
            rows["gps_fix"] += copy.append("gps_fix", table.sort_by("at"))  # as they would have come
            watch.step("write positions", 0.6 + 0.38 * min(number / profile.fix_days, 1.0))
        copy.execute("ANALYZE " + ", ".join(f'"{name}"' for name in FILLED))
        copy.execute(_SUMMARISED)
        for key, value in _notes(profile, signature, rows, until, places).items():
            copy.execute("INSERT INTO meta (key, value) VALUES ($1, $2::jsonb)"
                         " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                         [key, json.dumps(value, ensure_ascii=False)])
    return rows


def _standing(profile: Profile, seed: int, until: datetime, *, places: Places, ground: Ground,
              people: pd.DataFrame) -> Iterator[tuple[str, pa.Table]]:
    """Everything that is neither a case nor a position."""
    yield "area", to_rows(places.areas, METADATA.tables["area"])
    yield "road", to_rows(places.roads, METADATA.tables["road"])
    yield "base_feature", to_rows(places.features, METADATA.tables["base_feature"])
    yield "building", to_rows(places.buildings, METADATA.tables["building"])
    yield "officer", to_rows(people, METADATA.tables["officer"])
    resources = build_resources(profile, ground, stream(seed, 30))
    yield "resource", to_rows(resources, METADATA.tables["resource"])
    yield "patrol_zone", to_rows(build_zones(places.areas, places.roads, resources), patrol_zone)
    yield "patrol_point", to_rows(build_points(places.areas, ground, people), patrol_point)
    sensors = build_sensors(ground, stream(seed, 31))
    yield "resource", to_rows(sensors, METADATA.tables["resource"])
    told = readings(sensors_of(sensors), *span_of(until), zone=LOCAL, seed=seed)
    yield "reading", pa.table(dict(zip(Reading._fields, map(pa.array, zip(*told, strict=True)), strict=True)))
    yield day_note.name, build_notes(profile.first_day(until), until)
    yield survey.name, build_surveys(places.areas, until, stream(seed, 32))


def to_rows(frame: pd.DataFrame, table: Table) -> pa.Table:
    """The frame's columns that the table has, geometries as WKB, NaN and None as null."""
    columns: dict[str, pa.Array] = {}
    for column in table.columns:
        if column.name not in frame:
            continue
        values = frame[column.name]
        if isinstance(values, gpd.GeoSeries):
            columns[column.name] = pa.array(shapely.to_wkb(values.to_numpy()), pa.binary())
        elif column.name == "members":
            columns[column.name] = pa.array(
                [list(item) if isinstance(item, (list, tuple, np.ndarray)) else None for item in values],
                pa.list_(pa.string()))
        else:
            columns[column.name] = pa.Array.from_pandas(values, type=_arrow_type(column.type.python_type))
    return pa.table(columns)


def _arrow_type(kind: type) -> pa.DataType | None:
    known: Mapping[type, pa.DataType] = {str: pa.string(), float: pa.float64(), bool: pa.bool_(),
                                         int: pa.int32()}
    return known.get(kind)


def _fixes(profile: Profile, seed: int, until: datetime, ground: Ground,
           people: pd.DataFrame) -> Iterator[pa.Table]:
    """Positions, one table per local day."""
    days = local_days((until - timedelta(microseconds=1)).astimezone(LOCAL).date(), profile.fix_days)
    offset = until.astimezone(LOCAL).utcoffset() or timedelta()
    found = fixes_by_day(patrol_of(people, ground), ground, days,
                         np.datetime64(until.astimezone(UTC).replace(tzinfo=None), "us"),
                         per_day=profile.fixes_per_day, utc_offset_s=int(offset.total_seconds()), seed=seed,
                         total=profile.fix_total)
    return (table for _, table in found)


def _notes(profile: Profile, signature: Mapping[str, Any], rows: Mapping[str, int], until: datetime,
           places: Places) -> dict[str, Any]:
    """What the store is about: values of table ``meta`` by key."""
    district = places.areas[places.areas["level"] == "district"].iloc[0]
    patch = bool(district["is_derived"])
    return {
        "district": {"code": profile.adcode, "name": profile.name, "name_en": profile.name_en,
                     "lon": float(district["lon"]), "lat": float(district["lat"])},
        "city": {"name": profile.city, "name_en": profile.city_en},
        "time_zone": TIME_ZONE,
        "calendar": calendar_json(),
        "clock": {"at": until.isoformat()},
        "data_version": f"demo-{profile.key}-{signature['seed']}-{signature['until']}",
        "synthetic": {
            "zh": f"演示数据:人员、案件、轨迹均为合成,{'全部' if patch else '街道社区'}边界为推算",
            "en": "Demo data: people, cases and tracks are synthetic; "
                  f"{'all' if patch else 'inner'} borders are derived",
            "profile": profile.key, "seed": signature["seed"], "signature": dict(signature),
            "rows": dict(rows),
        },
    }
