"""Ways of handling against a recount case by case; their differences by simulation."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.access.scope import EVERYTHING
from data.analytics.causes import AGAIN, PLACE_M
from data.analytics.handled import NAMES, ORDINARY, WAYS, difference, hours, ways
from data.cases.heat import cell_degrees
from data.cases.reader import CaseReader
from data.engine import Store
from data.snapshot import Snapshot
from tests.data.cases.samples import NOWS, START, WHOLE, add_channels, add_random_cases

EASY = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def reader(module_store: Store) -> CaseReader:
    add_channels(module_store)
    add_random_cases(module_store, 1500, seed=5)
    snapshot = Snapshot(module_store, 4000)
    snapshot.refresh()
    return CaseReader(module_store, snapshot, scope=EVERYTHING)


def by(now: datetime, moments: pd.Series) -> pd.Series:
    return (moments <= now).fillna(False)


def recounted(store: Store, reader: CaseReader, since: datetime, until: datetime, now: datetime
              ) -> pd.DataFrame:
    rows = store.arrow('SELECT * FROM "case"').to_pandas()
    rows = rows[by(now, rows["reported_at"])].sort_values(["reported_at", "case_ref"])
    dispatched, is_handled = by(now, rows["dispatched_at"]), by(now, rows["handled_at"])
    kept = rows["first_dept_id"].eq(rows["main_dept_id"]) & rows["first_dept_id"].notna()
    told = {"self_done": rows["is_self_done"], "joint": rows["is_joint"], "whistle": rows["is_whistle"],
            "supervised": rows["is_supervised"],
            "handed_on": dispatched & rows["first_dept_id"].notna() & ~kept}
    assert list(told) == list(WAYS)
    way = pd.Series(ORDINARY, index=rows.index)
    for name in reversed(told):
        way = way.mask(told[name].astype(bool), name)
    has_limit = rows["deadline_at"].notna() | rows["is_self_done"]
    in_time = (rows["handled_at"] <= rows["deadline_at"]).where(
        rows["handled_at"].notna() & rows["deadline_at"].notna(), rows["is_self_done"])
    scored = by(now, rows["visited_at"]) & rows["satisfaction"].notna()
    reworked = dispatched & (rows["rework_count"] > 0)
    through = dispatched & (is_handled | (rows["rework_count"] > 0))
    box = reader.extent()
    width, height = cell_degrees(box, PLACE_M)
    placed = rows[rows["lon"].notna() & rows["cat_code"].notna() & (rows["reported_at"] < until + AGAIN)]
    place = [placed["cat_code"], (placed["lon"] - box.west) // width, (placed["lat"] - box.south) // height]
    later = placed.groupby(place)["reported_at"].shift(-1).reindex(rows.index)
    known = pd.Series(rows.index.isin(placed.index), index=rows.index)
    followed = known & (rows["reported_at"] <= now - AGAIN)
    columns = {
        "on_time_of": has_limit, "on_time": has_limit & in_time.astype(bool),
        "reworked_of": through, "reworked": reworked,
        "satisfied_of": scored, "satisfied": scored & (rows["satisfaction"] >= 80),
        "again_of": followed, "again": followed & (later - rows["reported_at"] <= AGAIN)}
    mine = is_handled & (rows["reported_at"] >= since) & (rows["reported_at"] < until)
    frame = pd.DataFrame({"way": way, "category": rows["cat_code"].fillna(""), "cases": 1, **{
        name: values.astype(int) for name, values in columns.items()}})[mine]
    return frame.groupby(["way", "category"]).sum().sort_index()


@EASY
@given(first=st.integers(0, 20), days=st.integers(1, 40), now=NOWS)
def test_ways_and_outcomes_are_those_of_a_recount(
        module_store: Store, reader: CaseReader, first: int, days: int, now: datetime) -> None:
    since = START + timedelta(days=first)
    filter_ = WHOLE.with_(since=since, until=since + timedelta(days=days))
    found = ways(reader, filter_, now).set_index(["way", "category"]).sort_index()
    expected = recounted(module_store, reader, filter_.since, filter_.until, now)
    pd.testing.assert_frame_equal(found[expected.columns].astype("int64"), expected, check_dtype=False)


def test_times_are_told_of_ways_that_were_timed_alone(reader: CaseReader) -> None:
    now = START + timedelta(days=200)
    took, found = hours(reader, WHOLE, now), ways(reader, WHOLE, now)
    assert set(took) <= set(found["way"])
    assert all(value >= 0 for value in took.values())


def drawn(random: np.random.Generator, gains: np.ndarray, sizes: np.ndarray) -> pd.DataFrame:
    """Cases of some subclasses, handled as usual and in another way that gains so much in each."""
    usual = random.uniform(0.25, 0.6, len(gains))
    rows = []
    for number, (rate, gain, (n0, n1)) in enumerate(zip(usual, gains, sizes, strict=True)):
        for way, chance, n in ((ORDINARY, rate, n0), ("joint", rate + gain, n1)):
            rows.append({"way": way, "category": f"{number}", "again_of": n,
                         "again": random.binomial(n, chance)})
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("strata", "size"), [(6, 60), (60, 6)])
def test_95_of_100_intervals_hold_the_true_difference(strata: int, size: int) -> None:
    random, held, runs = np.random.default_rng(11), 0, 600
    for _ in range(runs):
        sizes = random.integers(max(1, size // 2), 2 * size, (strata, 2))
        told = difference(drawn(random, np.full(strata, 0.2), sizes), "joint", "again")
        assert told is not None
        held += told.low <= 0.2 <= told.high
    assert 0.93 <= held / runs <= 0.97


@pytest.mark.parametrize(("usual", "n"), [(0.05, 22), (0.95, 12), (0.5, 10)])
def test_few_or_rare_cases_are_seldom_taken_for_a_change(usual: float, n: int) -> None:
    random, flagged, runs = np.random.default_rng(3), 0, 600
    for _ in range(runs):
        rows = [{"way": way, "category": "a", "again_of": of, "again": random.binomial(of, usual)}
                for way, of in ((ORDINARY, 2000), ("joint", n))]
        told = difference(pd.DataFrame(rows), "joint", "again")
        assert told is not None
        assert -1 <= told.low <= told.value <= told.high <= 1
        flagged += told.is_sure
    assert flagged / runs <= 0.05


def test_a_way_that_took_the_easy_cases_gains_nothing_by_it() -> None:
    easy, hard = (100, 900), (900, 100)
    rows = [{"way": way, "category": category, "on_time_of": n, "on_time": round(n * rate)}
            for category, rate, sizes in (("easy", 0.9, easy), ("hard", 0.3, hard))
            for way, n in zip((ORDINARY, "self_done"), sizes, strict=True)]
    told = difference(pd.DataFrame(rows), "self_done", "on_time")
    assert told is not None
    assert told.value == pytest.approx(0, abs=1e-12)
    assert not told.is_sure
    raw = pd.DataFrame(rows).groupby("way").sum(numeric_only=True)
    assert (raw["on_time"] / raw["on_time_of"]).diff().abs().max() > 0.4  # side by side it seems much better


def test_nothing_is_said_of_ways_that_share_no_subclass() -> None:
    rows = pd.DataFrame([{"way": ORDINARY, "category": "a", "again_of": 90, "again": 1},
                         {"way": "joint", "category": "b", "again_of": 90, "again": 1}])
    few = pd.DataFrame([{"way": way, "category": "a", "again_of": 9, "again": 1}
                        for way in (ORDINARY, "joint")])
    assert difference(few, "joint", "again") is None
    assert difference(rows, "joint", "again") is None
    assert difference(rows, "whistle", "again") is None
    assert {"again", "on_time"} < set(NAMES)
