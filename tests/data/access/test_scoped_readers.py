"""Whatever a viewer asks, the answer is that of a store in which nothing outside their scope ever was.

Compared over random questions in random scopes with readers of everything over what plain loops
leave of the store; so no row, no count, no order and no time of anything outside can be worked out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.access.scope import EVERYTHING, NOTHING, Scope, ScopeError
from data.access.viewer import CONSOLE, Viewer
from data.alerts.groups import Group
from data.alerts.reader import AlertReader
from data.alerts.tables import alert, alert_event
from data.areas.protected import ProtectedCounts
from data.areas.reader import AreaReader
from data.cases import pressing, queries
from data.cases.lifecycle import STATES
from data.cases.points import Box
from data.cases.reader import CaseReader
from data.cases.rules import COUNTERS, WALL
from data.clock import store_now
from data.engine import Store
from data.filters import CaseFilter
from data.patrol.reader import PatrolReader
from data.readers import Readers, build_readers
from data.resources.reader import ResourceReader
from data.search import search
from data.settings import Settings
from data.snapshot import Snapshot
from data.vocabulary import narrowed, read_vocabulary
from tests.data.access.worlds import Whole, moments, plain, readers_of
from tests.data.alerts.samples import add_alert

ROOMS = {"cases": CaseReader, "areas": AreaReader, "patrol": PatrolReader, "alerts": AlertReader,
         "resources": ResourceReader}
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
MANY = settings(max_examples=160, deadline=None, suppress_health_check=[*HealthCheck])


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


@pytest.fixture(scope="module")
def alerted(demo_store: Store) -> Iterator[Store]:
    """The demo district with alerts about cases and people all over it; they are taken away again."""
    moment = datetime(2019, 5, 11, 15, 50, tzinfo=UTC)
    rows = demo_store.arrow('SELECT street_code, community_code, grid_code, case_no, lon, lat FROM "case"'
                            " ORDER BY md5(case_no) LIMIT 90").to_pylist()
    people = demo_store.arrow("SELECT street_code, community_code, grid_code, officer_id FROM officer"
                              " ORDER BY md5(officer_id) LIMIT 40").to_pylist()
    for number, row in enumerate([*rows, *people]):
        who = row.pop("officer_id", None)
        about = {"subject": who, "subject_type": "officer"} if who else {"subject": row["case_no"]}
        street, roles = row.pop("street_code"), [["operator"], ["leader", "operator"], ["dept_op"]]
        add_alert(demo_store, at=moment - timedelta(seconds=17 * number), street=street,
                  color=("red", "orange", "yellow", "blue")[number % 4], roles=roles[number % 3],
                  kind=f"kind_{number % 3}", group_key=f"{street}/{number % 2}", **about, **row)
    yield demo_store
    with demo_store.engine.begin() as connection:
        connection.execute(sa.delete(alert))
        connection.execute(sa.delete(alert_event))


@pytest.fixture(scope="module")
def room(alerted: Store) -> Room:
    demo_store = alerted
    readers = build_readers(demo_store, Settings(hot_days=4000))
    readers.snapshot.refresh()
    whole = Whole(demo_store)
    now = store_now(demo_store, readers.cases.reported_range()[1])
    return Room(store=demo_store, readers=readers, whole=whole, now=now, scopes=scopes_of(whole),
                ids=ids_of(whole))


class Draw:
    """What a question is made of, drawn from the whole store whatever the scope."""

    def __init__(self, room: Room, data: st.DataObject) -> None:
        self.room, self._data = room, data
        first, last = room.readers.cases.reported_range()
        self._moments = moments(first, last)
        self.filter, self.now = self.filters(), room.now - timedelta(hours=self.of([0, 3, 30, 900]))

    def of(self, values: Any) -> Any:
        return self._data.draw(st.sampled_from(list(values)))

    def id(self, kind: str) -> Any:
        return self.of(self.room.ids[kind])

    def some(self, kind: str, *lengths: int) -> frozenset[str]:
        found = self._data.draw(st.lists(st.sampled_from(self.room.ids[kind]), max_size=3))
        return frozenset(code[:self.of(lengths)] if lengths else code for code in found)

    def filters(self) -> CaseFilter:
        since, until = sorted((self.of(self._moments), self.of(self._moments)))
        narrow = self.of([True, True, False])  # a third asks for all there is
        areas = frozenset(code for code in self.some("area") if code.isdigit()) if narrow else frozenset()
        return CaseFilter(
            since=since if narrow else self._moments[0], until=max(until, since + timedelta(days=1)),
            areas=areas,
            categories=self.some("category", 1, 3, 5) if self.of([0, 0, 1]) else frozenset(),
            channels=self.some("channel") if self.of([0, 0, 1]) else frozenset(),
            departments=self.some("department") if self.of([0, 0, 1]) else frozenset(),
            states=frozenset([self.of(STATES)]) if self.of([0, 0, 0, 1]) else frozenset())

    def box(self) -> Box | None:
        case_ = self.room.readers.cases.case(self.room.ids["case_no"][0])
        west, south = case_["lon"] - self.of([0.001, 0.02]), case_["lat"] - self.of([0.001, 0.02])
        return self.of([None, Box(west=west, south=south, east=west + 0.03, north=south + 0.03)])


Ask = Callable[[Readers, dict[str, Any]], Any]


def of_filter(ask: Callable[..., Any], **more: Callable[[Draw], Any]) -> tuple[Callable[[Draw], Any], Ask]:
    """A question with a filter, a now, and what else is drawn."""
    def draw(drawn: Draw) -> dict[str, Any]:
        return {"f": drawn.filter, "now": drawn.now, **{name: value(drawn) for name, value in more.items()}}

    return draw, lambda readers, asked: ask(readers, **asked)


#: Method -> how a question is drawn, and how it is asked. Everything that a reader can be asked.
METHODS: dict[str, tuple[Callable[[Draw], Any], Ask]] = {
    "cases.counts": of_filter(lambda r, f, now: [r.cases.counts(f, now).to_dict(),
                                                 r.cases.counts(f, now, WALL).to_dict()]),
    "cases.counts_by": of_filter(
        lambda r, f, now, by: r.cases.counts_by(by, f, now, COUNTERS), by=lambda d: d.of(queries.DIMENSIONS)),
    "cases.histogram": of_filter(lambda r, f, now: r.cases.histogram(f)),
    "cases.daily": of_filter(
        lambda r, f, now: r.cases.daily(f).sort_values(["grid_code", "day"], ignore_index=True)),
    "cases.durations": of_filter(lambda r, f, now: r.cases.durations(f, now)),
    "cases.extremes": of_filter(lambda r, f, now: r.cases.extremes(f, now)),
    "cases.point_count": of_filter(lambda r, f, now, box: r.cases.point_count(f, box, now=now), box=Draw.box),
    "cases.points": of_filter(
        lambda r, f, now, box, limit: r.cases.points(f, box, limit, now=now).to_pandas().sort_values(
            "case_ref"), box=Draw.box, limit=lambda d: d.of([5, 100_000])),
    "cases.heat": of_filter(
        lambda r, f, now, box, zoom: r.cases.heat(f, box=box, zoom=zoom, now=now).to_pandas().sort_values(
            ["lon", "lat"]), box=Draw.box, zoom=lambda d: d.of([9.0, 13.0])),
    "cases.listing": of_filter(
        lambda r, f, now, order, only, who: r.cases.listing(f, now, order, 30, 2, only=only, officer_id=who),
        order=lambda d: d.of(queries.ORDERS), only=lambda d: d.of([None, *queries.NARROWINGS]),
        who=lambda d: d.of([None, None, d.id("officer")])),
    "cases.pressing": of_filter(lambda r, f, now, order: vars_of(r.cases.pressing(f, now, order, 20)),
                                order=lambda d: d.of(pressing.ORDERS)),
    "cases.reported_range": (lambda _d: {}, lambda r, _a: r.cases.reported_range()),
    "cases.extent": (lambda _d: {}, lambda r, _a: vars_of(r.cases.extent())),
    "cases.case": (lambda d: d.id("case_no"), lambda r, a: r.cases.case(a)),
    "cases.case_by_ref": (lambda d: d.id("case_ref"), lambda r, a: r.cases.case_by_ref(a)),
    "cases.events": (lambda d: d.id("case_no"), lambda r, a: r.cases.events(a)),
    "alerts.board": (lambda d: (d.room.now, d.of(TOLD)), lambda r, a: plain_board(r.alerts.board(*a))),
    "alerts.alert": (lambda d: (d.id("alert"), d.of(TOLD)), lambda r, a: r.alerts.alert(*a)),
    "alerts.listing": (lambda d: (d.room.now, d.of(TOLD), d.of(GROUPS), 1),
                        lambda r, a: vars_of(r.alerts.listing(*a))),
    "alerts.points": (lambda d: (d.room.now, d.of(TOLD)), lambda r, a: r.alerts.points(*a)),
    "alerts.events": (lambda d: d.id("alert"), lambda r, a: r.alerts.events(a)),
    "alerts.marks": (lambda d: (d.room.now, d.of(TOLD)), lambda r, a: r.alerts.marks(*a)),
    "areas.tree": (lambda _d: {}, lambda r, _a: r.areas.tree()),
    "areas.area": (lambda d: d.id("area"), lambda r, a: r.areas.area(a)),
    "areas.children": (lambda d: (d.of([None, d.id("area")]), d.of([None, "street", "grid"])),
                       lambda r, a: r.areas.children(*a)),
    "areas.path": (lambda d: d.id("area"), lambda r, a: r.areas.path(a)),
    "areas.geometry": (lambda d: (d.of(["district", "street", "community", "grid"]),
                                  d.of([None, d.id("area")])), lambda r, a: r.areas.geometry(*a)),
    "areas.work_grids": (lambda _d: {}, lambda r, _a: r.areas.work_grids()),
    "areas.professional_grids": (lambda _d: {}, lambda r, _a: r.areas.professional_grids()),
    "areas.grids": (lambda d: d.of(["base", "compound", "unit"]), lambda r, a: r.areas.grids(a)),
    "areas.grid_kinds": (lambda _d: {}, lambda r, _a: r.areas.grid_kinds()),
    "areas.counts_on": of_filter(lambda r, f, now, kind: r.areas.counts_on(kind, f, now),
                                 kind=lambda d: d.of(["compound", "unit", "work"])),
    "areas.unit_at": (lambda d: d.room.readers.cases.case(d.room.ids["case_no"][d.of(range(40))]),
                      lambda r, a: r.areas.unit_at(a["lon"], a["lat"])),
    "areas.grid_at": (lambda d: d.room.readers.cases.case(d.room.ids["case_no"][d.of(range(40))]),
                      lambda r, a: r.areas.grid_at(a["lon"], a["lat"])),
    "areas.city": (lambda _d: {}, lambda r, _a: r.areas.city()),
    "areas.roads": (Draw.box, lambda r, a: r.areas.roads(a)),
    "areas.zones": (lambda _d: {}, lambda r, _a: r.areas.zones()),
    "areas.network": (lambda _d: {}, lambda r, _a: r.areas.network().nodes.tolist()),
    "areas.features": (lambda _d: {}, lambda r, _a: r.areas.features()),
    "areas.buildings": (lambda d: (d.box(), d.of([7, 50_000])), lambda r, a: r.areas.buildings(*a)),
    "areas.building": (lambda d: d.id("building"), lambda r, a: r.areas.building(a)),
    "areas.card": (lambda d: (d.id("area"), d.now), lambda r, a: r.areas.card(*a)),
    "patrol.positions": (lambda d: d.now, lambda r, a: r.patrol.positions(a, timedelta(hours=9))),
    "patrol.trails": (lambda d: (d.now - timedelta(hours=d.of([0, 8])), d.of([30, 600]), d.of(
        [None, d.room.ids["officer"][:20]]), d.box(), d.of([0, 20])),
                      lambda r, a: r.patrol.trails(*a[:4], step_s=a[4])),
    "patrol.tape": (lambda d: (d.now - timedelta(hours=d.of([0, 8])), d.of([(10, 0), (55, 60)]), d.box()),
                    lambda r, a: r.patrol.tape(a[0] - timedelta(minutes=a[1][0]), a[0], step_s=a[1][1],
                                               box=a[2])),
    "patrol.officer": (lambda d: (d.id("officer"), d.now), lambda r, a: r.patrol.officer(*a)),
    "patrol.team": (lambda d: (d.id("lead"), d.of([None, d.id("lead")])), lambda r, a: r.patrol.team(*a)),
    "patrol.reported": (lambda d: (d.id("reporter"), d.now), lambda r, a: r.patrol.reported(*a, 9)),
    "patrol.on_duty": (lambda d: d.of([None, d.id("area")]), lambda r, a: r.patrol.on_duty(a)),
    "resources.all": (lambda d: (d.of([None, ["camera"]]), d.of([None, d.id("area")])),
                      lambda r, a: r.resources.all(*a)),
    "resources.status_changes": (lambda d: {"of": d.id("resource"), "now": d.now},
                                 lambda r, a: r.resources.status_changes(a["of"], a["now"])),
    "resources.engaged": (lambda _d: {}, lambda r, _a: sorted(r.resources.engaged())),
    "resources.one": (lambda d: d.id(d.of(["resource", "sensor"])), lambda r, a: r.resources.one(a)),
    "search": (lambda d: d.of([d.id(kind) for kind in (
        "case_no", "officer", "building", "resource", "area", "title")] + ["G2", "0", "街", "a"]),
        lambda r, a: search(r, str(a)[:80], 40)),
}
#: Members that answer nothing about the store; each with its reason.
SILENT = {
    "cases.scope": "is the scope", "cases.seen_in": "makes the reader of a scope",
    "cases.version": "see test_versions_differ_by_scope", "cases.areas_version": "the same",
    "cases.places_version": "of what is open to all", "cases.refreshed_at": "a time of the machine",
    "cases.status": "state of the machine", "cases.reach": "of what is held, not of what there is",
    "alerts.seen_in": "makes the reader of a scope",
    "areas.seen_with": "makes the reader of a scope",
    "areas.outline": "see test_a_viewer_begins_at_their_own_area",
    "patrol.seen_in": "makes the reader of a scope", "resources.seen_in": "makes the reader of a scope",
}
#: Those that take a filter are asked more often: there is more to combine.
FILTERED = sorted(name for name in METHODS if name.startswith("cases.") and name.split(".")[1] in {
    "counts", "counts_by", "histogram", "daily", "durations", "extremes", "point_count", "points", "heat",
    "listing", "pressing"})


#: Whose alerts are asked for.
GROUPS = (None, Group("kind_0", "210202003"), Group("kind_1", "210202010"))
TOLD = ({"operator"}, {"leader", "street_op"}, {"dept_op"}, set())


def plain_board(board: Any) -> dict[str, Any]:
    return {**vars_of(board), "lines": [vars_of(line) for line in board.lines]}


def vars_of(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def test_every_question_to_a_reader_is_tested_in_scopes() -> None:
    public = {f"{room}.{name}" for room, kind in ROOMS.items() for name, _ in inspect.getmembers(kind)
              if not name.startswith("_")}
    assert public == {name for name in METHODS if "." in name} | set(SILENT)


#: Both together, and each without the other. Who answers for a road is known to the queries alone.
WALLS = ("both", "both", "queries", "database")
FIRST_WALL_ONLY = {"areas.roads"}


def check(room: Room, name: str, data: st.DataObject) -> None:
    scope = data.draw(st.sampled_from(room.scopes))
    wall = data.draw(st.sampled_from(WALLS[:3] if name in FIRST_WALL_ONLY else WALLS))
    draw, ask = METHODS[name]
    asked = draw(Draw(room, data))
    answer = plain(ask(room.behind(wall, scope), asked))
    assert answer == plain(ask(room.left(scope), asked)), (scope, wall, asked)


@pytest.mark.parametrize("name", FILTERED)
@MANY
@given(data=st.data())
def test_a_filter_finds_what_a_store_without_the_rest_would(
    room: Room, name: str, data: st.DataObject
) -> None:
    check(room, name, data)


@pytest.mark.parametrize("name", sorted(set(METHODS) - set(FILTERED)))
@FEW
@given(data=st.data())
def test_a_question_finds_what_a_store_without_the_rest_would(
    room: Room, name: str, data: st.DataObject
) -> None:
    check(room, name, data)


@MANY
@given(data=st.data())
def test_counts_are_those_of_the_rows_inside(room: Room, data: st.DataObject) -> None:
    scope, drawn = data.draw(st.sampled_from(room.scopes)), Draw(room, data)
    filter_, now = drawn.filter, drawn.now.replace(microsecond=0)
    frame = room.whole.inside("case", scope).to_pandas()
    frame = frame[(frame["reported_at"] >= filter_.since) & (frame["reported_at"] < filter_.until)]
    codes = frame[["street_code", "community_code", "grid_code"]].fillna("")
    for values, columns in ((filter_.areas, codes), (filter_.categories, frame[["cat_code"]].fillna(""))):
        if values:
            held = [any(str(code).startswith(value) for code in row for value in values)
                    for row in columns.loc[frame.index].itertuples(index=False)]
            frame = frame[np.asarray(held, dtype=bool)]
    for values, column in ((filter_.channels, "channel_code"), (filter_.departments, "main_dept_id"),
                           (filter_.states, "state")):
        frame = frame[frame[column].isin(values)] if values else frame
    found = room.seen(scope).cases.counts(filter_, now, ("reported", "accepted", "handled"))
    assert found.to_dict() == {name: int((frame[f"{name}_at"] <= now).sum())
                               for name in ("reported", "accepted", "handled")}
    listed = room.seen(scope).cases.listing(filter_, now, limit=1_000)["case_no"]
    assert set(listed) <= set(frame["case_no"])


def test_a_filter_without_a_scope_is_refused(room: Room) -> None:
    naked = CaseFilter(since=room.now - timedelta(days=1), until=room.now)
    with pytest.raises(ScopeError, match="a question about case must have a scope, got none"):
        queries.matches(naked)


def test_a_filter_cannot_bring_a_wider_scope(room: Room) -> None:
    scope = room.scopes[1]
    filter_ = CaseFilter(since=room.now - timedelta(days=90), until=room.now)
    wide = filter_.with_(scope=EVERYTHING)
    seen = room.seen(scope)
    assert seen.cases.counts(wide, room.now) == seen.cases.counts(filter_, room.now)
    assert seen.cases.counts(wide, room.now).reported < room.readers.cases.counts(filter_, room.now).reported
    assert "scope" not in wide.to_store()
    assert "scope" not in wide.to_query()


def test_readers_of_a_viewer_are_not_handed_on(room: Room) -> None:
    with pytest.raises(ScopeError, match="must not be handed to another viewer"):
        room.seen(room.scopes[1]).seen_by(CONSOLE)


def test_readers_of_a_scope_are_made_once(room: Room) -> None:
    assert room.seen(room.scopes[1]) is room.seen(Scope(areas=frozenset(room.scopes[1].areas)))


def test_versions_differ_by_scope(room: Room) -> None:
    readers = [room.seen(scope).cases for scope in room.scopes]
    assert len({one.version for one in readers}) == len({one.areas_version for one in readers}) == len(
        set(room.scopes))


def test_a_viewer_begins_at_their_own_area(room: Room) -> None:
    for scope in room.scopes[:9]:
        areas = room.seen(scope).areas
        assert set(areas.outline()["area_code"]) == set(scope.roots)
        top = [step["area_code"] for step in areas.path(None)]
        assert top == ([scope.home] if scope.home else [])
    street, community = min(room.scopes[1].areas), room.ids["area"][0][:6]
    inside = room.seen(room.scopes[1]).areas.children(None, "grid")[0][0]
    assert [step["area_code"] for step in room.seen(room.scopes[1]).areas.path(inside)] == [
        street, inside[:12], inside]
    assert room.seen(room.scopes[1]).areas.path(community) == []
    assert room.seen(EVERYTHING).areas.outline()["level"].tolist() == ["district"]
    assert room.seen(NOTHING).areas.outline().empty


def test_words_are_those_of_the_scope(room: Room, demo_store: Store) -> None:
    words = read_vocabulary(demo_store)
    for scope in room.scopes:
        seen = room.seen(scope)
        own = narrowed(words, scope, seen.cases.reported_range())
        held = room.whole.inside("area", scope).to_pandas()
        held = held[held["level"].isin(["district", "street", "community"])]
        assert set(own.areas) == set(held["area_code"])
        span = room.whole.inside("case", scope).to_pandas()["reported_at"]
        expected = (span.min(), span.max()) if len(span) else (None, None)
        assert (own.first_reported, own.last_reported) == expected
        assert own.departments == words.departments
    assert pd.isna(narrowed(words, NOTHING, None).first_reported)
