"""The demo of Zhongshan: history's numbers, legal logs, structure and calibration."""

from __future__ import annotations

import pandas as pd
import pytest

from data import meta
from data.cases.fold import FOLDED, fold_events
from data.cases.lifecycle import transition
from data.demo.example import ADDRESS, TITLE
from data.engine import Store

CASES = """
SELECT case_no, street_code, grid_code, cat_code, channel_code, state, reported_at, accepted_at,
       handled_at, first_feedback_at, dispatched_at,
       deadline_at, closed_at, ended_at, main_dept_id, level_closed, rework_count, return_count,
       is_supervised,
       is_repeat, similar_of, building_id, lon, lat
FROM "case" """


@pytest.fixture(scope="module")
def cases(demo_store: Store) -> pd.DataFrame:
    return demo_store.arrow(CASES).to_pandas()


def test_accepted_and_handled_are_the_numbers_of_the_source(cases: pd.DataFrame) -> None:
    accepted = cases["accepted_at"].notna()
    assert int(accepted.sum()) == 13_870
    assert int(cases["handled_at"].notna().sum()) == 13_385
    assert round(13_385 / int(accepted.sum()) * 100, 2) == 96.50


def test_everything_happened_inside_the_window(cases: pd.DataFrame, demo_store: Store) -> None:
    since = pd.Timestamp("2019-01-01", tz="Asia/Shanghai")
    until = pd.Timestamp("2019-05-12", tz="Asia/Shanghai")
    assert cases["reported_at"].min() >= since
    assert cases["reported_at"].max() < until
    assert demo_store.arrow("SELECT max(at) AS last FROM case_event").to_pandas()["last"][0] < until
    assert demo_store.arrow("SELECT max(at) AS last FROM gps_fix").to_pandas()["last"][0] < until
    assert meta.get(demo_store, "clock") == {"at": "2019-05-12T00:00:00+08:00"}
    assert meta.get(demo_store, "synthetic")["profile"] == "zhongshan"


def test_the_places_are_those_of_the_profile(demo_store: Store) -> None:
    counted = demo_store.arrow(
        "SELECT level, grid_kind, count(*) AS n FROM area GROUP BY 1, 2").to_pandas().fillna("")
    found = {(row.level, row.grid_kind): row.n for row in counted.itertuples()}
    assert found["district", ""] == 1
    assert found["street", ""] == 9
    assert found["community", ""] == 59
    assert found["grid", "base"] == 239


def test_every_log_is_legal(demo_store: Store) -> None:
    moves = demo_store.arrow(
        "SELECT DISTINCT act, from_state, to_state, actor_role FROM case_event").to_pandas()
    for row in moves.itertuples():
        before = None if pd.isna(row.from_state) else row.from_state
        move = transition(row.act, before, row.actor_role)
        assert row.to_state == (move.to_state or before)
    broken = demo_store.arrow("""
        SELECT count(*) AS n FROM (
          SELECT seq, from_state, at, lag(to_state) OVER w AS was, lag(at) OVER w AS before,
                 row_number() OVER w AS place FROM case_event
          WINDOW w AS (PARTITION BY case_no ORDER BY seq)) e
        WHERE from_state IS DISTINCT FROM was OR at < before OR seq <> place""").to_pandas()["n"][0]
    assert broken == 0


def test_each_case_is_the_fold_of_its_events(demo_store: Store) -> None:
    events = demo_store.arrow("SELECT * FROM case_event ORDER BY street_code, case_no, seq")
    folded = fold_events(events).to_pandas().set_index("case_no")
    columns = ", ".join(f'"{name}"' for name in FOLDED)
    stored = demo_store.arrow(f'SELECT case_no, {columns} FROM "case"').to_pandas().set_index("case_no")
    pd.testing.assert_frame_equal(stored.loc[folded.index, [*FOLDED]], folded[[*FOLDED]], check_dtype=False)


def test_shares_are_near_the_calibration(cases: pd.DataFrame) -> None:
    kind = cases["cat_code"].str[:3]
    assert kind.eq("E01").mean() == pytest.approx(0.24, abs=0.02)
    assert cases["cat_code"].eq("E0505").mean() == pytest.approx(0.12, abs=0.015)
    assert cases["cat_code"].eq("E0404").mean() == pytest.approx(0.04, abs=0.01)
    patrol = cases["channel_code"].isin(["officer_pda", "volunteer", "app_key", "rider"])
    assert patrol.mean() == pytest.approx(0.52, abs=0.03)
    assert cases["channel_code"].isin(["web", "minxin", "minyi"]).mean() == pytest.approx(0.08, abs=0.015)
    closed = cases[cases["closed_at"].notna()]
    assert closed["level_closed"].eq("grid").mean() == pytest.approx(0.46, abs=0.04)
    assert closed["level_closed"].eq("district").mean() == pytest.approx(0.10, abs=0.03)
    worked = cases[cases["main_dept_id"].notna()]
    assert 0.03 <= worked["rework_count"].gt(0).mean() <= 0.07
    assert 0.03 <= worked["return_count"].gt(0).mean() <= 0.07
    assert 0.015 <= cases["is_supervised"].mean() <= 0.045
    assert 0.05 <= cases["is_repeat"].mean() <= 0.10
    assert cases["state"].eq("cancelled").mean() <= 0.045


def test_hours_and_weekdays_have_their_structure(cases: pd.DataFrame) -> None:
    local = cases["reported_at"].dt.tz_convert("Asia/Shanghai")
    by_hour = local.dt.hour.value_counts(normalize=True)
    assert by_hour[[9, 10]].sum() > 3 * by_hour[[12, 13]].sum() / 2
    assert by_hour[[2, 3]].sum() < 0.02
    by_day = local.dt.date.value_counts()
    weekday = by_day.groupby([day.weekday() for day in by_day.index]).mean()
    assert weekday[0] > weekday[5] > weekday[6]
    festival = by_day[[day for day in by_day.index if (day.month, day.day) in {(2, 5), (2, 6), (2, 7)}]]
    assert festival.mean() < 0.6 * by_day.mean()


def test_two_streets_and_two_departments_are_visibly_slow(cases: pd.DataFrame) -> None:
    done = cases[cases["handled_at"].notna() & cases["deadline_at"].notna()]
    late = (done["handled_at"] > done["deadline_at"]).groupby(done["street_code"]).mean()
    slow = late.nlargest(2)
    assert slow.min() > 1.5 * late.drop(slow.index).max()
    units = (done["handled_at"] > done["deadline_at"]).groupby(done["main_dept_id"]).agg(["mean", "size"])
    named = units.loc[["housing", "water"], "mean"]
    assert named.min() > 1.4 * units.loc[["urban_mgmt", "environment"], "mean"].max()


def test_most_cases_are_deployed_after_a_day_and_answered_after_three(cases: pd.DataFrame) -> None:
    taken = cases[cases["accepted_at"].notna()]
    deployed = taken[["dispatched_at", "handled_at"]].min(axis=1) - taken["accepted_at"]
    assert (deployed <= pd.Timedelta(days=1)).mean() == pytest.approx(0.97, abs=0.025)
    answered = taken[["first_feedback_at", "handled_at"]].min(axis=1) - taken["accepted_at"]
    assert (answered <= pd.Timedelta(days=3)).mean() == pytest.approx(0.92, abs=0.04)


def test_some_grids_are_hot_spots(cases: pd.DataFrame) -> None:
    parked = cases.loc[cases["cat_code"].eq("E0505"), "grid_code"].value_counts()
    assert parked.iloc[0] > 4 * parked.reindex(cases["grid_code"].unique(), fill_value=0).mean()


def test_a_case_lies_in_its_grid(demo_store: Store) -> None:
    from data.areas.assign import AreaIndex

    grids = demo_store.arrow("SELECT area_code, geometry FROM area WHERE grid_kind = 'base'").to_pandas()
    import geopandas as gpd

    index = AreaIndex(gpd.GeoDataFrame(
        grids[["area_code"]], geometry=gpd.GeoSeries.from_wkb(grids["geometry"]), crs="EPSG:4326"))
    placed = demo_store.arrow('SELECT grid_code, lon, lat FROM "case"').to_pandas()
    found = index.assign(placed["lon"].to_numpy(), placed["lat"].to_numpy())
    assert (found == placed["grid_code"].to_numpy()).mean() > 0.999


def test_the_example_of_the_source_is_a_real_case(demo_store: Store) -> None:
    case = demo_store.arrow('SELECT * FROM "case" WHERE title = $1', [TITLE]).to_pylist()
    assert len(case) == 1
    assert case[0]["address"] == ADDRESS
    assert case[0]["channel_code"] == "web"
    assert case[0]["state"] == "closed"
    house = demo_store.arrow("SELECT address FROM building WHERE building_id = $1",
                             [case[0]["building_id"]])
    assert house.to_pylist() == [{"address": ADDRESS}]
    acts = demo_store.arrow("SELECT act FROM case_event WHERE case_no = $1 ORDER BY seq",
                            [case[0]["case_no"]])
    assert acts["act"].to_pylist() == [
        "report", "accept", "file", "escalate", "dispatch", "receive", "arrive", "handle", "check_pass",
        "close", "visit"]
