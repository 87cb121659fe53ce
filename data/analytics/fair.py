"""Fair comparison of units: what of their rates is mix, what is chance, and who cannot be told apart.

Four steps, each on counts alone:

1. *Case mix*: indirect standardisation. A unit is expected to do as the whole does in each stratum
   (class of cases by way of report); its rate is scaled by how it does against that.
2. *Chance*: a funnel (Spiegelhalter 2005, Stat. Med. 24, 1185-1202) with mid-p binomial scores,
   winsorised over-dispersion, limits at 95 % and 99.8 %.
3. *Shrinkage*: a beta prior around what is expected of the unit. How strong it is all units tell
   together; every strength counts by how well it explains them, with a flat prior on the correlation
   within units, 1 / (1 + strength). The single likeliest strength would make the intervals of units
   that are much alike too short: 90 of 100 held the truth, 94 to 95 do now.
4. *Intervals and ranks*: of draws with a fixed seed, so that the same counts always compare alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from data.analytics.intervals import wilson

Array = npt.NDArray[np.float64]

#: Who has fewer cases than this is shown, and not ranked.
FEWEST: Final = 10
#: Standard scores of the funnel's limits: 95 % (to be watched) and 99.8 % (stands out).
WATCH_Z: Final = 1.959964
OUT_Z: Final = 3.090232
#: Draws for the ranks; fewer of very many units.
_DRAWS: Final = 2_000
_MOST_NUMBERS: Final = 640_000
_SEED: Final = 2005
_OF_DRAWS: Final = ("fair_low", "fair_high", "rank", "rank_low", "rank_high")
#: Shares of the scores that are pulled in before over-dispersion is measured.
_WINSOR: Final = 0.1
#: Strengths of the prior that are weighed against each other, in cases.
_STRENGTHS: Final = np.geomspace(1.0, 1e5, 36)


class _Seen(NamedTuple):
    """Counts of units, what is expected of each, and the rate of the whole (both kept off 0 and 1)."""

    part: Array
    whole: Array
    target: Array
    overall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Units beside each other.

    Attributes:
        rows: one row per unit, the ranked ones first, best first; then those not ranked, most cases
            first. Columns: ``code``; ``part, whole`` (counts); ``rate, low, high`` (raw, Wilson's 95 %);
            ``expected`` (rate that the whole would have with this unit's cases); ``adjusted`` (rate at
            the mix of the whole); ``fair, fair_low, fair_high`` (the same, shrunk; 95 %); ``z`` (score
            of the funnel); ``flag`` (``high, low``: beyond 99.8 %; ``watch_high, watch_low``: beyond
            95 %; ''); ``rank, rank_low, rank_high`` (95 %); ``like_above`` (cannot be told apart from
            the unit ranked before it). NaN where there are no cases or no rank.
        overall: the rate of the whole; None without cases.
        spread: over-dispersion, the factor on the variance; 1 where chance alone explains the units.
        strength: cases that the prior is worth, the weighted geometric mean.
    """

    rows: pd.DataFrame
    overall: float | None
    spread: float
    strength: float


def compare(strata: pd.DataFrame, *, less_is_better: bool = False, fewest: int = FEWEST,
            is_ranked: bool = True) -> Comparison:
    """Compare units fairly.

    Args:
        strata: ``code`` (of the unit), ``stratum`` (any text), ``part`` and ``whole`` (counts,
            ``part`` of ``whole``); a row per unit and stratum that occur together.
        less_is_better: the smallest rate is ranked first.
        fewest: units with fewer cases are not ranked.
        is_ranked: False leaves out what needs draws, intervals and ranks: their columns are NaN.

    Raises:
        ValueError: a part that is negative or more than its whole.
    """
    if bool(((strata["part"] < 0) | (strata["part"] > strata["whole"])).any()):
        raise ValueError("part must be 0..whole in every row; compare only shares of cases")
    units = _expected(strata)
    part, whole = (units[name].to_numpy(float) for name in ("part", "whole"))
    total = whole.sum()
    if not total:
        return Comparison(rows=_empty(units), overall=None, spread=1.0, strength=1.0)
    overall, edge = float(part.sum() / total), 0.5 / (total + 1)
    target = np.clip(units["expected"].fillna(overall).to_numpy(float), edge, 1 - edge)
    seen = _Seen(part, whole, target, float(np.clip(overall, edge, 1 - edge)))
    has, scores = whole > 0, np.full(len(units), np.nan)
    scores[has] = _scores(part[has], whole[has], target[has])
    spread, weights = _spread(scores[has]), _weights(part[has], whole[has], target[has])
    blank = np.where(has, 0.0, np.nan)
    units["adjusted"] = _common(part / np.maximum(whole, 1), seen) + blank
    units["fair"] = _common(_mean(seen, weights), seen) + blank
    units["z"] = scores / np.sqrt(spread)
    units["flag"] = _flags(units["z"].to_numpy(float))
    rows = units.assign(**dict.fromkeys(_OF_DRAWS, np.nan), like_above=False)
    if is_ranked:
        drawn = _drawn(seen, weights)
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        units["fair_low"], units["fair_high"] = low + blank, high + blank
        rows = _ranked(units, drawn, less_is_better=less_is_better, fewest=fewest)
    return Comparison(rows=rows, overall=overall, spread=spread,
                      strength=float(np.exp(weights @ np.log(_STRENGTHS))))


def funnel(overall: float, wholes: Array, z: float, spread: float = 1.0) -> tuple[Array, Array]:
    """Lower and upper limit of the rate for units of some sizes, where all units are alike.

    Args:
        overall: the rate of the whole, 0..1.
        wholes: numbers of cases, 1 or more.
        z: `WATCH_Z` or `OUT_Z`.
        spread: as of `Comparison`.
    """
    reach = float(special.ndtr(z * np.sqrt(spread)))
    return tuple(_quantile(share, wholes, overall) for share in (1 - reach, reach))  # type: ignore[return-value]


def _expected(strata: pd.DataFrame) -> pd.DataFrame:
    """One row per unit, by code: ``code, part, whole, rate, low, high, expected``."""
    sums = strata.groupby("stratum")[["part", "whole"]].transform("sum")
    rates = (sums["part"] / sums["whole"].where(sums["whole"] > 0)).fillna(0.0)
    found = strata.assign(expects=strata["whole"] * rates).groupby("code", as_index=False)[
        ["part", "whole", "expects"]].sum()
    has = found["whole"].where(found["whole"] > 0)
    bands = [wilson(int(part), int(whole)) or (np.nan, np.nan)
             for part, whole in zip(found["part"], found["whole"], strict=True)]
    return found.assign(rate=found["part"] / has, low=[band[0] for band in bands],
                        high=[band[1] for band in bands], expected=found["expects"] / has,
                        ).drop(columns="expects")


def _empty(units: pd.DataFrame) -> pd.DataFrame:
    names = ("adjusted", "fair", "z", *_OF_DRAWS)
    return units.assign(**dict.fromkeys(names, np.nan), flag="", like_above=False)


def _common(rate: Array, seen: _Seen) -> Array:
    """The rate of units at the mix of the whole: the rarer outcome is scaled, so that it stays in 0..1."""
    middle, target = seen.overall, seen.target
    scaled = 1 - (1 - rate) / (1 - target) * (1 - middle) if middle > 0.5 else rate / target * middle
    return np.clip(scaled, 0.0, 1.0)


def _scores(part: Array, whole: Array, target: Array) -> Array:
    """Standard scores of mid-p probabilities; what is all but impossible is ±8.

    From the nearer end, where probabilities are still told from each other.
    """
    half = 0.5 * stats.binom.pmf(part, whole, target)
    below = stats.binom.cdf(part - 1, whole, target) + half
    above = stats.binom.sf(part, whole, target) + half
    return np.clip(np.where(below < above, special.ndtri(below), -special.ndtri(above)), -8.0, 8.0)


def _spread(scores: Array) -> float:
    """The winsorised mean square, where it is more than chance would give; Spiegelhalter 2005, 3.3."""
    if len(scores) < 3:
        return 1.0
    low, high = np.quantile(scores, [_WINSOR, 1 - _WINSOR])
    found = float(np.mean(np.clip(scores, low, high) ** 2))
    return found if found > 1 + 2 * np.sqrt(2 / len(scores)) else 1.0


def _weights(part: Array, whole: Array, target: Array) -> Array:
    """How well each of `_STRENGTHS` explains the units; they sum to 1."""
    strength = _STRENGTHS[:, None]
    alpha, beta = strength * target, strength * (1 - target)
    told = (special.betaln(part + alpha, whole - part + beta) - special.betaln(alpha, beta)).sum(axis=1)
    # flat in the correlation 1 / (1 + strength), on a grid that is even in the logarithm
    told += np.log(_STRENGTHS) - 2 * np.log1p(_STRENGTHS)
    found = np.exp(told - told.max())
    return np.asarray(found / found.sum())


def _mean(seen: _Seen, weights: Array) -> Array:
    """The mean of the posterior."""
    strength = _STRENGTHS[:, None]
    means = (seen.part + strength * seen.target) / (seen.whole + strength)
    return np.asarray(weights @ means)


def _drawn(seen: _Seen, weights: Array) -> Array:
    """Draws of the rates at the mix of the whole, draws x units; all units of a draw share one strength."""
    draws = int(min(_DRAWS, max(400, _MOST_NUMBERS // len(seen.part))))
    rng = np.random.default_rng(_SEED)
    strength = rng.choice(_STRENGTHS, draws, p=weights)[:, None]
    left = seen.whole - seen.part
    return _common(rng.beta(seen.part + strength * seen.target, left + strength * (1 - seen.target)), seen)


def _flags(scores: Array) -> list[str]:
    ends = (("high", OUT_Z), ("watch_high", WATCH_Z))
    return [next((name for name, z in ends if score > z),
                 next((name.replace("high", "low") for name, z in ends if score < -z), ""))
            for score in scores]


def _ranked(units: pd.DataFrame, drawn: Array, *, less_is_better: bool, fewest: int) -> pd.DataFrame:
    """The rows in order with their ranks."""
    in_it = np.flatnonzero((units["whole"] >= max(fewest, 1)).to_numpy())
    fair = units["fair"].to_numpy(float)[in_it]
    order = in_it[np.lexsort((units["code"].to_numpy()[in_it], fair if less_is_better else -fair))]
    others = np.setdiff1d(np.arange(len(units)), order)
    rest = units.iloc[others].sort_values(["whole", "code"], ascending=[False, True])
    rows = pd.concat([units.iloc[order], rest], ignore_index=True)
    ranks = _ranks(drawn[:, order] if less_is_better else -drawn[:, order])
    for name, values in ranks.items():
        fill: Any = False if name == "like_above" else np.nan
        rows[name] = [*values, *[fill] * (len(rows) - len(order))]
    return rows


def _ranks(drawn: Array) -> dict[str, Any]:
    """Ranks of units that stand in order, from draws of what is better the smaller it is."""
    count = drawn.shape[1]
    if not count:
        return {"rank": [], "rank_low": [], "rank_high": [], "like_above": []}
    places = np.empty(drawn.shape, dtype=np.int32)
    np.put_along_axis(places, drawn.argsort(axis=1), np.arange(1, count + 1, dtype=np.int32)[None, :], axis=1)
    low, high = np.quantile(places, [0.025, 0.975], axis=0, method="nearest")
    behind = (drawn[:, 1:] > drawn[:, :-1]).mean(axis=0)
    rank = np.arange(1, count + 1)
    return {"rank": rank, "rank_low": np.minimum(low, rank), "rank_high": np.maximum(high, rank),
            "like_above": [False, *(behind < 0.975)]}


def _quantile(share: float, wholes: Array, rate: float) -> Array:
    """The rate at which the mid-p distribution reaches a share; between whole cases on a straight line."""
    near = stats.binom.ppf(share, wholes, rate)
    steps = np.clip(near[:, None] + np.arange(-2, 3), 0, wholes[:, None])
    reached = (stats.binom.cdf(steps - 1, wholes[:, None], rate)
               + 0.5 * stats.binom.pmf(steps, wholes[:, None], rate))
    found = [np.interp(share, up, at) for up, at in zip(reached, steps, strict=True)]
    return np.array(found) / wholes
