"""Is the store true to itself? Rebuilds the fold and the sums and reports what differs.

Read in one snapshot of the database, so that acts done meanwhile do not look
like faults, and in slices of cases, so that memory does not grow with the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.cases import log_check
from data.cases.fold import FOLDED, KEYS, fold_events
from data.cases.sums_check import NO_SUMS, sums
from data.engine import Copying, Store

SLICE: Final = 100_000
_EXAMPLES: Final = 20
_ORDER: Final = "case_no, street_code"  # of the primary key
_CASE_COLUMNS: Final = ", ".join((*KEYS, *FOLDED))
_EVENT_COLUMNS: Final = ", ".join(log_check.LOOKED_AT)

#: What points nowhere -> the query of it: ``what`` points nowhere, in ``rows`` rows.
_AREA: Final = "NOT EXISTS (SELECT FROM area a WHERE a.area_code = {code} AND a.deleted_at IS NULL)"
ORPHANS: Final = {
    "area_without_parent": "SELECT area_code AS what, 1::bigint AS rows FROM area x WHERE deleted_at IS NULL"
                           " AND parent_code IS NOT NULL AND " + _AREA.format(code="x.parent_code"),
    **{
        f"{table}_outside_{column.removesuffix('_code')}":
        f'SELECT x.{column} AS what, count(*) AS rows FROM "{table}" x WHERE x.deleted_at IS NULL'
        f" AND x.{column} IS NOT NULL AND " + _AREA.format(code=f"x.{column}") + " GROUP BY 1 ORDER BY 1"
        for table, column in (
            ("case", "street_code"), ("case", "community_code"), ("case", "grid_code"),
            ("building", "grid_code"), ("officer", "grid_code"), ("resource", "area_code"),
        )
    },
    "case_in_areas_that_do_not_nest":
        "SELECT case_no AS what, 1::bigint AS rows FROM \"case\" WHERE deleted_at IS NULL"
        " AND (left(community_code, 9) <> street_code OR left(grid_code, 12) <> community_code) ORDER BY 1",
}
#: Codes without a row that explains them; told, but no fault of the store.
UNEXPLAINED: Final = {
    f"case.{column}": f'SELECT {column} AS what, count(*) AS rows FROM "case" c WHERE deleted_at IS NULL'
                      f" AND {column} IS NOT NULL AND NOT EXISTS"
                      f" (SELECT FROM {table} t WHERE t.{key} = c.{column}) GROUP BY 1 ORDER BY 1"
    for column, table, key in (
        ("cat_code", "category", "cat_code"), ("channel_code", "channel", "channel_code"),
        ("main_dept_id", "department", "dept_id"), ("officer_id", "officer", "officer_id"),
    )
}


def check(store: Store, now: datetime | None = None) -> dict[str, Any]:
    """Compare everything that is kept twice.

    Args:
        store: a store; not changed.
        now: the moment of the counters; None = one second after the last event.

    Returns:
        ``ok`` and, under ``fold``, ``logs``, ``sums`` and ``orphans``, how many
        differences there are, with examples; ``unexplained`` codes do not make
        it not ok. Plain JSON.
    """
    with store.copying() as copy:
        copy.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        fold, logs = _Fold(), _Logs()
        rows = events_seen = 0
        for cases, events in _slices(copy):
            rows, events_seen = rows + cases.num_rows, events_seen + events.num_rows
            fold.compare(cases, events)
            logs.look(events)
        orphans = _pointing_nowhere(copy, ORPHANS)
        unexplained = _pointing_nowhere(copy, UNEXPLAINED)
        newest = _rows(copy, "SELECT max(at) AS at FROM case_event")["at"].to_pylist()[0]
        added = sums(copy, now or newest + timedelta(seconds=1)) if newest else dict(NO_SUMS)
    ok = not (fold.total or logs.counts.total() or orphans or added["differences"])
    return {
        "ok": ok, "cases": rows, "events": events_seen,
        "fold": {"differences": fold.total, "by_column": dict(fold.by_column), "examples": fold.examples},
        "logs": {"illegal": logs.counts.total(), "by_fault": dict(logs.counts), "examples": logs.examples},
        "sums": added, "orphans": orphans, "unexplained": unexplained,
    }


def _rows(copy: Copying, statement: str, params: list[Any] | None = None) -> pa.Table:
    found = copy.execute(statement, params)
    assert found is not None  # noqa: S101 - only queries come here
    return found


def _slices(copy: Copying) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Cases and their events, slice by slice, both in the order of the key."""
    keys = _rows(copy, f"SELECT {_ORDER} FROM \"case\" ORDER BY {_ORDER}")
    ends = keys.take(pa.array(range(SLICE - 1, max(keys.num_rows - 1, 0), SLICE), pa.int64())).to_pylist()
    edges = [None, *([row["case_no"], row["street_code"]] for row in ends), None]
    for low, high in pairwise(edges):
        where = "TRUE"
        params: list[Any] = []
        for edge, sign in ((low, ">"), (high, "<=")):
            if edge is not None:
                where += f" AND ({_ORDER}) {sign} (${len(params) + 1}, ${len(params) + 2})"
                params += edge
        order = f"WHERE {where} ORDER BY {_ORDER}"
        yield (_rows(copy, f'SELECT {_CASE_COLUMNS} FROM "case" {order}', params),
               _rows(copy, f"SELECT {_EVENT_COLUMNS} FROM case_event {order}, seq", params))


def _pointing_nowhere(copy: Copying, queries: dict[str, str]) -> dict[str, Any]:
    """What points nowhere, by name; names with nothing are left out."""
    found = {}
    for name, statement in queries.items():
        rows = _rows(copy, statement)
        if rows.num_rows:
            found[name] = {"rows": pc.sum(rows["rows"]).as_py(),
                           "examples": rows.slice(0, _EXAMPLES).to_pylist()}
    return found


class _Logs:
    """Collects the faults of logs."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[dict[str, Any]]] = {}

    def look(self, events: pa.Table) -> None:
        """Take one slice."""
        for name, count, examples in log_check.faults(events):
            if count:
                self.counts[name] += count
                known = self.examples.setdefault(name, [])
                known += [_plain(row) for row in examples[:_EXAMPLES - len(known)]]


class _Fold:
    """Collects differences between rows and the fold of their logs."""

    def __init__(self) -> None:
        self.by_column: Counter[str] = Counter()
        self.examples: list[dict[str, Any]] = []

    @property
    def total(self) -> int:
        """Values that differ, and cases or logs without their counterpart."""
        return self.by_column.total()

    def compare(self, cases: pa.Table, events: pa.Table) -> None:
        """Take one slice; both tables in the order of the key."""
        folded = fold_events(events)
        if not all(cases[key].equals(folded[key]) for key in KEYS):
            cases, folded = self._in_step(cases, folded)
        for name in FOLDED:
            stored, rebuilt = cases[name].combine_chunks(), folded[name].combine_chunks()
            differs = np.flatnonzero(_differs(stored, rebuilt.cast(stored.type)))
            if differs.size:
                self.by_column[name] += int(differs.size)
            for row in differs[:max(_EXAMPLES - len(self.examples), 0)].tolist():
                self.examples.append(_plain({
                    "case_no": cases["case_no"][row].as_py(), "column": name,
                    "stored": stored[row].as_py(), "folded": rebuilt[row].as_py()}))

    def _in_step(self, cases: pa.Table, folded: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Only what both have; the rest is noted."""
        ours, theirs = _keys(cases), _keys(folded)
        for name, lonely, among in (("case_without_log", ours, theirs), ("log_without_case", theirs, ours)):
            missing = sorted(set(lonely) - set(among))
            self.by_column[name] += len(missing)
            self.examples += [{"column": name, "case_no": key[1]} for key in missing[:_EXAMPLES]]
        self.by_column += Counter()  # drops the zeros
        both = set(ours) & set(theirs)
        place = {key: row for row, key in enumerate(theirs)}
        rows = [row for row, key in enumerate(ours) if key in both]
        return cases.take(pa.array(rows, pa.int64())), folded.take(
            pa.array([place[ours[row]] for row in rows], pa.int64()))


def _keys(table: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*(table[key].to_pylist() for key in KEYS), strict=True))


def _differs(one: pa.Array, other: pa.Array) -> Any:
    if pa.types.is_list(one.type):  # of codes, which hold no comma
        one, other = pc.binary_join(one, ","), pc.binary_join(other, ",")
    same = pc.or_kleene(pc.equal(one, other), pc.and_(pc.is_null(one), pc.is_null(other)))
    return ~pc.fill_null(same, False).to_numpy(zero_copy_only=False)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
