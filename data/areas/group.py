"""Grouping the faces of a road network into connected areas of about equal size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra

from data.areas.cells import Ints, borders
from data.areas.plane import Floats, Plane

_LLOYD_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class Atoms:
    """Faces that are never cut again: middle and size in metres, and who touches whom."""

    middle: Floats
    area: Floats
    graph: csr_matrix

    def subset(self, members: Ints) -> Atoms:
        """The same for some of the faces, renumbered in that order."""
        return Atoms(self.middle[members], self.area[members], self.graph[members][:, members])


def atoms_of(faces: Any, plane: Plane) -> Atoms:
    """Neighbourhood of faces in degrees that share their vertices; edges weigh metres."""
    metres = plane.metres(faces)
    middle = shapely.get_coordinates(shapely.centroid(metres))
    shared = borders(faces)
    inner = shared.right >= 0
    left, right = shared.left[inner], shared.right[inner]
    pairs = np.unique(np.column_stack((np.minimum(left, right), np.maximum(left, right))), axis=0)
    weight = np.hypot(*(middle[pairs[:, 0]] - middle[pairs[:, 1]]).T) + 1.0
    graph = coo_matrix((weight, (pairs[:, 0], pairs[:, 1])), shape=(len(faces), len(faces))).tocsr()
    return Atoms(middle, shapely.area(metres), graph)


def grow(atoms: Atoms, seeds: Ints) -> Ints:
    """The seed (0…) that reaches each face first over shared borders.

    Groups are connected; a face that no seed reaches (an island) goes to the
    seed nearest as the crow flies.
    """
    _, _, source = dijkstra(atoms.graph, directed=False, indices=seeds, min_only=True,
                            return_predecessors=True)
    rank = np.full(len(atoms.area), -1, dtype=np.int64)
    rank[seeds] = np.arange(len(seeds))
    labels = np.where(source >= 0, rank[np.maximum(source, 0)], -1)
    stranded = np.flatnonzero(labels < 0)
    if len(stranded):
        apart = np.hypot(*(atoms.middle[stranded][:, None] - atoms.middle[seeds][None]).transpose(2, 0, 1))
        labels[stranded] = apart.argmin(axis=1)
    return labels


def group(atoms: Atoms, count: int) -> Ints:
    """Labels 0…count-1 of connected groups of about equal size; every label occurs."""
    count = max(1, min(count, len(atoms.area)))
    seeds = _spread(atoms, count)
    labels = grow(atoms, seeds)
    for _ in range(_LLOYD_ROUNDS):
        moved = _centres(atoms, labels, count)
        if np.array_equal(moved, seeds):
            break
        seeds = moved
        labels = grow(atoms, seeds)
    return labels


def _spread(atoms: Atoms, count: int) -> Ints:
    """Seeds far from each other, the first in the south-west."""
    chosen = [int(np.argmin(atoms.middle.sum(axis=1)))]
    distance = np.hypot(*(atoms.middle - atoms.middle[chosen[0]]).T)
    while len(chosen) < count:
        distance[chosen] = -1.0
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, np.hypot(*(atoms.middle - atoms.middle[chosen[-1]]).T))
    return np.array(chosen, dtype=np.int64)


def _centres(atoms: Atoms, labels: Ints, count: int) -> Ints:
    """The member of each group nearest to its centre of mass."""
    weight = np.maximum(np.bincount(labels, weights=atoms.area, minlength=count), 1e-9)
    centre = np.column_stack([np.bincount(labels, weights=atoms.area * atoms.middle[:, axis], minlength=count)
                              / weight for axis in (0, 1)])
    off = np.hypot(*(atoms.middle - centre[labels]).T)
    order = np.lexsort((off, labels))
    first = np.searchsorted(labels[order], np.arange(count))
    return order[first]


def in_order(atoms: Atoms, labels: Ints) -> Ints:
    """Labels renumbered from north to south, west to east in bands, so that codes read like a page."""
    count = int(labels.max()) + 1
    weight = np.maximum(np.bincount(labels, weights=atoms.area, minlength=count), 1e-9)
    x, y = (np.bincount(labels, weights=atoms.area * atoms.middle[:, axis], minlength=count) / weight
            for axis in (0, 1))
    band = max((y.max() - y.min()) / max(np.sqrt(count), 1.0), 1.0)
    order = np.lexsort((x, -np.floor(y / band)))
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    return rank[labels]
