"""Small random draws that are the same for the same seed on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Strings = npt.NDArray[np.object_]


def stream(seed: int, *path: int) -> np.random.Generator:
    """An independent generator for one part of the demo, so that parts do not disturb each other."""
    return np.random.default_rng([seed, *path])


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Positions drawn by weight (weights need not sum to one)."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(edges, rng.random(size) * edges[-1], side="right").clip(0, len(edges) - 1)


def pick_by_row(rng: np.random.Generator, weights: Floats, row: Ints) -> Ints:
    """For each row number a column of ``weights`` (rows x columns), drawn by that row's weights."""
    found = np.empty(row.size, dtype=np.int64)
    for number in np.unique(row):
        chosen = row == number
        found[chosen] = pick(rng, weights[number], int(chosen.sum()))
    return found


def pick_key(rng: np.random.Generator, shares: Mapping[Any, float], size: int) -> npt.NDArray[Any]:
    """Keys of a mapping drawn by their shares."""
    return np.array(list(shares))[pick(rng, list(shares.values()), size)]


def where_else_none(chosen: Flags, values: npt.NDArray[Any]) -> Strings:
    """The values where chosen, None elsewhere."""
    found = np.full(values.size, None, dtype=object)
    found[chosen] = values[chosen]
    return found


def rake(start: Floats, rows: Floats, columns: Floats, rounds: int = 30) -> Floats:
    """Scale a table so that its rows and columns sum to the given margins (iterative fitting)."""
    table = start.copy()
    for _ in range(rounds):
        table *= (rows / table.sum(axis=1))[:, None]
        table *= columns / table.sum(axis=0)
    return table
