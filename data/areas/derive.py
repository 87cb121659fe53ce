"""Areas where nobody drew any: from an outline, centres and roads, or from points alone.

With roads the borders are roads: the network is cut into faces, faces that are
too large are cut once more, and faces are grouped into connected streets around
the centres, then communities, then grids. Without roads the outline is cut along
jogged lines. What comes out is labelled as derived.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from data.areas.cells import Ints, borders, dissolve, faces_of, labels_of, settle
from data.areas.codes import AreaError, children
from data.areas.cover import CELL_RANGE_M, DEFAULT_ADCODE, derive_from_points
from data.areas.group import Atoms, atoms_of, group, grow, in_order
from data.areas.plane import Plane, plane_of
from data.areas.roads import network_faces
from data.areas.rows import area_rows
from data.areas.split import snapped, split_by_seeds, split_by_weights

#: Grids per community and communities per street that an area aims at.
GRIDS_PER_COMMUNITY: Final = 16
COMMUNITIES_PER_STREET: Final = 8
_MAX_GRIDS: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Centres:
    """Streets to be: code and name each, and where they are (metres)."""

    codes: list[str]
    names: dict[str, str]
    metres: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is covered (metres, snapped) and how: centres, side of a cell, code of the district."""

    whole: Any
    plane: Plane
    known: _Centres | None
    cell_m: float
    adcode: str

    def count(self, area_m2: float, per: int) -> int:
        """Parts of ``per`` grids each that an area is cut into."""
        return int(max(1, min(999, round(area_m2 / (self.cell_m**2 * per)))))

    def streets_by_size(self) -> int:
        """Number of streets where no centres say it."""
        return self.count(self.whole.area, GRIDS_PER_COMMUNITY * COMMUNITIES_PER_STREET)


def derive(outline: Any, centres: gpd.GeoDataFrame | None = None, *, roads: gpd.GeoDataFrame | None = None,
           cell_m: float = 300.0, adcode: str = DEFAULT_ADCODE, name: str = "导入区域", seed: int = 0
           ) -> gpd.GeoDataFrame:
    """Cover an outline with streets, communities and grids.

    Args:
        outline: (multi)polygon in WGS-84 degrees.
        centres: points in EPSG:4326, one per street, with ``name`` and ``area_code``
            (9 digits under ``adcode``) where known. None: streets by size.
        roads: lines in EPSG:4326 that borders shall follow. None or empty: straight cuts.
        cell_m: a grid is about as large as a square with this side, in metres.
        adcode: six digits of the district; name: its name.
        seed: of the jogs where there are no roads; same input and seed, same areas.

    Returns:
        Rows of table ``area`` for all four levels, see `rows.area_rows`.

    Raises:
        AreaError: no area, no centre inside, cell out of range, or too many cells.
    """
    _check(outline, cell_m, adcode)
    plane = plane_of(outline)
    whole = snapped(plane.metres(shapely.make_valid(outline)))
    grids = whole.area / cell_m**2
    if grids > _MAX_GRIDS:
        raise AreaError(f"cell_m must give at most {_MAX_GRIDS} grids, got {grids:.0f} with {cell_m} m")
    plan = _Plan(whole=whole, plane=plane, known=_known(centres, outline, plane, adcode), cell_m=cell_m,
                 adcode=adcode)
    if roads is not None and len(roads):
        codes, polygons, names = _along_roads(plan, roads)
    else:
        codes, polygons, names = _by_cuts(plan, seed)
    order = np.argsort(codes)
    return area_rows([codes[i] for i in order], polygons[order], plane, names={adcode: name, **names})


def _check(outline: Any, cell_m: float, adcode: str) -> None:
    if outline is None or shapely.is_empty(outline) or shapely.area(outline) == 0:
        raise AreaError("outline must be a polygon with an area, got none")
    west, south, east, north = shapely.total_bounds(outline)
    if west < -180 or east > 180 or south < -85 or north > 85:
        raise AreaError(f"outline must be in degrees (EPSG:4326), got bounds {west, south, east, north}")
    if not CELL_RANGE_M[0] <= cell_m <= CELL_RANGE_M[1]:
        raise AreaError(f"cell_m must be {CELL_RANGE_M[0]:g}..{CELL_RANGE_M[1]:g} metres, got {cell_m}")
    if len(adcode) != 6 or not (adcode.isascii() and adcode.isdigit()):
        raise AreaError(f"adcode must be six digits, got {adcode!r}")


def _known(centres: gpd.GeoDataFrame | None, outline: Any, plane: Plane, adcode: str) -> _Centres | None:
    """Centres inside the outline with unique 9-digit codes; None where none were given."""
    if centres is None or len(centres) == 0:
        return None
    points = shapely.centroid(np.asarray(centres.geometry, dtype=object))
    inside = np.flatnonzero(shapely.intersects(outline, points))
    if len(inside) == 0:
        raise AreaError(f"centres must lie inside the outline, got {len(centres)} outside it")
    given = [str(centres["area_code"].iloc[i]) for i in inside] if "area_code" in centres else []
    usable = (len(set(given)) == len(inside)
              and all(len(code) == 9 and code.isdigit() and code.startswith(adcode) for code in given))
    codes = given if usable else children(adcode, len(inside))
    titles = [centres["name"].iloc[i] for i in inside] if "name" in centres else [None] * len(inside)
    names = {code: str(title) for code, title in zip(codes, titles, strict=True) if isinstance(title, str)}
    return _Centres(codes=codes, names=names, metres=plane.to_metres(shapely.get_coordinates(points[inside])))


def _by_cuts(plan: _Plan, seed: int) -> tuple[list[str], Any, dict[str, str]]:
    """Codes, polygons and street names from cuts without roads."""
    rng = np.random.default_rng(seed)
    known, plane = plan.known, plan.plane
    if known is None:
        number = plan.streets_by_size()
        streets = split_by_weights(plan.whole, [1.0] * number, rng)
        street_codes, names = children(plan.adcode, number), dict[str, str]()
    else:
        streets = split_by_seeds(plan.whole, known.metres, [1.0] * len(known.codes), rng)
        street_codes, names = known.codes, known.names
    codes: list[str] = []
    cells: list[Any] = []
    for street in streets:
        number = plan.count(street.polygon.area, GRIDS_PER_COMMUNITY)
        for community in split_by_weights(street.polygon, [1.0] * number, rng):
            code = children(street_codes[street.index], number)[community.index]
            count = plan.count(community.polygon.area, 1)
            cells += [cell.polygon for cell in split_by_weights(community.polygon, [1.0] * count, rng)]
            codes += children(code, count)
    pieces = np.array(cells, dtype=object)
    faces = faces_of(pieces, plane.to_degrees)
    labels = labels_of(faces, pieces, plane.to_metres)
    faces, labels = faces[labels >= 0], labels[labels >= 0]
    groups = np.unique([code[:12] for code in codes], return_inverse=True)[1]
    polygons = dissolve(faces, settle(labels, faces, borders(faces), groups))
    return codes, polygons, names


def _along_roads(plan: _Plan, roads: gpd.GeoDataFrame) -> tuple[list[str], Any, dict[str, str]]:
    """Codes, polygons and street names from the faces of a road network."""
    known, plane = plan.known, plan.plane
    lines = plane.metres(np.asarray(roads.geometry, dtype=object))
    faces = network_faces(plan.whole, lines, plane, plan.cell_m)
    atoms = atoms_of(faces, plane)
    if known is None:
        street = in_order(atoms, group(atoms, plan.streets_by_size()))
        street_codes, names = children(plan.adcode, int(street.max()) + 1), dict[str, str]()
    else:
        seeds = _seed_faces(faces, known, plane)
        street = grow(atoms, seeds)
        street_codes, names = known.codes, known.names
    labels = np.empty(len(faces), dtype=np.int64)
    codes: list[str] = []
    for number in np.unique(street):
        members = np.flatnonzero(street == number)
        for community, inner in _parts(plan, atoms, members, street_codes[number]):
            for grid, innermost in _parts(plan, atoms, inner, community):
                labels[innermost] = len(codes)
                codes.append(grid)
    return codes, dissolve(faces, labels), names


def _parts(plan: _Plan, atoms: Atoms, members: Ints, parent: str) -> list[tuple[str, Ints]]:
    """Communities of a street or grids of a community: (code, faces of it)."""
    inner = atoms.subset(members)
    per = GRIDS_PER_COMMUNITY if len(parent) == 9 else 1
    labels = in_order(inner, group(inner, plan.count(float(inner.area.sum()), per)))
    codes = children(parent, int(labels.max()) + 1)
    return [(code, members[labels == number]) for number, code in enumerate(codes)]


def _seed_faces(faces: Any, known: _Centres, plane: Plane) -> Ints:
    """A face of its own for every centre: the nearest one that is still free."""
    middle = shapely.get_coordinates(shapely.centroid(plane.metres(faces)))
    if len(known.codes) > len(faces):
        raise AreaError(f"centres must be at most as many as faces, {len(faces)}, got {len(known.codes)}")
    taken: list[int] = []
    nearest = shapely.STRtree(plane.metres(faces)).nearest(shapely.points(known.metres))
    for centre, face in zip(known.metres, nearest, strict=True):
        if int(face) in taken:
            distance = np.hypot(*(middle - centre).T)
            distance[taken] = np.inf
            face = np.argmin(distance)  # noqa: PLW2901
        taken.append(int(face))
    return np.array(taken, dtype=np.int64)


__all__ = ["derive", "derive_from_points"]
