"""One planar subdivision: noded lines, faces, and which faces share which border.

Faces made here agree on every vertex, so that areas add up and a border is the
same line for both neighbours. Coordinates are degrees rounded to 1e-7 (1 cm).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from data.areas.plane import Floats

Ints = npt.NDArray[np.int64]

DEGREES_DIGITS: Final = 7
_SCALE: Final = 10**DEGREES_DIGITS
#: Noding grid, coarser than the cutting grid (`split.SNAP_M`): a vertex that a cut left a few
#: millimetres beside its neighbour's edge is pulled onto it.
_NODE_M: Final = 0.1


def faces_of(polygons: Any, to_degrees: Callable[[Floats], Floats], *, step_m: float | None = None) -> Any:
    """Node the borders of polygons in metres and return the faces in degrees.

    Args:
        polygons: array of polygons in metres that touch or nearly touch.
        to_degrees: maps metres to degrees; may bend (see `plane.Warp`).
        step_m: longest straight piece before mapping; None keeps lines straight.
    """
    lines = shapely.union_all(shapely.boundary(polygons), grid_size=_NODE_M)
    return faces_of_lines(lines, to_degrees, step_m=step_m)


def faces_of_lines(lines: Any, to_degrees: Callable[[Floats], Floats], *, step_m: float | None = None) -> Any:
    """Faces in degrees of noded lines in metres; dangling ends are dropped."""
    parts = shapely.get_parts(lines)
    if step_m is not None:
        parts = shapely.segmentize(parts, step_m)
    coordinates, owner = shapely.get_coordinates(parts, return_index=True)
    distinct, inverse = np.unique(coordinates, axis=0, return_inverse=True)
    mapped = np.round(to_degrees(distinct), DEGREES_DIGITS)[inverse.reshape(-1)]
    # bending and rounding may cross lines that ran a few centimetres apart: node once more
    noded = shapely.union_all(shapely.linestrings(mapped, indices=owner), grid_size=1 / _SCALE)
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))


def labels_of(faces: Any, pieces: Any, to_metres: Callable[[Floats], Floats]) -> Ints:
    """For every face (degrees) the piece (metres) that it came from; -1 for a hole between pieces."""
    points = shapely.points(to_metres(shapely.get_coordinates(shapely.point_on_surface(faces))))
    labels = np.full(len(faces), -1, dtype=np.int64)
    face, piece = shapely.STRtree(pieces).query_nearest(points, max_distance=2 * _NODE_M, all_matches=False)
    labels[face] = piece
    return labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Borders:
    """Segments of a subdivision: ends (degrees) and the faces on either side (-1 = outside)."""

    start: Floats
    end: Floats
    left: Ints
    right: Ints

    @property
    def lines(self) -> Any:
        """Array of two-point lines, one per segment."""
        return shapely.linestrings(np.stack((self.start, self.end), axis=1))


def borders(polygons: Any) -> Borders:
    """Every segment of every ring once, with the one or two polygons it bounds.

    Args:
        polygons: array of (multi)polygons in degrees that share their vertices.
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    whole = np.round(coordinates * _SCALE).astype(np.int64)
    inner = ring[1:] == ring[:-1]
    start, end, face = whole[:-1][inner], whole[1:][inner], owner[ring[:-1][inner]]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start, end = np.where(swap[:, None], end, start), np.where(swap[:, None], start, end)
    order = np.lexsort((face, end[:, 1], end[:, 0], start[:, 1], start[:, 0]))
    start, end, face = start[order], end[order], face[order]
    same = np.zeros(len(start), dtype=bool)
    same[1:] = (start[1:] == start[:-1]).all(axis=1) & (end[1:] == end[:-1]).all(axis=1)
    first = np.flatnonzero(~same)
    paired = np.append(same[1:], False)[first] if len(first) else np.zeros(0, dtype=bool)
    right = np.where(paired, face[np.minimum(first + 1, len(face) - 1)], -1) if len(first) else face[first]
    return Borders(start=start[first] / _SCALE, end=end[first] / _SCALE, left=face[first], right=right)


def settle(labels: Ints, faces: Any, shared: Borders, groups: Ints) -> Ints:
    """Give stray faces of a label to the neighbour with the longest common border.

    Of all faces with one label the largest connected lump stays; the others move,
    first to a neighbour in the same group (community), else to any. A stray
    without neighbours (an island) keeps its label.

    Args:
        labels: one per face.
        groups: one per label value: what it belongs to.

    Returns:
        New labels; not modified in place.
    """
    result = labels.copy()
    stray = _strays(labels, faces, shared)
    length = np.hypot(*(shared.end - shared.start).T)
    for face in stray:
        mine = (shared.left == face) | (shared.right == face)
        other = np.where(shared.left[mine] == face, shared.right[mine], shared.left[mine])
        worth = length[mine][other >= 0]
        other = other[other >= 0]
        fits = ~np.isin(other, stray)
        other, worth = other[fits], worth[fits]
        if len(other) == 0:
            continue
        worth = worth + np.where(groups[result[other]] == groups[labels[face]], 1.0, 0.0)
        options, index = np.unique(result[other], return_inverse=True)
        result[face] = options[np.argmax(np.bincount(index, weights=worth))]
    return result


def _strays(labels: Ints, faces: Any, shared: Borders) -> Ints:
    inner = (shared.right >= 0) & (labels[shared.left] == labels[shared.right])
    left, right = shared.left[inner], shared.right[inner]
    count = len(faces)
    graph = coo_matrix((np.ones(len(left)), (left, right)), shape=(count, count))
    lump = connected_components(graph, directed=False)[1]
    touching = shared.right >= 0
    neighbours = np.concatenate((shared.left[touching], shared.right[touching]))
    island = np.bincount(neighbours, minlength=count) == 0
    size = np.where(island, 0.0, np.bincount(lump, weights=shapely.area(faces))[lump])
    best = np.zeros(int(labels.max()) + 1)
    np.maximum.at(best, labels, size)
    return np.flatnonzero((size < best[labels]) & ~island)


def absorb(faces: Any, size: Floats, least: float) -> Any:
    """Faces smaller than ``least`` joined to the neighbour with the longest common border."""
    shared = borders(faces)
    inner = shared.right >= 0
    left, right = shared.left[inner], shared.right[inner]
    length = np.hypot(*(shared.end - shared.start)[inner].T)
    owner = np.arange(len(faces))
    for face in np.argsort(size, kind="stable"):
        if size[face] >= least:
            break
        mine = (owner[left] == owner[face]) != (owner[right] == owner[face])
        other = np.where(owner[left] == owner[face], owner[right], owner[left])[mine]
        if len(other):
            options, index = np.unique(other, return_inverse=True)
            owner[owner == owner[face]] = options[np.argmax(np.bincount(index, weights=length[mine]))]
    return dissolve(faces, np.unique(owner, return_inverse=True)[1])


def dissolve(faces: Any, labels: Ints) -> Any:
    """One polygon per label 0…n-1 out of faces that share their vertices."""
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels))
    starts = np.concatenate(([0], ends[:-1]))
    merged = []
    for start, end in zip(starts, ends, strict=True):
        members = order[start:end]
        merged.append(faces[members[0]] if len(members) == 1 else shapely.coverage_union_all(faces[members]))
    return np.array(merged, dtype=object)
