"""The circles of a scan: around each place its nearest ones, one more at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.signedinteger[Any]]
Floats = npt.NDArray[np.float64]

_ROWS_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Circle k (from 0) around place i holds the places ``order[i, :k + 1]``, i itself first.

    Attributes:
        order: (n, K) indices of places by distance; equal distances by index.
        radius_m: (n, K) distance of the last place of each circle in metres.
        depth: (n,) how many circles around each place may be a cluster; the columns after mean nothing.
    """

    order: Ints
    radius_m: Floats
    depth: Ints

    def free_of(self, taken: npt.NDArray[np.bool_]) -> Zones:
        """Only the circles that hold none of the ``taken`` places ((n,) of true and false)."""
        if not self.order.size:
            return self
        held = taken[self.order]
        first = np.where(held.any(axis=1), held.argmax(axis=1), self.order.shape[1])
        return Zones(order=self.order, radius_m=self.radius_m, depth=np.minimum(self.depth, first))


def circles(places_m: Floats, totals: Ints, *, most_cases: float, radius_m: float) -> Zones:
    """The circles around each place that are no wider than ``radius_m`` and hold no more than ``most_cases``.

    Args:
        places_m: (n, 2) metres in a plane.
        totals: (n,) cases at each place in the whole time.
        most_cases: a circle with more than these is the rule, not the exception.
        radius_m: metres between the middle and the furthest place.
    """
    count = len(places_m)
    orders, radii, depth = [], [], np.zeros(count, dtype=np.int64)
    for start in range(0, count, _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        away = np.hypot(places_m[rows, None, 0] - places_m[None, :, 0],
                        places_m[rows, None, 1] - places_m[None, :, 1])
        away[np.arange(len(away)), np.arange(start, start + len(away))] = -1.0  # itself before its twins
        order = np.argsort(away, axis=1, kind="stable")
        radius = np.maximum(np.take_along_axis(away, order, axis=1), 0.0)
        allowed = (radius <= radius_m) & (np.cumsum(totals[order], axis=1) <= most_cases)
        depth[rows] = allowed.sum(axis=1)  # both grow along a row, so the allowed ones come first
        width = int(depth[rows].max(initial=0))
        orders.append(order[:, :width].astype(np.int32))
        radii.append(radius[:, :width])
    widest = int(depth.max(initial=0))
    return Zones(order=_side_by_side(orders, widest, np.int32), radius_m=_side_by_side(radii, widest, float),
                 depth=depth)


def _side_by_side(parts: list[npt.NDArray[Any]], width: int, kind: type) -> npt.NDArray[Any]:
    """Parts of different widths under each other, filled with zeros."""
    found: npt.NDArray[Any] = np.zeros((sum(len(part) for part in parts), width), dtype=kind)
    at = 0
    for part in parts:
        found[at:at + len(part), :part.shape[1]] = part
        at += len(part)
    return found
