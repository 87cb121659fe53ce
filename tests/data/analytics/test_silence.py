"""Silence: intervals that hold, planted silent grids that are found, and few false alarms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.analytics.silence import silence

GRIDS = 400


def simulated(seed: int, *, spread: float = 0.0, hours: bool = True) -> pd.DataFrame:
    """Grids that report as the model says; ``spread``: over-dispersion."""
    rng = np.random.default_rng(seed)
    people = rng.integers(300, 1800, GRIDS)
    walked = rng.gamma(3, 12, GRIDS) if hours else np.zeros(GRIDS)
    mean = 12 * (people / 900) ** 0.8 * ((1 + walked) / 30) ** (0.4 if hours else 0)
    size = mean if not spread else mean * rng.gamma(1 / spread, spread, GRIDS)
    return pd.DataFrame({"code": [f"{n:04d}" for n in range(GRIDS)], "cases": rng.poisson(size),
                         "people": people, "hours": walked, "mean": mean})


@pytest.mark.parametrize(("spread", "hours"), [(0.0, True), (0.15, True), (0.3, False)])
def test_intervals_hold_what_they_say(spread: float, hours: bool) -> None:
    held, alarms = [], []
    for seed in range(8):
        found = silence(simulated(seed, spread=spread, hours=hours))
        held.append(((found["cases"] >= found["low"]) & (found["cases"] <= found["high"])).mean())
        alarms.append((found["flag"] == "silent").mean())
    assert 0.93 <= np.mean(held) <= 0.98
    assert np.mean(alarms) <= 0.003


def test_expectations_follow_people_and_hours() -> None:
    told = simulated(3)
    found = silence(told).set_index("code").reindex(told["code"])
    assert np.corrcoef(found["expected"], told["mean"])[0, 1] > 0.97
    assert found["expected"].sum() == pytest.approx(told["cases"].sum(), rel=0.01)


def test_grids_that_fell_silent_are_found() -> None:
    told = simulated(5, spread=0.1)
    told.loc[:5, ["cases", "people", "hours"]] = [[0, 1700, 60]] * 6
    found = silence(told)
    assert set(found[found["flag"] == "silent"]["code"]) == {f"{n:04d}" for n in range(6)}
    assert list(found["p"]) == sorted(found["p"])


def test_grids_without_people_or_too_few_are_told() -> None:
    told = simulated(1)
    told.loc[:9, "people"] = 0
    assert len(silence(told)) == GRIDS - 10
    with pytest.raises(ValueError, match="at least 30, got 12"):
        silence(told.iloc[10:22])
    nothing = silence(told.assign(cases=0))
    assert set(nothing["flag"]) == {""}
