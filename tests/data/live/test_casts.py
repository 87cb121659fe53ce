"""What a desk sends to a wall: one at a time, for a while, written down and told."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from data.access.scope import EVERYTHING
from data.access.tables import audit_log
from data.access.tokens import Tokens
from data.access.viewer import CONSOLE
from data.live.casts import CHANNEL, CastError, Casts
from data.live.tables import screen_cast

NOW = datetime(2026, 3, 6, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def wall(store):
    number, _ = Tokens(store).issue("大厅", EVERYTHING, ["/"], issued_by=CONSOLE, expires_at=None, now=NOW)
    return number


def rows(store):
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(
            sa.select(screen_cast).order_by(screen_cast.c.cast_id)).mappings()]


def test_a_cast_holds_for_its_minutes_and_no_longer(store, wall):
    casts = Casts(store)
    sent = casts.send(wall, "area=1", by=CONSOLE, minutes=5, now=NOW)
    assert (sent.by, sent.until) == ("console", NOW + 5 * MINUTE)
    assert casts.current(wall, NOW + 5 * MINUTE - timedelta(seconds=1)) == sent
    assert casts.current(wall, NOW + 5 * MINUTE) is None
    assert casts.current(wall + 1, NOW) is casts.current(None, NOW) is None


def test_the_last_cast_replaces_the_one_before_and_both_stand_in_the_log(store, wall):
    casts = Casts(store)
    casts.send(wall, "area=1", by=CONSOLE, minutes=5, now=NOW)
    last = casts.send(wall, "area=2", by=CONSOLE, minutes=60, now=NOW + MINUTE)
    assert casts.current(wall, NOW + MINUTE) == last
    first, second = rows(store)
    assert (first["ended_at"], first["ended_by"]) == (NOW + MINUTE, "console")
    assert second["ended_at"] is None
    with store.engine.connect() as connection:
        actions = connection.execute(sa.select(audit_log.c.action).where(
            audit_log.c.action.startswith("cast_"))).scalars().all()
    assert actions == ["cast_sent", "cast_sent"]


def test_it_can_be_taken_back_once(store, wall):
    casts = Casts(store)
    casts.send(wall, "area=1", by=CONSOLE, minutes=5, now=NOW)
    assert casts.end(wall, by=CONSOLE, now=NOW + MINUTE) is True
    assert casts.current(wall, NOW + MINUTE) is None
    assert casts.end(wall, by=CONSOLE, now=NOW + MINUTE) is False
    casts.send(wall, "area=1", by=CONSOLE, minutes=1, now=NOW)
    assert casts.end(wall, by=CONSOLE, now=NOW + 2 * MINUTE) is False, "its time was over"
    assert rows(store)[-1]["ended_at"] == NOW + MINUTE


@pytest.mark.parametrize("minutes", [0, -1, 241])
def test_how_long_is_bounded(store, wall, minutes):
    with pytest.raises(CastError, match=rf"minutes must be 1\.\.240, got {minutes}"):
        Casts(store).send(wall, "area=1", by=CONSOLE, minutes=minutes, now=NOW)
    assert rows(store) == []


def test_another_process_is_told_and_then_knows(store, wall):
    here, there = Casts(store), Casts(store)
    with store.dedicated() as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        sent = here.send(wall, "area=1", by=CONSOLE, minutes=5, now=NOW)
        heard = list(connection.notifies(timeout=10, stop_after=1))
    assert [json.loads(one.payload) for one in heard] == [{"token_id": wall}]
    assert there.current(wall, NOW) is None
    there.refresh()
    assert there.current(wall, NOW) == sent
