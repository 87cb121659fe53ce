"""The store: acts, columns in and out, transactions."""

from __future__ import annotations

import os
import signal
import threading
from datetime import UTC, date, datetime

import adbc_driver_manager
import pyarrow as pa
import pytest
import sqlalchemy as sa

from data import bulk, meta
from data.engine import Store
from data.tables import area, gps_fix, officer

AT = datetime(2026, 7, 1, 23, 59, 59, 123456, tzinfo=UTC)


def areas(*codes: str) -> pa.Table:
    return pa.table({"area_code": list(codes), "name": [f"区{code}" for code in codes],
                     "level": ["street"] * len(codes)})


def test_arrow_answers_a_select_with_its_values(store: Store) -> None:
    store.append("area", areas("510108001", "510108002"))
    query = sa.select(area.c.name).where(
        area.c.area_code.in_(["510108002"]), area.c.created_at > AT.replace(year=2000))
    assert store.arrow(query).to_pydict() == {"name": ["区510108002"]}


def test_arrow_answers_text_with_placeholders(store: Store) -> None:
    found = store.arrow("SELECT $1::bigint + 1 AS n, $2::text AS t, sum(2.5) AS s,"
                        " '{\"a\":1}'::jsonb AS j", [41, "网格"])
    assert found.to_pylist() == [{"n": 42, "t": "网格", "s": 2.5, "j": '{"a": 1}'}]


def test_a_bad_query_fails_and_the_next_one_works(store: Store) -> None:
    with pytest.raises(adbc_driver_manager.Error, match="nowhere"):
        store.arrow("SELECT * FROM nowhere")
    assert store.arrow("SELECT 1 AS one").num_rows == 1


def test_append_converts_types_and_keeps_defaults(store: Store) -> None:
    rows = pa.table({
        "street_code": pa.array(["510108001"]).dictionary_encode(), "officer_id": ["g1"],
        "role": ["grid_officer"], "team_level": pa.array([1], pa.int64()),
        "created_at": pa.array([AT], pa.timestamp("ns", tz="Asia/Shanghai")),
    })
    assert store.append("officer", rows) == 1
    found = store.arrow(sa.select(officer)).to_pylist()[0]
    assert (found["team_level"], found["on_duty"], found["deleted_at"]) == (1, False, None)
    assert found["changed_xid"] > 0
    assert found["created_at"] == AT


@pytest.mark.parametrize(("table_name", "rows", "message"), [
    ("nope", {"a": [1]}, "table must be one of .* got 'nope'"),
    ("area", {"colour": ["red"]}, r"area has no columns \['colour'\]; it has area_code"),
    ("officer", {"team_level": [70_000]}, "officer.team_level must be int16, got int64"),
    ("officer", {"team_level": [0.5]}, "officer.team_level must be int16, got double"),
    ("meta", {"value": ["{}"]}, "meta.value of type JSONB cannot be copied in bulk"),
])
def test_append_names_what_does_not_fit(store: Store, table_name: str, rows: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        store.append(table_name, pa.table(rows))


def test_copying_is_all_or_nothing(store: Store) -> None:
    def stopped_midway() -> None:
        with store.copying() as copy:
            copy.append("area", areas("510108001"))
            copy.execute("UPDATE area SET name = $1", ["x"])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        stopped_midway()
    assert store.arrow(sa.select(area)).num_rows == 0


def test_fixes_find_their_day_by_themselves(store: Store) -> None:
    rows = pa.table({"street_code": ["1", "1"], "officer_id": ["a", "a"],
                     "lon": [104.0, 104.1], "lat": [30.0, 30.1],
                     "at": pa.array([AT, AT.replace(day=2)], pa.timestamp("us", tz="UTC"))})
    assert store.append("gps_fix", rows) == 2
    assert bulk.ensure_fix_partitions(store, [date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 3)]) == 1
    found = store.arrow(sa.select(gps_fix.c.at).order_by(gps_fix.c.at))
    assert found["at"].to_pylist() == rows["at"].to_pylist()


def test_a_transaction_that_emptied_the_fixes_may_fill_them_again(store: Store) -> None:
    rows = pa.table({"street_code": ["1"], "officer_id": ["a"], "lon": [104.0], "lat": [30.0],
                     "at": pa.array([AT], pa.timestamp("us", tz="UTC"))})
    with store.copying() as copy:
        copy.execute("TRUNCATE gps_fix")
        assert copy.append("gps_fix", rows) == 1
    assert bulk.upsert(store, "gps_fix", rows, ["street_code", "officer_id", "at"]) == (0, 0)


def test_upsert_counts_new_changed_and_leaves_the_rest_untouched(store: Store) -> None:
    assert bulk.upsert(store, "area", areas("1", "2"), ["area_code"]) == (2, 0)
    before = store.arrow(sa.select(area).order_by(area.c.area_code)).to_pylist()
    changed = areas("1", "2", "3").set_column(1, "name", pa.array(["区1", "新", "区3"]))
    assert bulk.upsert(store, "area", changed, ["area_code"]) == (1, 1)
    after = store.arrow(sa.select(area).order_by(area.c.area_code)).to_pylist()
    assert after[0] == before[0]
    assert after[1]["name"] == "新"
    assert after[1]["changed_xid"] > before[1]["changed_xid"]
    assert bulk.upsert(store, "area", changed, ["area_code"]) == (0, 0)


def test_upsert_revives_a_tombstone(store: Store) -> None:
    bulk.upsert(store, "area", areas("1"), ["area_code"])
    with store.engine.begin() as connection:
        connection.execute(sa.update(area).values(deleted_at=AT))
    assert bulk.upsert(store, "area", areas("1"), ["area_code"]) == (0, 1)
    assert store.arrow(sa.select(area.c.deleted_at)).to_pylist() == [{"deleted_at": None}]


def test_upsert_refuses_a_key_twice(store: Store) -> None:
    with pytest.raises(ValueError, match=r"area: each key must come once, got more of .*'area_code': '1'"):
        bulk.upsert(store, "area", areas("1", "1"), ["area_code"])


def test_meta_keeps_any_json(store: Store) -> None:
    assert meta.get(store, "district", "none") == "none"
    meta.put(store, "district", {"code": "510108"})
    meta.put(store, "district", {"code": "210202", "name": "中山区"})
    assert meta.get(store, "district") == {"code": "210202", "name": "中山区"}
    meta.remove(store, "district")
    assert meta.get(store, "district") is None


def test_reading_survives_connections_cut_by_the_server(store: Store) -> None:
    assert store.arrow("SELECT 1 AS one").num_rows == 1
    cut_everybody_else(store)
    assert store.arrow("SELECT 1 AS one").num_rows == 1


def test_a_statement_that_takes_too_long_is_stopped(store: Store) -> None:
    hasty = Store(store.url, statement_timeout_s=1)
    with pytest.raises(adbc_driver_manager.Error, match="statement timeout"):
        hasty.arrow("SELECT pg_sleep(30)::text AS slept")
    hasty.close()


def cut_everybody_else(store: Store) -> None:
    with store.engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                   " WHERE datname = current_database() AND pid <> pg_backend_pid()")


def backend(store: Store) -> int:
    with store.copying() as copy:
        found = copy.execute("SELECT pg_backend_pid() AS pid")
    assert found is not None
    return int(found["pid"][0].as_py())


def test_bulk_transactions_share_a_connection_that_rests_between_them(store: Store) -> None:
    pid = backend(store)
    resting = store.arrow("SELECT state FROM pg_stat_activity WHERE pid = $1", [pid])
    assert resting["state"].to_pylist() == ["idle"]
    assert backend(store) == pid


def test_each_bulk_transaction_has_a_time_and_a_number_of_its_own(store: Store) -> None:
    store.append("area", areas("510108001"))
    between = store.arrow("SELECT clock_timestamp() AS at")["at"][0].as_py()
    store.append("area", areas("510108002"))
    query = sa.select(area.c.created_at, area.c.changed_xid).order_by(area.c.area_code)
    first, second = store.arrow(query).to_pylist()
    assert first["created_at"] < between < second["created_at"]
    assert first["changed_xid"] < second["changed_xid"]


def test_a_bulk_transaction_survives_a_rested_connection_that_was_cut(store: Store) -> None:
    pid = backend(store)
    cut_everybody_else(store)
    assert backend(store) != pid


def test_a_failed_bulk_transaction_leaves_no_connection_behind(store: Store) -> None:
    pid = backend(store)
    with pytest.raises(adbc_driver_manager.Error, match="nowhere"), store.copying() as copy:
        copy.execute("SELECT * FROM nowhere")
    assert backend(store) != pid


def press_when_seen(store: Store) -> None:
    """Ctrl-C as soon as the server knows the statement, perhaps while it still reads it."""
    asked = sa.text("SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                    " AND query LIKE '%pg_sleep(30%' AND pid <> pg_backend_pid()")
    with store.engine.connect() as connection:
        while not connection.scalar(asked):
            connection.rollback()
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("is_pooled", [False, True])
def test_no_press_is_lost_however_early_it_comes(store: Store, is_pooled: bool) -> None:
    # left to the driver, one in twenty was swallowed and the statement ran to its end
    for _ in range(12):
        if is_pooled:
            store.arrow("SELECT 1")
        hand = threading.Thread(target=press_when_seen, args=(store,))
        hand.start()
        with pytest.raises(KeyboardInterrupt):
            store.arrow("SELECT pg_sleep(30)")
        hand.join()
    assert store.arrow("SELECT 1 AS one")["one"].to_pylist() == [1]


def test_what_was_broken_off_inside_a_bulk_transaction_leaves_nothing(store: Store) -> None:
    hand = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT])

    def load() -> None:
        with store.copying() as copy:
            copy.append("area", areas("510108001"))
            hand.start()
            copy.execute("SELECT pg_sleep(30)")

    with pytest.raises(KeyboardInterrupt):
        load()
    hand.join()
    assert store.arrow("SELECT count(*) AS n FROM area")["n"].to_pylist() == [0]
