"""Import of fixes (定位): tracks of officers, whatever order they are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from data.bulk import upsert_into
from data.ingest import grids, places
from data.ingest.case_paths import instants
from data.ingest.columns import Columns, Floats, mask, require
from data.ingest.report import Bools, RowReport
from data.ingest.run import Run
from data.ingest.times import Times, parse_times
from data.ingest.write import Job
from data.tables import gps_fix, officer

MAX_SPEED_MPS: Final = 70.0  # 250 km/h: no officer moves faster
MIN_JUMP_M: Final = 200.0  # shorter hops are noise of the receiver, whatever their speed
SAME_PLACE: Final = 1e-6
MAX_ID: Final = 200
_EARTH_M: Final = 6_371_008.8


@dataclass(frozen=True, slots=True)
class _Fixes:
    """The rows of a file, one value per row; refused rows hold anything."""

    officer_id: pa.Array
    at: Times
    lon: Floats
    lat: Floats
    extra: dict[str, pa.Array]


def import_fixes(run: Run) -> None:
    """Read all rows, then write officer by officer in the order of time.

    The whole file is held in memory, because jumps and repeats can only be told
    in the order of time, and loggers write in any order.
    """
    index = grids.load_index(run.store)
    parts, reports = [], []
    for batch, report in run.batches(geometry=True):
        parts.append(_read(Columns(batch, run.mapping), run, report))
        reports.append(report)
    if not parts:
        return
    report = RowReport.joined(reports)
    fixes = _Fixes(
        officer_id=pa.concat_arrays([part.officer_id for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        lon=np.concatenate([part.lon for part in parts]),
        lat=np.concatenate([part.lat for part in parts]),
        extra={name: pa.concat_arrays([part.extra[name] for part in parts]) for name in parts[0].extra},
    )
    _write(run, fixes, report, index)


def _read(columns: Columns, run: Run, report: RowReport) -> _Fixes:
    require(columns.table.column_names, run.mapping, [("officer_id",), ("at",), ("lon",), ("lat",)])
    ids = columns.text("officer_id")
    report.source_ids = ids
    report.reject(
        mask(pc.is_null(ids)),
        field="officer_id",
        reason="missing_id",
        got=None,
        expected="whose position it is",
    )
    report.reject(
        mask(pc.greater(pc.utf8_length(ids), MAX_ID)),
        field="officer_id",
        reason="bad_id",
        got=ids,
        expected=f"at most {MAX_ID} characters",
    )
    raw = columns.raw("at")
    assert raw is not None  # noqa: S101 - required above
    if not pa.types.is_timestamp(raw.type):
        raw = columns.cleaned(raw)
    parsed = parse_times(
        raw,
        run.mapping.time_formats("at"),
        run.mapping.zone_of_times,
        local_labelled_utc=run.mapping.local_labelled_utc,
    )
    report.reject(~parsed.given, field="at", reason="missing_time", got=None, expected="the time of the fix")
    report.reject(
        parsed.impossible,
        field="at",
        reason="impossible_time",
        got=raw,
        expected=f"{' or '.join(run.mapping.time_formats('at'))}",
    )
    report.reject(parsed.ambiguous, field="at", reason="ambiguous_time", got=raw, expected="one format")
    report.flag(parsed.guessed, field="at", reason="ambiguous_time_decided", got=raw, expected="one format")
    report.reject(
        parsed.at > np.datetime64(run.now.replace(tzinfo=None), "us") + np.timedelta64(1, "D"),
        field="at",
        reason="future_time",
        got=raw,
        expected="not in the future",
    )
    lon, lat = places.coordinates(columns, run.crs, report, run.mapping.district)
    extra = {
        name: pa.array(_bounded(columns, name, low, high), from_pandas=True)
        for name, low, high in (
            ("speed_mps", 0, 200),
            ("heading", 0, 360),
            ("accuracy_m", 0, 100_000),
            ("battery", 0, 100),
        )
    }
    extra["battery"] = pc.cast(pc.round(extra["battery"]), pa.int16())
    return _Fixes(ids.fill_null(""), parsed.at, np.round(lon, 7), np.round(lat, 7), extra)


def _bounded(columns: Columns, name: str, low: float, high: float) -> Floats:
    value, _ = columns.number(name)
    with np.errstate(invalid="ignore"):
        return np.where((value >= low) & (value <= high), value, np.nan)


def _write(run: Run, fixes: _Fixes, report: RowReport, index: Any) -> None:
    kept = np.flatnonzero(~report.rejected)
    people = pc.dictionary_encode(fixes.officer_id.take(pa.array(kept)))
    person = people.indices.to_numpy()
    order = np.lexsort([kept, fixes.at[kept].view(np.int64), person])
    rows, person = kept[order], person[order]
    at, lon, lat = fixes.at[rows], fixes.lon[rows], fixes.lat[rows]
    first, same = _repeats(person, at, lon, lat)
    conflict = np.zeros(len(report.row_no), dtype=bool)
    conflict[rows[~first & ~same]] = True
    report.reject(
        conflict, field="at", reason="repeated_id", got=_points(fixes), expected="one place at a time"
    )
    unchanged = int(same.sum())
    rows, person, at, lon, lat = rows[first], person[first], at[first], lon[first], lat[first]
    valid = ~jumps(person, at, lon, lat)
    _flag(report, rows[~valid], "jump", fixes, f"at most {MAX_SPEED_MPS:.0f} m/s from the fix before")
    grid = np.asarray(index.assign(lon, lat), dtype=object)
    _flag(report, rows[grid == ""], "outside_grids", fixes, "inside a grid of the store")
    names = people.dictionary.to_pylist()
    streets, new_people = _streets(run, names, person, grid)
    found, equal = _stored(run, names, person, at=at, lon=lon, lat=lat)
    moved = np.zeros(len(report.row_no), dtype=bool)
    moved[rows[found & ~equal]] = True
    report.reject(
        moved,
        field="at",
        reason="repeated_id",
        got=_points(fixes),
        expected="the place that was imported before",
    )
    new = ~found
    table = pa.table(
        {
            "street_code": pa.array(streets[person[new]], pa.string()),
            "officer_id": people.dictionary.take(pa.array(person[new])),
            "at": instants(at[new]),
            "lon": pa.array(lon[new]),
            "lat": pa.array(lat[new]),
            "valid": pa.array(valid[new]),
            "grid_code": pa.array([code or None for code in grid[new]], pa.string()),
            **{name: values.take(pa.array(rows[new])) for name, values in fixes.extra.items()},
        }
    )
    outcome = {"inserted": table.num_rows, "updated": 0, "unchanged": unchanged + int((found & equal).sum())}

    def write(copy: Any) -> None:
        if new_people.num_rows:
            upsert_into(copy, officer.name, new_people, ["street_code", "officer_id"])
        if table.num_rows:
            copy.append(gps_fix.name, table)

    run.writer.put(Job(write, report, outcome))


def _flag(report: RowReport, rows: Any, reason: str, fixes: _Fixes, expected: str) -> None:
    hit = np.zeros(len(report.row_no), dtype=bool)
    hit[rows] = True
    report.flag(hit, field="lon,lat", reason=reason, got=_points(fixes), expected=expected)


class _points:  # noqa: N801 - a list in all but name
    """Texts of points, made only for the rows that are asked for."""

    def __init__(self, fixes: _Fixes) -> None:
        self._fixes = fixes

    def __getitem__(self, row: int) -> str:
        return f"{self._fixes.lon[row]:.6f},{self._fixes.lat[row]:.6f}"


def _repeats(person: Any, at: Times, lon: Floats, lat: Floats) -> tuple[Bools, Bools]:
    """Sorted rows: the first of each (person, time), and later ones at the same place."""
    if not len(person):
        none = np.zeros(0, dtype=bool)
        return none, none
    again = np.concatenate([[False], (person[1:] == person[:-1]) & (at[1:] == at[:-1])])
    begin = np.maximum.accumulate(np.where(again, 0, np.arange(len(again))))
    near = (np.abs(lon - lon[begin]) < SAME_PLACE) & (np.abs(lat - lat[begin]) < SAME_PLACE)
    return ~again, again & near


def distance_m(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Great-circle distance in metres between points in degrees."""
    one, other = np.radians(lat), np.radians(to_lat)
    half = (
        np.sin((other - one) / 2) ** 2
        + np.cos(one) * np.cos(other) * np.sin(np.radians(to_lon - lon) / 2) ** 2
    )
    return 2 * _EARTH_M * np.arcsin(np.minimum(1.0, np.sqrt(half)))


def jumps(person: Any, at: Times, lon: Floats, lat: Floats) -> Bools:
    """Fixes that cannot be reached from the one before; sorted by person and time.

    A single stray counts once: the fix that comes back from it is sound if it can
    be reached from the fix before the stray.
    """
    count = len(person)
    far = np.zeros(count, dtype=bool)
    if count < 2:
        return far
    far[1:] = _unreachable(person, at, lon, lat, 1)
    back = np.zeros(count, dtype=bool)
    if count > 2:
        back[2:] = (person[2:] == person[:-2]) & ~_unreachable(person, at, lon, lat, 2)
    stray_before = np.concatenate([[False], far[:-1]])
    return far & ~(stray_before & back)


def _unreachable(person: Any, at: Times, lon: Floats, lat: Floats, step: int) -> Bools:
    metres = distance_m(lon[:-step], lat[:-step], lon[step:], lat[step:])
    seconds = np.maximum((at[step:] - at[:-step]).astype(np.int64) / 1e6, 1e-6)
    return np.asarray(
        (person[step:] == person[:-step]) & (metres > MIN_JUMP_M) & (metres / seconds > MAX_SPEED_MPS)
    )


def _streets(run: Run, names: list[str], person: Any, grid: Any) -> tuple[Any, pa.Table]:
    """The street that each person belongs to, and rows for people whom the store does not know.

    A stranger belongs where most of their fixes lie; one who never was in any
    grid belongs to the first street of the store.
    """
    wanted = bindparam("ids", names, type_=ARRAY(TEXT))
    with run.store.engine.connect() as connection:
        known = {
            row.officer_id: row.street_code
            for row in connection.execute(
                select(officer.c.officer_id, officer.c.street_code).where(
                    officer.c.officer_id == any_(wanted)
                )
            )
        }
    inside = pd.DataFrame({"person": person, "grid": grid})
    inside = inside[inside["grid"] != ""]
    counted = inside.groupby(["person", "grid"]).size().reset_index(name="fixes")
    counted = counted.sort_values(["person", "fixes", "grid"], ascending=[True, False, True])
    first = counted.drop_duplicates("person")
    most = dict(zip(first["person"].tolist(), first["grid"].tolist(), strict=True))
    fallback = grids.first_street(run.store)
    homes = [most.get(number, "") for number in range(len(names))]
    streets = np.asarray(
        [known.get(name) or home[:9] or fallback for name, home in zip(names, homes, strict=True)],
        dtype=object,
    )
    new = [number for number, name in enumerate(names) if name not in known]
    rows = pa.table(
        {
            "street_code": pa.array([streets[number] for number in new], pa.string()),
            "officer_id": pa.array([names[number] for number in new], pa.string()),
            "community_code": pa.array([homes[number][:12] or None for number in new], pa.string()),
            "grid_code": pa.array([homes[number] or None for number in new], pa.string()),
            "role": pa.array(["special_officer"] * len(new), pa.string()),
            "source_system": pa.array([run.mapping.source_system] * len(new), pa.string()),
        }
    )
    return streets, rows


def _stored(
    run: Run, names: list[str], person: Any, *, at: Times, lon: Floats, lat: Floats
) -> tuple[Bools, Bools]:
    """Per row: the store has a fix of that person and time; and at the same place."""
    none = np.zeros(len(person), dtype=bool)
    if not len(person):
        return none, none
    wanted = bindparam("ids", names, type_=ARRAY(TEXT))
    low, high = (pd.Timestamp(value).tz_localize("UTC").to_pydatetime() for value in (at.min(), at.max()))
    query = select(gps_fix.c.officer_id, gps_fix.c.at, gps_fix.c.lon, gps_fix.c.lat).where(
        gps_fix.c.officer_id == any_(wanted), gps_fix.c.at >= low, gps_fix.c.at <= high
    )
    with run.store.engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        if not count:
            return none, none
        stored = pd.DataFrame(connection.execute(query).all(), columns=["name", "at", "lon", "lat"])
    stored["at"] = pd.to_datetime(stored["at"], utc=True).dt.tz_localize(None).astype("datetime64[us]")
    mine = pd.DataFrame(
        {"name": np.asarray(names, dtype=object)[person], "at": at, "mine": np.arange(len(person))}
    )
    both = mine.merge(stored, on=["name", "at"], how="inner")
    place = both["mine"].to_numpy()
    found, equal = none.copy(), none.copy()
    found[place] = True
    equal[place] = (np.abs(both["lon"].to_numpy() - lon[place]) < SAME_PLACE) & (
        np.abs(both["lat"].to_numpy() - lat[place]) < SAME_PLACE
    )
    return found, equal
