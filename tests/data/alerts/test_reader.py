"""The board of alerts: what is in hand for whom, bounded and in order, whatever floods in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from data import meta
from data.access.scope import EVERYTHING, Scope
from data.access.sight import Sight
from data.alerts.commands import perform
from data.alerts.groups import Group
from data.alerts.queries import EVALUATION
from data.alerts.reader import FLOOD, LINES, MEMBERS, AlertReader
from data.alerts.tables import alert, alert_event
from data.cases.commands import report
from data.engine import Store
from tests.data.alerts.samples import add_alert

STREET, OTHER = "210202001", "210202002"
OPERATOR = frozenset({"operator"})


@pytest.fixture
def empty(module_store: Store) -> Iterator[Store]:
    yield module_store
    with module_store.engine.begin() as connection:
        connection.execute(sa.delete(alert))
        connection.execute(sa.delete(alert_event))


def reader_of(store: Store, scope: Scope = EVERYTHING) -> AlertReader:
    return AlertReader(store.seen_by(scope), scope=scope)


def test_calm_is_an_empty_board(empty: Store, clock: datetime) -> None:
    board = reader_of(empty).board(clock, OPERATOR)
    assert (board.total, board.lines, board.is_flood, board.left_out) == (0, (), False, 0)
    assert list(board.totals) == ["red", "orange", "yellow", "blue"]
    assert (board.evaluated_at, board.fault) == (None, None)
    meta.put(empty, EVALUATION, {"evaluated_at": clock.isoformat(), "fault": "no disk"})
    board = reader_of(empty).board(clock, OPERATOR)
    assert (board.evaluated_at, board.fault) == (clock, "no disk")
    meta.remove(empty, EVALUATION)


def test_the_gravest_stand_first_then_the_newest(empty: Store, clock: datetime) -> None:
    for minute, color in enumerate(("red", "blue", "yellow", "red", "orange")):
        at = clock - timedelta(minutes=minute)
        add_alert(empty, at=at, subject=f"C{minute}", color=color, group_key=f"alone/{minute}")
    board = reader_of(empty).board(clock, OPERATOR)
    assert [line.color for line in board.lines] == ["red", "red", "orange", "yellow", "blue"]
    assert [line.members[0]["subject_id"] for line in board.lines] == ["C0", "C3", "C4", "C2", "C1"]
    assert dict(board.totals) == {"red": 2, "orange": 1, "yellow": 1, "blue": 1}


def test_a_group_is_one_line_with_its_sums(empty: Store, clock: datetime) -> None:
    for number in range(12):
        add_alert(empty, at=clock - timedelta(minutes=number), subject=f"C{number}", count=2,
                  color="red" if number == 7 else "orange")
    (line,) = reader_of(empty).board(clock, OPERATOR).lines
    assert (line.color, line.count, line.fires, len(line.members)) == ("red", 12, 24, MEMBERS)
    assert (line.oldest, line.newest) == (clock - timedelta(minutes=11), clock)
    assert [one["subject_id"] for one in line.members][:3] == ["C7", "C0", "C1"]


def test_a_listing_goes_on_where_the_board_ends(empty: Store, clock: datetime) -> None:
    numbers = [add_alert(empty, at=clock - timedelta(minutes=n), subject=f"C{n}",
                         color="red" if n == 52 else "orange") for n in range(53)]
    other = add_alert(empty, at=clock, street=OTHER, subject="S", kind="smoke", color="red")
    reader, group = reader_of(empty), Group("case_overdue", STREET)
    first, last = (reader.listing(clock, OPERATOR, group, page) for page in (1, 9))
    assert (dict(first.totals), dict(first.states)) == ({"red": 1, "orange": 52}, {"open": 53})
    assert (first.pages, first.page, last.page, first.upto) == (2, 1, 2, numbers[-1])
    assert [row["alert_id"] for row in (*first.rows, *last.rows)] == [numbers[52], *numbers[:52]]
    assert (first.oldest, first.newest) == (clock - timedelta(minutes=52), clock)
    everything = reader.listing(clock, OPERATOR, None, 1)
    assert [row["alert_id"] for row in everything.rows][:2] == [other, numbers[52]]
    none = reader_of(empty, Scope(frozenset({OTHER}))).listing(clock, OPERATOR, group, 1)
    assert (none.total, none.rows, none.pages, none.newest, none.upto) == (0, (), 1, None, 0)


def test_only_who_is_told_is_told(empty: Store, clock: datetime) -> None:
    number = add_alert(empty, at=clock, roles=["leader"])
    add_alert(empty, at=clock, subject="C2", roles=["leader", "operator"])
    reader = reader_of(empty)
    for told, total in ((OPERATOR, 1), ({"leader"}, 2), ({"planner"}, 0), (set(), 0)):
        assert reader.board(clock, told).total == total
    assert reader.alert(number, OPERATOR) is None
    assert reader.alert(number, {"leader"}) is not None
    assert len(reader.marks(clock, {"leader"})) == 0, "neither has a place"


def test_what_is_shelved_or_over_stands_in_no_line(empty: Store, clock: datetime) -> None:
    numbers = [add_alert(empty, at=clock, subject=f"C{n}", lon=121.6, lat=38.9) for n in range(3)]
    until = clock + timedelta(hours=1)
    perform(empty, numbers[0], "shelve", at=clock, actor_role="operator", scope=EVERYTHING, note="rain",
            details={"until": until})
    perform(empty, numbers[1], "false", at=clock, actor_role="operator", scope=EVERYTHING, note="a cat")
    reader = reader_of(empty)
    board = reader.board(clock, OPERATOR)
    assert (board.total, board.shelved) == (1, 1)
    assert reader.marks(clock, OPERATOR)["alert_id"].tolist() == [numbers[2]]
    board = reader.board(until, OPERATOR)
    assert (board.total, board.shelved) == (2, 0), "a shelf ends by itself"
    assert [event["act"] for event in reader.events(numbers[0])] == ["fire", "shelve"]
    assert reader.events(numbers[0])[1]["until"] == until.isoformat()


def test_a_flood_is_told_by_kind_and_street_and_loses_nothing(empty: Store, clock: datetime) -> None:
    kinds = [f"kind_{n}" for n in range(5)]
    streets = [f"2102020{n:02d}" for n in range(10, 30)]
    for number in range(500):
        add_alert(empty, at=clock - timedelta(seconds=number), subject=f"C{number}", kind=kinds[number % 5],
                  rule_id=kinds[number % 5], street=streets[number // 5 % 20], group_key=f"alone/{number}",
                  color="red" if number % 5 == 3 else "yellow")
    board = reader_of(empty).board(clock, OPERATOR)
    assert board.is_flood
    assert (board.total, dict(board.totals)["red"]) == (500, 100)
    assert len(board.lines) == LINES
    assert sum(line.count for line in board.lines) + board.left_out == 500
    assert max(len(line.members) for line in board.lines) <= MEMBERS
    assert [line.color for line in board.lines[:20]] == ["red"] * 20
    newest = [line.newest for line in board.lines[:20]]
    assert newest == sorted(newest, reverse=True)
    scoped = reader_of(empty, Scope(frozenset({streets[0]}))).board(clock, OPERATOR)
    assert (scoped.total, scoped.is_flood) == (25, False)
    later = reader_of(empty).board(clock + timedelta(minutes=30), OPERATOR)
    assert (later.total, later.is_flood) == (500, False), "a flood is over when nothing new comes"
    assert len(later.lines) == LINES
    assert FLOOD < 500


def test_names_are_those_that_the_viewer_may_know(empty: Store, clock: datetime) -> None:
    case_no = report(empty, {"street_code": STREET, "title": "call 13812345678 at 12号", "cat_code": "E0102"},
                     at=clock)
    number = add_alert(empty, at=clock, street=STREET, subject=case_no, case_no=case_no)
    for sight, title in ((Sight.PEOPLE, "call **** at 12号"), (Sight.PLACES, "call **** at **号"),
                         (Sight.SCREEN, None)):
        scope = Scope(frozenset({"*"}), sight=sight)
        reader = reader_of(empty, scope)
        assert reader.alert(number, OPERATOR)["case_title"] == title
        assert reader.board(clock, OPERATOR).lines[0].members[0]["case_title"] == title
    assert reader_of(empty, Scope(frozenset({OTHER}))).alert(number, OPERATOR) is None
    assert reader_of(empty, Scope(frozenset({OTHER}))).events(number) == []
