"""When a case was settled: from then on its row is what it is now, and a past moment reads it as it stands.

A case is settled when it had ended and its last visit lay behind it; nothing can follow (see the
table of transitions: an ended case admits only a visit). The snapshot keeps the moment as a column
of its own: whether a case was settled by T is then one comparison, and the blocks of cases that
were settled long before T, nearly all, tell so without being read.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, DateTime
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from data.sql import is_duckdb
from data.tables import cases

#: The column of the snapshot's cases in which the answer stands.
SETTLED_AT: Final = "settled_at"
#: Later than any moment; not NULL and not infinity, so that the blocks tell their latest moment.
NEVER: Final = "TIMESTAMPTZ '9999-01-01 00:00:00+00'"


class _Settled(FunctionElement[Any]):
    """Said of the moments in the store, read off in the snapshot."""

    type = DateTime(timezone=True)
    inherit_cache = True


@compiles(_Settled)
def _as_sql(element: Any, compiler: Any, **about: Any) -> str:
    reported, visited, ended = (compiler.process(one, **about) for one in element.clauses)
    if is_duckdb(compiler.dialect):
        table, dot, _ = reported.rpartition(".")
        return f"{table}{dot}{SETTLED_AT}"
    return (f"CASE WHEN {reported} IS NOT NULL AND {ended} IS NOT NULL"
            f" THEN GREATEST({reported}, {visited}, {ended}) ELSE {NEVER} END")


def settled_at() -> ColumnElement[Any]:
    """From when on nothing can follow; `NEVER` of a case that may still change, or was never reported."""
    return _Settled(cases.c.reported_at, cases.c.visited_at, cases.c.ended_at)
