"""Indicators, units, trends and lineage against a recount of every case."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.access.scope import EVERYTHING
from data.analytics import lineage
from data.analytics.measures import UNITS, Question, league, mix_over, overview, trend
from data.analytics.periods import KINDS, Period, period_of, read_period
from data.cases.facts import Facts
from data.cases.indicators import BY_KEY, INDICATORS, rates
from data.cases.reader import CaseReader
from data.engine import Store
from data.snapshot import Snapshot
from tests.data.analytics.recount import COLUMNS, flags
from tests.data.cases.samples import CHANNELS, NOWS, START, WHOLE, add_channels, add_random_cases

ZONE = ZoneInfo("Asia/Shanghai")
EASY = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PERIODS = st.builds(period_of, st.sampled_from(KINDS), st.dates(START.date(), START.date().replace(day=30)),
                    st.just(ZONE))


@pytest.fixture(scope="module")
def reader(module_store: Store) -> CaseReader:
    add_channels(module_store)
    add_random_cases(module_store, 1200, seed=8)
    snapshot = Snapshot(module_store, 4000)
    snapshot.refresh()
    return CaseReader(module_store, snapshot, scope=EVERYTHING)


@pytest.fixture(scope="module")
def rows(reader: CaseReader) -> pd.DataFrame:
    found: pd.DataFrame = reader._store.arrow(
        f'SELECT {COLUMNS} FROM "case" WHERE deleted_at IS NULL').to_pandas()
    return found


def recounted(rows: pd.DataFrame, now: datetime, since: datetime, until: datetime) -> pd.DataFrame:
    mine = rows[(rows["reported_at"] >= since) & (rows["reported_at"] < until)]
    return mine.join(flags(mine, now, CHANNELS))


def question(reader: CaseReader, period: Period, now: datetime) -> Question:
    return Question(cases=reader, filter_=WHOLE, period=period, now=now)


@EASY
@given(period=PERIODS, now=NOWS)
def test_every_indicator_is_that_of_a_recount(
        reader: CaseReader, rows: pd.DataFrame, period: Period, now: datetime) -> None:
    asked = question(reader, period, now)
    for window, counts in overview(asked).items():
        earlier = asked.periods()[window]
        over = asked.over(earlier)
        mine = recounted(rows, asked.age_of(earlier), over.since, over.until)
        found = rates(counts)
        for one in INDICATORS:
            part, whole = mine[one.numerator].sum(), mine[one.denominator].sum()
            expected = None if not whole else part * one.scale / whole
            assert found[one.key] == pytest.approx(expected), (window, one.key)


@EASY
@given(period=PERIODS, now=NOWS, dimension=st.sampled_from(["street", "community", "department", "channel"]),
       indicator=st.sampled_from(INDICATORS))
def test_units_are_those_of_a_recount_and_sum_to_the_whole(
        reader: CaseReader, rows: pd.DataFrame, period: Period, now: datetime, dimension: str,
        indicator: object) -> None:
    one = BY_KEY[indicator.key]  # type: ignore[attr-defined]
    column = {"department": "main_dept_id", "channel": "channel_code"}.get(dimension, f"{dimension}_code")
    found = league(question(reader, period, now), dimension, one).rows.set_index("code")
    mine = recounted(rows, now, period.since, period.until)
    mine = mine[mine[column].notna()].groupby(column)[list(dict.fromkeys(
        (one.numerator, one.denominator)))].sum()
    assert set(found.index) == set(mine.index)
    assert found["part"].astype(float).to_dict() == mine[one.numerator].to_dict()
    assert found["whole"].astype(float).to_dict() == mine[one.denominator].to_dict()


@EASY
@given(period=PERIODS, now=NOWS)
def test_a_trend_is_that_of_each_period_alone(reader: CaseReader, period: Period, now: datetime) -> None:
    asked = question(reader, period, now)
    for one in (BY_KEY["closure_rate_standard"], BY_KEY["mean_handling_h"]):
        found = trend(asked, one, 5)
        assert found["code"].iloc[-1] == period.code
        for row in found.itertuples():
            alone_in = read_period(row.code, ZONE)
            alone = reader.counts(asked.over(alone_in), asked.age_of(alone_in))
            assert (row.part, row.whole) == (getattr(alone, one.numerator), getattr(alone, one.denominator))
    mixed = mix_over(asked, "channel", "reported", 5)
    for code, row in mixed.iterrows():
        one = read_period(str(code), ZONE)
        assert row.sum() == reader.counts(WHOLE.with_(since=one.since, until=one.until), now).reported


@EASY
@given(now=NOWS, indicator=st.sampled_from(INDICATORS))
def test_counted_and_left_out_make_up_all_cases_each_with_one_reason(
        reader: CaseReader, now: datetime, indicator: object) -> None:
    one = BY_KEY[indicator.key]  # type: ignore[attr-defined]
    found = lineage.sides(reader, WHOLE, now, one)
    counts = reader.counts(WHOLE, now)
    assert found.reported == counts.reported == sum(found.sides.values())
    for side, reasons in found.reasons.items():
        assert sum(reasons.values()) == found.sides[side]
    if one.unit == "share":
        assert found.sides["counted"] + found.sides["above"] == getattr(counts, one.numerator)
        assert found.sides["counted"] + found.sides["below"] == getattr(counts, one.denominator)


def test_every_number_leads_to_its_cases(reader: CaseReader) -> None:
    now, one = START.replace(day=22), BY_KEY["on_time_rate"]
    found = lineage.sides(reader, WHOLE, now, one)
    for side, count in found.sides.items():
        listed = lineage.listing(reader, WHOLE, now, lineage.side(one, side), limit=1000)
        assert len(listed) == min(count, 1000)
    for why, count in found.reasons["out"].items():
        def rule(facts: Facts, why: str = why) -> object:
            missed = lineage.missed(one, "out")
            return lineage.side(one, "out")(facts) & lineage.reason(missed, why)(facts)

        assert len(lineage.listing(reader, WHOLE, now, rule, limit=1000)) == count  # type: ignore[arg-type]
    for wrong in (lambda: lineage.side(one, "x"), lambda: lineage.reason("closed", "x")):
        with pytest.raises(ValueError, match="must be one of"):
            wrong()


def test_units_without_a_share_are_listed_without_a_judgement(reader: CaseReader) -> None:
    asked = question(reader, period_of("month", START.date(), ZONE), START.replace(day=30))
    for key in ("satisfaction_score", "mean_handling_h"):
        found = league(asked, "street", BY_KEY[key])
        assert found.comparison is None
        assert found.rows["rate"].notna().all()
        assert "rank" not in found.rows
    for dimension in UNITS:
        assert league(asked, dimension, BY_KEY["closure_rate_handled"]).rows["code"].ne("").all()
    with pytest.raises(ValueError, match="a dimension must be one of street"):
        league(asked, "state", BY_KEY["closure_rate_handled"])
