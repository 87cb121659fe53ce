"""One embedded server per test run; every test that writes gets its own database on it."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from data import embedded, migrate
from data.embedded import Embedded
from data.engine import Store

TEMPLATE = "grid_template"


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """The embedded server of this run, stopped and removed at its end.

    It need not survive a power cut; crashes are tested on servers of their own.
    """
    folder = Path(tempfile.mkdtemp(prefix="grid-test-"))
    running = embedded.start(folder)
    _run(running, "ALTER SYSTEM SET fsync = off")
    _run(running, "SELECT pg_reload_conf()")
    yield running
    running.close()
    shutil.rmtree(folder, ignore_errors=True)


def _address(server: Embedded, database: str) -> str:
    return server.url.replace(f"/{embedded.DATABASE}", f"/{database}", 1)


@pytest.fixture(scope="session")
def address(server: Embedded) -> Callable[[str], str]:
    """Where a database of the run's server is, by its name."""
    return partial(_address, server)


@pytest.fixture(scope="session")
def template(server: Embedded) -> str:
    """The name of a migrated, empty database that others are copied from."""
    _run(server, f"CREATE DATABASE {TEMPLATE} TEMPLATE {embedded.DATABASE}")
    migrate.to_head(sa.make_url(_address(server, TEMPLATE)).set(drivername="postgresql+psycopg"))
    return TEMPLATE


@pytest.fixture
def store(server: Embedded, template: str) -> Iterator[Store]:
    """A migrated, empty store that only this test sees."""
    yield from _database(server, template)


@pytest.fixture(scope="module")
def module_store(server: Embedded, template: str) -> Iterator[Store]:
    """A migrated store that the tests of one module share, filled by them."""
    yield from _database(server, template)


@pytest.fixture(scope="session")
def demo_store(server: Embedded, template: str) -> Iterator[Store]:
    """The district of ``demo zhongshan --seed 7``; read only."""
    from data.demo.build import build

    for made in _database(server, template):
        build("zhongshan", 7, None, made)
        yield made


@pytest.fixture
def clock() -> datetime:
    """A moment that tests may call now: noon of 11 May 2019 in the demo district."""
    return datetime(2019, 5, 11, 4, 0, tzinfo=UTC)


def _database(server: Embedded, template: str) -> Iterator[Store]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    opened = Store(_address(server, name))
    yield opened
    opened.close()
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(server: Embedded, statement: str) -> None:
    with psycopg.connect(_address(server, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Names of tests are the same in every process: those that share the work are compared name by name.

    Raises:
        pytest.UsageError: a name holds a set or an address in memory, whose text differs from run to run.
    """
    for item in items:
        if "frozenset({" in item.nodeid or " at 0x" in item.nodeid:
            raise pytest.UsageError(f"the name of a test differs from run to run, give it ids: {item.nodeid}")
