"""Ways along the road network, one for each grid, to put officers and cases on.

A way is a polyline of the network's own segments that lie in a grid or on its
border; an officer goes to and fro on it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Strings = npt.NDArray[np.object_]

#: Segments count as a grid's own up to this far outside it (degrees, about 25 m).
REACH_DEG: Final = 0.00023
#: A way ends when it is this long or has this many segments.
LENGTH_M: Final = 4_000.0
MAX_STEPS: Final = 160
#: Space between two ways on the common axis of distances, metres.
_GAP_M: Final = 1_000.0
_M_PER_DEG: Final = 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Walks:
    """Polylines laid end to end: way ``i`` covers ``[start_m[i], start_m[i] + length_m[i]]``.

    Attributes:
        start_m, length_m: per way, metres on the common axis.
        vertex_m, lon, lat: per vertex, in the order of the axis, EPSG:4326.
        bearing: per vertex, direction of the segment that begins there (degrees
            clockwise from north).
    """

    start_m: Floats
    length_m: Floats
    vertex_m: Floats
    lon: Floats
    lat: Floats
    bearing: Floats

    def at(self, way: Ints, distance_m: Floats) -> tuple[Floats, Floats, Floats]:
        """Where somebody is who has gone ``distance_m`` to and fro on a way.

        Returns:
            lon, lat and heading in degrees clockwise from north, same shape as ``way``.
        """
        length = np.maximum(self.length_m[way], 1.0)
        phase = np.mod(distance_m, 2 * length)
        back = phase > length
        on_axis = self.start_m[way] + np.where(back, 2 * length - phase, phase)
        segment = np.clip(np.searchsorted(self.vertex_m, on_axis, side="right") - 1, 0, self.lon.size - 1)
        heading = np.mod(self.bearing[segment] + np.where(back, 180.0, 0.0), 360.0)
        lon = np.interp(on_axis, self.vertex_m, self.lon)
        return lon, np.interp(on_axis, self.vertex_m, self.lat), heading


def build_walks(roads: Strings, shapes: Strings, rng: np.random.Generator) -> Walks:
    """Find a way for every grid.

    Args:
        roads: LineStrings (or multi-part) of the network, EPSG:4326.
        shapes: one polygon per grid, EPSG:4326; a grid without any road is
            walked round its own border.
        rng: chooses where a way turns.
    """
    start, end = _segments(roads)
    unique, numbers = np.unique(np.round(np.vstack([start, end]), 6), axis=0, return_inverse=True)
    nodes, numbers = np.asarray(unique, dtype=np.float64), numbers.reshape(-1)
    first, second = numbers[: len(start)], numbers[len(start):]
    tree = shapely.STRtree(shapely.linestrings(np.stack([start, end], axis=1)))
    near = shapely.buffer(shapes, REACH_DEG, quad_segs=2)
    shapely.prepare(near)
    grid, segment = tree.query(near, predicate="contains")
    order = np.argsort(grid, kind="stable")
    grid, segment = grid[order], segment[order]
    bounds = np.searchsorted(grid, np.arange(len(shapes) + 1))
    ways: list[Floats] = []
    for i in range(len(shapes)):
        own = segment[bounds[i]:bounds[i + 1]]
        found = _wander(first[own], second[own], nodes, rng) if own.size else None
        ways.append(_border(shapes[i]) if found is None else nodes[found])
    return _lay_out(ways)


def _border(shape: shapely.Geometry) -> Floats:
    """The outer ring of a grid's largest part."""
    largest = max(shapely.get_parts(shape), key=shapely.area)
    return np.asarray(shapely.get_coordinates(shapely.get_exterior_ring(largest)), dtype=float)


def _segments(roads: Strings) -> tuple[Floats, Floats]:
    """Every stretch between two vertices of the network, without zero-length ones."""
    parts = shapely.get_parts(roads)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[:-1] == part[1:]
    start, end = xy[:-1][joined], xy[1:][joined]
    real = np.any(np.round(start, 6) != np.round(end, 6), axis=1)
    return start[real], end[real]


def _wander(first: Ints, second: Ints, nodes: Floats, rng: np.random.Generator) -> list[int] | None:
    """Nodes of a walk that prefers segments it has used least; None when it is too short to matter."""
    ends: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for edge, (a, b) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        ends[a].append((b, edge))
        ends[b].append((a, edge))
    lengths = _metres(nodes[first], nodes[second])
    used = [0] * len(first)
    at = max(ends, key=lambda node: (len(ends[node]), -node))
    path, total = [at], 0.0
    draws = rng.random(MAX_STEPS).tolist()
    for draw in draws:
        choices = ends[at]
        least = min(used[edge] for _, edge in choices)
        fresh = [choice for choice in choices if used[choice[1]] == least]
        at, edge = fresh[int(draw * len(fresh))]
        used[edge] += 1
        path.append(at)
        total += float(lengths[edge])
        if total >= LENGTH_M:
            break
    return path if total >= 50.0 else None


def _metres(start: Floats, end: Floats) -> Floats:
    """Lengths of short stretches on a local plane."""
    east = (end[:, 0] - start[:, 0]) * _M_PER_DEG * np.cos(np.radians((start[:, 1] + end[:, 1]) / 2))
    return np.hypot(east, (end[:, 1] - start[:, 1]) * _M_PER_DEG)


def _lay_out(ways: list[Floats]) -> Walks:
    """Put polylines one behind the other on a common axis."""
    sizes = np.array([len(way) for way in ways])
    xy = np.vstack(ways)
    step = np.concatenate([[0.0], _metres(xy[:-1], xy[1:])])
    heads = np.cumsum(sizes) - sizes
    step[heads] = _GAP_M
    vertex = np.cumsum(step)
    east = np.diff(xy[:, 0], append=xy[-1, 0]) * np.cos(np.radians(xy[:, 1]))
    north = np.diff(xy[:, 1], append=xy[-1, 1])
    tails = heads + sizes - 1
    bearing = np.mod(np.degrees(np.arctan2(east, north)), 360.0)
    bearing[tails] = bearing[np.maximum(tails - 1, 0)]
    return Walks(start_m=vertex[heads], length_m=vertex[tails] - vertex[heads], vertex_m=vertex,
                 lon=xy[:, 0].copy(), lat=xy[:, 1].copy(), bearing=bearing)
