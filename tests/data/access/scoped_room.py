"""A demo store as scopes see it, and what plain loops leave of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from data.access.scope import EVERYTHING, NOTHING, Scope
from data.access.viewer import Viewer
from data.alerts.reader import AlertReader
from data.areas.protected import ProtectedCounts
from data.areas.reader import AreaReader
from data.cases.reader import CaseReader
from data.engine import Store
from data.patrol.reader import PatrolReader
from data.readers import Readers
from data.resources.reader import ResourceReader
from data.snapshot import Snapshot
from tests.data.access.worlds import Whole, readers_of


@dataclass(repr=False)
class Room:
    """A demo store with its readers, and the worlds of some scopes."""

    store: Store
    readers: Readers
    whole: Whole
    now: datetime
    scopes: list[Scope]
    ids: dict[str, list[Any]]
    kept: dict[Any, Readers] = field(default_factory=dict, repr=False)

    def seen(self, scope: Scope) -> Readers:
        return self.readers.seen_by(viewer_of(scope))

    def behind(self, wall: str, scope: Scope) -> Readers:
        """The readers of a scope behind both walls, or with one of them taken away."""
        if wall == "both":
            return self.seen(scope)
        if (wall, scope) not in self.kept:
            self.kept[wall, scope] = (
                # over the store of its owner, whom the database does not restrict
                self._alone(self.store, self.readers.snapshot, scope) if wall == "queries"
                # queries that ask for everything, all of them in the store
                else self._alone(self.store.seen_by(scope), Snapshot(self.store, 4000), EVERYTHING))
        return self.kept[wall, scope]

    def _alone(self, store: Any, snapshot: Snapshot, scope: Scope) -> Readers:
        """Readers that keep their answers for themselves."""
        cases = CaseReader(store, snapshot, scope=scope)
        return Readers(
            cases=cases, areas=AreaReader(store, cases, protected=ProtectedCounts(self.store)),
            patrol=PatrolReader(store, scope=scope), resources=ResourceReader(store, snapshot, scope=scope),
            alerts=AlertReader(store, scope=scope),
            store=store, snapshot=snapshot, narrow=None, scope=scope)

    def left(self, scope: Scope) -> Readers:
        """What is left of the store when all outside the scope is taken away."""
        if scope not in self.kept:
            self.kept[scope] = readers_of(self.whole, scope, ProtectedCounts(self.store))
        return self.kept[scope]


def viewer_of(scope: Scope) -> Viewer:
    return Viewer(account_id=7, name="tester", roles=frozenset({"operator"}), scope=scope)


def scopes_of(whole: Whole) -> list[Scope]:
    """Scopes of every kind: a level each, several at once, departments, everything, nothing."""
    codes = whole.tables["area"].to_pandas()
    base = codes[codes["grid_kind"].fillna("base").eq("base")]
    street, community, grid = (base.loc[base["level"] == level, "area_code"].sort_values().tolist()
                               for level in ("street", "community", "grid"))
    handlers = whole.tables["case"].to_pandas()["main_dept_id"].value_counts().index[:6].tolist()
    own = whole.tables["officer"]["dept_id"].to_pylist()[0]

    def scope(*areas: str, departments: tuple[str, ...] = ()) -> Scope:
        return Scope(areas=frozenset(areas), departments=frozenset(departments))

    return [
        scope(street[0][:6]), scope(street[0]), scope(street[-1]), scope(*street[1:4]), scope(community[3]),
        scope(*community[5:9]), scope(grid[7]), scope(*grid[20:40]), scope(street[2], community[0], grid[-1]),
        scope(street[0], f"{street[0]}001"), scope("*", departments=tuple(handlers[:1])),
        scope("*", departments=(*handlers[1:4], own)), scope(street[1], departments=(handlers[0], own)),
        scope(community[10], departments=tuple(handlers)), scope("999999"), scope("210201"),
        EVERYTHING, NOTHING,
    ]


def ids_of(whole: Whole) -> dict[str, list[Any]]:
    """Names of things all over the store, of those that matter and some that do not exist."""
    rng = np.random.default_rng(5)

    def some(table: str, column: str, count: int = 60) -> list[Any]:
        values = sorted({value for value in whole.tables[table][column].to_pylist() if value is not None})
        return [values[place] for place in rng.integers(0, len(values), count)]

    areas = whole.tables["area"].to_pandas()
    large = areas.loc[~areas["grid_kind"].isin(["unit", "compound"]), "area_code"].tolist()
    return {"case_no": [*some("case", "case_no"), "none"], "case_ref": [*some("case", "case_ref"), 10**12],
            "officer": [*some("officer", "officer_id"), "nobody"],
            "lead": [*some("officer", "lead_officer_id"), "nobody"],
            "reporter": some("case_event", "actor_id"),
            "building": [*some("building", "building_id"), "none"],
            "resource": [*some("resource", "resource_id"), "none"],
            "sensor": some("reading", "resource_id"),
            "alert": [*some("alert", "alert_id"), 10**12],
            "area": [*large, *some("area", "area_code"), "510108"],
            "category": some("case", "cat_code"), "channel": some("case", "channel_code"),
            "department": some("case", "main_dept_id"), "title": some("case", "title", 20)}
