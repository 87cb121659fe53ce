"""Brings a database to the newest version of its tables, one process at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

SCRIPTS: Final = Path(__file__).parent / "migrations"
OLDEST_SERVER: Final = 15
#: Any number that nobody else locks; "grid" in ASCII.
_LOCK: Final = 0x67726964
_CONNECT_TIMEOUT_S: Final = "5"


class MigrationError(RuntimeError):
    """The database is not one that this program can bring up to date."""


def config() -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return made


def head() -> str:
    """The newest version that this program knows."""
    newest = ScriptDirectory.from_config(config()).get_current_head()
    assert newest is not None  # noqa: S101 - the first revision is part of the program
    return newest


def to_head(url: sa.URL, *, application: str = "grid-migrate") -> bool:
    """Apply the missing migrations under an advisory lock, on connections of the name ``application``.

    Returns:
        Whether anything was applied.

    Raises:
        MigrationError: the database was made by a newer program, or the server is too old.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool,
                              connect_args={"connect_timeout": _CONNECT_TIMEOUT_S,
                                            "application_name": application})
    with engine.connect() as connection:
        _require_server(connection)
        if _version(connection) == head():
            return False
        connection.execute(sa.select(sa.func.pg_advisory_lock(_LOCK)))
        connection.commit()
        try:
            return _upgrade(connection)
        finally:
            connection.rollback()
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))
            connection.commit()


def _require_server(connection: sa.Connection) -> None:
    number = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if number < OLDEST_SERVER * 10_000:
        raise MigrationError(f"the server must be PostgreSQL {OLDEST_SERVER} or newer,"
                             f" got {number // 10_000}.{number % 10_000}")


def _version(connection: sa.Connection) -> str | None:
    version = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return version


def _upgrade(connection: sa.Connection) -> bool:
    before = _version(connection)
    if before == head():
        return False
    settings = config()
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, "head")
    except CommandError as error:
        raise MigrationError(f"the database is at version {before!r}, which this program does not know"
                             f" (its newest is {head()!r}): {error}") from error
    connection.commit()
    return True
