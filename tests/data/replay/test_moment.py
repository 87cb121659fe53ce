"""The store as of T: what the log adds up to by then, and nothing later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from data.access.scope import EVERYTHING, Scope, ScopeError
from data.access.viewer import CONSOLE
from data.cases import queries
from data.cases.commands import perform
from data.cases.fold import FOLDED, fold_one
from data.cases.rules import COUNTERS
from data.engine import Store
from data.filters import CaseFilter, FilterError
from data.mirrored import CASES
from data.readers import Readers, build_readers
from data.replay.moment import SnapshotAt
from data.search import search
from data.settings import Settings
from data.tables import cases
from tests.conftest import _database
from tests.data.cases.samples import START, STREETS, WHOLE, add_channels
from tests.data.replay.histories import histories, put

END = START + timedelta(days=40)
LOGS = histories(600, seed=11)
#: Whole seconds all over the time, and moments at which something happens.
SOME = [START + timedelta(seconds=int(second))
        for second in np.random.default_rng(5).integers(-3_600, 40 * 86_400, 24)]
EXACT = [LOGS[number][place]["at"] for number, place in
         (("R000003", 0), ("R000010", -1), ("R000042", -1), ("R000077", 0))]
MOMENTS = sorted({*SOME, *EXACT, START, END})


@pytest.fixture(scope="module")
def filled(module_store: Store) -> Readers:
    add_channels(module_store)
    put(module_store, LOGS)
    readers = build_readers(module_store, Settings())
    readers.snapshot.refresh()
    return readers


def folded(at: datetime) -> dict[str, dict[str, Any]]:
    """Number -> what the log of the case adds up to by ``at``, the plain way."""
    held = {number: [event for event in log if event["at"] <= at] for number, log in LOGS.items()}
    return {number: fold_one(log) for number, log in held.items() if log}


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_the_state_at_a_moment_is_the_fold_of_the_log(filled: Readers, at: datetime) -> None:
    expected = folded(at)
    rows = filled.at(at).snapshot.run(CASES.rows()).to_pylist()
    assert {row["case_no"] for row in rows} == set(expected)
    for row in rows:
        known = {name: row[name] for name in FOLDED if name in row}
        assert known == {name: expected[row["case_no"]][name] for name in known}, row["case_no"]


@pytest.mark.parametrize("at", MOMENTS[::4], ids=str)
def test_the_store_tells_the_same_as_the_snapshot(filled: Readers, at: datetime) -> None:
    expected = folded(at)
    rows = filled.at(at).store.arrow(sa.select(cases)).to_pylist()
    assert {row["case_no"]: {name: row[name] for name in FOLDED} for row in rows} == expected


@pytest.fixture(scope="module")
def ended_then(server: Any, template: str) -> Iterator[Any]:
    """Readers of a store whose writers stopped at a moment."""
    made = []

    def ended(at: datetime) -> Readers:
        maker = _database(server, template)
        store = next(maker)
        made.append(maker)
        add_channels(store)
        put(store, LOGS, until=at)
        readers = build_readers(store, Settings())
        readers.snapshot.refresh()
        return readers

    yield ended
    for maker in made:
        next(maker, None)


@pytest.mark.parametrize("at", MOMENTS[3::9], ids=str)
def test_every_answer_is_that_of_a_store_that_ended_then(filled: Readers, ended_then: Any,
                                                         at: datetime) -> None:
    past, short = filled.at(at).seen_by(CONSOLE), ended_then(at).seen_by(CONSOLE)
    for filter_ in (WHOLE, WHOLE.with_(areas=frozenset({STREETS[1]})),
                    WHOLE.with_(states=frozenset({"handling", "closed"})),
                    WHOLE.with_(departments=frozenset({"water"}))):
        assert past.cases.counts(filter_, at, COUNTERS) == short.cases.counts(filter_, at, COUNTERS)
        for dimension in ("grid", "state", "department", "channel_group", "level_closed"):
            left, right = (one.cases.counts_by(dimension, filter_, at, COUNTERS) for one in (past, short))
            assert left.to_dict("records") == right.to_dict("records"), dimension
        assert past.cases.durations(filter_, at) == short.cases.durations(filter_, at)
        assert past.cases.extremes(filter_, at) == short.cases.extremes(filter_, at)
        assert past.cases.histogram(filter_).equals(short.cases.histogram(filter_))
        for order in queries.ORDERS:
            left, right = (_plain(one.cases.listing(filter_, at, order, 80)) for one in (past, short))
            assert left == right, order
        for order, now in (("near", at), ("oldest", at), ("near", at - timedelta(days=5))):
            left, right = (one.cases.pressing(filter_, now, order, 20) for one in (past, short))
            assert (left.overdue, left.due_soon) == (right.overdue, right.due_soon)
            assert [_known(line) for line in left.lines] == [_known(line) for line in right.lines]
    assert past.cases.reported_range() == short.cases.reported_range()
    assert search(past, "案件 1", 100) == search(short, "案件 1", 100)


def _known(line: dict[str, Any]) -> dict[str, Any]:
    """A line without its handle, which is one of the store."""
    return {name: value for name, value in line.items() if name != "case_ref"}


def _plain(frame: Any) -> list[dict[str, Any]]:
    return [{name: str(value) for name, value in row.items() if name != "case_ref"}
            for row in frame.to_dict("records")]


@pytest.mark.parametrize("at", MOMENTS[1::7], ids=str)
def test_a_card_tells_nothing_later(filled: Readers, at: datetime) -> None:
    past, expected = filled.at(at).seen_by(CONSOLE), folded(at)
    for number in [*LOGS][:60]:
        found, events = past.cases.case(number), past.cases.events(number)
        if number not in expected:
            assert found is None
            assert events.empty
            continue
        assert found is not None
        assert {name: found[name] for name in FOLDED} == expected[number]
        assert events["seq"].tolist() == [event["seq"] for event in LOGS[number] if event["at"] <= at]
        again = past.cases.case_by_ref(found["case_ref"])
        assert again is not None
        assert again["case_no"] == number


def test_a_scope_holds_in_the_past_as_it_does_now(filled: Readers) -> None:
    at, scope = START + timedelta(days=12), Scope(areas=frozenset({STREETS[0]}))
    past = filled.at(at).seen_by(_viewer(scope))
    own = {number for number in folded(at) if LOGS[number][0]["street_code"] == STREETS[0]}
    assert set(past.cases.listing(WHOLE, at, "newest", 1_000)["case_no"]) == own
    assert past.cases.counts(WHOLE, at).reported == len(own)
    stranger = next(number for number in folded(at) if number not in own)
    assert past.cases.case(stranger) is None
    assert past.cases.events(stranger).empty
    assert past.store.arrow(sa.select(cases.c.case_no)).num_rows == len(own)


def _viewer(scope: Scope) -> Any:
    return replace(CONSOLE, scope=scope)


def test_what_is_written_meanwhile_changes_no_past(store: Store) -> None:
    add_channels(store)
    put(store, histories(80, seed=2))
    readers = build_readers(store, Settings())
    readers.snapshot.refresh()
    at = END + timedelta(days=1)
    past = readers.at(at)
    before, version = _rows(past), past.cases.version
    state = store.arrow("SELECT case_no, state FROM \"case\" WHERE state = 'accepted' LIMIT 1").to_pylist()
    number = state[0]["case_no"] if state else None
    assert number is not None
    perform(store, number, "file", at=at + timedelta(seconds=1), actor_role="operator")
    readers.snapshot.refresh()
    assert _rows(past) == before
    assert past.cases.version != version
    assert _rows(readers.at(at + timedelta(seconds=1)))[number]["state"] == "filed"


def _rows(readers: Readers) -> dict[str, dict[str, Any]]:
    return {row["case_no"]: row for row in readers.snapshot.run(CASES.rows()).to_pylist()}


def test_the_readers_of_a_moment_are_kept_and_never_put_back_twice(filled: Readers) -> None:
    at = START + timedelta(days=3)
    past = filled.at(at)
    assert filled.at(at) is past
    assert past.moment == at
    assert isinstance(past.snapshot, SnapshotAt)
    assert filled.moment is None
    with pytest.raises(ScopeError, match="put back"):
        past.at(at - timedelta(hours=1))
    with pytest.raises(ScopeError, match="put back"):
        past.seen_by(CONSOLE).at(at)
    assert past.seen_by(CONSOLE).scope.areas == EVERYTHING.areas


def test_outside_the_hot_window_nothing_is_replayed(filled: Readers, module_store: Store) -> None:
    held = build_readers(module_store, Settings(hot_days=4))
    held.snapshot.refresh()
    since = held.snapshot.hot_since
    assert since is not None
    at = since + timedelta(days=2)
    past = held.at(at)
    inside = CaseFilter(since=since, until=at + timedelta(seconds=1), scope=EVERYTHING)
    assert past.cases.counts(inside, at) == filled.at(at).cases.counts(inside, at)
    assert past.cases.reach(START) == since
    with pytest.raises(FilterError, match="since must not lie before"):
        past.cases.counts(inside.with_(since=START), at)
