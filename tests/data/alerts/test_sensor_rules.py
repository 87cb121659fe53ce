"""Rules about readings and patrol points: at their moment, not one tick early; silence is no calm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from data.access.scope import EVERYTHING, Scope
from data.access.sight import Sight
from data.alerts.commands import perform
from data.alerts.engine import Outcome, evaluate
from data.alerts.reader import AlertReader
from data.alerts.tables import alert
from data.bulk import ensure_fix_partitions
from data.engine import Store
from data.patrol.tables import patrol_point
from data.sensors.rows import Reading
from data.sensors.writer import put_readings
from data.tables import area, gps_fix, officer, resource
from tests.data.cases.samples import COMMUNITIES, GRIDS, STREETS

#: Two in the afternoon in the district.
T = datetime(2026, 3, 20, 6, 0, tzinfo=UTC)
TICK, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LON, LAT = 121.65, 38.92
M_LAT = 1 / 111_132.0


def _sensor(store: Store, kind: str, name: str = "s1") -> str:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(resource).values(
            street_code=STREETS[0], resource_id=name, kind=kind, name=f"{kind} {name}", area_code=GRIDS[0],
            lon=LON, lat=LAT))
    return name


def _tell(store: Store, name: str, kind: str, *readings: tuple[timedelta, float]) -> None:
    put_readings(store, [Reading(STREETS[0], name, kind, T + after, value) for after, value in readings])


def _hours(first: int, last: int, value: float) -> list[tuple[timedelta, float]]:
    return [(hour * HOUR, value) for hour in range(first, last + 1)]


def _smoke(store: Store) -> None:
    _tell(store, _sensor(store, "smoke"), "smoke", (-HOUR, 0.02), (timedelta(), 0.5), (TICK, 0.9))
    _tell(store, _sensor(store, "smoke", "s2"), "smoke", (-HOUR, 0.0), (timedelta(), 0.49))


def _manhole(store: Store) -> None:
    _tell(store, _sensor(store, "manhole"), "tilt", (-HOUR, 1), (timedelta(), 15), (TICK, 60))
    _tell(store, _sensor(store, "manhole", "s2"), "battery", (timedelta(), 60))


def _water(store: Store) -> None:
    # used last between 13 and 12 hours ago; the others drip, or were not heard for a while
    _tell(store, _sensor(store, "water_meter"), "volume", (-13 * HOUR, 41.2), *_hours(-12, 0, 41.25))
    _tell(store, _sensor(store, "water_meter", "s2"), "volume",
          *((hour * HOUR, 7 + 0.001 * hour) for hour in range(-13, 1)))
    _tell(store, _sensor(store, "water_meter", "s3"), "volume",
          *_hours(-14, -8, 3.0), *_hours(-4, 0, 3.0))


def _silent(store: Store) -> None:
    _tell(store, _sensor(store, "smoke"), "battery", (-6 * HOUR - TICK, 90))
    _tell(store, _sensor(store, "smoke", "s2"), "smoke", (-8 * 24 * HOUR, 0))  # sends nothing any more
    _sensor(store, "smoke", "s3")  # never sent anything


def _missed(store: Store) -> None:
    """Due 12 to 14 o'clock; one of the two people of the work grid was on the way, 60 m off."""
    _points(store)
    _walk(store, "G1", (-HOUR, 60.0), (-30 * MINUTE, -80.0))


def _points(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(area).values(
            area_code=f"{COMMUNITIES[0]}W001", name="w", level="grid", grid_kind="work",
            parent_code=COMMUNITIES[0], street_code=STREETS[0], members=[GRIDS[0], GRIDS[1]]))
        connection.execute(sa.insert(officer), [
            {"street_code": STREETS[0], "officer_id": name, "grid_code": grid, "role": "grid_officer"}
            for name, grid in (("G1", GRIDS[0]), ("G2", GRIDS[1]), ("G3", GRIDS[2]))])
        connection.execute(sa.insert(patrol_point), [
            {"street_code": STREETS[0], "point_id": name, "name": f"point {name}", "grid_code": grid,
             "plan_code": plan, "lon": LON, "lat": LAT, "radius_m": 50, "from_min": 12 * 60,
             "until_min": 14 * 60} for name, grid, plan in (
                ("p1", GRIDS[0], f"{COMMUNITIES[0]}W001"), ("p2", GRIDS[2], GRIDS[2]))])


def _walk(store: Store, name: str, *fixes: tuple[timedelta, float]) -> None:
    ensure_fix_partitions(store, [date(2026, 3, day) for day in (18, 19, 20, 21, 22)])
    with store.engine.begin() as connection:
        connection.execute(sa.insert(gps_fix), [
            {"street_code": STREETS[0], "officer_id": name, "at": T + after, "lon": LON,
             "lat": LAT + metres * M_LAT} for after, metres in fixes])


RULES: dict[str, tuple[Callable[[Store], None], str, str, float | None]] = {
    "smoke": (_smoke, "resource", "s1", 0.5), "manhole": (_manhole, "resource", "s1", 15),
    "water": (_water, "home", "s1", 0), "sensor_silent": (_silent, "resource", "s1", 360.02),
    "officer_missed": (_missed, "point", "p1", 1),
}


def _alerts(store: Store) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(alert).order_by(
            alert.c.alert_id)).mappings()]


@pytest.mark.parametrize("kind", RULES)
def test_a_rule_fires_at_its_moment_not_before_and_once(store: Store, kind: str) -> None:
    prepare, subject, name, value = RULES[kind]
    prepare(store)
    found = [evaluate(store, now=now, kinds={kind}) for now in (
        T - MINUTE, T - TICK, T, T, T + TICK)]
    assert found == [Outcome(), Outcome(), Outcome(fired=1), Outcome(), Outcome()]
    one, = _alerts(store)
    assert (one["kind"], one["first_at"], one["count"]) == (kind, T, 1)
    assert (one["subject_type"], one["subject_id"], one["street_code"], one["grid_code"]) == (
        subject, name, STREETS[0], GRIDS[0])
    assert (one["lon"], one["lat"], one["value"]) == (LON, LAT, value)


def test_smoke_stands_until_a_person_ends_it_and_is_told_again_when_it_comes_again(store: Store) -> None:
    name, kinds = _sensor(store, "smoke"), {"smoke"}
    _tell(store, name, "smoke", (timedelta(), 3.0), (MINUTE, 0.0), (2 * MINUTE, 2.0))
    assert evaluate(store, now=T, kinds=kinds) == Outcome(fired=1)
    assert evaluate(store, now=T + MINUTE, kinds=kinds) == Outcome(), "clear air says nothing of the fire"
    assert evaluate(store, now=T + 2 * MINUTE, kinds=kinds) == Outcome(repeated=1)
    one, = _alerts(store)
    perform(store, one["alert_id"], "false", at=T + 3 * MINUTE, actor_role="operator", scope=EVERYTHING,
            note="烹饪油烟")
    assert evaluate(store, now=T + 3 * MINUTE, kinds=kinds) == Outcome(), "the same smoke"
    _tell(store, name, "smoke", (4 * MINUTE, 0.0), (5 * MINUTE, 1.0))
    assert evaluate(store, now=T + 5 * MINUTE, kinds=kinds) == Outcome(fired=1)


@pytest.mark.parametrize(("kind", "sensor", "measure", "calm"), [
    ("manhole", "manhole", "tilt", 2.0), ("water", "water_meter", "volume", 41.27)])
def test_it_lapses_by_a_reading_and_not_by_silence(
    store: Store, kind: str, sensor: str, measure: str, calm: float
) -> None:
    name, kinds = _sensor(store, sensor), {kind}
    _tell(store, name, measure, *_hours(-12, 0, 41.25))
    assert evaluate(store, now=T, kinds=kinds) == Outcome(fired=1)
    for later in (12 * HOUR, 60 * HOUR):
        assert evaluate(store, now=T + later, kinds=kinds) == Outcome(), "it stands and nothing was heard"
    _tell(store, name, measure, (61 * HOUR, calm))
    assert evaluate(store, now=T + 61 * HOUR, kinds=kinds) == Outcome(lapsed=1)


def test_a_silent_water_meter_is_told_as_silent_and_not_as_dry(store: Store) -> None:
    _tell(store, _sensor(store, "water_meter"), "volume", *_hours(-20, -7, 5.0), )
    with store.engine.begin() as connection:
        connection.execute(sa.delete(alert))
    assert evaluate(store, now=T, kinds={"water", "sensor_silent"}) == Outcome(fired=1)
    one, = _alerts(store)
    assert (one["kind"], one["subject_type"]) == ("sensor_silent", "home")
    _tell(store, "s1", "volume", (TICK, 5.0))
    assert evaluate(store, now=T + TICK, kinds={"water", "sensor_silent"}) == Outcome(lapsed=1)


def test_a_point_is_passed_by_anybody_of_its_plan_also_late(store: Store) -> None:
    _missed(store)
    _walk(store, "G3", (-HOUR, 0.0))  # passes its own point and that of others, which counts for its own
    assert evaluate(store, now=T, kinds={"officer_missed"}) == Outcome(fired=1)
    _walk(store, "G2", (10 * MINUTE, 49.0))
    assert evaluate(store, now=T + 10 * MINUTE, kinds={"officer_missed"}) == Outcome(lapsed=1)


def test_a_point_missed_day_after_day_is_one_alert_that_counts(store: Store) -> None:
    _missed(store)
    _walk(store, "G1", (23 * HOUR, 500.0))
    moments = (T, T + 12 * HOUR, T + 24 * HOUR - TICK, T + 24 * HOUR)
    assert [evaluate(store, now=now, kinds={"officer_missed"}) for now in moments] == [
        Outcome(fired=1), Outcome(), Outcome(), Outcome(repeated=1)]


def test_where_nobody_of_the_plan_was_heard_no_point_is_missed(store: Store) -> None:
    _points(store)
    _walk(store, "G1", (-3 * HOUR, 500.0), (MINUTE, 500.0))
    assert evaluate(store, now=T + MINUTE, kinds={"officer_missed"}) == Outcome()


def test_a_home_is_named_and_placed_to_those_who_see_people_only(store: Store) -> None:
    _water(store)
    evaluate(store, now=T, kinds={"water"})
    for sight, shown in ((Sight.PEOPLE, True), (Sight.PLACES, False), (Sight.SCREEN, False)):
        reader = AlertReader(store, scope=Scope(areas=frozenset({"*"}), sight=sight))
        line, = reader.board(T, {"operator"}).lines
        row = line.members[0]
        assert (row["thing_name"] is not None, row["subject_id"] is not None, row["lon"] is not None) == (
            shown, shown, shown), sight
        assert len(reader.marks(T, {"operator"})) == int(shown)
