"""Positions come into the store once, with their grid, doubtful ones marked, and the others are told."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import psycopg
import pyarrow as pa
import pytest
import shapely
import sqlalchemy as sa

from data.devices.rows import Row
from data.devices.writer import CHANNEL, FixWriter, WriterError
from data.engine import Store
from tests.data.devices.conftest import GRID, NOW, OFFICER, OTHER, STREET, stored


def row(second=0, lon=104.105, lat=30.665, officer=OFFICER, **about):
    return Row(STREET, officer, NOW + timedelta(seconds=second), lon, lat,
               **{"speed_mps": None, "heading": None, "accuracy_m": None, "battery": None, **about})


def test_a_position_gets_its_grid(district):
    assert FixWriter(district).put([row(battery=80), row(1, lon=105.0, lat=31.0, officer=OTHER)]) == 2
    first, second = stored(district)
    assert (first["officer_id"], first["grid_code"], first["battery"], first["valid"]) == (
        OFFICER, GRID, 80, True)
    assert (second["officer_id"], second["grid_code"]) == (OTHER, None)


def test_nothing_is_nothing(district):
    assert FixWriter(district).put([]) == 0


def test_repeats_change_nothing(district):
    writer = FixWriter(district)
    assert writer.put([row(), row(1), row(lon=104.109)]) == 2
    before = stored(district)
    assert before[0]["lon"] == 104.105, "the first of two of one second is the one"
    assert writer.put([row(lon=104.101, battery=1), row(1), row(2)]) == 1
    assert stored(district)[:2] == before


def test_a_jump_is_kept_as_doubtful_also_over_two_requests(district):
    writer = FixWriter(district)
    writer.put([row(), row(60)])
    writer.put([row(61, lon=104.165)])  # 6 km in a second
    writer.put([row(120)])
    assert [found["valid"] for found in stored(district)] == [True, True, False, True]


def test_what_the_device_doubts_stays_doubtful(district):
    FixWriter(district).put([row(valid=False), row(1)])
    assert [found["valid"] for found in stored(district)] == [False, True]


def test_days_of_one_request_get_their_tables(district):
    assert FixWriter(district).put([row(), row(-86_400), row(-6 * 86_400)]) == 3
    assert len(stored(district)) == 3


def test_new_borders_count_from_the_next_position_on(district):
    writer = FixWriter(district)
    writer.put([row(lon=104.115)])
    other = f"{GRID[:12]}002"
    district.append("area", pa.table({
        "area_code": [other], "name": ["new"], "level": ["grid"], "grid_kind": ["base"],
        "street_code": [STREET],
        "geometry": pa.array([shapely.to_wkb(shapely.box(104.11, 30.66, 104.12, 30.67))], pa.binary())}))
    writer.put([row(1, lon=104.115)])
    assert [found["grid_code"] for found in stored(district)] == [None, other]


def test_who_listens_is_told_what_is_new(district):
    with psycopg.connect(district.url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        writer = FixWriter(district)
        writer.put([row(), row(1)])
        writer.put([row()])  # nothing new
        writer.put([row(), row(2, officer=OTHER)])
        told = [json.loads(one.payload) for one in connection.notifies(timeout=10, stop_after=2)]
    assert told == [{"street_codes": [STREET], "count": 2}, {"street_codes": [STREET], "count": 1}]


def test_many_at_once_lose_and_double_nothing(district):
    writer, new, begin = FixWriter(district), [], threading.Barrier(16)

    def send(number):
        begin.wait()
        for step in range(10):
            # every position is sent by two threads
            new.append(writer.put([row((number // 2) * 1000 + step)]))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(new) == 160
    assert sum(new) == 80 == len(stored(district))


def test_two_processes_lose_and_double_nothing(district):
    other = Store(district.url)
    try:
        writers, new = (FixWriter(district), FixWriter(other)), []
        rows = [row(step, officer=officer) for step in range(400) for officer in (OFFICER, OTHER)]

        def send(writer, mine):
            for start in range(0, len(mine), 80):
                new.append(writer.put(mine[start:start + 80]))

        threads = [threading.Thread(target=send, args=(writers[0], rows)),
                   threading.Thread(target=send, args=(writers[1], rows[::-1]))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sum(new) == 800 == len(stored(district))
    finally:
        other.close()


def test_a_store_that_fails_is_said_and_the_next_try_works(district):
    writer = FixWriter(district)
    with district.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gps_fix RENAME TO gone"))
    with pytest.raises(WriterError, match="takes no positions now"):
        writer.put([row()])
    with district.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gone RENAME TO gps_fix"))
    assert writer.put([row()]) == 1
