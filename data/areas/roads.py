"""A road network as faces: what lies between the roads."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely

from data.areas.cells import absorb, faces_of, faces_of_lines, labels_of
from data.areas.plane import Plane
from data.areas.split import snapped, split_by_weights

#: Ends of roads closer than this are joined.
_SNAP_M: Final = 0.2
#: A face larger than this many cells is cut.
_LARGE: Final = 2.2
#: A face smaller than this part of a cell (an island of a crossing) joins its neighbour.
_SMALL: Final = 0.08
_SEED: Final = 20_190_101


def network_faces(whole: Any, roads: Any, plane: Plane, cell_m: float) -> Any:
    """Faces between roads inside an outline, none much larger than a cell.

    Args:
        whole: the outline in metres, snapped.
        roads: array of lines in metres; segments given twice count once.
        plane: to return degrees.
        cell_m: side of a cell in metres.

    Returns:
        Array of polygons in degrees that share their vertices and fill the outline.
    """
    lines = shapely.get_parts(shapely.force_2d(roads[~(shapely.is_missing(roads) | shapely.is_empty(roads))]))
    lines = lines[np.isin(shapely.get_type_id(lines), (1, 2))]
    inside = shapely.intersection(shapely.union_all(lines, grid_size=_SNAP_M), whole)
    noded = shapely.union_all(np.array([inside, shapely.boundary(whole)], dtype=object), grid_size=_SNAP_M)
    blocks = faces_of_lines(noded, _same)
    middle = shapely.point_on_surface(blocks)
    blocks = blocks[shapely.intersects(whole, middle)]
    pieces = _cut_large(blocks, cell_m)
    faces = faces_of(pieces, plane.to_degrees)
    faces = faces[labels_of(faces, pieces, plane.to_metres) >= 0]
    return absorb(faces, shapely.area(plane.metres(faces)), _SMALL * cell_m**2)


def _same(points: Any) -> Any:
    return points


def _cut_large(blocks: Any, cell_m: float) -> Any:
    """Blocks, the large ones cut into about cell-sized pieces."""
    rng = np.random.default_rng(_SEED)
    pieces: list[Any] = []
    for block in blocks:
        cells = round(block.area / cell_m**2)
        if block.area <= _LARGE * cell_m**2 or cells < 2:
            pieces.append(block)
            continue
        pieces += [cell.polygon for cell in split_by_weights(snapped(block), [1.0] * cells, rng)]
    return np.array(pieces, dtype=object)
