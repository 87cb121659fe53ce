"""Every rule fires exactly when its condition begins, not one tick before, and once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from data.access.scope import EVERYTHING
from data.alerts.commands import folded_of, perform
from data.alerts.engine import Ended, Outcome, decide, evaluate
from data.alerts.lifecycle import allowed_acts, fold
from data.alerts.rules.model import Found, Rule, Standing
from data.alerts.tables import alert, alert_event, alert_rule
from data.bulk import ensure_fix_partitions
from data.engine import Store
from data.tables import area, case_event, cases, gps_fix, officer, resource
from tests.data.cases.samples import CATEGORIES, COMMUNITIES, GRIDS, STREETS, add_case, change_case

#: A moment of the store's time at which nothing has happened yet; the afternoon in the district.
T = datetime(2026, 3, 20, 6, 0, tzinfo=UTC)
TICK = timedelta(seconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LON, LAT = 121.65, 38.92
M_LAT = 1 / 111_132.0
_IDS = itertools.count(1)


def _officer(store: Store, **about: Any) -> str:
    name = f"G{next(_IDS):04d}"
    with store.engine.begin() as connection:
        connection.execute(sa.insert(officer).values({
            "street_code": STREETS[0], "officer_id": name, "community_code": COMMUNITIES[0],
            "grid_code": GRIDS[0], "role": "grid_officer", "on_duty": True, **about}))
    return name


def _walk(store: Store, name: str, *fixes: tuple[timedelta, float], grid: str = GRIDS[0],
          street: str = STREETS[0]) -> None:
    """Fixes at a time after T and so many metres north of the start."""
    ensure_fix_partitions(store, [date(2026, 3, 19), date(2026, 3, 20), date(2026, 3, 21)])
    with store.engine.begin() as connection:
        connection.execute(sa.insert(gps_fix), [
            {"street_code": street, "officer_id": name, "at": T + after, "lon": LON,
             "lat": LAT + metres * M_LAT, "grid_code": grid} for after, metres in fixes])


def _urgent(store: Store) -> datetime:
    add_case(store, urgency=2, reported_at=T)
    add_case(store, urgency=3, reported_at=T)
    return T


def _due_soon(store: Store) -> datetime:
    about = {"state": "handling", "dispatched_at": T - HOUR, "reported_at": T - 2 * HOUR}
    add_case(store, deadline_at=T + 2 * HOUR, **about)
    add_case(store, deadline_at=T + 2 * HOUR, clock_stopped_at=T - MINUTE, **about)
    return T


def _overdue(store: Store) -> datetime:
    about = {"state": "handling", "dispatched_at": T - 2 * DAY, "reported_at": T - 3 * DAY}
    add_case(store, deadline_at=T - TICK, **about)  # late is what is past the limit, not at it
    add_case(store, deadline_at=T - TICK, **{**about, "state": "verifying", "handled_at": T - DAY})
    add_case(store, deadline_at=T - 2 * DAY, **about)  # older than the window: no news
    return T


def _m1(store: Store) -> datetime:
    add_case(store, state="filed", reported_at=T - 2 * DAY, accepted_at=T - DAY)
    add_case(store, state="dispatched", reported_at=T - 2 * DAY, accepted_at=T - DAY, dispatched_at=T - HOUR)
    return T


def _rework(store: Store) -> datetime:
    number = add_case(store, state="handling", reported_at=T - DAY, rework_count=2)
    add_case(store, state="handling", reported_at=T - DAY, rework_count=1)
    with store.engine.begin() as connection:
        connection.execute(sa.insert(case_event).values(
            street_code=STREETS[0], case_no=number, seq=1, at=T, act="rework", to_state="handling"))
    return T


def _repeat(store: Store) -> datetime:
    for days, metres in ((29, 0.0), (10, 40.0), (0, 20.0)):
        add_case(store, reported_at=T - days * DAY, lon=LON, lat=LAT + metres * M_LAT)
    add_case(store, reported_at=T - 31 * DAY, lon=LON, lat=LAT)  # too long ago
    add_case(store, reported_at=T - DAY, lon=LON, lat=LAT + 80 * M_LAT)  # too far away
    add_case(store, reported_at=T - DAY, lon=LON, lat=LAT, cat_code=CATEGORIES[1])
    return T


def _surge(store: Store) -> datetime:
    for days in range(1, 29):  # 1 or 3 a day: mean 2, deviation 1, so that more than 5 are too many
        for _ in range(1 if days % 2 else 3):
            add_case(store, reported_at=T - days * DAY)
    for number in range(6):
        add_case(store, reported_at=T - (5 - number) * MINUTE)
    return T


def _offline(store: Store) -> datetime:
    _walk(store, _officer(store), (-15 * MINUTE - TICK, 0))
    _walk(store, _officer(store, on_duty=False), (-HOUR, 0))
    _officer(store)  # was never heard of
    return T


def _still(store: Store) -> datetime:
    steps = [(-30 * MINUTE, 500.0), *((minute * MINUTE, 40.0 * (minute % 2)) for minute in range(-20, 1))]
    _walk(store, _officer(store), *steps)
    _walk(store, _officer(store), *((minute * MINUTE, 30.0 * minute) for minute in range(-40, 1)))
    return T


def _out(store: Store) -> datetime:
    square = shapely.box(LON - 0.01, LAT - 0.01, LON + 0.01, LAT)  # the start is on its northern side
    with store.engine.begin() as connection:
        connection.execute(sa.insert(area).values(
            area_code=GRIDS[0], name="g", level="grid", geometry=shapely.to_wkb(square)))
    steps = [(minute * MINUTE, 90.0 if minute < -10 else 120.0) for minute in range(-20, 1)]
    _walk(store, _officer(store), *steps, grid=GRIDS[1])
    _walk(store, _officer(store), *((after, 90.0) for after, _ in steps), grid=GRIDS[1])
    return T


def _unmanned(store: Store) -> datetime:
    _walk(store, _officer(store), (-30 * MINUTE - TICK, 0))
    _walk(store, _officer(store, grid_code=GRIDS[1]), (-MINUTE, 0))
    return T


RULES: dict[str, Callable[[Store], datetime]] = {
    "case_urgent": _urgent, "case_due_soon": _due_soon, "case_overdue": _overdue, "case_130": _m1,
    "case_repeat": _repeat, "case_surge": _surge, "officer_offline": _offline, "officer_still": _still,
    "officer_out": _out, "grid_unmanned": _unmanned,
}


def _alerts(store: Store) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(alert).order_by(alert.c.alert_id)).mappings()
        return [dict(row) for row in rows]


def _logs(store: Store) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    with store.engine.connect() as connection:
        for row in connection.execute(sa.select(alert_event).order_by(
                alert_event.c.alert_id, alert_event.c.seq)).mappings():
            found.setdefault(row["alert_id"], []).append(dict(row))
    return found


@pytest.mark.parametrize("kind", RULES)
def test_a_rule_fires_at_its_moment_not_before_and_once(store: Store, kind: str) -> None:
    moment = RULES[kind](store)
    found = [evaluate(store, now=now, kinds={kind}) for now in (
        moment - MINUTE, moment - TICK, moment, moment, moment + TICK)]
    assert found == [Outcome(), Outcome(), Outcome(fired=1), Outcome(), Outcome()]
    one, = _alerts(store)
    assert (one["kind"], one["first_at"], one["count"]) == (kind, moment, 1)
    assert one["street_code"] == STREETS[0]
    assert evaluate(store, now=moment + 2 * TICK) is not None  # the other rules read the same store


@pytest.mark.parametrize(("kind", "prepare"), [("case_rework", _rework)])
def test_what_is_told_without_a_moment_fires_when_it_stands_in_the_store(
    store: Store, kind: str, prepare: Callable[[Store], datetime]
) -> None:
    assert evaluate(store, now=T - TICK, kinds={kind}) == Outcome()
    moment = prepare(store)
    assert [evaluate(store, now=moment, kinds={kind}) for _ in range(2)] == [Outcome(fired=1), Outcome()]


def test_a_silent_camera_fires_once_and_lapses_when_it_speaks(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(resource), [
            {"street_code": STREETS[0], "resource_id": f"cam-{status}", "kind": "camera", "name": "c",
             "status": status, "area_code": GRIDS[0]} for status in ("idle", "offline")])
    kinds = {"camera_silent"}
    assert evaluate(store, now=T, kinds=kinds) == Outcome(fired=1)
    assert evaluate(store, now=T, kinds=kinds) == Outcome()
    with store.engine.begin() as connection:
        connection.execute(sa.update(resource).values(status="idle"))
    assert evaluate(store, now=T + TICK, kinds=kinds) == Outcome(lapsed=1)
    with store.engine.begin() as connection:
        connection.execute(sa.update(resource).values(status="lost"))
    assert evaluate(store, now=T + MINUTE, kinds=kinds) == Outcome(fired=2)


def test_a_false_alarm_stays_away_until_the_condition_begins_anew(store: Store) -> None:
    number = add_case(store, state="handling", reported_at=T - DAY, dispatched_at=T - DAY,
                      deadline_at=T - TICK)
    kinds = {"case_overdue"}
    assert evaluate(store, now=T, kinds=kinds) == Outcome(fired=1)
    perform(store, _alerts(store)[0]["alert_id"], "false", at=T + TICK, actor_role="operator",
            scope=EVERYTHING, note="已口头延期")
    assert evaluate(store, now=T + MINUTE, kinds=kinds) == Outcome()
    change_case(store, number, deadline_at=T + HOUR)
    assert evaluate(store, now=T + HOUR, kinds=kinds) == Outcome()
    assert evaluate(store, now=T + HOUR + TICK, kinds=kinds) == Outcome(fired=1)


def test_what_ends_by_itself_lapses_unless_somebody_confirmed_it(store: Store) -> None:
    about = {"state": "handling", "reported_at": T - DAY, "dispatched_at": T - DAY, "deadline_at": T - TICK}
    numbers = [add_case(store, **about) for _ in range(2)]
    kinds = {"case_overdue"}
    assert evaluate(store, now=T, kinds=kinds) == Outcome(fired=2)
    confirmed = next(one for one in _alerts(store) if one["case_no"] == numbers[0])
    perform(store, confirmed["alert_id"], "confirm", at=T, actor_role="operator", scope=EVERYTHING)
    assert evaluate(store, now=T + 3 * DAY, kinds=kinds) == Outcome()  # beyond the window it still stands
    for number in numbers:
        change_case(store, number, handled_at=T + 3 * DAY)
    assert evaluate(store, now=T + 3 * DAY, kinds=kinds) == Outcome(lapsed=1)
    assert {one["case_no"]: one["state"] for one in _alerts(store)} == {
        numbers[0]: "confirmed", numbers[1]: "cleared"}


def test_one_more_of_the_same_is_a_repeat(store: Store) -> None:
    _repeat(store)
    kinds = {"case_repeat"}
    assert evaluate(store, now=T, kinds=kinds) == Outcome(fired=1)
    add_case(store, reported_at=T + MINUTE, lon=LON, lat=LAT)
    assert [evaluate(store, now=T + MINUTE, kinds=kinds) for _ in range(2)] == [
        Outcome(repeated=1), Outcome()]
    one, = _alerts(store)
    assert (one["count"], one["value"], one["last_at"]) == (2, 4.0, T + MINUTE)
    assert len(one["details"]["cases"]) == 4


def test_whatever_happens_the_log_folds_to_what_stands(store: Store) -> None:
    rng = np.random.default_rng(5)
    numbers = [add_case(store, state="handling", reported_at=T - 5 * DAY, accepted_at=T - 5 * DAY,
                        deadline_at=T + int(rng.integers(-300, 300)) * MINUTE,
                        dispatched_at=T - 4 * DAY) for _ in range(25)]
    acts = ("confirm", "handle", "clear", "false", "shelve", "unshelve")
    for step in range(40):
        now = T + step * 15 * MINUTE
        evaluate(store, now=now)
        standing = [one for one in _alerts(store) if one["ended_at"] is None]
        one = standing[int(rng.integers(len(standing)))]
        act = acts[int(rng.integers(len(acts)))]
        if act in allowed_acts(one["state"], "operator"):
            perform(store, one["alert_id"], act, at=now, actor_role="operator", scope=EVERYTHING, note="x",
                    details={"until": now + HOUR} if act == "shelve" else None)
        change_case(store, numbers[int(rng.integers(25))],
                    **({"handled_at": now} if step % 3 else {"deadline_at": now + HOUR}))
    logs = _logs(store)
    assert {event["act"] for log in logs.values() for event in log} >= {"fire", "lapse", "confirm", "shelve"}
    assert {one["alert_id"]: folded_of(one) for one in _alerts(store)} == {
        number: fold(log) for number, log in logs.items()}


def test_a_rule_obeys_its_area_its_category_and_its_switch(store: Store) -> None:
    add_case(store, urgency=3, reported_at=T)
    for values in ({"area_code": STREETS[1]}, {"cat_code": "S99"}, {"is_on": False}):
        with store.engine.begin() as connection:
            connection.execute(sa.update(alert_rule).values(
                {"area_code": None, "cat_code": None, "is_on": True, **values}))
        assert evaluate(store, now=T, kinds={"case_urgent"}) == Outcome(), values
    with store.engine.begin() as connection:
        connection.execute(sa.update(alert_rule).values(area_code=COMMUNITIES[0], is_on=True))
    assert evaluate(store, now=T, kinds={"case_urgent"}) == Outcome(fired=1)


def test_five_hundred_at_once_are_all_kept(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(cases), [
            {"street_code": STREETS[n % 3], "case_no": f"F{n:04d}", "state": "reported", "urgency": 3,
             "reported_at": T - timedelta(seconds=n), "cat_code": CATEGORIES[0]} for n in range(500)])
    assert evaluate(store, now=T, kinds={"case_urgent"}) == Outcome(fired=500)
    assert len(_alerts(store)) == len(_logs(store)) == 500
    assert len({one["group_key"] for one in _alerts(store)}) == 3


def test_one_process_at_a_time_looks(store: Store) -> None:
    with store.engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(x'616c7274'::int)"))
        assert evaluate(store, now=T) is None
        connection.execute(sa.text("SELECT pg_advisory_unlock(x'616c7274'::int)"))
    assert evaluate(store, now=T) == Outcome()
    with pytest.raises(ValueError, match="now must be an aware time"):
        evaluate(store, now=T.replace(tzinfo=None))


def test_deciding_needs_no_store() -> None:
    rule = Rule(rule_id="camera_silent", kind="camera_silent", color="blue", roles=("operator",))
    one = Found(rule=rule, subject_type="resource", subject_id="c1", street_code="", since=None)
    stands = Standing(7, "", one.key, "open", T, None)
    assert decide([rule], [one, one], [], {}, now=T).fire == [one]
    assert decide([rule], [one], [stands], {}, now=T) == ([], [], [])
    assert decide([rule], [], [stands], {}, now=T).lapse == [stands]
    for ended, fires in ((Ended(T - HOUR, by_itself=False), False), (Ended(T - HOUR, by_itself=True), True),
                         (Ended(T - DAY, by_itself=False), True)):
        assert bool(decide([rule], [one], [], {one.key: ended}, now=T).fire) is fires
