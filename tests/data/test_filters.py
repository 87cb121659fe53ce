"""The filter as a value: what it refuses, and that it survives every journey."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cases.lifecycle import STATES
from data.filters import URGENCIES, CaseFilter, FilterError, from_query, from_store, union_codes

SINCE = datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=8)))
DAY = CaseFilter(since=SINCE, until=SINCE + timedelta(days=1))

_codes = st.from_regex(r"[A-Za-z0-9_\-]{1,12}", fullmatch=True)
_areas = st.from_regex(r"[0-9]{6}(?:[0-9]{3}){0,3}", fullmatch=True)
_offsets = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@st.composite
def filters(draw: st.DrawFn) -> CaseFilter:
    since = draw(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=_offsets))
    return CaseFilter(
        since=since,
        until=since + draw(st.timedeltas(timedelta(seconds=1), timedelta(days=4000))),
        areas=draw(st.frozensets(_areas, max_size=4)),
        categories=draw(st.frozensets(_codes, max_size=4)),
        domains=draw(st.frozensets(_codes, max_size=4)),
        mechanisms=draw(st.frozensets(_codes, max_size=4)),
        channels=draw(st.frozensets(_codes, max_size=4)),
        departments=draw(st.frozensets(_codes, max_size=4)),
        states=draw(st.frozensets(st.sampled_from(STATES))),
        urgencies=draw(st.frozensets(st.sampled_from(URGENCIES))),
    )


@given(filters())
def test_a_filter_survives_the_store_of_the_page(filter_: CaseFilter) -> None:
    assert from_store(filter_.to_store()) == filter_


@given(filters())
def test_a_filter_survives_the_address(filter_: CaseFilter) -> None:
    assert from_query(dict(parse_qsl(filter_.to_query())), default=DAY) == filter_


def test_an_offset_whose_plus_was_lost_is_understood() -> None:
    query = {"since": "2026-11-02T00:00:00 08:00", "until": "2026-11-03T00:00:00 08:00"}
    assert from_query(query, default=DAY).since == SINCE + timedelta(days=1)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


_fields = st.sampled_from(["since", "until", "areas", "states", "channels", "evil"])


@given(st.dictionaries(_fields, json_values) | json_values)
def test_hostile_json_is_refused_by_name_and_never_breaks(stored: Any) -> None:
    try:
        filter_ = from_store(stored)
    except FilterError as refused:
        assert str(refused)
    else:
        assert from_store(filter_.to_store()) == filter_


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"since": datetime(2026, 11, 1)}, "since must be an aware time"),
        ({"until": SINCE}, "since must be before until"),
        ({"until": SINCE + timedelta(days=366 * 61)}, "at most 60 years"),
        ({"areas": frozenset({"51"})}, "areas must be codes of 6, 9, 12 or 15 digits, got '51'"),
        ({"areas": frozenset({"510108; drop"})}, "areas must be codes"),
        ({"channels": frozenset({"a" * 41})}, "channels must be codes"),
        ({"states": frozenset({"done"})}, "states must be among"),
        ({"urgencies": frozenset({"9"})}, "urgencies must be among"),
        ({"categories": ["E"]}, "categories must be a frozenset"),
        ({"departments": frozenset(map(str, range(201)))}, "at most 200 codes, got 201"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_value(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FilterError, match=message):
        DAY.with_(**changes)


def test_a_code_below_another_adds_nothing() -> None:
    assert union_codes(["210202001", "210202", "E01", "E0102"]) == {"210202", "E01"}


def test_equal_filters_share_one_address() -> None:
    utc = DAY.with_(channels=frozenset({"b", "a"}))
    assert utc.to_query() == DAY.with_(channels=frozenset({"a", "b"})).to_query()
    assert hash(utc) == hash(DAY.with_(channels=frozenset({"a", "b"})))
    assert DAY.since.astimezone(UTC).hour == 16
