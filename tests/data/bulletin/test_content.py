"""What a bulletin says: against a recount of the cases, and as of the end of its period."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
import shapely

from data.analytics.periods import before
from data.analytics.weights import Weights
from data.bulletin.content import RANKED, reckon
from data.bulletin.keeping import as_text
from data.cases.rules import COUNTERS
from tests.data.bulletin.sources import NOW, ZONE, period, sources_of


@pytest.fixture(scope="module")
def sources(demo_store: Any) -> Any:
    made = sources_of(demo_store)
    yield made
    made.readers.snapshot.stop()


@pytest.fixture(scope="module")
def content(sources: Any) -> Any:
    return reckon(sources, period(), NOW)


@pytest.mark.parametrize("dimension", RANKED)
def test_units_sum_to_the_district(content: Any, dimension: str) -> None:
    rows = content["rankings"][dimension]
    whole = content["counts"]["this"]
    for counter in ("reported", "closed", "need_close", "handled_needed_on_time"):
        summed = sum(row["counts"][counter] for row in rows)
        assert summed == whole[counter] if dimension == "street" else summed <= whole[counter]
    assert {row["code"] for row in rows} <= set(content["names"][
        "departments" if dimension == "department" else "areas"])


def test_it_is_the_period_as_it_was_when_it_ended(content: Any, demo_store: Any) -> None:
    span = period()
    assert content["over"]
    assert datetime.fromisoformat(content["as_of"]) == span.until
    recounted = demo_store.arrow(
        "SELECT count(*) AS reported, count(*) FILTER (WHERE handled_at <= $2) AS handled,"
        " count(*) FILTER (WHERE ended_at IS NULL OR ended_at > $2) AS unended"
        ' FROM "case" WHERE deleted_at IS NULL AND reported_at >= $1 AND reported_at < $2',
        [span.since, span.until]).to_pylist()[0]
    assert content["counts"]["this"]["reported"] == recounted["reported"]
    assert content["counts"]["this"]["handled"] == recounted["handled"]
    assert recounted["unended"] > 0  # else the moment of the picture would make no difference
    assert set(content["counts"]["this"]) == set(COUNTERS)


def test_the_overdue_are_all_there_were_and_the_longest_by_name(content: Any, demo_store: Any) -> None:
    at = period().until
    found = demo_store.arrow(
        'SELECT count(*) AS n FROM "case" WHERE deleted_at IS NULL AND deadline_at < $1 AND reported_at < $1'
        " AND accepted_at <= $1 AND dispatched_at <= $1 AND (handled_at IS NULL OR handled_at > $1)"
        " AND (ended_at IS NULL OR ended_at > $1)"
        " AND (clock_stopped_at IS NULL OR clock_stopped_at > $1)", [at]).to_pylist()[0]["n"]
    overdue = content["overdue"]
    assert overdue["total"] == found > 0
    limits = [case["deadline_at"] for case in overdue["cases"]]
    assert limits == sorted(limits)
    assert all(case["handled_at"] is None for case in overdue["cases"])


def test_it_is_kept_as_one_text_and_comes_back_as_it_was(content: Any) -> None:
    assert json.loads(as_text(content)) == content
    shapes = [shapely.from_wkb(shape["wkb"]) for shape in content["ground"]]
    assert len(shapes) == len(content["rankings"]["street"])
    assert all(shape.is_valid and not shape.is_empty for shape in shapes)


def test_it_is_the_same_whenever_it_is_reckoned_but_for_the_weights_of_its_day(
        sources: Any, content: Any, demo_store: Any) -> None:
    assert as_text(reckon(sources, period(), NOW)) == as_text(content)
    other = sources_of(demo_store, weights=lambda day: Weights(on_time=0, closure=100, rework=0)
                       if day >= period().first else Weights())
    found = reckon(other, period(), NOW)
    other.readers.snapshot.stop()
    assert found["weights"]["this"] == {"on_time": 0, "closure": 100, "rework": 0}
    assert found["weights"]["before"] == {"on_time": 60, "closure": 30, "rework": 10}
    for row in found["rankings"]["street"]:
        assert row["index"] == pytest.approx(100 * row["closure_rate_standard"])
    firsts = {row["code"]: row["index_before"] for row in content["rankings"]["street"]}
    assert {row["code"]: row["index_before"] for row in found["rankings"]["street"]} == firsts


def test_one_in_progress_is_as_of_now_and_one_ahead_is_refused(sources: Any) -> None:
    running = reckon(sources, period("2019-05-H1"), NOW)
    assert not running["over"]
    assert datetime.fromisoformat(running["as_of"]) == NOW
    with pytest.raises(ValueError, match="period must have begun by 2019-05-11"):
        reckon(sources, period("2019-06-H1"), NOW)
    assert before(period("2019-05-H1")) == period()


def test_nobodys_name_number_or_house_stands_in_it(content: Any, demo_store: Any) -> None:
    text = as_text(content)
    names = demo_store.arrow("SELECT DISTINCT name_masked AS name FROM officer").column("name")
    assert not [name for name in names.to_pylist() if name in text]
    assert all("号" not in case["address"] for case in content["typical"])
    assert ZONE.key not in text
