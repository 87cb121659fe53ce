"""Everything that a reader can be asked, and how a question is drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from data.alerts.groups import Group
from data.alerts.reader import AlertReader
from data.analytics.causes import cells
from data.analytics.lineage import sides
from data.areas.reader import AreaReader
from data.cases import pressing, queries
from data.cases.indicators import INDICATORS
from data.cases.lifecycle import STATES
from data.cases.points import Box
from data.cases.reader import CaseReader
from data.cases.rules import COUNTERS, WALL
from data.filters import CaseFilter
from data.patrol.reader import PatrolReader
from data.readers import Readers
from data.resources.reader import ResourceReader
from data.search import search
from tests.data.access.scoped_room import Room
from tests.data.access.worlds import moments

ROOMS = {"cases": CaseReader, "areas": AreaReader, "patrol": PatrolReader, "alerts": AlertReader,
         "resources": ResourceReader}


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


#: Whose alerts are asked for.
GROUPS = (None, Group("kind_0", "210202003"), Group("kind_1", "210202010"))
TOLD = ({"operator"}, {"leader", "street_op"}, {"dept_op"}, set())


def plain_board(board: Any) -> dict[str, Any]:
    return {**vars_of(board), "lines": [vars_of(line) for line in board.lines]}


def vars_of(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


#: Method -> how a question is drawn, and how it is asked. Everything that a reader can be asked.
METHODS: dict[str, tuple[Callable[[Draw], Any], Ask]] = {
    "cases.counts": of_filter(lambda r, f, now: [r.cases.counts(f, now).to_dict(),
                                                 r.cases.counts(f, now, WALL).to_dict()]),
    "cases.counts_by": of_filter(
        lambda r, f, now, by: r.cases.counts_by(by, f, now, COUNTERS), by=lambda d: d.of(queries.DIMENSIONS)),
    "cases.crossed": of_filter(
        lambda r, f, now, by: r.cases.crossed((by, "category_class", "span"), f, now, COUNTERS, edges=[now]),
        by=lambda d: d.of(sorted(set(queries.DIMENSIONS) - {"category_class"}))),
    "cases.asked": of_filter(
        lambda r, f, now, of: [vars_of(sides(r.cases, f, now, of)), cells(r.cases, f, now).sort_values(
            ["category", "community", "lon", "lat"], ignore_index=True)], of=lambda d: d.of(INDICATORS)),
    "cases.durations_by": of_filter(
        lambda r, f, now, by: r.cases.durations_by(by, f, now).sort_values("code", ignore_index=True),
        by=lambda d: d.of(sorted(set(queries.DIMENSIONS) - {"channel_group"}))),
    "cases.histogram": of_filter(lambda r, f, now: r.cases.histogram(f)),
    "cases.daily": of_filter(
        lambda r, f, now: r.cases.daily(f).sort_values(["grid_code", "day"], ignore_index=True)),
    "cases.durations": of_filter(lambda r, f, now: r.cases.durations(f, now)),
    "cases.extremes": of_filter(lambda r, f, now: r.cases.extremes(f, now)),
    "cases.point_count": of_filter(lambda r, f, now, box: r.cases.point_count(f, box, now=now), box=Draw.box),
    "cases.points": of_filter(
        lambda r, f, now, box, limit: r.cases.points(f, box, limit, now=now).to_pandas().sort_values(
            "case_ref"), box=Draw.box, limit=lambda d: d.of([5, 100_000])),
    "cases.chosen_points": of_filter(
        lambda r, f, now, box, refs: r.cases.chosen_points(f, refs, box, now=now).to_pandas().sort_values(
            "case_ref"), box=Draw.box, refs=lambda d: [d.id("case_ref") for _ in range(3)]),
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
    "areas.chiefs": (lambda _d: {}, lambda r, _a: r.areas.chiefs()),
    "patrol.presence": (lambda d: d.now, lambda r, a: r.patrol.presence(
        a - timedelta(days=9), a, ZoneInfo("Asia/Shanghai")).sort_values(["grid_code", "hour"])),
    "patrol.hours_by_grid": (lambda d: d.now,
                             lambda r, a: r.patrol.hours_by_grid(a - timedelta(days=9), a)),
    "patrol.positions": (lambda d: d.now, lambda r, a: r.patrol.positions(a, timedelta(hours=9))),
    "patrol.trails": (lambda d: (d.now - timedelta(hours=d.of([0, 8])), d.of([30, 600]), d.of(
        [None, d.room.ids["officer"][:20]]), d.box(), d.of([0, 20])),
                      lambda r, a: r.patrol.trails(*a[:4], step_s=a[4])),
    "patrol.tape": (lambda d: (d.now - timedelta(hours=d.of([0, 8])), d.of([(10, 0), (55, 60)]), d.box()),
                    lambda r, a: r.patrol.tape(a[0] - timedelta(minutes=a[1][0]), a[0], step_s=a[1][1],
                                               box=a[2])),
    "patrol.officer": (lambda d: (d.id("officer"), d.now), lambda r, a: r.patrol.officer(*a)),
    "patrol.names": (lambda d: d.room.ids["officer"][:20], lambda r, a: r.patrol.names(a)),
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
    "counts", "counts_by", "crossed", "durations_by", "histogram", "daily", "durations",
    "extremes", "point_count", "points", "heat",
    "listing", "pressing"})
