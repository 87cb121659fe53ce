"""Fair comparison: chance is not blamed, few cases are not praised, mix is taken out, all of it repeats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.analytics.fair import FEWEST, OUT_Z, WATCH_Z, compare, funnel
from data.analytics.intervals import wilson

UNITS = [f"u{number:03}" for number in range(40)]


def of(part: object, whole: object, stratum: object = "a", units: object = None) -> pd.DataFrame:
    codes = UNITS[: len(np.atleast_1d(whole))] if units is None else units  # type: ignore[arg-type]
    return pd.DataFrame({"code": codes, "stratum": stratum, "part": part, "whole": whole})


@pytest.mark.parametrize(("part", "whole", "low", "high"), [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
])
def test_intervals_are_those_of_the_literature(part: int, whole: int, low: float, high: float) -> None:
    """Newcombe 1998, Stat. Med. 17, 857-872, table I, method 3."""
    assert wilson(part, whole) == pytest.approx((low, high), abs=6e-5)
    assert wilson(0, 0) is None
    assert wilson(5, 5)[1] == 1.0  # type: ignore[index]


@pytest.mark.parametrize("rate", [0.5, 0.9, 0.965])
def test_equal_units_are_not_blamed(rate: float) -> None:
    rng = np.random.default_rng(11)
    out, watched, runs = 0, 0, 40
    for _ in range(runs):
        whole = rng.integers(12, 700, len(UNITS))
        flags = compare(of(rng.binomial(whole, rate), whole)).rows["flag"]
        out += int(flags.isin(["high", "low"]).sum())
        watched += int((flags != "").sum())
    assert out / (runs * len(UNITS)) <= 0.01
    assert watched / (runs * len(UNITS)) <= 0.06


@pytest.mark.parametrize(("mean", "strength", "units"), [
    (0.93, 60, 40), (0.7, 25, 40), (0.96, 300, 40), (0.9, 1000, 40), (0.96, 300, 14), (0.9, 100, 9),
])
def test_95_of_100_intervals_hold_the_truth(mean: float, strength: float, units: int) -> None:
    rng = np.random.default_rng(12)
    shrunk, raw, runs = 0, 0, 80
    for _ in range(runs):
        whole = rng.integers(15, 700, units)
        truth = rng.beta(mean * strength, (1 - mean) * strength, units)
        part = rng.binomial(whole, truth)
        rows = compare(of(part, whole)).rows.sort_values("code")
        shrunk += int(((rows["fair_low"] <= truth) & (truth <= rows["fair_high"])).sum())
        raw += int(((rows["low"] <= truth) & (truth <= rows["high"])).sum())
    assert 0.93 <= shrunk / (runs * units) <= 0.97
    assert 0.93 <= raw / (runs * units) <= 0.97


def test_a_unit_that_differs_is_found_and_drawn_outside() -> None:
    rng = np.random.default_rng(13)
    whole = np.full(len(UNITS), 400)
    part = rng.binomial(whole, 0.95)
    part[7] = 330
    found = compare(of(part, whole))
    rows = found.rows.set_index("code")
    assert rows.loc["u007", "flag"] == "low"
    assert rows.loc["u007", "rank"] == len(UNITS)
    assert rows.loc["u007", "rank_low"] == len(UNITS), "nobody else can be last"
    assert not rows.loc["u007", "like_above"]
    assert (rows["flag"] == "low").sum() == 1
    assert found.overall is not None
    low, high = funnel(found.overall, np.array([400.0]), OUT_Z, found.spread)
    assert rows.loc["u007", "rate"] < low[0]
    assert rows.drop("u007")["rate"].between(low[0], high[0]).all()


def test_whoever_has_one_good_case_is_not_first_nor_ranked() -> None:
    part, whole = [1, 190, 960, 4, 0], [1, 200, 1000, 4, 0]
    rows = compare(of(part, whole)).rows
    assert list(rows["code"]) == ["u002", "u001", "u003", "u000", "u004"]
    assert rows["rank"].tolist()[:2] == [1, 2]
    assert rows["rank"].tolist()[2:] != rows["rank"].tolist()[2:], "NaN: not ranked"
    assert rows.set_index("code").loc["u000", "fair"] < 1, "one case says little"
    assert np.isnan(rows.set_index("code").loc["u004", "rate"])
    few = compare(of([9, 90], [9, 100]), fewest=1).rows
    assert len(few["rank"].dropna()) == 2
    assert FEWEST == 10


def test_mix_is_taken_out() -> None:
    """Two units do alike in each stratum; the one with the hard cases looks worse and is not."""
    rows = compare(pd.DataFrame({
        "code": ["easy", "easy", "hard", "hard"], "stratum": ["light", "heavy", "light", "heavy"],
        "part": [891, 80, 99, 720], "whole": [900, 100, 100, 900],
    })).rows.set_index("code")
    assert rows.loc["easy", "rate"] > rows.loc["hard", "rate"] + 0.1
    assert rows.loc["easy", "adjusted"] == pytest.approx(rows.loc["hard", "adjusted"], abs=0.005)
    assert (rows["flag"] == "").all()
    assert rows["like_above"].any()


def test_less_is_better_turns_the_ranks_round() -> None:
    rows = compare(of([10, 90], [1000, 1000]), less_is_better=True).rows
    assert list(rows["code"]) == ["u000", "u001"]
    assert compare(of([10, 90], [1000, 1000])).rows["code"].tolist() == ["u001", "u000"]


def test_the_same_counts_always_compare_alike() -> None:
    strata = of([90, 80, 70], [100, 100, 100])
    pd.testing.assert_frame_equal(compare(strata).rows, compare(strata.sample(frac=1)).rows)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_all_or_none_is_a_rate_like_others(rate: float) -> None:
    found = compare(of([int(50 * rate), int(900 * rate)], [50, 900]))
    assert found.overall == rate
    assert (found.rows["flag"] == "").all()
    assert found.rows[["fair", "fair_low", "fair_high"]].notna().all(axis=None)


def test_nothing_compares_to_nothing() -> None:
    found = compare(of([0, 0], [0, 0]))
    assert found.overall is None
    assert found.rows["rank"].isna().all()
    assert compare(of([], [])).rows.empty
    with pytest.raises(ValueError, match=r"part must be 0\.\.whole"):
        compare(of([3], [2]))


def test_without_draws_all_else_is_the_same() -> None:
    strata = of([190, 960, 4], [200, 1000, 4])
    whole, plain = (compare(strata, is_ranked=is_ranked).rows.sort_values("code", ignore_index=True)
                    for is_ranked in (True, False))
    drawn = ["fair_low", "fair_high", "rank", "rank_low", "rank_high", "like_above"]
    pd.testing.assert_frame_equal(whole.drop(columns=drawn), plain.drop(columns=drawn))
    assert plain[drawn[:-1]].isna().all(axis=None)
    assert set(whole.columns) == set(plain.columns)


def test_the_funnel_narrows_and_holds_what_chance_does() -> None:
    sizes = np.array([1.0, 5, 20, 100, 2000])
    for z in (WATCH_Z, OUT_Z):
        low, high = funnel(0.9, sizes, z)
        assert (np.diff(low) >= 0).all()
        assert (np.diff(high) <= 0).all()
        assert ((low <= 0.9) & (high >= 0.9)).all()
    rng = np.random.default_rng(14)
    low, high = funnel(0.9, np.array([300.0]), WATCH_Z)
    drawn = rng.binomial(300, 0.9, 20_000) / 300
    assert 0.93 <= ((drawn >= low) & (drawn <= high)).mean() <= 0.97
    wide = funnel(0.9, np.array([300.0]), WATCH_Z, 4.0)
    assert wide[0][0] < low[0]
