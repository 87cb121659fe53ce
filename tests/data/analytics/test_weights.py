"""Weights of the index: what holds on which day, what cannot be, and what is on record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access.audit import Audit
from data.access.viewer import CONSOLE
from data.analytics.weights import (
    FIRST,
    Held,
    Weights,
    WeightsError,
    WeightsReader,
    history,
    of_day,
    put,
    read_weights,
)
from data.engine import Store

NOW = datetime(2026, 5, 11, 8, tzinfo=UTC)
TODAY = date(2026, 5, 11)
RATED = {"on_time_handling_rate": 0.9, "closure_rate_standard": 0.8, "rework_rate": 0.1}


def test_what_is_set_holds_from_its_day_on_and_never_before(store: Store) -> None:
    reader = WeightsReader(store)
    assert reader.of_day(TODAY) == FIRST
    later = TODAY + timedelta(days=5)
    for weights, day in ((Weights(on_time=50, closure=40, rework=10), TODAY),
                         (Weights(on_time=20, closure=30, rework=50), later),
                         (Weights(on_time=40, closure=40, rework=20), TODAY)):
        put(store, weights, valid_from=day, reason="trial", by=CONSOLE, today=TODAY, now=NOW)
    assert reader.of_day(TODAY - timedelta(days=1)) == FIRST
    assert reader.of_day(TODAY) == Weights(on_time=40, closure=40, rework=20)  # the last said of a day
    assert reader.of_day(later) == Weights(on_time=20, closure=30, rework=50)
    assert [one.valid_from for one in history(store)] == [later, TODAY, TODAY]
    assert {entry.action for entry in Audit(store).listing()} == {"index_weights_set"}
    with pytest.raises(WeightsError, match="valid_from must be a day from 2026-05-11"):
        put(store, FIRST, valid_from=TODAY - timedelta(days=1), reason="x", by=CONSOLE, today=TODAY, now=NOW)
    with pytest.raises(WeightsError, match="reason must be"):
        put(store, FIRST, valid_from=TODAY, reason=" ", by=CONSOLE, today=TODAY, now=NOW)
    assert len(history(store)) == 3


@pytest.mark.parametrize(("said", "expected"), [
    ({"on_time": "60", "closure": "30", "rework": "11"}, "sum must be 100, got 101"),
    ({"on_time": "nan", "closure": "30", "rework": "10"}, "on_time must be"),
    ({"on_time": "60", "closure": "-1", "rework": "41"}, "closure must be a number from 0 to 100, got -1"),
    ({"on_time": "60", "closure": "30"}, "rework must be a number from 0 to 100, got ''"),
])
def test_weights_that_cannot_be_are_told(said: dict[str, str], expected: str) -> None:
    with pytest.raises(WeightsError, match=expected):
        read_weights(said)


@settings(deadline=None)
@given(on_time=st.integers(0, 100), closure=st.integers(0, 100))
def test_the_index_lies_between_the_rates_that_it_weighs(on_time: int, closure: int) -> None:
    if on_time + closure <= 100:
        weights = Weights(on_time=on_time, closure=closure, rework=100 - on_time - closure)
        assert 80 - 1e-9 <= (weights.index(RATED) or 0) <= 90 + 1e-9
        assert weights.index({**RATED, "closure_rate_standard": None}) is None


@settings(deadline=None)
@given(days=st.lists(st.dates(date(2020, 1, 1), date(2020, 2, 1)), max_size=6),
       day=st.dates(date(2019, 12, 20), date(2020, 2, 10)))
def test_a_change_leaves_all_days_before_it_alone(days: list[date], day: date) -> None:
    held = sorted((Held(weights=Weights(on_time=n, closure=100 - n, rework=0), valid_from=one, reason="",
                        set_at=NOW, set_by="") for n, one in enumerate(days)),
                  key=lambda one: one.valid_from, reverse=True)
    before = [one for one in held if one.valid_from <= day]
    assert of_day(held, day) == of_day(before, day) == (before[0].weights if before else FIRST)
