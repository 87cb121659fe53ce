"""The store as it would be if nothing outside a scope had ever been: what a viewer must not be able to tell.

Rows outside are taken out by plain loops over plain values, which know nothing of the clauses that
the product builds. Readers of everything over what is left are the oracle for readers of the scope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from math import isnan
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from data.access.scope import EVERYTHING, Scope
from data.alerts.reader import AlertReader
from data.areas.protected import ProtectedCounts
from data.areas.reader import AreaReader
from data.cases.reader import CaseReader
from data.engine import Store
from data.patrol.reader import PatrolReader
from data.readers import Readers
from data.resources.reader import ResourceReader
from data.sql import duckdb_sql

TABLES = ("area", "building", "road", "base_feature", "category", "channel", "department", "officer",
          "resource", "resource_event", "reading", "patrol_zone", "patrol_point", "case",
          "case_event", "gps_fix", "gps_stand", "meta", "alert", "alert_event", "alert_rule")
Row = dict[str, Any]


def _starts(code: Any, areas: frozenset[str]) -> bool:
    return "*" in areas or (isinstance(code, str) and any(code.startswith(area) for area in areas))


def _placed(row: Row, areas: frozenset[str]) -> bool:
    """A street's code holds all of it; a community's or a grid's only what names it."""
    levels = (("street_code", (6, 9)), ("community_code", (12,)), ("grid_code", (15,)))
    return "*" in areas or any(_starts(row[name], frozenset(area for area in areas if len(area) in lengths))
                               for name, lengths in levels)


def _handled(values: Sequence[Any], scope: Scope) -> bool:
    return not scope.departments or any(value in scope.departments for value in values)


RULES: dict[str, Callable[[Row, Scope], bool]] = {
    "case": lambda row, scope: _placed(row, scope.areas) and _handled(
        (row["main_dept_id"], row["first_dept_id"], *(row["assist_dept_ids"] or ())), scope),
    "officer": lambda row, scope: _placed(row, scope.areas) and _handled((row["dept_id"],), scope),
    "building": lambda row, scope: _placed(row, scope.areas),
    "resource": lambda row, scope: _starts(row["area_code"], scope.areas) and _handled(
        (row["dept_id"],), scope),
    "patrol_zone": lambda row, scope: _starts(row["area_code"], scope.areas) and _handled(
        (row["dept_id"],), scope),
    "patrol_point": lambda row, scope: _starts(row["grid_code"], scope.areas),
    "area": lambda row, scope: _starts(row["area_code"], scope.areas) or _starts(
        row["parent_code"], scope.areas),
    # departments: see Whole.inside, which asks for what the alert is about
    "alert": lambda row, scope: _placed(row, scope.areas) or (
        row["street_code"] == "" and any(len(area) == 6 for area in scope.areas)),
}
#: Table -> whose rows it follows, and the key in both.
FOLLOWERS = {"case_event": ("case", ("street_code", "case_no")),
             "gps_fix": ("officer", ("street_code", "officer_id")),
             "gps_stand": ("officer", ("street_code", "officer_id")),
             "alert_event": ("alert", ("street_code", "alert_id")),
             "resource_event": ("resource", ("street_code", "resource_id")),
             "reading": ("resource", ("street_code", "resource_id"))}
RESTRICTED = (*RULES, *FOLLOWERS)


class Whole:
    """Every table of a store, and its parts by scope."""

    def __init__(self, store: Store) -> None:
        self.tables = {name: store.arrow(f'SELECT * FROM "{name}"') for name in TABLES}
        self._rows = {name: self._plain(name) for name in RULES}

    def _plain(self, name: str) -> list[Row]:
        wanted = [column for column in self.tables[name].column_names
                  if column.endswith(("_code", "_id", "_no")) or column in {"parent_code", "assist_dept_ids"}]
        return self.tables[name].select(wanted).to_pylist()

    def inside(self, table: str, scope: Scope) -> pa.Table:
        """The rows of a table that a viewer of the scope may know of."""
        if table in FOLLOWERS:
            followed, key = FOLLOWERS[table]
            held = set(zip(*(self.inside(followed, scope)[name].to_pylist() for name in key), strict=True))
            own = zip(*(self.tables[table][name].to_pylist() for name in key), strict=True)
            return self.tables[table].filter(pa.array([one in held for one in own], pa.bool_()))
        if table == "alert" and scope.departments:
            return self._about_own(scope)
        if table in RULES:
            return self.tables[table].filter(
                pa.array([RULES[table](row, scope) for row in self._rows[table]], pa.bool_()))
        if table == "road":  # geometry is open; who answers for it only where the whole street is inside
            rows = self.tables["road"]
            chiefs = [chief if _starts(street, scope.areas) else None for chief, street in zip(
                rows["chief_id"].to_pylist(), rows["street_code"].to_pylist(), strict=True)]
            place = rows.column_names.index("chief_id")
            return rows.set_column(place, "chief_id", pa.array(chiefs, pa.string()))
        return self.tables[table]

    def _about_own(self, scope: Scope) -> pa.Table:
        """Alerts of the areas about cases or people of the scope's departments."""
        own = {(row["street_code"], name, row[key]) for name, key in (("case", "case_no"),
                                                                       ("officer", "officer_id"))
               for row in self.inside(name, scope).select(["street_code", key]).to_pylist()}
        rows = self.tables["alert"].to_pylist()
        return self.tables["alert"].filter(pa.array([
            RULES["alert"](row, scope) and bool(own & {
                (row["street_code"], "case", row["case_no"]),
                (row["street_code"], row["subject_type"], row["subject_id"])}) for row in rows], pa.bool_()))


@dataclass
class World:
    """A store and a snapshot in one, that hold the inside of a scope and nothing else."""

    duck: duckdb.DuckDBPyConnection
    version: str = "reduced"
    places_version: str = "reduced"
    is_filled: bool = True
    hot_since: None = None
    refreshed_at: None = None

    def covers(self, _since: datetime) -> bool:
        return True

    def run(self, query: Any) -> pa.Table:
        return self.duck.cursor().execute(*duckdb_sql(query)).to_arrow_table()

    arrow = run


def readers_of(whole: Whole, scope: Scope, protected: ProtectedCounts) -> Readers:
    """Readers of everything that is left when what lies outside the scope is taken away.

    ``protected``: the counts of protected groups, one release for all whatever their scope.
    """
    duck = duckdb.connect(":memory:")
    duck.execute("SET GLOBAL TimeZone = 'UTC'")
    for name in TABLES:
        held = whole.inside(name, scope)  # noqa: F841 - the statement names it
        duck.execute(f'CREATE TABLE "{name}" AS FROM held')
    world: Any = World(duck)
    cases = CaseReader(world, world, scope=EVERYTHING)
    return Readers(cases=cases, areas=AreaReader(world, cases, protected=protected),
                   patrol=PatrolReader(world, scope=EVERYTHING),
                   resources=ResourceReader(world, world, scope=EVERYTHING),
                   alerts=AlertReader(world, scope=EVERYTHING), store=world, snapshot=world,
                   narrow=None, scope=EVERYTHING)


def plain(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of answer
    """An answer as values that can be compared: frames as rows, missing ones as None, floats rounded."""
    if isinstance(value, pa.Table):
        return plain(value.to_pandas())
    if isinstance(value, pd.DataFrame):
        frame = pd.DataFrame(value)
        if "geometry" in frame.columns:
            frame = frame.assign(geometry=[shape and shape.wkt for shape in frame["geometry"]])
        columns = sorted(frame.columns)
        return [{name: plain(found) for name, found in zip(columns, row, strict=True)}
                for row in frame[columns].itertuples(index=False, name=None)]
    if isinstance(value, dict):
        return {key: plain(found) for key, found in value.items()}
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        return [plain(found) for found in value]
    if isinstance(value, datetime):
        return None if pd.isna(value) else pd.Timestamp(value).tz_convert(UTC).to_pydatetime()
    if hasattr(value, "item"):
        return plain(value.item())
    if value is None or value is pd.NA or (isinstance(value, float) and isnan(value)):
        return None
    return round(value, 6) if isinstance(value, float) else value


@cache
def moments(first: datetime, last: datetime, count: int = 64) -> list[datetime]:
    """Instants from the first to the last, evenly, for windows that hold something."""
    step = (last - first + timedelta(seconds=1)) / count
    return [(first + step * number).replace(microsecond=0) for number in range(count + 1)]
