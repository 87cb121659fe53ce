"""Causes against a recount case by case, and planted chains that must be found."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from data.access.scope import EVERYTHING, Scope
from data.access.sight import Sight
from data.analytics.causes import AGAIN, PLACE_M, cells, pareto, places, recurrences, tags_over, weak_spots
from data.analytics.measures import Question
from data.analytics.periods import period_of, run_of
from data.cases.heat import cell_degrees
from data.cases.reader import CaseReader
from data.engine import Store
from data.filters import CaseFilter
from data.snapshot import Snapshot
from tests.data.cases.samples import (
    COMMUNITIES,
    NOWS,
    START,
    WHOLE,
    add_case,
    add_channels,
    add_random_cases,
    filters,
)

EASY = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
END = START + timedelta(days=30)


def over(store: Store) -> CaseReader:
    snapshot = Snapshot(store, 4000)
    snapshot.refresh()
    return CaseReader(store, snapshot, scope=EVERYTHING)


@pytest.fixture(scope="module")
def reader(module_store: Store) -> CaseReader:
    add_channels(module_store)
    add_random_cases(module_store, 1500, seed=4)
    return over(module_store)


def recounted(reader: CaseReader, filter_: CaseFilter, now: datetime) -> pd.DataFrame:
    """Cases of the window with whether they came again, one by one."""
    wide = filter_.with_(since=filter_.since - AGAIN)
    rows = reader.listing(wide, now, "oldest", 1000).sort_values(["reported_at", "case_ref"])
    rows = pd.concat([rows, reader.listing(wide, now, "oldest", 1000, 1000)])
    rows = rows.dropna(subset=["lon", "cat_code"])
    box = reader.extent()
    width, height = cell_degrees(box, PLACE_M)
    before: dict[tuple[str, int, int], pd.Series] = {}
    found = []
    for _, row in rows.iterrows():
        key = (row["cat_code"], int((row["lon"] - box.west) // width),
               int((row["lat"] - box.south) // height))
        last = before.get(key)
        again = last is not None and row["reported_at"] - last["reported_at"] <= AGAIN
        chained = again and last is not None and last["closed_at"] <= row["reported_at"]
        if row["reported_at"] >= filter_.since:
            found.append((row["community_code"] or "", key, again, bool(chained)))
        before[key] = row
    return pd.DataFrame(found, columns=["community", "place", "again", "chained"])


@EASY
@given(filter_=filters(), now=NOWS)
def test_what_comes_again_is_that_of_a_recount(
        reader: CaseReader, filter_: CaseFilter, now: datetime) -> None:
    expected = recounted(reader, filter_, now)
    held = cells(reader, filter_, now)
    found = recurrences(held, held["community"].str[:9])
    sums = expected.groupby(expected["community"].str[:9]).agg(
        cases=("again", "size"), again=("again", "sum"), chained=("chained", "sum"))
    assert found.set_index("code")[["cases", "again", "chained"]].to_dict("index") == sums.to_dict("index")
    listed = places(held, 1000)
    by_place = expected.groupby(["place", "community"])["again"].sum()
    assert listed["again"].tolist() == sorted(by_place[by_place > 0], reverse=True)
    assert (listed["chained"] <= listed["again"]).all()
    assert (listed["again"] <= listed["cases"]).all()


def test_planted_chains_are_found_and_near_misses_are_not(store: Store) -> None:
    add_channels(store)
    day, here = timedelta(days=1), {"lon": 121.64, "lat": 38.92}
    closed = {"closed_at": START + 2 * day, "ended_at": START + 2 * day, "state": "closed"}
    add_case(store, **here, **closed)
    add_case(store, **here, reported_at=START + 5 * day)  # closed, then again
    add_case(store, **here, reported_at=START + 6 * day)  # again, while the last is open
    add_case(store, **here, reported_at=START + 7 * day, cat_code="E0201")  # another class
    add_case(store, lon=121.65, lat=38.92, reported_at=START + 8 * day)  # another place
    add_case(store, **here, reported_at=START + 6 * day + AGAIN + timedelta(minutes=1))  # too late
    add_case(store, reported_at=START + 9 * day)  # nowhere
    reader, long = over(store), WHOLE.with_(until=START + 60 * day)
    held = cells(reader, long, START + 60 * day)
    (found,) = recurrences(held, held["community"]).to_dict("records")
    assert found == {"code": COMMUNITIES[0], "cases": 6, "again": 2, "chained": 1}
    (place,) = places(held).to_dict("records")
    assert (place["category"], place["cases"], place["again"], place["chained"]) == ("E0101", 4, 2, 1)
    assert (place["lon"], place["lat"]) == pytest.approx((121.64, 38.92))
    later = long.with_(since=START + 6 * day)
    assert cells(reader, later, START + 60 * day)["again"].sum() == 1, "the one before lies before it"
    assert cells(reader, long, START + 5 * day)["again"].sum() == 1, "nothing later than now"


def test_places_of_protected_cases_are_for_those_who_are_told_of_people(store: Store) -> None:
    add_channels(store)
    here = {"lon": 121.64, "lat": 38.92}
    for code in ("S1301", "E0101"):
        for day in range(2):
            add_case(store, **here, cat_code=code, reported_at=START + timedelta(days=day))
    reader = over(store)
    blind = reader.seen_in(Scope(frozenset({"*"}), sight=Sight.SCREEN), reader._store)
    told, untold = (cells(one, WHOLE, END).set_index("category")["again"].to_dict()
                    for one in (reader, blind))
    assert told == {"S1301": 1, "E0101": 1}
    assert untold == {"E0101": 1}


def test_cause_tags_are_counted_by_period(store: Store) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    periods = run_of(period_of("week", START.date(), zone), 3)
    add_case(store, cause_tags=["weather", "funding"])
    add_case(store, cause_tags=["weather"])
    add_case(store, cause_tags=["weather"], reported_at=START - timedelta(days=7))
    add_case(store, cause_tags=["ownership"], reported_at=START - timedelta(days=70))
    add_case(store)
    found = tags_over(over(store), WHOLE, END, periods)
    assert found.index.tolist() == [period.code for period in periods]
    assert found.to_dict("list") == {"funding": [0, 0, 1], "weather": [0, 1, 2]}
    narrowed = WHOLE.with_(channels=frozenset({"nobody"}))
    assert tags_over(over(store), narrowed, END, periods).sum().sum() == 0


def test_the_vital_few() -> None:
    counts = pd.DataFrame({"code": [*"abcde"], "reported": [10, 60, 0, 20, 10]})
    found = pareto(counts)
    assert found["code"].tolist() == ["b", "d", "a", "e"]
    assert found["cumulative"].tolist() == pytest.approx([0.6, 0.8, 0.9, 1.0])
    assert found["is_vital"].tolist() == [True, True, False, False]
    assert pareto(counts.iloc[:0]).empty


def test_who_is_weak_in_several_things_leads_the_list(reader: CaseReader) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    asked = Question(cases=reader, filter_=WHOLE, period=period_of("month", START.date(), zone), now=END)
    found = weak_spots(asked, "community", ("closure_rate_standard", "rework_rate"))
    assert set(found["code"]) == set(COMMUNITIES)
    assert found["score"].is_monotonic_increasing
    means = found[["closure_rate_standard_z", "rework_rate_z"]].mean(axis=1)
    assert found["score"].tolist() == pytest.approx(means.tolist())
    assert found["weak"].between(0, 2).all()
