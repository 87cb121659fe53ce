"""The roads of a district as a graph: how far by road from one point to many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from data.areas.plane import Floats, Plane, plane_of
from data.memo import Memo

#: Longer pieces are cut, so that a point meets its road within half of it.
STEP_M: Final = 50.0
#: Vertices closer than this are one crossing.
JOIN_M: Final = 0.5
#: A point farther from every road cannot be reached by road.
MAX_OFF_M: Final = 400.0
#: Points whose ways are kept: a card that is drawn anew with each change asks for the same ones.
_KEPT_POINTS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadNetwork:
    """Roads cut into short pieces.

    They are joined where they share a vertex: lines that only cross are a bridge and its underpass.
    Every road is open in both directions, since the store does not know one-way streets.

    Attributes:
        plane: metres around the middle of the roads.
        nodes: (n, 2) vertices in metres.
        graph: n x n lengths of the pieces in metres, one direction of each.
        tree: of ``nodes``; None without roads.
    """

    plane: Plane
    nodes: Floats
    graph: csr_array
    tree: KDTree | None
    _ways: Memo = field(default_factory=lambda: Memo(_KEPT_POINTS), repr=False, compare=False)
    _trees: Memo = field(default_factory=lambda: Memo(_KEPT_POINTS), repr=False, compare=False)

    def metres(self, lon: float, lat: float, places: Floats, *, reach_m: float) -> Floats:
        """Metres by road from a point to each of some places.

        The way between a point and its nearest vertex counts as the crow flies.

        Args:
            lon: of the point, EPSG:4326 degrees; so is ``lat``.
            places: (m, 2) of longitude and latitude.
            reach_m: how far is looked.

        Returns:
            m lengths; inf where none is within reach, no road is near, or the place has no coordinates.
        """
        if self.tree is None or not len(places):
            return np.full(len(places), np.inf)
        known: Any = np.isfinite(places).all(axis=1)
        off, node = self.tree.query(self.plane.to_metres(np.where(known[:, None], places, 0.0)))
        total = self._from(lon, lat, reach_m)[node] + off
        near = known & (off <= MAX_OFF_M) & (total <= reach_m)
        return np.where(near, total, np.inf)

    def way(self, lon: float, lat: float, to_lon: float, to_lat: float, *, reach_m: float
            ) -> tuple[float, list[list[float]]] | None:
        """The shortest way by road between two points, in EPSG:4326 degrees.

        Returns:
            Metres, as of `metres`; and longitude and latitude of its vertices from the second point to
            the first. None where there is no way within reach, or no road is near.
        """
        tree = self.tree
        if tree is None:
            return None
        ends = self.plane.to_metres(np.array([[lon, lat], [to_lon, to_lat]]))
        off, node = tree.query(ends)
        if (off > MAX_OFF_M).any():
            return None
        root, at = int(node[0]), int(node[1])

        def found() -> Any:
            return dijkstra(self.graph, directed=False, indices=root, limit=reach_m, return_predecessors=True)

        far, before = self._trees.get((root, reach_m), found)
        if not np.isfinite(far[at]):
            return None
        passed = [at]
        while passed[-1] != root:
            passed.append(int(before[passed[-1]]))
        line = np.round(self.plane.to_degrees(self.nodes[passed]), 6)
        return float(far[at] + off.sum()), line.tolist()

    def reached(self, lon: float, lat: float, *, reach_m: float) -> tuple[Floats, Floats]:
        """The pieces of road within reach of a point.

        Returns:
            ``(k, 2, 2)``: longitude and latitude of both ends of each piece; and k metres by road
            from the point to its farther end. Both are empty where no road is near.
        """
        far = self._from(lon, lat, reach_m)
        first, last = self.graph.nonzero()
        metres = np.maximum(far[first], far[last])
        near = metres <= reach_m
        ends = np.stack([self.nodes[first[near]], self.nodes[last[near]]], axis=1)
        return self.plane.to_degrees(ends), metres[near]

    def _from(self, lon: float, lat: float, reach_m: float) -> Floats:
        """Metres by road from a point to every node; inf beyond reach, everywhere where no road is near."""
        tree = self.tree
        if tree is None:
            return np.full(len(self.nodes), np.inf)
        start, own = tree.query(self.plane.to_metres(np.array([[lon, lat]])))
        if start[0] > MAX_OFF_M:
            return np.full(len(self.nodes), np.inf)

        def ways() -> Floats:
            found = dijkstra(self.graph, directed=False, indices=int(own[0]), limit=reach_m)
            return np.asarray(found, dtype=float)

        kept: Floats = self._ways.get((int(own[0]), reach_m), ways)
        return kept + float(start[0])


def network_of(roads: Sequence[Any] | Any) -> RoadNetwork:
    """The graph of some lines in EPSG:4326; what is no line or is empty is left out."""
    lines: Any = shapely.get_parts(shapely.force_2d(np.asarray(roads, dtype=object)))
    is_line = np.equal(shapely.get_type_id(lines), 1) & ~np.asarray(shapely.is_empty(lines))
    lines = lines[is_line]
    if not len(lines):
        nothing = coo_array((0, 0)).tocsr()
        return RoadNetwork(plane=Plane(lon=0.0, lat=0.0), nodes=np.empty((0, 2)), graph=nothing, tree=None)
    plane = plane_of(lines)
    points, line = shapely.get_coordinates(plane.metres(lines), return_index=True)
    cells, node = np.unique(np.round(points / JOIN_M).astype(np.int64), axis=0, return_inverse=True)
    node = node.ravel()
    joined = (line[1:] == line[:-1]) & (node[1:] != node[:-1])
    ends = np.sort(np.column_stack([node[:-1][joined], node[1:][joined]]), axis=1)
    nodes, pairs = _cut(cells * JOIN_M, np.unique(ends, axis=0))  # a road given twice is as long as once
    length = np.hypot(*(nodes[pairs[:, 0]] - nodes[pairs[:, 1]]).T)
    graph = coo_array((length, (pairs[:, 0], pairs[:, 1])), shape=(len(nodes), len(nodes))).tocsr()
    return RoadNetwork(plane=plane, nodes=nodes, graph=graph, tree=KDTree(nodes))


def _cut(nodes: Floats, pairs: Any) -> tuple[Floats, Any]:
    """Pieces no longer than `STEP_M`; the new vertices belong to one piece each and join nothing."""
    first, last = nodes[pairs[:, 0]], nodes[pairs[:, 1]]
    parts = np.maximum(np.ceil(np.hypot(*(last - first).T) / STEP_M), 1).astype(np.int64)
    piece = np.repeat(np.arange(len(pairs)), parts)
    nth = np.arange(len(piece)) - np.repeat(np.cumsum(parts) - parts, parts)
    is_inner = nth > 0
    number = np.where(is_inner, len(nodes) + np.cumsum(is_inner) - 1, pairs[piece, 0])
    share = (nth / parts[piece])[is_inner, None]
    inner = first[piece[is_inner]] * (1 - share) + last[piece[is_inner]] * share
    is_last = nth == parts[piece] - 1
    ends = np.where(is_last, pairs[piece, 1], np.append(number[1:], 0))
    return np.vstack([nodes, inner]), np.column_stack([number, ends])
