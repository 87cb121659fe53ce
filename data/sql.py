"""One `Select`, two engines: the text and the arguments DuckDB wants."""

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


_DIALECT: Final = _DuckDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no type for it

#: A statement whose columns the type checker does not follow.
Query = Select[*tuple[Any, ...]]


def duckdb_sql(query: Query) -> tuple[str, list[Any]]:
    """The statement for DuckDB and its arguments in order; IN lists are written out."""
    compiled = query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    names: list[str] = getattr(compiled, "positiontup", None) or []
    return str(compiled), [compiled.params[name] for name in names]
