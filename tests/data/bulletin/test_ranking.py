"""Ranks of a bulletin: by the index, honest about few cases and about what cannot be told apart."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.analytics.fair import FEWEST
from data.analytics.weights import FIRST, Weights
from data.bulletin.ranking import NEEDED, ranked


def units(rows: dict[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    """Code -> due to close, of those closed, handled on time and reworked."""
    def one(code: str, due: int, closed: int, on_time: int, reworked: int) -> dict[str, object]:
        return {"code": code, **dict.fromkeys(NEEDED, 0), "need_close": due, "closed": closed,
                "handled_needed_on_time": on_time, "through_handling": due, "reworked": reworked,
                "handled_needed": due, "reported": due}
    columns = [one(code, *row) for code, row in rows.items()]
    found = pd.DataFrame(columns or [one("", 0, 0, 0, 0)])
    for name in NEEDED:
        if found[name].sum() == 0 and name not in ("reworked", "overdue"):
            found[name] = found["need_close"]
    return found


NONE = units({})


def test_the_index_is_the_sum_by_the_weights() -> None:
    row, = ranked(units({"a": (100, 80, 90, 10)}), NONE, FIRST, FIRST)
    assert row["index"] == pytest.approx(60 * 0.9 + 30 * 0.8 + 10 * 0.9)
    assert row["low"] < row["index"] < row["high"]
    row, = ranked(units({"a": (100, 80, 90, 10)}), NONE, Weights(on_time=0, closure=100, rework=0), FIRST)
    assert row["index"] == pytest.approx(80)


def test_a_unit_of_few_cases_is_never_ranked() -> None:
    rows = ranked(units({"few": (FEWEST - 1, FEWEST - 1, FEWEST - 1, 0), "many": (200, 150, 150, 9)}), NONE,
                  FIRST, FIRST)
    assert [(row["code"], row["rank"]) for row in rows] == [("many", 1), ("few", None)]


def test_what_cannot_be_told_apart_shares_its_ranks_and_what_can_does_not() -> None:
    rows = ranked(units({"a": (100, 91, 91, 5), "b": (100, 90, 90, 5), "c": (2000, 500, 500, 900)}), NONE,
                  FIRST, FIRST)
    assert [(row["code"], row["rank_low"], row["rank_high"]) for row in rows] == [
        ("a", 1, 2), ("b", 1, 2), ("c", 3, 3)]


def test_the_change_is_that_against_the_period_before_by_its_own_weights() -> None:
    now, then = {"a": (100, 90, 90, 0), "b": (100, 80, 80, 0)}, {"a": (100, 50, 90, 0), "b": (100, 90, 50, 0)}
    found = {row["code"]: row for row in ranked(
        units(now), units(then), FIRST, Weights(on_time=0, closure=100, rework=0))}
    assert (found["a"]["rank"], found["a"]["rank_before"], found["b"]["rank_before"]) == (1, 2, 1)
    assert found["a"]["index_before"] == pytest.approx(50)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 60).flatmap(
    lambda due: st.tuples(st.just(due), *[st.integers(0, due)] * 3)), max_size=8))
def test_ranks_hold_themselves_and_fill_the_table(rows: dict[str, tuple[int, int, int, int]]) -> None:
    found = ranked(units(rows), NONE, FIRST, FIRST)
    assert {row["code"] for row in found} == set(rows)
    held = [row for row in found if row["rank"] is not None]
    assert [row["rank"] for row in held] == sorted(row["rank"] for row in held)
    for row in held:
        assert 1 <= row["rank_low"] <= row["rank"] <= row["rank_high"] <= len(held)
        assert 0 <= row["low"] <= row["index"] + 1e-9
        assert row["index"] <= row["high"] + 1e-9
