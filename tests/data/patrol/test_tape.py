"""The movements of a span, against all fixes of the store."""

from datetime import timedelta

import pandas as pd
import pytest

from data.access.scope import Scope
from data.access.sight import Sight
from data.cases.points import Box
from data.clock import store_now
from data.patrol.reader import PatrolReader
from data.patrol.tape import MAX_STEP_S, REACH, longest_span_s
from data.readers import build_readers
from data.settings import Settings


@pytest.fixture(scope="module")
def readers(demo_store):
    return build_readers(demo_store, Settings())


@pytest.fixture(scope="module")
def at(readers):
    first, _ = readers.cases.reported_range()
    return store_now(readers.store, first) - timedelta(hours=6)


@pytest.fixture(scope="module")
def fixes(readers):
    """Every valid fix of the store."""
    return readers.store.arrow(
        "SELECT officer_id, at, lon, lat, grid_code FROM gps_fix WHERE valid ORDER BY officer_id, at"
    ).to_pandas()


def expected(fixes: pd.DataFrame, since, until, step_s=0) -> pd.DataFrame:
    during = fixes[(fixes["at"] >= since) & (fixes["at"] <= until)]
    if step_s:
        step = during["at"].map(lambda one: one.timestamp() // step_s)
        during = during.groupby([during["officer_id"], step]).tail(1)
    before = fixes[(fixes["at"] >= since - REACH) & (fixes["at"] < since)].groupby("officer_id").tail(1)
    return pd.concat([during, before]).sort_values(["officer_id", "at"]).reset_index(drop=True)


@pytest.mark.parametrize(("minutes", "step_s"), [(15, 0), (7, 0), (60, 60), (30, 45)])
def test_it_is_the_fixes_of_the_span_and_the_last_before(readers, fixes, at, minutes, step_s):
    since = at - timedelta(minutes=minutes)
    found = readers.patrol.tape(since, at, step_s=step_s).to_pandas()
    wanted = expected(fixes, since, at, step_s)
    pd.testing.assert_frame_equal(found[list(wanted)], wanted, check_dtype=False)
    assert (found["at"] < since).sum() > 10
    assert (found["at"] >= since).sum() > 10
    assert found["role"].notna().all()


def test_a_box_keeps_whole_paths_of_those_seen_in_it(readers, at):
    since = at - timedelta(minutes=15)
    every = readers.patrol.tape(since, at).to_pandas()
    here = every.iloc[len(every) // 2]
    box = Box(west=here.lon - 1e-3, south=here.lat - 1e-3, east=here.lon + 1e-3, north=here.lat + 1e-3)
    inside = every[(every["lon"] >= box.west) & (every["lon"] < box.east)
                   & (every["lat"] >= box.south) & (every["lat"] < box.north)]
    wanted = every[every["officer_id"].isin(inside["officer_id"])].reset_index(drop=True)
    assert 0 < len(wanted) < len(every)
    pd.testing.assert_frame_equal(readers.patrol.tape(since, at, box=box).to_pandas(), wanted)


def test_who_may_not_see_people_gets_paths_without_names(readers, at):
    scope = Scope(areas=frozenset({"*"}), sight=Sight.PLACES)
    reader = PatrolReader(readers.store, scope=scope)
    one, other = (reader.tape(at - timedelta(minutes=15), at).to_pandas() for _ in range(2))
    named = readers.patrol.tape(at - timedelta(minutes=15), at).to_pandas()
    assert len(one) == len(named)
    assert one["officer_id"].nunique() == named["officer_id"].nunique()
    assert one["officer_id"].str.startswith("~").all()
    assert not set(one["officer_id"]) & set(other["officer_id"]), "two answers cannot be joined"


@pytest.mark.parametrize(("seconds", "step_s"), [(0, 0), (-5, 0), (901, 0), (14_401, MAX_STEP_S)])
def test_a_span_is_bounded(readers, at, seconds, step_s):
    with pytest.raises(ValueError, match=f"at most {longest_span_s(step_s)} s"):
        readers.patrol.tape(at - timedelta(seconds=seconds), at, step_s=step_s)
