"""A played district: legal, in order, the same for the same seed, and never ahead of its clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from data import meta
from data.cases.check import check
from data.cases.commands import perform
from data.clock import own_clock
from data.engine import Store
from data.resources.tables import resource_event
from data.sensors.tables import reading
from data.simulate.district import DistrictError, load_district
from data.simulate.play import Play
from data.simulate.running import RunningError, alone, begin_of, run
from data.tables import case_event, cases, gps_fix, resource
from tests.conftest import _database
from tests.data.simulate.conftest import BEGIN, Wall, a_play, morning


@pytest.fixture(scope="module")
def twins(server: Any, template: str) -> Iterator[tuple[Store, Store]]:
    """Two stores of the same demo, of which each played half an hour with the same seed."""
    first, second = _database(server, template), _database(server, template)
    stores = next(first), next(second)
    for store, wall in zip(stores, (Wall(), Wall(drag=0.7)), strict=True):
        morning(store)
        run(a_play(store), rate=60, end=BEGIN + timedelta(minutes=30), wall=wall.now, wait=wall.wait)
    yield stores
    for one in (first, second):
        next(one, None)


def written(store: Store) -> dict[str, list[Any]]:
    """All that was written after the beginning."""
    with store.engine.connect() as connection:
        return {
            "events": connection.execute(sa.select(
                *(column for column in case_event.c)).where(case_event.c.at > BEGIN)
                .order_by(case_event.c.case_no, case_event.c.seq)).all(),
            "reports": connection.execute(sa.select(
                *(column for column in cases.c if column.name not in {
                    "created_at", "updated_at", "changed_xid"})).where(cases.c.reported_at > BEGIN)
                .order_by(cases.c.case_no)).all(),
            "fixes": connection.execute(sa.select(gps_fix).where(gps_fix.c.at > BEGIN).order_by(
                gps_fix.c.officer_id, gps_fix.c.at)).all(),
            "states": connection.execute(sa.select(resource_event).order_by(
                resource_event.c.resource_id, resource_event.c.at)).all(),
            "readings": connection.execute(sa.select(reading).where(reading.c.at > BEGIN).order_by(
                reading.c.resource_id, reading.c.kind, reading.c.at)).all()}


def test_vehicles_drive_and_their_rows_are_the_newest_of_their_log(twins: tuple[Store, Store]) -> None:
    states = written(twins[0])["states"]
    newest = {(one.street_code, one.resource_id): one for one in states}
    assert {one.at for one in newest.values()} == {BEGIN + timedelta(minutes=30)}
    assert {one.status for one in states} == {"idle", "assigned", "busy", "offline"}
    for one, after in pairwise(states):
        if one.resource_id == after.resource_id:
            moved = (one.lon, one.lat) != (after.lon, after.lat)
            assert after.at - one.at == timedelta(seconds=30)
            assert not moved or one.heading is not None or after.heading is not None
            assert abs(one.lon - after.lon) + abs(one.lat - after.lat) < 0.008, "nobody jumps"
    with twins[0].engine.connect() as connection:
        rows = connection.execute(sa.select(resource).where(resource.c.heading.is_not(None))).all()
    assert rows
    for row in rows:
        one = newest[row.street_code, row.resource_id]
        assert (row.status, row.lon, row.lat, row.heading) == (one.status, one.lon, one.lat, one.heading)


def test_the_same_seed_gives_the_same_events_however_fast_the_machine_is(twins: tuple[Store, Store]) -> None:
    one, other = (written(store) for store in twins)
    assert len(one["events"]) > 20
    assert len(one["reports"]) > 0
    assert len(one["fixes"]) > 1000
    assert len(one["readings"]) > 10
    assert one == other


def test_what_was_played_stands_up_to_the_self_check(twins: tuple[Store, Store]) -> None:
    found = check(twins[0], BEGIN + timedelta(minutes=30))
    assert found["ok"], found


def test_positions_lie_in_grids_and_none_is_a_jump(twins: tuple[Store, Store]) -> None:
    fixes = written(twins[0])["fixes"]
    # noise of a few metres crosses borders of the district
    assert sum(fix.grid_code is None for fix in fixes) < len(fixes) / 20
    assert all(fix.valid for fix in fixes)
    times: dict[str, list[datetime]] = {}
    for fix in fixes:
        times.setdefault(fix.officer_id, []).append(fix.at)
    assert {(b - a).total_seconds() for moments in times.values()
            for a, b in pairwise(moments)} == {60.0}


def test_reports_are_synthetic_and_lie_where_their_codes_say(twins: tuple[Store, Store]) -> None:
    for one in written(twins[0])["reports"]:
        assert (one.is_synthetic, one.source_system) == (True, "simulation")
        assert one.grid_code.startswith(one.community_code)
        assert one.community_code.startswith(one.street_code)


def test_the_clock_stands_at_the_end_when_nobody_plays(twins: tuple[Store, Store]) -> None:
    for store in twins:
        clock = own_clock(store)
        assert clock is not None
        assert clock.since is None
        assert clock.at >= BEGIN + timedelta(minutes=30)
        with store.engine.connect() as connection:
            assert connection.scalar(sa.select(sa.func.max(case_event.c.at))) <= clock.at
            assert connection.scalar(sa.select(sa.func.max(gps_fix.c.at))) <= clock.at


def test_the_clock_never_goes_back_and_nothing_is_ahead_of_it(twins: tuple[Store, Store]) -> None:
    """Goes on with the second store, on a machine that is too slow for the rate."""
    store, wall, seen = twins[1], Wall(), []
    play = a_play(store, begin=begin_of(store, wall.now()))

    class Watching(Play):
        def step(self, since: int, until: int) -> None:
            wall.at += timedelta(seconds=3)  # the store is slow
            clock = own_clock(store)
            assert clock is not None
            now = clock.now(wall.at)
            seen.append(now)
            assert until <= now.timestamp(), "what is written now lies ahead"
            super().step(since, until)

    slow = Watching(store=store, district=play.district, profile=play.profile, seed=7, begin=play.begin,
                    fix_every_s=60)
    run(slow, rate=60, end=play.begin + timedelta(minutes=12), wall=wall.now, wait=wall.wait)
    assert len(seen) >= 12
    assert seen == sorted(seen)
    assert begin_of(store, wall.now()) >= seen[-1]


def test_what_people_do_meanwhile_is_respected(twins: tuple[Store, Store]) -> None:
    store = twins[1]
    begin = begin_of(store, Wall().now())
    play = a_play(store, begin=begin)
    due = min(play._due)
    perform(store, due[1], "cancel", at=due[0], actor_role="operator")
    play.step(int(begin.timestamp()), int(due[0].timestamp()) + 600)
    with store.engine.connect() as connection:
        assert connection.scalar(sa.select(cases.c.state).where(cases.c.case_no == due[1])) == "cancelled"
    assert play.done.refused == 1


def test_an_interrupted_play_leaves_a_standing_clock(twins: tuple[Store, Store]) -> None:
    store, wall = twins[1], Wall()
    play, steps = a_play(store, begin=begin_of(store, wall.now())), iter(range(3))

    def wait(seconds: float) -> None:
        wall.wait(seconds)
        if next(steps, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(play, rate=60, end=None, wall=wall.now, wait=wait)
    clock = own_clock(store)
    assert clock is not None
    assert clock.since is None


def test_only_one_plays(twins: tuple[Store, Store]) -> None:
    with alone(twins[0]), pytest.raises(RunningError, match="another simulation plays"), alone(twins[0]):
        pass
    for _ in range(20):  # who comes next never meets one who has just ended
        with alone(twins[0]):
            pass


def test_real_data_are_never_played_into(store: Store) -> None:
    with pytest.raises(RunningError, match="plays into a synthetic store"):
        begin_of(store, BEGIN)
    meta.put(store, "clock", {"at": BEGIN.isoformat()})
    with pytest.raises(RunningError, match="plays into a synthetic store"):
        begin_of(store, BEGIN)
    with pytest.raises(DistrictError, match="base grids with borders, got none"):
        load_district(store, begin=BEGIN, seed=7)
