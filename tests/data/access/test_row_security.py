"""The second wall: what the database itself lets a viewer's role read, asked with raw SQL."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import adbc_driver_manager
import psycopg
import pyarrow as pa
import pytest
import sqlalchemy as sa

from data import bulk
from data.access import within as first_wall
from data.access.scope import EVERYTHING, NOTHING, Scope, ScopeError
from data.access.within import within
from data.engine import Store
from data.tables import METADATA, building, cases, channel
from tests.data.access.worlds import FOLLOWERS, RESTRICTED, TABLES, Whole

#: Some of what no page of the district reads; what is not granted is closed.
CLOSED = ("account", "session", "audit_log", "display_token", "sign_in_failure", "person_detail",
          "device", "import_run", "import_reject", "alembic_version")
#: Granted as well: photos, which follow their case, emergencies, whistles; each has tests of its own.
FOLLOWING = ("attachment", "emergency", "emergency_task", "task_signup", "emergency_event",
             "emergency_called", "whistle", "whistle_call")
#: And texts of codes.
OTHERS = ("label", *FOLLOWING)
#: Read by the server for everybody, never by a viewer: themes of the wall, what desks sent to walls, what
#: people chose to be told of, weights of the index, notes on days, surveys, bulletins.
SERVER = ("topic", "screen_cast", "alert_subscription", "index_weights", "day_note", "survey",
          "bulletin_content", "bulletin", "bulletin_subscription", "bulletin_delivery")
KEYS = {"case": "case_no", "case_event": "case_no || '/' || seq", "officer": "officer_id",
        "gps_fix": "officer_id || extract(epoch FROM at)", "building": "building_id",
        "gps_stand": "officer_id || extract(epoch FROM slot)",
        "resource": "resource_id", "patrol_zone": "zone_id",
        "resource_event": "resource_id || extract(epoch FROM at)", "patrol_point": "point_id",
        "reading": "resource_id || kind || extract(epoch FROM at)",
        "area": "area_code", "alert": "alert_id",
        "alert_event": "alert_id || '/' || seq"}


@pytest.fixture(scope="module")
def whole(demo_store: Store) -> Whole:
    return Whole(demo_store)


@pytest.fixture(scope="module")
def scopes(whole: Whole) -> list[Scope]:
    codes = sorted(code for code in whole.tables["area"]["area_code"].to_pylist() if code.isdigit())
    grids, department = [code for code in codes if len(code) == 15], "urban_mgmt"
    return [EVERYTHING, NOTHING, Scope(areas=frozenset({codes[0][:6]})), Scope(areas=frozenset({codes[1]})),
            Scope(areas=frozenset({grids[3], grids[50][:12], grids[-1][:9]})),
            Scope(areas=frozenset({"*"}), departments=frozenset({department})),
            Scope(areas=frozenset({grids[0][:9]}), departments=frozenset({department, "nobody"}))]


@pytest.mark.parametrize("table", RESTRICTED)
def test_raw_sql_sees_exactly_the_rows_inside(
    demo_store: Store, whole: Whole, scopes: list[Scope], table: str
) -> None:
    text = f'SELECT {KEYS[table]} AS key FROM "{table}"'
    for scope in scopes:
        seen = sorted(demo_store.seen_by(scope).arrow(text)["key"].to_pylist())
        clause = within(METADATA.tables[table], scope)
        asked = demo_store.arrow(sa.select(sa.literal_column(KEYS[table]).label("key")).select_from(
            METADATA.tables[table]).where(clause))
        assert len(seen) == whole.inside(table, scope).num_rows, scope
        assert seen == sorted(asked["key"].to_pylist()), scope


def test_the_role_may_read_what_pages_read_and_do_nothing_else(demo_store: Store) -> None:
    with demo_store.engine.connect() as connection:
        granted = {tuple(row) for row in connection.execute(sa.text(
            "SELECT table_name::text, privilege_type::text FROM information_schema.role_table_grants"
            " WHERE grantee = 'grid_viewer'"))}
        secured = set(connection.scalars(sa.text(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind IN ('r', 'p')")))
        role = connection.execute(sa.text(
            "SELECT rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles"
            " WHERE rolname = 'grid_viewer'")).scalar_one()
    assert granted == {(name, "SELECT") for name in (*TABLES, *OTHERS)}
    assert {name for name in secured if not name.startswith("gps_fix_")} == {*RESTRICTED, *FOLLOWING}
    assert role is False


@pytest.mark.parametrize("table", CLOSED)
def test_what_no_page_reads_is_refused(demo_store: Store, table: str) -> None:
    with pytest.raises(adbc_driver_manager.Error, match=f"permission denied for table {table}"):
        demo_store.seen_by(EVERYTHING).arrow(f'SELECT * FROM "{table}"')


@pytest.mark.parametrize("statement", [
    "DELETE FROM case_event", "UPDATE officer SET phone_masked = ''", "TRUNCATE area",
    "INSERT INTO meta VALUES ('clock', '1')", 'UPDATE "case" SET title = title WHERE false',
    "DROP POLICY in_scope ON area", "ALTER TABLE area DISABLE ROW LEVEL SECURITY",
    "CREATE TABLE mine (a int)",
])
def test_nothing_can_be_written(demo_store: Store, statement: str) -> None:
    with pytest.raises(adbc_driver_manager.Error, match=r"permission denied|must be owner"):
        demo_store.seen_by(EVERYTHING).arrow(statement)


def test_every_table_is_decided_about(demo_store: Store) -> None:
    with demo_store.engine.connect() as connection:
        found = set(connection.scalars(sa.text(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace")))
    assert found == {*TABLES, *OTHERS, *CLOSED, *SERVER}


def test_a_connection_without_a_setting_sees_nothing(demo_store: Store) -> None:
    with psycopg.connect(demo_store.url, options="-c role=grid_viewer") as connection:
        for table in RESTRICTED:
            counted = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
            assert counted == (0,), table
        connection.execute("SET grid.departments = 'urban_mgmt'")
        assert connection.execute('SELECT count(*) FROM "case"').fetchone() == (0,)


def test_a_day_of_fixes_is_closed_also_when_it_comes_later(store: Store) -> None:
    bulk.ensure_fix_partitions(store, [date(2030, 1, 1), date(2030, 1, 2)])
    for name in ("gps_fix_20300101", "gps_fix_20300102"):
        with pytest.raises(adbc_driver_manager.Error, match=f"permission denied for table {name}"):
            store.seen_by(EVERYTHING).arrow(f"SELECT * FROM {name}")
        with store.engine.begin() as connection:
            connection.exec_driver_sql(f"GRANT SELECT ON {name} TO grid_viewer")
            connection.exec_driver_sql(
                f"INSERT INTO {name} (street_code, officer_id, at, lon, lat)"
                f" VALUES ('210202001', 'a', '2030-01-{name[-2:]}', 1, 1)")
        assert store.seen_by(EVERYTHING).arrow(f"SELECT * FROM {name}").num_rows == 0
    assert store.seen_by(EVERYTHING).arrow("SELECT * FROM gps_fix").num_rows == 2


def test_no_setting_is_left_for_the_next_viewer(demo_store: Store, whole: Whole, scopes: list[Scope]) -> None:
    expected = {scope: whole.inside("building", scope).num_rows for scope in scopes}
    wrong: list[Any] = []

    def ask(turn: int) -> None:
        for number in range(40):
            scope = scopes[(turn + number) % len(scopes)]
            found = demo_store.seen_by(scope).arrow("SELECT count(*) AS n FROM building")["n"][0].as_py()
            if found != expected[scope]:
                wrong.append((scope, found))

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_failed_question_leaves_nothing_behind(
    demo_store: Store, whole: Whole, scopes: list[Scope]
) -> None:
    wide, narrow = demo_store.seen_by(EVERYTHING), demo_store.seen_by(scopes[3])
    for _ in range(3):
        with pytest.raises(adbc_driver_manager.Error, match="division by zero"):
            wide.arrow("SELECT 1 / 0 AS oops")
        assert narrow.arrow("SELECT 1 FROM building").num_rows == whole.inside("building", scopes[3]).num_rows
        with pytest.raises(adbc_driver_manager.Error, match="does not exist"):
            narrow.arrow("SELECT nothing FROM building")
        assert wide.arrow("SELECT 1 FROM building").num_rows == whole.tables["building"].num_rows


@pytest.mark.parametrize("name", ["grid.areas", "role"])
def test_what_a_statement_changes_is_gone_at_the_next(
    demo_store: Store, whole: Whole, scopes: list[Scope], name: str
) -> None:
    for scope in (scopes[3], scopes[4]):
        value = {"grid.areas": "*", "role": "none"}[name]
        demo_store.seen_by(scopes[3]).arrow(f"SELECT set_config('{name}', '{value}', false) AS value")
        found = demo_store.seen_by(scope).arrow("SELECT current_user AS who FROM building")
        assert set(found["who"].to_pylist()) == {"grid_viewer"}
        assert found.num_rows == whole.inside("building", scope).num_rows


def test_the_owner_is_not_restricted(demo_store: Store, whole: Whole) -> None:
    demo_store.seen_by(NOTHING).arrow("SELECT 1 FROM area")
    assert demo_store.arrow("SELECT 1 FROM area").num_rows == whole.tables["area"].num_rows
    assert isinstance(demo_store.arrow('SELECT 1 FROM "case"'), pa.Table)


@pytest.fixture
def two_databases(address: Callable[[str], str]) -> Iterator[list[sa.URL]]:
    names = ("first_of_two", "second_of_two")
    with psycopg.connect(address("postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}")
        yield [sa.make_url(address(name)).set(drivername="postgresql+psycopg") for name in names]
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_databases_of_one_server_share_the_role(two_databases: list[sa.URL]) -> None:
    code = "import sys, sqlalchemy as sa; from data import migrate; migrate.to_head(sa.make_url(sys.argv[1]))"
    running = [subprocess.Popen([sys.executable, "-c", code, url.render_as_string(hide_password=False)],
                                stderr=subprocess.PIPE, text=True) for url in two_databases]
    assert [(process.communicate(timeout=120)[1][-800:], process.returncode) for process in running] == [
        ("", 0), ("", 0)]
    for url in two_databases:
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False),
                             options="-c role=grid_viewer") as connection:
            assert connection.execute("SELECT count(*) FROM area").fetchone() == (0,)


def test_a_scope_is_asked_for_wherever_a_table_has_a_rule() -> None:
    assert set(first_wall._RULES) == set(RESTRICTED) == {*FOLLOWERS, *(set(RESTRICTED) - set(FOLLOWERS))}
    with pytest.raises(ScopeError, match="a question about case must have a scope, got none"):
        within(cases, None)
    with pytest.raises(ScopeError, match=r"a scope is known for case, .*; got 'channel'"):
        within(channel, EVERYTHING)


def test_everything_costs_no_clause() -> None:
    for name in RESTRICTED:
        table = METADATA.tables[name]
        other = table.c.street_code == "x"
        first = sa.select(table).where(within(table, EVERYTHING), other)
        assert str(first) == str(sa.select(table).where(other))


@pytest.mark.parametrize("district", ["210202", "210199", "999999", "000009"])
def test_a_district_is_its_streets_and_no_neighbour(store: Store, district: str) -> None:
    before, behind = (f"{int(district) + step:06d}"[-6:] for step in (-1, 1))
    streets = [f"{code}{number}" for code in (before, district, behind) for number in ("000", "001", "999")]
    store.append("building", pa.table({
        "street_code": streets, "building_id": [f"b{number}" for number in range(len(streets))]}))
    scope = Scope(areas=frozenset({district}))
    asked = sa.select(building.c.street_code).where(within(building, scope))
    for found in (store.arrow(asked), store.seen_by(scope).arrow("SELECT street_code FROM building")):
        assert sorted(found["street_code"].to_pylist()) == streets[3:6]
