"""The snapshot follows the store: updates, tombstones, late commits, failures."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import adbc_driver_manager
import pytest
import sqlalchemy as sa

from data import snapshot as snapshot_module
from data.access.scope import EVERYTHING
from data.cases import queries
from data.cases.reader import CaseReader
from data.engine import Store
from data.snapshot import Snapshot, SnapshotError
from data.tables import cases, channel
from tests.data.cases.samples import (
    NOW,
    START,
    STREETS,
    WHOLE,
    add_case,
    add_channels,
    add_random_cases,
    change_case,
)

FAR = WHOLE.with_(since=START - timedelta(days=2000))


@pytest.fixture
def filled(store: Store) -> Snapshot:
    add_channels(store)
    made = Snapshot(store, 4000)
    made.refresh()
    return made


def accepted(snapshot: Snapshot) -> dict[str, Any]:
    """Case number -> when it was accepted, of the cases held."""
    rows = snapshot.run(sa.select(cases.c.case_no, cases.c.accepted_at)).to_pylist()
    return {row["case_no"]: row["accepted_at"] for row in rows}


def test_nothing_is_answered_before_the_first_load(store: Store) -> None:
    empty = Snapshot(store, 4000)
    assert not empty.covers(START)
    with pytest.raises(SnapshotError, match=r"call refresh\(\) first"):
        empty.run(queries.channels())


def test_new_changed_and_deleted_cases_arrive(store: Store, filled: Snapshot) -> None:
    first, second = add_case(store), add_case(store)
    assert filled.refresh() == 2
    change_case(store, first, accepted_at=NOW)
    change_case(store, second, deleted_at=NOW)
    assert filled.refresh() == 2
    assert accepted(filled) == {first: NOW}


def test_the_version_changes_with_the_content_and_only_then(store: Store, filled: Snapshot) -> None:
    before = filled.version
    assert filled.refresh() == 0
    assert filled.version == before
    add_case(store)
    filled.refresh()
    assert filled.version != before


def test_a_case_committed_late_is_not_missed(store: Store, filled: Snapshot) -> None:
    with store.engine.connect() as slow:
        slow.execute(
            sa.insert(cases).values(
                street_code=STREETS[0], case_no="slow", state="reported", reported_at=START
            )
        )
        quick = add_case(store)
        filled.refresh()
        assert set(accepted(filled)) == {quick}
        add_case(store, case_no="later")
        filled.refresh()
        slow.commit()
    filled.refresh()
    assert set(accepted(filled)) == {quick, "later", "slow"}


def test_a_transaction_left_open_does_not_make_everything_look_new(store: Store, filled: Snapshot) -> None:
    with store.engine.connect() as idle:
        idle.execute(sa.insert(channel).values(channel_code="held", name="held", group_code="held"))
        number = add_case(store)
        assert filled.refresh() == 1
        version = filled.version
        assert filled.refresh() == 0
        assert filled.version == version
        change_case(store, number, accepted_at=NOW)
        assert filled.refresh() == 1
        assert accepted(filled) == {number: NOW}


def test_what_is_written_in_the_middle_of_a_look_comes_once(
    store: Store, filled: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = add_case(store)
    filled.refresh()
    change_case(store, known, accepted_at=START)
    asked = store.arrow

    def write_before_rows(query: Any, *others: Any) -> Any:
        if isinstance(query, str) and "LIMIT" not in query:  # the news have been read
            monkeypatch.setattr(store, "arrow", asked)
            change_case(store, known, accepted_at=NOW)
            add_case(store, case_no="late")
        return asked(query, *others)

    monkeypatch.setattr(store, "arrow", write_before_rows)
    assert filled.refresh() == 1
    assert accepted(filled) == {known: NOW}
    filled.refresh()
    assert set(accepted(filled)) == {known, "late"}
    rows = filled.run(sa.select(sa.func.count()).select_from(cases)).to_pylist()
    assert list(rows[0].values()) == [2]


def test_a_store_rebuilt_as_a_whole_is_loaded_anew(store: Store, filled: Snapshot) -> None:
    add_case(store)
    filled.refresh()
    with store.engine.begin() as rebuilding:
        rebuilding.execute(sa.text('TRUNCATE "case"'))
    filled.refresh()
    assert accepted(filled) == {}
    again = add_case(store)
    assert filled.refresh() == 1
    assert list(accepted(filled)) == [again]


def test_reference_tables_follow_too(store: Store, filled: Snapshot) -> None:
    with store.engine.begin() as connection:
        connection.execute(
            sa.update(channel)
            .where(channel.c.channel_code == "iot")
            .values(name="new", changed_xid=sa.text("pg_current_xact_id()::text::bigint"))
        )
    filled.refresh()
    names = {row["channel_code"]: row["name"] for row in filled.run(queries.channels()).to_pylist()}
    assert names["iot"] == "new"


def failing(_query: Any) -> Any:
    raise adbc_driver_manager.OperationalError("server closed the connection", status_code=10)


def test_a_failed_refresh_keeps_the_content_and_says_since_when(
    store: Store, filled: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = add_case(store)
    filled.refresh()
    good_at, version = filled.refreshed_at, filled.version
    with monkeypatch.context() as broken:
        broken.setattr(store, "arrow", failing)
        for _ in range(2):
            with pytest.raises(adbc_driver_manager.OperationalError):
                filled.refresh()
    assert set(accepted(filled)) == {number}
    assert (filled.refreshed_at, filled.version) == (good_at, version)
    assert "server closed the connection" in str(filled.error)
    assert filled.failed_since is not None
    filled.refresh()
    assert (filled.error, filled.failed_since) == (None, None)


def test_a_refresh_that_breaks_in_the_middle_changes_nothing(
    store: Store, filled: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = add_case(store)
    genuine = store.arrow

    def half(query: Any) -> Any:
        return failing(query) if "officer" in str(query) else genuine(query)

    with monkeypatch.context() as broken:
        broken.setattr(store, "arrow", half)
        with pytest.raises(adbc_driver_manager.OperationalError):
            filled.refresh()
    assert accepted(filled) == {}
    filled.refresh()
    assert set(accepted(filled)) == {number}


def test_outside_the_hot_window_the_store_answers(store: Store) -> None:
    add_channels(store)
    add_case(store, reported_at=START - timedelta(days=900))
    add_case(store, reported_at=START)
    snapshot = Snapshot(store, 400)
    snapshot.refresh()
    reader = CaseReader(store, snapshot, scope=EVERYTHING)
    assert snapshot.hot_since == START - timedelta(days=400)
    assert snapshot.covers(START)
    assert not snapshot.covers(FAR.since)
    assert reader.counts(WHOLE, NOW).reported == 1
    assert reader.counts(FAR, NOW).reported == 2
    late, version = add_case(store, reported_at=START - timedelta(days=800)), snapshot.version
    snapshot.refresh()
    assert snapshot.version != version
    assert late not in accepted(snapshot)
    assert reader.counts(FAR, NOW).reported == 3


def test_a_large_import_is_loaded_anew_in_slices(
    store: Store, filled: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "ROWS_PER_SLICE", 100)
    add_random_cases(store, 450)
    assert filled.refresh() >= 450
    assert len(accepted(filled)) == 450
    assert filled.refresh() == 0


def test_replaced_rows_give_their_room_back(
    store: Store, filled: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "ROWS_PER_CLEANING", 3)
    number = add_case(store)
    for minute in range(5):
        change_case(store, number, accepted_at=START + timedelta(minutes=minute))
        filled.refresh()
    assert accepted(filled) == {number: START + timedelta(minutes=4)}


def test_the_thread_follows_until_it_is_stopped(store: Store) -> None:
    add_channels(store)
    seen = threading.Event()
    snapshot = Snapshot(
        store, 4000, every_s=0.02, clock=ticking(lambda: seen.set() if accepted_now(snapshot) else None)
    )
    snapshot.start()
    add_case(store)
    assert seen.wait(10)
    snapshot.stop()


def accepted_now(snapshot: Snapshot) -> bool:
    return snapshot.is_filled and bool(accepted(snapshot))


def ticking(hook: Callable[[], None]) -> Callable[[], datetime]:
    def clock() -> datetime:
        hook()
        return datetime(2026, 3, 1, tzinfo=UTC)

    return clock


def test_readers_in_many_threads_see_whole_states(store: Store, filled: Snapshot) -> None:
    numbers = [add_case(store, accepted_at=START) for _ in range(20)]
    filled.refresh()
    torn: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            states = set(accepted(filled).values())
            if len(states) != 1:
                torn.append(len(states))

    watchers = [threading.Thread(target=watch) for _ in range(3)]
    for watcher in watchers:
        watcher.start()
    for hour in range(10):
        with store.engine.begin() as connection:
            connection.execute(
                sa.update(cases)
                .where(cases.c.case_no.in_(numbers))
                .values(
                    accepted_at=START + timedelta(hours=hour),
                    changed_xid=sa.text("pg_current_xact_id()::text::bigint"),
                )
            )
        filled.refresh()
    done.set()
    for watcher in watchers:
        watcher.join()
    assert torn == []
