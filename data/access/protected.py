"""Cases about protected people: one condition, which the snapshot keeps as a column of its own."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from data.sql import is_duckdb
from data.tables import cases

#: Cases about protected people (老人、残疾人、救助对象、家庭纠纷) by prefix of the category: without
#: `Sight.PEOPLE` their exact place is not told, they are counted in their areas only.
PROTECTED_CASES: Final = ("S13", "S1004", "S0703")
#: The column of the snapshot's cases in which the answer stands.
HELD_AS: Final = "is_protected"


class _Protected(FunctionElement[bool]):
    """Said of the category in the store, read off in the snapshot: 1.5 million texts are 6 ms each time."""

    type = Boolean()
    inherit_cache = True


@compiles(_Protected)
def _as_sql(element: Any, compiler: Any, **about: Any) -> str:
    (code,) = element.clauses
    if is_duckdb(compiler.dialect):
        table, dot, _ = compiler.process(code, **about).rpartition(".")
        return f"{table}{dot}{HELD_AS}"
    known = func.coalesce(code, "")
    clause = or_(*(func.substr(known, 1, len(prefix)) == prefix for prefix in PROTECTED_CASES))
    return f"({compiler.process(clause, **about)})"


def is_protected_case() -> ColumnElement[bool]:
    """The case is about a protected person; false where its category is not known."""
    return _Protected(cases.c.cat_code)
