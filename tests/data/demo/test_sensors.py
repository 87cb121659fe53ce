"""Sensors and patrol points of the demo: there, told in time, the same for every span, mostly passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from data.demo.sensors import INCIDENTS, KINDS, Sensors, readings
from data.engine import Store
from data.sensors.kinds import MEASURES, SENSORS

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
MANY = Sensors(street_code=["1"] * 90, resource_id=[f"s{n:03d}" for n in range(90)],
               kind=[kind for kind in SENSORS for _ in range(30)])


def test_the_same_is_told_in_one_span_and_in_many() -> None:
    span = range(BEGIN, BEGIN + 6 * 3_600 + 1, 900)
    whole = readings(MANY, span[0], span[-1], zone=ZONE, seed=7)
    parts = [one for since, until in pairwise(span)
             for one in readings(MANY, since, until, zone=ZONE, seed=7)]
    assert sorted(whole) == sorted(parts)
    assert len({one[:4] for one in whole}) == len(whole)
    assert all(BEGIN < one.at.timestamp() <= span[-1] for one in whole)
    assert whole != readings(MANY, span[0], span[-1], zone=ZONE, seed=8)
    assert all(MEASURES[one.kind].low <= one.value <= MEASURES[one.kind].high for one in whole)


def test_meters_rise_and_stand_still_where_nobody_is_at_home() -> None:
    told = readings(MANY, BEGIN, BEGIN + 20 * 86_400, zone=ZONE, seed=7)
    still = 0
    for name in MANY.resource_id[60:]:
        own = sorted((one.at, one.value) for one in told if (one.resource_id, one.kind) == (name, "volume"))
        assert all(before[1] <= after[1] for before, after in pairwise(own))
        still += sum(own[hour][1] == own[hour + 13][1] for hour in range(len(own) - 13))
        assert own[-1][1] - own[0][1] > 1.0
    assert still > 0


def test_what_happens_begins_lasts_and_ends() -> None:
    told = readings(MANY, BEGIN, BEGIN + 20 * 86_400, zone=ZONE, seed=7)
    for kind, measure in (("smoke", "smoke"), ("manhole", "tilt")):
        alarm = INCIDENTS[kind][2]
        values = [one.value for one in sorted(told) if one.kind == measure]
        assert values.count(alarm) > 3
        assert values[-1] != alarm
        assert max(value for value in values if value != alarm) < alarm / 10


def test_the_demo_has_sensors_with_two_days_of_readings(demo_store: Store) -> None:
    rows = demo_store.arrow("SELECT kind, count(*) AS n, count(status) AS told FROM resource"
                            f" WHERE kind IN {tuple(SENSORS)} GROUP BY 1").to_pylist()
    assert {row["kind"]: row["n"] for row in rows} == {kind.kind: kind.number for kind in KINDS}
    assert not any(row["told"] for row in rows)
    span = demo_store.arrow("SELECT min(at) AS first, max(at) AS last, count(DISTINCT resource_id) AS n"
                            " FROM reading").to_pylist()[0]
    assert span["n"] == sum(kind.number for kind in KINDS)
    assert span["last"] < datetime(2019, 5, 11, 16, tzinfo=UTC) < span["first"] + timedelta(days=2, hours=1)


def test_each_work_grid_has_a_few_points_in_its_grids(demo_store: Store) -> None:
    rows = demo_store.arrow("SELECT p.grid_code = ANY(a.members) AS is_own, p.plan_code, from_min, until_min"
                            " FROM patrol_point AS p JOIN area AS a ON a.area_code = p.plan_code").to_pandas()
    grids = demo_store.arrow("SELECT count(*) AS n FROM area WHERE grid_kind = 'work'")["n"][0].as_py()
    assert rows["is_own"].all()
    assert rows["plan_code"].nunique() == grids
    assert rows.groupby("plan_code").size().max() == 2
    assert (rows["from_min"] < rows["until_min"]).all()
