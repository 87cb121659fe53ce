"""Every question about cases, on both engines, over random filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.access.scope import EVERYTHING, Scope
from data.cases import heat, points, pressing, queries
from data.cases.breakdown import breakdown
from data.cases.counts import FIELDS, CaseCounts
from data.cases.daily import daily
from data.cases.points import Box
from data.cases.reader import CaseReader
from data.cases.rules import COUNTERS
from data.engine import Store
from data.filters import SETS, CaseFilter
from data.snapshot import Snapshot
from data.sql import Query
from tests.data.cases.samples import NOW, NOWS, SCOPES, START, WHOLE, add_channels, add_random_cases, filters

#: Ends of spans; some lie outside of some windows.
EDGES = [START + timedelta(days=day) for day in (3, 9, 10, 24)]
BOX = Box(west=121.62, south=38.92, east=121.68, north=38.97)
EASY = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

#: Every dimension, alone or together with another.
SOME_SETS = (("street", "grid"), *((name,) for name in queries.DIMENSIONS if name not in ("street", "grid")))

Builder = Callable[[CaseFilter, datetime], Query]
#: Every builder that takes a filter; ordered results say so.
BUILDERS: dict[str, Builder] = {
    "breakdown": lambda f, now: breakdown(SOME_SETS, f, now=now, counters=COUNTERS),
    "histogram": lambda f, now: queries.histogram(f, bins=7),
    "daily": lambda f, now: daily(f),
    "durations": lambda f, now: queries.durations(f, now=now),
    **{
        f"durations_by_{name}": lambda f, now, name=name: queries.durations_by(name, f, now=now)
        for name in ("street", "officer", "department")
    },
    "crossed": lambda f, now: breakdown(
        (("department", "category_class", "span"),), f, now=now, counters=COUNTERS, edges=EDGES
    ),
    "longest_open": lambda f, now: queries.longest_open(f, now=now),
    "newest": lambda f, now: queries.newest(f),
    "points": lambda f, now: points.points(f, now=now, box=BOX, limit=10),
    "all_points": lambda f, now: points.all_points(f, now=now, box=None),
    "point_count": lambda f, now: points.point_count(f, now=now, box=BOX),
    "in_hand": lambda f, now: pressing.in_hand(f, now=now),
    "heat": lambda f, now: heat.heat(f, now=now, box=BOX, cell_m=500),
    **{
        f"listing_{order}": (
            lambda f, now, order=order: queries.listing(f, now=now, order=order, limit=15, offset=2)
        )
        for order in queries.ORDERS
    },
    **{
        f"listing_only_{only}": (
            lambda f, now, only=only: queries.listing(
                f, now=now, order="newest", limit=15, offset=0, only=only
            )
        )
        for only in queries.NARROWINGS
    },
}


@pytest.fixture(scope="module")
def reader(module_store: Store) -> CaseReader:
    add_channels(module_store)
    add_random_cases(module_store, 1500)
    snapshot = Snapshot(module_store, 4000)
    snapshot.refresh()
    return CaseReader(module_store, snapshot, scope=EVERYTHING)


@pytest.mark.parametrize("name", BUILDERS)
@EASY
@given(filter_=filters(SCOPES), now=NOWS)
def test_both_engines_answer_alike(reader: CaseReader, name: str, filter_: CaseFilter, now: datetime) -> None:
    query = BUILDERS[name](filter_, now)
    ordered = name.startswith(("listing", "points"))
    pd.testing.assert_frame_equal(
        _rows(reader._snapshot.run(query).to_pandas(), ordered),
        _rows(reader._store.arrow(query).to_pandas(), ordered),
        check_dtype=False,
    )


def _rows(frame: pd.DataFrame, ordered: bool) -> pd.DataFrame:
    return frame if ordered else frame.sort_values([*frame.columns], ignore_index=True)


@EASY
@given(scope=SCOPES)
def test_a_question_without_filter_is_answered_alike(reader: CaseReader, scope: Scope) -> None:
    for query in (points.extent(scope=scope), queries.reported_range(scope=scope), queries.channels()):
        pd.testing.assert_frame_equal(
            _rows(reader._snapshot.run(query).to_pandas(), False),
            _rows(reader._store.arrow(query).to_pandas(), False),
        )


@EASY
@given(filter_=filters(), now=NOWS)
def test_children_add_up_to_their_parent(reader: CaseReader, filter_: CaseFilter, now: datetime) -> None:
    whole = reader.counts(filter_, now).to_dict()
    for dimension in queries.DIMENSIONS:
        parts = reader.counts_by(dimension, filter_, now, COUNTERS)
        assert {name: int(parts[name].sum()) for name in COUNTERS} == whole, dimension
    grids = reader.counts_by("grid", filter_, now, COUNTERS)
    communities = reader.counts_by("community", filter_, now, COUNTERS)
    summed = grids.assign(code=grids["code"].str[:12]).groupby("code").sum()
    pd.testing.assert_frame_equal(summed, communities.set_index("code").sort_index(), check_dtype=False)


@EASY
@given(filter_=filters(), now=NOWS)
def test_crossed_dimensions_add_up_to_each_of_them_and_spans_to_windows(
    reader: CaseReader, filter_: CaseFilter, now: datetime
) -> None:
    names = ("department", "channel_group", "span")
    found = reader.crossed(names, filter_, now, COUNTERS, edges=EDGES)
    assert not found.duplicated([*names]).any()
    for name in names[:2]:
        alone = reader.counts_by(name, filter_, now, COUNTERS).set_index("code").sort_index()
        summed = found.groupby(name)[[*COUNTERS]].sum()
        assert summed.to_dict("index") == alone.to_dict("index")
    ends = [datetime.min.replace(tzinfo=START.tzinfo), *EDGES, datetime.max.replace(tzinfo=START.tzinfo)]
    for number, (first, last) in enumerate(pairwise(ends)):
        since, until = max(first, filter_.since), min(last, filter_.until)
        mine = found[found["span"] == str(number)]["reported"].sum()
        alone = reader.counts(filter_.with_(since=since, until=until), now).reported if since < until else 0
        assert mine == alone


@EASY
@given(filter_=filters(), now=NOWS)
def test_times_by_unit_are_those_of_each_unit_alone(
    reader: CaseReader, filter_: CaseFilter, now: datetime
) -> None:
    found = reader.durations_by("street", filter_.with_(areas=frozenset()), now).set_index("code")
    for code, row in found.iterrows():
        if code:
            alone = reader.durations(filter_.with_(areas=frozenset({str(code)})), now)
            assert (row["p50_h"], row["p90_h"]) == (alone["p50_h"], alone["p90_h"])
            counted = reader.counts(filter_.with_(areas=frozenset({str(code)})), now)
            assert row["timed"] == counted.timed


@EASY
@given(filter_=filters(), other=filters(), now=NOWS, name=st.sampled_from([*SETS, "window"]))
def test_a_restriction_never_adds_cases(
    reader: CaseReader, filter_: CaseFilter, other: CaseFilter, now: datetime, name: str
) -> None:
    wide = (
        filter_.with_(**{name: frozenset()})
        if name in SETS
        else filter_.with_(since=min(filter_.since, other.since), until=max(filter_.until, other.until))
    )
    narrow, most = reader.counts(filter_, now).to_dict(), reader.counts(wide, now).to_dict()
    signed = {"satisfaction_sum", "handling_s_sum"}  # scores and clock corrections may be negative
    assert all(narrow[key] <= most[key] for key in COUNTERS if key not in signed)


@EASY
@given(filter_=filters(), now=NOWS)
def test_points_heat_and_histogram_hold_every_case(
    reader: CaseReader, filter_: CaseFilter, now: datetime
) -> None:
    total, placed = reader.point_count(filter_, now=now)
    assert total == reader.counts(filter_, now, ("reported",)).reported
    assert reader.points(filter_, now=now).num_rows == placed
    wide = Box(west=121, south=38, east=122, north=40)
    assert sum(reader.heat(filter_, box=wide, zoom=11, now=now)["weight"].to_pylist()) == placed
    everything = reader.counts(filter_, filter_.until, ("reported",)).reported
    assert reader.histogram(filter_)["reported"].sum() == everything


@EASY
@given(filter_=filters(), now=NOWS)
def test_pressing_cases_are_those_that_are_counted_in_the_order_asked(
    reader: CaseReader, filter_: CaseFilter, now: datetime
) -> None:
    counts = reader.counts(filter_, now, ("overdue", "due_soon"))
    near, oldest = (reader.pressing(filter_, now, order, 1_000) for order in pressing.ORDERS)
    assert (near.overdue, near.due_soon) == (counts.overdue, counts.due_soon)
    assert len(near.lines) == counts.overdue + counts.due_soon
    assert len(oldest.lines) == counts.overdue
    assert all(line["is_overdue"] for line in oldest.lines)
    deadlines = [line["deadline_at"] for line in oldest.lines]
    assert deadlines == sorted(deadlines)
    at = now.replace(microsecond=0)
    away = [(not line["is_supervised"], abs(line["deadline_at"] - at)) for line in near.lines]
    assert away == sorted(away)
    assert reader.pressing(filter_, now, "near", 3).lines == near.lines[:3]


def test_pressing_cases_have_two_orders(reader: CaseReader) -> None:
    with pytest.raises(ValueError, match="order must be among near, oldest; got 'newest'"):
        reader.pressing(WHOLE, NOW, "newest", 3)


def test_counts_need_a_known_counter_and_dimension(reader: CaseReader) -> None:
    with pytest.raises(ValueError, match=r"a counter must be one of reported, .*; got 'sunny'"):
        reader.counts(WHOLE, NOW, ("sunny",))
    with pytest.raises(ValueError, match=r"dimensions must be among .*; got \['moon'\]"):
        reader.counts_by("moon", WHOLE, NOW)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"order": "best"},
         "order must be among newest, oldest, deadline, latest_deadline, urgency; got 'best'"),
        ({"limit": 0}, "limit must be 1..1000"),
        ({"offset": -1}, "offset 0..10000000, got 50 and -1"),
        ({"only": "lost"}, "only must be among .*; got 'lost'"),
    ],
)
def test_a_list_refuses_what_it_cannot_do(
    reader: CaseReader, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        reader.listing(WHOLE, NOW, **arguments)


def test_a_list_pages_without_gap_or_repetition(reader: CaseReader) -> None:
    pages = [reader.listing(WHOLE, NOW, limit=40, offset=40 * page)["case_no"].tolist() for page in range(4)]
    once = reader.listing(WHOLE, NOW, limit=160)["case_no"].tolist()
    assert [number for page in pages for number in page] == once
    assert len(set(once)) == 160


def test_points_beyond_the_limit_are_the_newest(reader: CaseReader) -> None:
    kept = reader.points(WHOLE, limit=25, now=NOW)
    every = reader.points(WHOLE, now=NOW).to_pandas().sort_values("reported_at", ascending=False)
    assert kept.num_rows == 25
    assert min(kept["reported_at"].to_pylist()) >= every["reported_at"].iloc[30]


def test_heat_stays_small_at_any_cell_size(reader: CaseReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heat, "MAX_CELLS", 50)
    cells = reader.heat(WHOLE, cell_m=10, now=WHOLE.until)
    assert 0 < cells.num_rows <= 50
    assert float(cells.schema.metadata[b"cell_m"]) > 10
    everything = reader.point_count(WHOLE, reader.extent())[1]
    assert sum(cells["weight"].to_pylist()) == everything


@pytest.mark.parametrize("cell_m", [0, -5, float("nan"), float("inf"), 1e9])
def test_heat_refuses_an_impossible_cell(cell_m: float) -> None:
    with pytest.raises(ValueError, match=r"cell_m must be 1..100000 metres"):
        heat.heat(WHOLE, now=NOW, box=BOX, cell_m=cell_m)


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "nan,0,1,1", "inf,0,1,1", "2,0,1,1", "0,0,1,1e9"])
def test_a_hostile_box_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="box"):
        points.parse_box(text)


def test_the_counts_are_the_rules_and_add(reader: CaseReader) -> None:
    assert set(FIELDS) == set(COUNTERS)
    middle = WHOLE.since + timedelta(days=11)
    halves = [
        reader.counts(WHOLE.with_(since=since, until=until), NOW)
        for since, until in ((WHOLE.since, middle), (middle, WHOLE.until))
    ]
    assert halves[0] + halves[1] == reader.counts(WHOLE, NOW)
    assert CaseCounts(reported=1).accepted is None
