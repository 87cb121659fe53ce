"""Cutting one polygon into many along slightly jogged lines, like street blocks.

All work is in metres in a plane where roads run along the axes. A cell
remembers the path of cuts that made it ('0' below, '1' above, one letter per
cut), so the cut between two neighbours is the first place where their paths
differ: that is how a border finds its road.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from data.areas.plane import Floats

#: All overlays snap to this many metres, so that neighbours agree on every vertex.
SNAP_M: Final = 0.01
_FAR_M: Final = 1e6


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of the whole, the cuts that made it, and the number of its seed or part."""

    polygon: Any
    path: str
    index: int


def snapped(polygon: Any) -> Any:
    """A polygon on the snapping grid, ready to be cut."""
    return shapely.set_precision(polygon, SNAP_M)


def _below(polygon: Any, axis: int, at: float) -> float:
    west, south, east, north = polygon.bounds
    box = (west, south, at, north) if axis == 0 else (west, south, east, at)
    return float(shapely.area(shapely.clip_by_rect(polygon, *box)))


def position_of_share(polygon: Any, axis: int, share: float, between: tuple[float, float] | None = None
                      ) -> float:
    """Where a straight cut leaves ``share`` of the area below it, within ``between`` if given."""
    low, high = between or (polygon.bounds[axis], polygon.bounds[axis + 2])
    wanted = share * polygon.area
    for _ in range(18):
        middle = (low + high) / 2
        low, high = (middle, high) if _below(polygon, axis, middle) < wanted else (low, middle)
    return (low + high) / 2


def cut(polygon: Any, axis: int, at: float, jog_m: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """Cut across ``axis`` at a position; the line is jogged by up to ``jog_m``."""
    across = 1 - axis
    start, end = polygon.bounds[across] - 1.0, polygon.bounds[across + 2] + 1.0
    knots = 2 + min(12, int((end - start) / 450))
    along = np.linspace(start, end, knots)
    if knots > 2:
        along[1:-1] += rng.uniform(-0.25, 0.25, knots - 2) * (along[1] - along[0])
    line = np.empty((knots, 2))
    line[:, across] = along
    line[:, axis] = at + rng.uniform(-jog_m, jog_m, knots)
    corners = np.array([line[-1], line[0]])
    corners[:, axis] = -_FAR_M
    half = shapely.Polygon(np.concatenate((line, corners)))
    return (shapely.intersection(polygon, half, grid_size=SNAP_M),
            shapely.difference(polygon, half, grid_size=SNAP_M))


def split_by_weights(polygon: Any, weights: Sequence[float], rng: np.random.Generator, *,
                     path: str = "", jog: float = 0.08, unevenness: float = 0.06) -> list[Cell]:
    """Cut into ``len(weights)`` cells whose areas are roughly in proportion to the weights.

    Args:
        polygon: metres, snapped.
        weights: one positive number per cell.
        rng: source of the jogs; the same state gives the same cells.
        path: cuts already made above.
        jog: jog of a cut as a share of the narrower side.
        unevenness: random shift of the share of each cut, as a fraction.

    Returns:
        Cells in an order where consecutive ones are mostly neighbours.
    """
    return _by_weights(polygon, list(weights), 0, rng, (path, jog, unevenness))


def _by_weights(polygon: Any, weights: list[float], first: int, rng: np.random.Generator,
                style: tuple[str, float, float]) -> list[Cell]:
    path, jog, unevenness = style
    if len(weights) == 1:
        return [Cell(polygon, path, first)]
    sums = np.cumsum(weights)
    half = int(np.clip(np.searchsorted(sums, sums[-1] / 2) + 1, 1, len(weights) - 1))
    if half > 1 and abs(sums[half - 2] - sums[-1] / 2) < abs(sums[half - 1] - sums[-1] / 2):
        half -= 1
    share = float(sums[half - 1] / sums[-1]) * (1 + rng.uniform(-unevenness, unevenness))
    west, south, east, north = polygon.bounds
    axis = 0 if east - west >= north - south else 1
    at = position_of_share(polygon, axis, share)
    size = min(at - polygon.bounds[axis], polygon.bounds[axis + 2] - at, east - west, north - south)
    low, high = cut(polygon, axis, at, jog * size, rng)
    return (_by_weights(low, weights[:half], first, rng, (path + "0", jog, unevenness))
            + _by_weights(high, weights[half:], first + half, rng, (path + "1", jog, unevenness)))


def split_by_seeds(polygon: Any, seeds: Floats, weights: Sequence[float], rng: np.random.Generator, *,
                   path: str = "") -> list[Cell]:
    """Cut so that every seed (a centre, metres) has a cell of its own around it.

    The cut runs between seeds; within that freedom it gives each side its share
    of the area by ``weights``. Seeds at the very same place are separated too.
    """
    return _by_seeds(polygon, np.asarray(seeds, dtype=float), np.asarray(weights, dtype=float),
                     np.arange(len(seeds)), rng, path)


def _by_seeds(polygon: Any, seeds: Floats, weights: Floats, who: Any, rng: np.random.Generator,
              path: str) -> list[Cell]:
    if len(who) == 1:
        return [Cell(polygon, path, int(who[0]))]
    axis, order, half = _best_gap(polygon, seeds, weights)
    values = seeds[order, axis]
    left, right = float(values[half - 1]), float(values[half])
    gap = right - left
    share = float(weights[order[:half]].sum() / weights.sum())
    at = position_of_share(polygon, axis, share, (left + 0.25 * gap, right - 0.25 * gap))
    low, high = cut(polygon, axis, at, min(0.2 * gap, 90.0), rng)
    first, second = order[:half], order[half:]
    return (_by_seeds(low, seeds[first], weights[first], who[first], rng, path + "0")
            + _by_seeds(high, seeds[second], weights[second], who[second], rng, path + "1"))


def _elongation(polygon: Any, axis: int, at: float) -> float:
    """How much longer than wide the two sides of a cut would be, above 1.4 each."""
    across = polygon.bounds[3 - axis] - polygon.bounds[1 - axis]
    sides = (at - polygon.bounds[axis], polygon.bounds[axis + 2] - at)
    return sum(max(0.0, max(across, side) / max(min(across, side), 1.0) - 1.4) for side in sides)


def _best_gap(polygon: Any, seeds: Floats, weights: Floats) -> tuple[int, Any, int]:
    """The axis and place between two seeds where a cut comes closest to the shares wanted."""
    best: tuple[float, int, Any, int] | None = None
    area = polygon.area
    for axis in (0, 1):
        order = np.argsort(seeds[:, axis], kind="stable")
        values = seeds[order, axis]
        extent = polygon.bounds[axis + 2] - polygon.bounds[axis]
        for half in range(1, len(order)):
            gap = float(values[half] - values[half - 1])
            got = _below(polygon, axis, float(values[half] + values[half - 1]) / 2) / area
            wanted = float(weights[order[:half]].sum() / weights.sum())
            score = abs(got - wanted) + 0.25 * abs(half / len(order) - 0.5) - 2.0 * min(gap / extent, 0.15)
            score += 0.12 * _elongation(polygon, axis, float(values[half] + values[half - 1]) / 2)
            if gap <= 0:
                score += 10
            if best is None or score < best[0]:
                best = (score, axis, order, half)
    assert best is not None  # noqa: S101 - at least two seeds
    return best[1:]
