"""Figures that others published, and real requests of a city: reproduced to the case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from data.access.scope import EVERYTHING
from data.cases.indicators import INDICATORS, rates
from data.cases.reader import CaseReader
from data.engine import Store
from data.filters import CaseFilter
from data.ingest.command import import_file
from data.ingest.mapping import load_mapping
from data.snapshot import Snapshot
from tests.data.analytics.recount import COLUMNS, flags
from tests.data.cases.samples import COMMUNITIES, GRIDS, STREETS, add_channels

BEGIN, END = datetime(2021, 1, 31, 16, tzinfo=UTC), datetime(2021, 2, 28, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAMPLE = Path(__file__).parents[1] / "ingest" / "files" / "boston311_sample.csv.gz"
NOW = datetime(2020, 5, 1, tzinfo=UTC)


def reader_of(store: Store) -> CaseReader:
    snapshot = Snapshot(store, 40_000)
    snapshot.refresh()
    return CaseReader(store, snapshot, scope=EVERYTHING)


def dazhou() -> pa.Table:
    """The cases of 达州 in February 2021 (`domain.md` 2.4): 3,884 reported, 3,855 filed, 3,746 handled and
    closed, 43 past their limit, one of which was cancelled on the last day; the others not due yet."""
    rows = []
    for number in range(3_884):
        at = BEGIN + number * timedelta(seconds=600)
        row = {"case_no": f"D{number:06d}", "street_code": STREETS[0], "community_code": COMMUNITIES[0],
               "grid_code": GRIDS[0], "channel_code": "iot", "cat_code": "E0101", "reported_at": at,
               "state": "rejected", "ended_at": at + HOUR}
        if number < 3_855:
            row |= {"state": "handling", "accepted_at": at, "filed_at": at, "dispatched_at": at,
                    "ended_at": None, "deadline_at": END + 30 * 24 * HOUR}
        if number < 3_746:
            row |= {"state": "closed", "handled_at": at + HOUR, "closed_at": at + 2 * HOUR,
                    "ended_at": at + 2 * HOUR}
        elif number < 3_746 + 43:
            row |= {"deadline_at": at + HOUR}
        if number == 3_746:
            row |= {"state": "cancelled", "ended_at": END - HOUR}
        rows.append(row)
    return pa.Table.from_pylist(rows)


def test_the_figures_of_dazhou(store: Store) -> None:
    add_channels(store)
    store.append("case", dazhou())
    reader = reader_of(store)
    month = CaseFilter(since=BEGIN, until=END)
    before, after = (rates(reader.counts(month, END - hours * HOUR)) for hours in (2, 0))
    assert f"{after['filing_rate']:.4%}" == f"{3855 / 3884:.4%}" == "99.2533%"
    assert before["handling_rate"] == pytest.approx(3746 / 3789)  # 处置率, one still to be handled
    assert after["closure_rate_standard"] == pytest.approx(3746 / 3788)  # 结案率
    assert (f"{before['handling_rate']:.2%}", f"{after['closure_rate_standard']:.2%}") == ("98.87%", "98.89%")


def test_every_indicator_of_the_real_requests_is_that_of_a_recount(store: Store) -> None:
    import_file(store, "cases", SAMPLE, mapping=load_mapping("boston311", "cases"), now=NOW,
                derive_cell_m=800)
    reader = reader_of(store)
    rows = store.arrow(f'SELECT {COLUMNS} FROM "case" WHERE deleted_at IS NULL').to_pandas()
    groups = {row["channel_code"]: row["group_code"] for row in store.arrow(
        "SELECT channel_code, group_code FROM channel").to_pylist()}
    assert len(rows) > 1_300
    for now in (NOW, datetime(2019, 12, 1, tzinfo=UTC)):
        told = flags(rows, now, groups)
        since, until = rows["reported_at"].min().to_pydatetime(), NOW
        found = rates(reader.counts(CaseFilter(since=since, until=until), now))
        for one in INDICATORS:
            part, whole = told[one.numerator].sum(), told[one.denominator].sum()
            expected = None if not whole else part * one.scale / whole
            assert found[one.key] == pytest.approx(expected), one.key
        assert found["closure_rate_handled"] not in (None, 0, 1)
