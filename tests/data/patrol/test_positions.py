"""Where everybody was: the last valid fix of each by a moment, whatever became of the fixes before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from data.engine import Store
from data.patrol.tables import STAND_S, gps_stand
from data.readers import Readers, build_readers
from data.settings import Settings
from data.tables import gps_fix, officer
from tests.data.cases.samples import STREETS

#: The fixes lie around a midnight, so in two partitions.
START = datetime(2026, 4, 1, 16, tzinfo=UTC)
SPAN_S = 14 * 3600
PEOPLE = [(STREETS[number % len(STREETS)], f"O{number:03d}") for number in range(40)]
MAX_AGE = timedelta(hours=8)
SAID = ("at", "lon", "lat", "heading", "speed_mps", "battery", "grid_code")


def _fixes(rng: np.random.Generator, count: int) -> dict[tuple[str, str, datetime], dict[str, Any]]:
    """Fixes at random by key: many at whole minutes and half hours, one in eight not valid."""
    found = {}
    for _ in range(count):
        street, person = PEOPLE[int(rng.integers(len(PEOPLE)))]
        step = int(rng.choice([1, 60, 1800]))
        at = START + timedelta(seconds=int(rng.integers(SPAN_S)) // step * step)
        found[street, person, at] = {
            "street_code": street, "officer_id": person, "at": at, "lon": 121 + float(rng.random()),
            "lat": 38 + float(rng.random()), "heading": float(rng.integers(360)), "speed_mps": 1.0,
            "battery": int(rng.integers(100)), "valid": bool(rng.random() < 7 / 8), "grid_code": "G"}
    return found


@pytest.fixture(scope="module")
def walked(module_store: Store) -> tuple[Readers, dict[Any, dict[str, Any]]]:
    """Readers of a store whose fixes came in bulk and late, and were corrected and taken away."""
    rng = np.random.default_rng(29)
    held = _fixes(rng, 2_500)
    late = _fixes(rng, 400)
    with module_store.engine.begin() as connection:
        connection.execute(sa.insert(officer), [
            {"street_code": street, "officer_id": person, "role": "officer"} for street, person in PEOPLE])
    with module_store.copying() as copy:
        copy.append(gps_fix.name, pa.Table.from_pylist([*held.values()]))
    again = postgresql.insert(gps_fix)
    said = {name: again.excluded[name] for name in (*SAID[1:], "valid")}
    with module_store.engine.begin() as connection:
        connection.execute(again.on_conflict_do_update(
            index_elements=["street_code", "officer_id", "at"], set_=said), [*late.values()])
    held |= late
    gone = [key for number, key in enumerate(held) if number % 9 == 0]
    spoilt = [key for number, key in enumerate(held) if number % 9 == 1]
    key = sa.and_(*(gps_fix.c[name] == sa.bindparam(f"key_{name}") for name in (
        "street_code", "officer_id", "at")))
    with module_store.engine.begin() as connection:
        for statement, keys in ((sa.delete(gps_fix).where(key), gone),
                                (sa.update(gps_fix).where(key).values(valid=False), spoilt)):
            connection.execute(statement, [
                {"key_street_code": street, "key_officer_id": person, "key_at": at}
                for street, person, at in keys])
    for one in gone:
        del held[one]
    for one in spoilt:
        held[one]["valid"] = False
    readers = build_readers(module_store, Settings())
    readers.snapshot.refresh()
    return readers, held


def _last(held: dict[Any, dict[str, Any]], since: datetime, until: datetime) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for fix in sorted(held.values(), key=lambda one: one["at"]):
        if fix["valid"] and since <= fix["at"] <= until:
            found[fix["officer_id"]] = {name: fix[name] for name in SAID}
    return found


MOMENTS = [START + timedelta(seconds=int(second)) for second in (
    *np.random.default_rng(4).integers(-600, SPAN_S + 9 * 3600, 12), 0, 1800, 5400, 8 * 3600, SPAN_S)]


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_a_position_is_the_last_valid_fix_by_then(walked: Any, at: datetime) -> None:
    readers, held = walked
    for age in (MAX_AGE, timedelta(minutes=20)):
        for one in (readers, readers.at(at)):
            frame = one.patrol.positions(at, age)
            rows = {row["officer_id"]: {name: row[name] for name in SAID} for row in frame.to_dict("records")}
            assert rows == _last(held, at - age, at)


def test_each_half_hour_holds_the_last_valid_fix_in_it(walked: Any) -> None:
    readers, held = walked
    expected = {}
    for fix in sorted(held.values(), key=lambda one: one["at"]):
        if fix["valid"]:
            slot = datetime.fromtimestamp(fix["at"].timestamp() // STAND_S * STAND_S, UTC)
            expected[slot, fix["street_code"], fix["officer_id"]] = {name: fix[name] for name in SAID}
    rows = readers.store.arrow(sa.select(gps_stand)).to_pylist()
    assert {(row["slot"], row["street_code"], row["officer_id"]): {name: row[name] for name in SAID}
            for row in rows} == expected
    assert len(rows) > 500


def test_where_fixes_are_emptied_nobody_stands(store: Store) -> None:
    with store.copying() as copy:
        copy.append(gps_fix.name, pa.Table.from_pylist([*_fixes(np.random.default_rng(1), 50).values()]))
    with store.engine.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(gps_stand))
        connection.execute(sa.text("TRUNCATE gps_fix"))
        assert connection.scalar(sa.select(sa.func.count()).select_from(gps_stand)) == 0


def test_a_day_that_comes_later_has_the_order_of_time(store: Store) -> None:
    with store.copying() as copy:
        copy.append(gps_fix.name, pa.Table.from_pylist([*_fixes(np.random.default_rng(2), 50).values()]))
    text = ("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_am a ON a.oid = c.relam"
            " JOIN pg_inherits p ON p.inhrelid = i.indrelid"
            " WHERE p.inhparent = 'gps_fix'::regclass AND a.amname = 'brin'"
            " AND 'autosummarize=on' = ANY (c.reloptions)")
    with store.engine.connect() as connection:
        assert connection.scalar(sa.text(text)) == 2
