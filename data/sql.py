"""One `Select`, two engines: the text and the arguments that each of them wants."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler


class _DuckTypes(PGTypeCompiler):
    """Types by the names that mean the same on DuckDB, where FLOAT has four bytes."""

    def visit_FLOAT(self, type_: Any, **_: Any) -> str:  # noqa: ARG002, N802
        """A double, whatever precision was asked for."""
        return "DOUBLE PRECISION"


class _DuckDialect(asyncpg.dialect):
    """PostgreSQL with ``$1`` placeholders, which is what DuckDB understands."""

    type_compiler_cls = _DuckTypes
    type_compiler = _DuckTypes
    supports_statement_cache = True


#: PostgreSQL with $1 placeholders, as ADBC wants them.
_DOLLAR: Final[Any] = asyncpg.dialect()  # type: ignore[no-untyped-call]
_DIALECT: Final = _DuckDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no type for it

#: A statement whose columns the type checker does not follow.
Query = Select[*tuple[Any, ...]]


def duckdb_sql(query: Query) -> tuple[str, list[Any]]:
    """The statement for DuckDB and its arguments in order; IN lists are written out."""
    return _worded(query, _DIALECT)


def is_duckdb(dialect: Any) -> bool:
    """Whether a statement is being worded for the snapshot."""
    return isinstance(dialect, _DuckDialect)


def postgres_sql(query: Query) -> tuple[str, list[Any]]:
    """The statement for PostgreSQL over ADBC and its arguments in order."""
    return _worded(query, _DOLLAR)


def _worded(query: Query, dialect: Any) -> tuple[str, list[Any]]:
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    names: list[str] = getattr(compiled, "positiontup", None) or []
    return str(compiled), [compiled.params[name] for name in names]
