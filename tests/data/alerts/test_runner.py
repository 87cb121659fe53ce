"""The thread that lets the engine look: what is due, what is told from outside, what fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from data import meta
from data.alerts import clusters
from data.alerts import runner as running
from data.alerts.clusters import AreaCluster
from data.alerts.engine import Outcome
from data.alerts.rules.model import Found
from data.alerts.runner import Runner
from data.alerts.scanner import Look
from data.alerts.sources import _cluster, found_clusters, silent_feeds
from data.alerts.tables import alert
from data.engine import Store
from data.readers import build_readers
from data.settings import Settings
from tests.data.cases.samples import STREETS, add_case

T = datetime(2026, 3, 20, 6, 0, tzinfo=UTC)
GRID = f"{STREETS[0]}001001"
FOUND = clusters.Found(since=T - timedelta(days=60), until=T, total=9, left_out=0, runs=999, clusters=(
    AreaCluster(grids=(GRID,), lon=121.6, lat=38.9, radius_m=0.0, since=T - timedelta(days=3), until=T,
                observed=9, expected=1.5, p_value=0.004, recurrence_days=250.0),))


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "what was waited for did not come"
        threading.Event().wait(0.02)


def _kinds(store: Store) -> list[str]:
    return sorted(store.arrow(sa.select(alert.c.kind))["kind"].to_pylist())


def test_what_is_due_is_looked_at_and_nothing_twice(store: Store) -> None:
    asked: list[datetime] = []
    version = ["1"]

    def scan(now: datetime) -> list[Found] | None:
        asked.append(now)
        return None

    runner = Runner(store, now=lambda: T, version=lambda: version[0], sources={"case_cluster": scan})
    assert runner.look(0.0) == Outcome()
    add_case(store, urgency=3, reported_at=T)
    assert runner.look(1.0) == Outcome()  # neither the moment nor the cases are others
    version[0] = "2"
    assert runner.look(2.0) == Outcome(fired=1)
    assert runner.look(301.0) == Outcome()
    assert asked == [T, T]
    assert meta.get(store, "alerts") == {"evaluated_at": T.isoformat(), "fault": None}


def test_a_thread_looks_when_it_is_woken_and_tells_what_fails(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LEAST_S", 0.01)
    monkeypatch.setattr(running, "BACK_OFF_S", (0.01,))
    version = ["1"]
    runner = Runner(store, now=lambda: T, version=lambda: version[0])
    runner.start()
    try:
        until(lambda: runner.looked_at == T)
        add_case(store, urgency=3, reported_at=T)
        version[0] = "2"
        runner.wake()
        until(lambda: _kinds(store) == ["case_urgent"])
        with store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE alert_rule RENAME TO elsewhere"))
        version[0] = "3"
        runner.wake()
        until(lambda: "alert_rule" in str((meta.get(store, "alerts") or {}).get("fault")))
        assert meta.get(store, "alerts")["evaluated_at"] == T.isoformat()
        with store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO alert_rule"))
        until(lambda: (meta.get(store, "alerts") or {}).get("fault") is None)
        assert runner.error is None
    finally:
        runner.stop()


def test_a_feed_that_fell_silent_and_a_cluster_are_told(store: Store) -> None:
    for day in range(1, 20):
        for hour in range(24):
            add_case(store, reported_at=T - timedelta(days=day, hours=hour), channel_code="hotline_12345")
    add_case(store, reported_at=T - timedelta(days=60), channel_code="iot")  # has long been gone
    readers = build_readers(store, Settings.from_env({}))
    feeds = silent_feeds(readers, ZoneInfo("Asia/Shanghai"))
    found = {one.subject_id: one for one in feeds(T)}
    assert set(found) == {"channel:hotline_12345"}
    assert found["channel:hotline_12345"].value == 24 * 60

    def cluster(grid: str, p_value: float) -> Found:
        return _cluster(AreaCluster(
            grids=(f"{STREETS[0]}001{grid}",), lon=121.6, lat=38.9, radius_m=0.0, observed=9, expected=1.5,
            since=T - timedelta(days=3), until=T, p_value=p_value, recurrence_days=1 / p_value))

    told = [cluster("001", 0.004), cluster("002", 0.02)]  # the second is above the threshold
    runner = Runner(store, now=lambda: T, version=lambda: "1", sources={
        "feed_silent": feeds, "case_cluster": lambda _: told})
    assert runner.look(0.0) == Outcome(fired=2)
    assert _kinds(store) == ["case_cluster", "feed_silent"]
    told.clear()
    assert runner.look(300.0) == Outcome(lapsed=1)


def test_a_scan_that_is_not_done_says_nothing(demo_store: Store) -> None:
    readers = build_readers(demo_store, Settings.from_env({}))
    now = datetime.fromisoformat(meta.get(demo_store, "clock")["at"])
    look = [Look(state="running", found=FOUND), Look(state="done", found=FOUND)]

    class Scanner:
        def look(self, *_: object) -> Look:
            return look.pop(0)

    source = found_clusters(readers, ZoneInfo("Asia/Shanghai"), Scanner())  # type: ignore[arg-type]
    assert source(now) is None
    assert [one.subject_id for one in source(now) or []] == [GRID]
