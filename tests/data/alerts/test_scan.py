"""The scan against brute force, and its p against simulation."""

from __future__ import annotations

from math import hypot, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from data.alerts.chance import strongest_by_chance
from data.alerts.scan import scan
from data.alerts.study import MAX_PLACES, Rules, ScanError, ScanStopped, study_of

Array = np.ndarray[Any, Any]
#: (places, circles, days) of one cylinder: its ratio, places, days, cases and cases due.
Cylinder = tuple[float, list[int], int, int, float]


def ratio(held: int, due: float, total: int) -> float:
    """The formula of the paper, word for word."""
    if held <= due:
        return 0.0
    rest = (total - held) * log((total - held) / (total - due)) if total > held else 0.0
    return held * log(held / due) + rest


def cylinders(places: Array, counts: Array, rules: Rules) -> list[Cylinder]:
    """Every cylinder, one after the other."""
    total, days = int(counts.sum()), counts.shape[1]
    found: list[Cylinder] = []
    if not total:
        return found
    for middle in range(len(places)):
        away = [-1.0 if k == middle else hypot(*(places[k] - places[middle])) for k in range(len(places))]
        order = sorted(range(len(places)), key=lambda k, away=away: (away[k], k))  # type: ignore[misc]
        for last in range(1, len(order) + 1):
            members = order[:last]
            of_circle = int(counts[members].sum())
            if away[members[-1]] > rules.radius_m or of_circle > rules.most_share * total:
                break
            for span in range(1, rules.most_days + 1):
                held = int(counts[members, days - span:].sum())
                due = of_circle * int(counts[:, days - span:].sum()) / total
                found.append((ratio(held, due, total) if held >= rules.least_cases else 0.0,
                              members, span, held, due))
    return found


def dealt(places: Array, counts: Array, rules: Rules, run: int) -> float:
    """The strongest ratio after the days were dealt anew as the scan deals them."""
    study = study_of(places, counts, rules)
    ago = np.random.default_rng((rules.seed, run)).permutation(study.cases[:, 1])
    anew = np.zeros_like(counts)
    for (place, _), days in zip(study.cases, ago, strict=True):
        anew[place, counts.shape[1] - 1 - days] += 1
    assert (anew.sum(axis=1) == counts.sum(axis=1)).all()
    assert (anew.sum(axis=0) == counts.sum(axis=0)).all()
    return max((one[0] for one in cylinders(places, anew, rules)), default=0.0)


@st.composite
def districts(draw: Any) -> tuple[Array, Array, Rules]:
    count, days = draw(st.integers(1, 9)), draw(st.integers(3, 9))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    # on a raster many places are as far from a middle as others
    is_raster = draw(st.booleans())
    places = rng.integers(0, 4, (count, 2)) * 100.0 if is_raster else rng.uniform(0, 400, (count, 2))
    rules = Rules(most_days=draw(st.integers(1, days - 1)), radius_m=draw(st.sampled_from([0.0, 150.0, 1e9])),
                  most_share=draw(st.sampled_from([0.2, 0.5])), least_cases=draw(st.integers(2, 4)),
                  runs=draw(st.sampled_from([3, 9])), seed=draw(st.integers(0, 50)), most_clusters=3)
    return places, rng.poisson(draw(st.sampled_from([0.2, 1.0, 3.0])), (count, days)), rules


@given(districts())
@settings(max_examples=120, deadline=None)
def test_the_scan_is_brute_force_only_quicker(district: tuple[Array, Array, Rules]) -> None:
    places, counts, rules = district
    by_chance = [dealt(places, counts, rules, run) for run in range(rules.runs)] if counts.sum() else []
    study = study_of(places, counts, rules)
    assert strongest_by_chance(study) == pytest.approx(by_chance or np.zeros(rules.runs), abs=1e-7)

    found = scan(places, counts, rules)
    left = cylinders(places, counts, rules)
    for one in found:
        strongest = max(left, key=lambda each: each[0])
        assert one.ratio == pytest.approx(strongest[0], abs=1e-7)
        assert (one.observed, one.expected) == (
            int(counts[list(one.members), -one.days:].sum()),
            pytest.approx(counts[list(one.members)].sum() * counts[:, -one.days:].sum() / counts.sum()))
        assert one.ratio == pytest.approx(ratio(one.observed, one.expected, int(counts.sum())))
        beaten = sum(value >= one.ratio - 1e-7 for value in by_chance)
        assert one.p_value == pytest.approx((1 + beaten) / (1 + rules.runs))
        assert one.radius_m == pytest.approx(hypot(*(places[one.members[-1]] - places[one.centre])))
        left = [each for each in left if not set(each[1]) & set(one.members)]
    if len(found) < rules.most_clusters:
        assert max((each[0] for each in left), default=0.0) <= 1e-7


def grid(side: int, metres: float = 300.0) -> Array:
    at = np.arange(side * side)
    return np.column_stack((at % side, at // side)) * metres


def test_without_a_cluster_p_is_uniform() -> None:
    places, rules = grid(6), Rules(most_days=5, runs=99)
    # busy and quiet places, busy and quiet days: neither is a cluster
    usual = np.outer(np.linspace(0.2, 2.0, 36), 1 + 0.5 * np.sin(np.arange(20)))
    strongest = []
    for seed in range(150):
        found = scan(places, np.random.default_rng(seed).poisson(usual), rules)
        strongest.append(found[0].p_value)
    assert stats.kstest(strongest, "uniform").pvalue > 0.05
    assert sum(p <= 0.05 for p in strongest) <= 14  # 7.5 are due; more than 14 happen once in 100 times


def test_a_planted_cluster_is_found_where_and_when_it_is() -> None:
    places, planted = grid(20), {189, 188, 190, 169, 209}
    for seed in range(5):
        counts = np.random.default_rng(seed).poisson(1.0, (400, 60))
        counts[sorted(planted), -4:] += np.random.default_rng(seed + 100).poisson(4.0, (5, 4))
        found = scan(places, counts)
        first = found[0]
        assert first.p_value == pytest.approx(1 / 1000)
        assert first.recurrence_days == pytest.approx(1000)
        assert len(planted & set(first.members)) >= 4
        assert len(set(first.members) - planted) <= 3
        assert 3 <= first.days <= 5
        assert all(one.p_value > 0.01 for one in found[1:])


def test_a_whole_busy_day_and_an_always_busy_place_are_no_clusters() -> None:
    counts = np.full((25, 30), 4)
    counts[7] *= 5
    counts[:, -1] *= 3
    found = scan(grid(5), counts, Rules(runs=99))
    assert all(one.p_value > 0.9 for one in found)


def test_what_is_over_is_no_cluster_of_today() -> None:
    counts = np.random.default_rng(1).poisson(1.0, (25, 60))
    counts[12, 20:24] += 15
    assert all(one.p_value > 0.05 for one in scan(grid(5), counts, Rules(runs=199)))


def test_two_clusters_are_told_apart() -> None:
    counts = np.random.default_rng(1).poisson(1.0, (400, 60))
    counts[[21, 22, 41, 42], -3:] += 6
    counts[[357, 358, 377, 378], -2:] += 6
    first, second, *rest = scan(grid(20), counts, Rules(runs=199))
    held = {21, 22, 41, 42}
    assert held <= set(first.members) or held <= set(second.members)
    assert not set(first.members) & set(second.members)
    assert first.p_value == second.p_value == 1 / 200
    assert all(one.p_value > 0.05 for one in rest)


def test_the_same_seed_gives_the_same_answer_and_another_another() -> None:
    counts = np.random.default_rng(2).poisson(1.0, (49, 30))
    rules = Rules(runs=199)
    assert scan(grid(7), counts, rules) == scan(grid(7), counts, rules)
    others = {scan(grid(7), counts, Rules(runs=199, seed=seed))[0].p_value for seed in range(4)}
    assert len(others) > 1


def test_an_empty_or_tiny_district_has_no_cluster() -> None:
    assert scan(np.zeros((0, 2)), np.zeros((0, 30), dtype=int)) == ()
    assert scan(grid(2), np.zeros((4, 30), dtype=int)) == ()
    assert scan(grid(1), np.full((1, 30), 9)) == ()  # one place is more than half of all


def test_progress_rises_to_the_end_and_a_stop_is_obeyed() -> None:
    counts = np.random.default_rng(3).poisson(1.0, (100, 30))
    told: list[float] = []
    scan(grid(10), counts, Rules(runs=299), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 4
    for allowed in (0, 3, len(told)):
        left = iter(range(allowed))
        with pytest.raises(ScanStopped):
            scan(grid(10), counts, Rules(runs=299), stopped=lambda left=left: next(left, None) is None)


@pytest.mark.parametrize(("field", "value"), [
    ("most_days", 0), ("most_days", True), ("most_share", 0.6), ("most_share", float("nan")),
    ("radius_m", -1.0), ("radius_m", float("nan")), ("runs", 0), ("seed", -1), ("least_cases", 1),
    ("most_clusters", 0),
])
def test_rules_that_cannot_be_are_refused(field: str, value: Any) -> None:
    with pytest.raises(ScanError, match=field):
        Rules(**{field: value})


@pytest.mark.parametrize(("places", "counts", "match"), [
    (grid(2), np.ones((3, 30), dtype=int), "places_m"),
    (grid(2) * np.nan, np.ones((4, 30), dtype=int), "finite"),
    (grid(2), np.full((4, 30), -1), "whole numbers"),
    (grid(2), np.ones((4, 30)), "whole numbers"),
    (grid(2), np.ones((4, 14), dtype=int), "most_days"),
    (np.zeros((MAX_PLACES + 1, 2)), np.zeros((MAX_PLACES + 1, 30), dtype=int), "at most"),
])
def test_counts_that_cannot_be_are_refused(places: Array, counts: Array, match: str) -> None:
    with pytest.raises(ScanError, match=match):
        scan(places, counts)
