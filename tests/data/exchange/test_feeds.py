"""Feeds: what was sent, what was due, and who has fallen silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from data.access.scope import EVERYTHING, Scope
from data.bulk import ensure_fix_partitions
from data.engine import Store
from data.exchange.feeds import DAYS, FeedReader, expected
from data.snapshot import Snapshot
from data.tables import gps_fix, officer
from tests.data.cases.samples import STREETS, add_case

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)  # noon in the district


def feeds(store: Store, now: datetime = NOW, scope: Scope = EVERYTHING) -> dict[tuple[str, str], object]:
    """The feeds by kind and code, as snapshot and store both tell them."""
    snapshot = Snapshot(store, 4000)
    from_store = FeedReader(store, snapshot, scope).all(now, ZONE)
    snapshot.refresh()
    assert FeedReader(store, snapshot, scope).all(now, ZONE) == from_store
    return {(feed.kind, feed.code): feed for feed in from_store}


def hourly(store: Store, channel: str, until: datetime, days: int = DAYS) -> None:
    """A report an hour in daytime (8 to 20 local), the last one at ``until``."""
    at = until
    while at > until - timedelta(days=days):
        if 8 <= at.astimezone(ZONE).hour < 20:
            add_case(store, channel_code=channel, reported_at=at)
        at -= timedelta(hours=1)


def test_a_feed_that_speaks_as_usual_is_well(store: Store) -> None:
    hourly(store, "iot", NOW - timedelta(minutes=10))
    feed = feeds(store)["channel", "iot"]
    assert (feed.state, feed.today) == ("ok", 4)
    assert feed.last_at == NOW - timedelta(minutes=10)
    assert feed.usual == pytest.approx(12, abs=0.5)


@pytest.mark.parametrize(("gone", "state"), [(2, "ok"), (4, "late"), (8, "silent"), (30, "silent")])
def test_silence_counts_by_what_should_have_come(store: Store, gone: int, state: str) -> None:
    last = datetime(2026, 5, 11, 1, 30, tzinfo=UTC)  # half past nine in the district
    hourly(store, "iot", last)
    assert feeds(store, last + timedelta(hours=gone))["channel", "iot"].state == state


def test_at_night_nobody_is_missed(store: Store) -> None:
    last = datetime(2026, 5, 10, 11, 30, tzinfo=UTC)  # half past seven in the evening
    hourly(store, "iot", last)
    assert feeds(store, last + timedelta(hours=12))["channel", "iot"].state == "ok"


def test_what_has_not_spoken_for_weeks_is_silent_and_what_comes_later_is_not_known(store: Store) -> None:
    add_case(store, channel_code="old", reported_at=NOW - timedelta(days=40))
    add_case(store, channel_code="later", reported_at=NOW + timedelta(minutes=1))
    found = feeds(store)
    assert found["channel", "old"].state == "silent"
    assert found["channel", "old"].usual == 0
    assert ("channel", "later") not in found


def test_a_department_speaks_by_what_it_handled(store: Store) -> None:
    for hour in range(40):
        add_case(store, main_dept_id="police", handled_at=NOW - timedelta(hours=12 * hour))
    add_case(store, main_dept_id="water")
    found = feeds(store)
    assert found["department", "police"].today == 2, "at noon, and as the day began"
    assert ("department", "water") not in found


def test_nothing_from_outside_the_scope_is_counted(store: Store) -> None:
    add_case(store, channel_code="iot", street_code=STREETS[0], reported_at=NOW - timedelta(hours=1))
    add_case(store, channel_code="web", street_code=STREETS[1], reported_at=NOW - timedelta(hours=1))
    snapshot = Snapshot(store, 4000)
    snapshot.refresh()
    scope = Scope(areas=frozenset({STREETS[0]}))
    found = FeedReader(store.seen_by(scope), snapshot, scope).all(NOW, ZONE)
    assert [feed.code for feed in found if feed.kind == "channel"] == ["iot"]


@pytest.mark.parametrize(("minutes", "state"), [(1, "ok"), (6, "late"), (16, "silent"), (60 * 25, "silent")])
def test_positions_are_missed_after_minutes(store: Store, minutes: int, state: str) -> None:
    at = NOW - timedelta(minutes=minutes)
    with store.engine.begin() as connection:
        connection.execute(sa.insert(officer).values(
            street_code=STREETS[0], officer_id="o", role="grid_officer"))
    ensure_fix_partitions(store, [at.date()])
    with store.engine.begin() as connection:
        connection.execute(sa.insert(gps_fix).values(
            street_code=STREETS[0], officer_id="o", at=at, lon=121.6, lat=38.9))
    assert feeds(store)["positions", ""].state == state


RATES = st.lists(st.floats(0, 50), min_size=24, max_size=24).map(np.array)
MOMENT = st.integers(0, 31 * 86_400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(rates=RATES, a=MOMENT, b=MOMENT, c=MOMENT)
def test_what_is_due_adds_up(rates: np.ndarray, a: datetime, b: datetime, c: datetime) -> None:
    first, middle, last = sorted((a, b, c))
    whole = expected(rates, first, last)
    assert whole == pytest.approx(expected(rates, first, middle) + expected(rates, middle, last), abs=1e-6)
    assert expected(rates, first, first + timedelta(days=3)) == pytest.approx(3 * rates.sum(), abs=1e-6)
    hours = (last - first).total_seconds() / 3600
    assert expected(np.ones(24), first, last) == pytest.approx(hours, abs=1e-6)
