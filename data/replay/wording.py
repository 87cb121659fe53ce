"""How a question is worded so that it is answered as of T: the same `Select`, over tables as they were.

In front of the statement stand common table expressions with the names of the tables: whatever it
asks of ``case``, it asks of the cases as of T. So no question has a version of its own for replay.
What has no history (whether somebody is on duty) is NULL, not that of now; resources have a log of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column
from sqlalchemy.dialects import postgresql

from data.alerts.tables import alert, alert_event
from data.attachments.tables import attachment
from data.cases.fold import FOLDED
from data.mirrored import CASES
from data.patrol.tables import gps_stand
from data.replay.alerts import alerts_sql
from data.replay.overlay import GIVEN, Overlay, held_settled_sql, instant_sql, settled_sql
from data.replay.settled import SETTLED_AT
from data.resources.tables import resource_event
from data.sensors.tables import reading
from data.tables import METADATA, case_event, cases, gps_fix, officer, resource

#: ``table.column`` of what the store knows only as it is now.
WITHOUT_HISTORY: Final[Mapping[str, tuple[str, ...]]] = {
    officer.name: ("on_duty",), resource.name: ("status", "heading"),
}
#: Append-only tables, and the moment from which on a row exists.
_BORN: Final = {case_event: "at", gps_fix: "at", gps_stand: "at", attachment: "added_at", alert_event: "at",
               resource_event: "at", reading: "at"}
#: The whole log, also behind the name that stands for the log by T.
_LOG: Final = f"public.{resource_event.name}"
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]
#: Of what the log decides, that by which a case exists is the same at every T.
_FOLDED_SAID: Final = re.compile(rf"\.({'|'.join(sorted(set(FOLDED) - {'reported_at'}))})\b")
_ROWS: Final = "moved_rows"
#: Every column of the cases that the snapshot answers questions about.
_HELD: Final = tuple(dict.fromkeys((*CASES.columns, *GIVEN, SETTLED_AT)))
_WORD: Final = re.compile(r"\w+")


def snapshot_wording(statement: str, at: datetime, *, in_hand: bool = False) -> str:
    """The statement over the snapshot as of T; the frame that runs it has the overlay's ``moved_rows``.

    With ``in_hand`` the statement asks about cases in hand at T alone, none of which was settled by then.
    """
    parts = []
    if f'"{cases.name}"' in statement:
        asked = ", ".join(_asked(statement))
        settled = "" if in_hand else (f'SELECT {asked} FROM snap.main."{cases.name}"'
                                      f" WHERE {held_settled_sql(at)} UNION ALL ")
        parts.append(f'"{cases.name}" AS NOT MATERIALIZED ({settled}SELECT {asked} FROM {_ROWS})')
    for name, columns in WITHOUT_HISTORY.items():
        if _says(statement, name):
            hidden = ", ".join(f"NULL::{_type(METADATA.tables[name].c[one])} AS {one}" for one in columns)
            parts.append(f"{name} AS NOT MATERIALIZED"
                         f" (SELECT * REPLACE ({hidden}) FROM snap.main.{name})")
    return _with(parts, statement)


def _asked(statement: str) -> list[str]:
    """The columns of a case that a statement names: to bind the others takes longer than to answer."""
    words = set(_WORD.findall(statement))
    return [name for name in _HELD if name in words] or [_HELD[0]]


def asks_for_the_fold(statement: str) -> bool:
    """Whether a statement reads anything of a case that the log decides."""
    return f'"{cases.name}"' in statement and _FOLDED_SAID.search(statement) is not None


def store_wording(statement: str, at: datetime, overlay: Overlay | None, place: int) -> str:
    """The statement over the store as of T.

    Args:
        statement: for PostgreSQL.
        at: T, aware.
        overlay: the unsettled cases; None where `asks_for_the_fold` says that nobody asks.
        place: of the argument that brings `Overlay.argument`.
    """
    parts = []
    if f'"{cases.name}"' in statement:
        parts.append(_cases(at, place) if overlay is not None else
                     f'"{cases.name}" AS NOT MATERIALIZED (SELECT * FROM "{cases.name}"'
                     f" WHERE reported_at <= {instant_sql(at)})")
    if _says(statement, alert.name):
        parts.append(f"{alert.name} AS NOT MATERIALIZED ({alerts_sql(at)})")
    for table, born in _BORN.items():
        if _says(statement, table.name):
            parts.append(f"{table.name} AS NOT MATERIALIZED"
                         f" (SELECT * FROM {table.name} WHERE {born} <= {instant_sql(at)})")
    if _says(statement, officer.name):
        hidden = WITHOUT_HISTORY[officer.name]
        columns = ", ".join(f"NULL::{_type(one)} AS {one.name}" if one.name in hidden else one.name
                            for one in officer.c)
        parts.append(f"{officer.name} AS NOT MATERIALIZED (SELECT {columns} FROM {officer.name})")
    if _says(statement, resource.name):
        parts.append(_resources(at))
    return _with(parts, statement)


def _resources(at: datetime) -> str:
    """Resources as of T: what their log says by then; one whose log begins later stood nobody knows where.

    A resource without any log stands where it stands, in a state that nobody told.
    """
    own = "e.street_code = r.street_code AND e.resource_id = r.resource_id"
    said = {"status": "e.status", "heading": "e.heading", **{
        name: f"CASE WHEN e.at IS NOT NULL THEN e.{name} WHEN NOT EXISTS (SELECT FROM {_LOG} AS e"
              f" WHERE {own}) THEN r.{name} END" for name in ("lon", "lat")}}
    columns = ", ".join(f"{said[one.name]} AS {one.name}" if one.name in said else f"r.{one.name}"
                        for one in resource.c)
    return (f"{resource.name} AS NOT MATERIALIZED (SELECT {columns} FROM {resource.name} AS r"
            f" LEFT JOIN LATERAL (SELECT * FROM {_LOG} AS e WHERE {own} AND e.at <= {instant_sql(at)}"
            f" ORDER BY e.at DESC LIMIT 1) AS e ON true)")


def _cases(at: datetime, place: int) -> str:
    """Cases as of T: the settled ones as they are, the others with what the overlay has of them."""
    folded = {one.name: one for one in cases.c if one.name in FOLDED}
    columns = ", ".join(_folded(folded[one.name]) if one.name in folded else f"c.{one.name}"
                        for one in cases.c)
    own = ", ".join(one.name for one in cases.c)  # a migration may have put a column elsewhere in the table
    typed = ", ".join(f"{name} {_type(one)}" for name, one in folded.items())
    return (f'"{cases.name}" AS NOT MATERIALIZED (SELECT {own} FROM "{cases.name}" WHERE {settled_sql(at)}'
            f' UNION ALL SELECT {columns} FROM json_to_recordset((${place}::text)::json)'
            f' AS m (case_ref bigint, {typed}) JOIN "{cases.name}" AS c ON c.case_ref = m.case_ref)')


def _folded(column: Column[Any]) -> str:
    if column.nullable:
        return f"m.{column.name}"
    nothing = {"BOOLEAN": "false", "TEXT": "''"}.get(_type(column), "0")
    return f"COALESCE(m.{column.name}, {nothing})"


def _type(column: Column[Any]) -> str:
    return str(column.type.compile(dialect=_DIALECT))


def _says(statement: str, table: str) -> bool:
    return re.search(rf"\b{table}\b", statement) is not None


def _with(parts: list[str], statement: str) -> str:
    if not parts:
        return statement
    known = statement.lstrip()
    if known[:5].upper() == "WITH ":
        return f"WITH {', '.join(parts)}, {known[5:]}"
    return f"WITH {', '.join(parts)} {statement}"
