"""Migrations lead from nothing to exactly the tables of `data.tables`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from data import migrate
from data.access import tables as access_tables
from data.alerts import tables as alert_tables
from data.analytics import tables as analytics_tables
from data.attachments import tables as attachment_tables
from data.bulletin import tables as bulletin_tables
from data.devices import tables as device_tables
from data.emergency import tables as emergency_tables
from data.engine import Store, open_store
from data.live import tables as cast_tables
from data.migrate import MigrationError
from data.patrol import tables as patrol_tables
from data.resources import tables as resource_tables
from data.sensors import tables as sensor_tables
from data.settings import Settings
from data.tables import METADATA


@pytest.fixture
def empty(address: Callable[[str], str]) -> Iterator[sa.URL]:
    """The address of a database without any table."""
    with psycopg.connect(address("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
        yield sa.make_url(address("bare")).set(drivername="postgresql+psycopg")
        connection.execute("DROP DATABASE bare WITH (FORCE)")


def test_the_migrations_make_the_tables_as_they_are_declared(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": True, "compare_server_default": False,
            "include_object": lambda made, name, *_: not str(name).startswith("gps_fix_")})
        assert access_tables.account.metadata is METADATA
        assert attachment_tables.attachment.metadata is METADATA
        assert alert_tables.alert.metadata is METADATA
        assert analytics_tables.index_weights.metadata is METADATA
        assert bulletin_tables.bulletin.metadata is METADATA
        assert device_tables.device.metadata is METADATA
        assert cast_tables.screen_cast.metadata is METADATA
        assert patrol_tables.patrol_zone.metadata is METADATA
        assert emergency_tables.emergency.metadata is METADATA
        assert resource_tables.resource_event.metadata is METADATA
        assert sensor_tables.reading.metadata is METADATA
        assert compare_metadata(context, METADATA) == []


def test_several_who_start_at_once_migrate_once(empty: sa.URL) -> None:
    applied: list[bool] = []
    threads = [threading.Thread(target=lambda: applied.append(migrate.to_head(empty))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(applied) == [False, False, False, True]


def test_a_database_of_a_newer_program_is_refused(empty: sa.URL) -> None:
    migrate.to_head(empty)
    engine = sa.create_engine(empty, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(MigrationError, match="version '9999', which this program does not know"):
        migrate.to_head(empty)


def test_a_server_that_is_too_old_is_refused(empty: sa.URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "OLDEST_SERVER", 99)
    with pytest.raises(MigrationError, match="the server must be PostgreSQL 99 or newer, got 1"):
        migrate.to_head(empty)


def test_a_failed_migration_leaves_nothing(empty: sa.URL) -> None:
    engine = sa.create_engine(empty, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE resource (oops int)")
    with pytest.raises(sa.exc.ProgrammingError, match="resource"):
        migrate.to_head(empty)
    with engine.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        assert tables == {"resource"}


def test_the_way_back_leads_to_nothing(empty: sa.URL) -> None:
    migrate.to_head(empty)
    engine = sa.create_engine(empty, poolclass=sa.NullPool)
    settings = migrate.config()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
        assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}


def test_a_given_server_is_used_and_left_running(empty: sa.URL) -> None:
    url = empty.render_as_string(hide_password=False).replace("postgresql+psycopg", "postgres", 1)
    opened = open_store(Settings(database_url=url.replace("postgres:", "postgresql:", 1)))
    assert opened.arrow("SELECT count(*) AS n FROM area").to_pylist() == [{"n": 0}]
    opened.close()


def test_a_server_that_is_not_there_fails_soon() -> None:
    with pytest.raises(sa.exc.OperationalError):
        open_store(Settings(database_url="postgresql://me@127.0.0.1:1/grid"))
