"""Clusters of a store's cases as areas of the map."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import cos, radians
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from data.access.scope import Scope
from data.access.viewer import CONSOLE
from data.alerts import clusters
from data.alerts.study import Rules, ScanError
from data.cases.daily import daily
from data.engine import Store
from data.filters import CaseFilter
from data.readers import Readers, build_readers
from data.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2019, 5, 11, 4, 0, tzinfo=UTC)
QUICK = Rules(runs=99)


@pytest.fixture(scope="module")
def readers(demo_store: Store) -> Readers:
    made = build_readers(demo_store, Settings.from_env({}))
    made.snapshot.refresh()
    return made


def test_the_window_ends_at_the_last_midnight_of_the_district() -> None:
    since, until = clusters.window(datetime(2019, 5, 10, 16, 0, tzinfo=UTC), ZONE)
    assert until == datetime(2019, 5, 11, tzinfo=ZONE)
    assert clusters.window(until - timedelta(seconds=1), ZONE)[1] == datetime(2019, 5, 10, tzinfo=ZONE)
    assert until - since == timedelta(days=60)


def test_every_case_of_the_window_is_asked_about_once(readers: Readers) -> None:
    asked = clusters.question(readers, NOW, ZONE)
    since, until = clusters.window(NOW, ZONE)
    filter_ = CaseFilter(since=since, until=until)
    reported = readers.cases.counts(filter_, NOW).reported
    assert sum(held for *_, held in asked.counts) + asked.left_out == reported > 0
    by_grid = readers.cases.counts_by("grid", filter_, NOW).set_index("code")["reported"]
    for at, code in enumerate(asked.codes):
        assert sum(held for grid, _, held in asked.counts if grid == at) == by_grid.get(code, 0)
    by_day = np.bincount([day for _, day, _ in asked.counts], weights=[held for *_, held in asked.counts],
                         minlength=60)
    assert by_day.tolist() == readers.cases.histogram(filter_, bins=60)["reported"].tolist()


def test_a_viewer_asks_about_their_scope_alone(readers: Readers, demo_store: Store) -> None:
    street = readers.areas.children(None, "street")[0][0]
    viewer = replace(CONSOLE, scope=Scope(frozenset({street})))
    own = clusters.question(readers.seen_by(viewer), NOW, ZONE)
    assert own.codes
    assert all(code.startswith(street) for code in own.codes)
    whole = clusters.question(readers, NOW, ZONE)
    for at, code in enumerate(own.codes):
        of_whole = whole.codes.index(code)
        assert [row[1:] for row in own.counts if row[0] == at] == [
            row[1:] for row in whole.counts if row[0] == of_whole]


def test_a_quarrel_of_four_days_is_told_by_grids_days_and_place() -> None:
    rng, codes = np.random.default_rng(4), [f"5101080020010{at:02d}" for at in range(64)]
    west, south, step = 104.0, 30.6, 0.003
    grids = gpd.GeoDataFrame({"area_code": codes}, crs="EPSG:4326", geometry=[
        box(west + at % 8 * step, south + at // 8 * step, west + (at % 8 + 1) * step,
            south + (at // 8 + 1) * step) for at in range(64)])
    counts = rng.poisson(1.0, (64, 60))
    counts[[27, 28], -4:] += 5
    at, day = np.nonzero(counts)
    frame = pd.DataFrame({"grid_code": [codes[k] for k in at], "day": day, "cases": counts[at, day]})
    frame.loc[len(frame)] = ["", 3, 2]
    until = datetime(2026, 11, 22, tzinfo=ZONE)
    asked = clusters.question_of(frame.sample(frac=1, random_state=1), grids.iloc[::-1],
                                 since=until - timedelta(days=60), until=until, rules=QUICK)
    assert asked.left_out == 2
    found = clusters.answer(clusters.question_from(json.loads(json.dumps(asked.to_json()))))
    assert (found.total, found.left_out, found.runs) == (int(counts.sum()), 2, 99)
    first = found.clusters[0]
    assert set(first.grids) == {codes[27], codes[28]}
    assert (first.since, first.until) == (until - timedelta(days=4), until)
    assert first.observed == int(counts[[27, 28], -4:].sum())
    assert first.p_value == pytest.approx(0.01)
    assert first.radius_m == pytest.approx(step * 111_320 * cos(radians(south + 4 * step)), rel=1e-3)
    middle = grids.geometry.iloc[codes.index(first.grids[0])].centroid
    assert (first.lon, first.lat) == pytest.approx((middle.x, middle.y))
    assert all(one.p_value <= clusters.MOST_P for one in found.clusters)
    assert clusters.found_from(json.loads(json.dumps(found.to_json()))) == found


def test_a_store_without_cases_or_grids_has_no_cluster() -> None:
    since = datetime(2026, 9, 23, tzinfo=ZONE)
    empty = clusters.question_of(
        pd.DataFrame({"grid_code": [], "day": [], "cases": []}),
        gpd.GeoDataFrame({"area_code": []}, geometry=[], crs="EPSG:4326"),
        since=since, until=since + timedelta(days=60))
    assert clusters.answer(empty).clusters == ()
    assert clusters.answer(replace(empty, codes=("510108002001001",), lonlat=((104.0, 30.6),))).total == 0


@pytest.mark.parametrize("stored", [{}, {"clusters": 3}, {"clusters": [{}]}, {"clusters": [], "since": 1}])
def test_a_result_that_is_none_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ScanError, match="a result must be"):
        clusters.found_from(stored)


def test_nobody_asks_without_a_scope() -> None:
    from data.access.scope import ScopeError

    with pytest.raises(ScopeError):
        daily(CaseFilter(since=NOW - timedelta(days=60), until=NOW))
