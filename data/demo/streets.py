"""Streets, communities and grids of a demo district: real names and centres, derived borders."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment

from data.areas.cells import Borders, Ints, borders, dissolve, faces_of, settle
from data.areas.codes import apportion, children
from data.areas.plane import Floats, Plane, Warp, plane_of
from data.areas.split import Cell, snapped, split_by_seeds, split_by_weights
from data.demo.districts import District


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A street or community that exists: code, name, centre in WGS-84 (None = unknown)."""

    code: str
    name: str
    lonlat: tuple[float, float] | None
    origin: str


def _fact(name: str) -> str:
    return resources.files("data.demo.facts").joinpath(name).read_text(encoding="utf-8")


def outline(facts: str) -> Any:
    """The border that a demo fills, WGS-84, by `District.facts` (Vonng/adcode, CC BY 4.0).

    The real one of a district; of a single street a patch that we made.
    """
    features = json.loads(_fact(f"outline_{facts}.geojson"))["features"]
    return shapely.geometry.shape(features[0]["geometry"])


def places(facts: str) -> list[Place]:
    """Streets (9 digits) and communities (12 digits) by `District.facts`, sorted by code."""
    rows = csv.DictReader(_fact(f"places_{facts}.csv").splitlines())
    found = [Place(code=row["code"], name=row["name"], origin=row["origin"],
                   lonlat=(float(row["lon"]), float(row["lat"])) if row["lon"] else None) for row in rows]
    return sorted(found, key=lambda place: place.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """The district cut into base grids, every array in the order of ``codes``.

    Attributes:
        codes: 15-digit grid codes, ascending.
        polygons: one (multi)polygon per grid, degrees, sharing vertices.
        paths: the cuts that made each grid.
        depths: per grid, how many of those cuts are street cuts, and street or community cuts.
        shared: all border segments between grids and along the outline.
    """

    district: District
    plane: Plane
    codes: list[str]
    polygons: Any
    paths: list[str]
    depths: list[tuple[int, int]]
    shared: Borders
    known: dict[str, Place]


def partition(district: District, rng: np.random.Generator) -> Partition:
    """Cut the outline into streets, communities and exactly ``district.grids`` base grids."""
    real = outline(district.facts)
    plane = plane_of(real)
    # long straight edges (piers) would bend with the warp: give them points first
    dense = shapely.segmentize(plane.metres(real), 40.0)
    parts = shapely.get_parts(snapped(shapely.transform(dense, district.warp.forward)))
    main = int(np.argmax(shapely.area(parts)))
    known = places(district.facts)
    leaves = _leaves(district, parts[main], known, plane, rng)
    codes = [code for code, _, _ in leaves]
    cells = np.array([cell.polygon for _, cell, _ in leaves], dtype=object)

    def to_degrees(points: Floats) -> Floats:
        return plane.to_degrees(district.warp.inverse(points))

    # islands are not cut: each goes whole to the nearest grid
    islands = np.delete(parts, main)
    faces = faces_of(np.concatenate((cells, islands)), to_degrees, step_m=70.0)
    labels = _labels(faces, cells, district.warp, plane)
    groups = np.unique([code[:12] for code in codes], return_inverse=True)[1]
    final = settle(labels, faces, borders(faces), groups)
    polygons = dissolve(faces, final)
    return Partition(
        district=district, plane=plane, codes=codes, polygons=polygons,
        paths=[cell.path for _, cell, _ in leaves], depths=[depth for _, _, depth in leaves],
        shared=borders(polygons), known={place.code: place for place in known})


def _labels(faces: Any, cells: Any, warp: Warp, plane: Plane) -> Ints:
    """For every face the number of the cell that it was cut from."""
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    points = shapely.points(warp.forward(plane.to_metres(inside)))
    return np.asarray(shapely.STRtree(cells).nearest(points), dtype=np.int64)


def _leaves(district: District, whole: Any, known: list[Place], plane: Plane, rng: np.random.Generator
            ) -> list[tuple[str, Cell, tuple[int, int]]]:
    """Base grids as (code, cell, depths), ascending by code."""
    streets = [place for place in known if len(place.code) == 9]
    seeds = district.warp.forward(plane.to_metres(np.array([street.lonlat for street in streets])))
    sizes = [district.area_km2[street.code[6:]] for street in streets]
    communities: list[tuple[str, Cell, int]] = []
    for cell in split_by_seeds(whole, seeds, sizes, rng):
        street = streets[cell.index].code
        members = [place for place in known if place.code[:9] == street and len(place.code) == 12]
        weights = rng.lognormal(0, 0.3, len(members)).tolist()
        parts = split_by_weights(cell.polygon, weights, rng, path=cell.path, jog=0.1)
        for part, member in zip(parts, _matched(parts, members, district.warp, plane), strict=True):
            communities.append((member.code, part, len(cell.path)))
    communities.sort(key=lambda item: item[0])
    leaves: list[tuple[str, Cell, tuple[int, int]]] = []
    counts = _grid_counts(district, communities, rng)
    for (code, part, street_depth), count in zip(communities, counts, strict=True):
        grids = split_by_weights(part.polygon, rng.lognormal(0, 0.18, count).tolist(), rng,
                                 path=part.path, jog=0.07)
        leaves += [(grid_code, grid, (street_depth, len(part.path)))
                   for grid_code, grid in zip(children(code, count), grids, strict=True)]
    return leaves


def _matched(cells: list[Cell], members: list[Place], warp: Warp, plane: Plane) -> list[Place]:
    """The community of each cell: known centres get the nearest cells, the rest fill up."""
    middle = shapely.get_coordinates(shapely.centroid([cell.polygon for cell in cells]))
    cost = np.zeros((len(cells), len(members)))
    for column, member in enumerate(members):
        if member.lonlat is not None:
            centre = warp.forward(plane.to_metres(np.array([member.lonlat])))
            cost[:, column] = np.minimum(np.hypot(*(middle - centre).T), 4000.0)
    return [members[index] for index in linear_sum_assignment(cost)[1]]


def _grid_counts(district: District, communities: list[tuple[str, Cell, int]], rng: np.random.Generator
                 ) -> list[int]:
    """Grids per community, adding up to the district's number exactly."""
    areas = np.array([cell.polygon.area for _, cell, _ in communities])
    weights = rng.lognormal(0, 0.22, len(areas)) * (areas / areas.mean()) ** 0.3
    fixed = {place: district.fixed_grids[code] for place, (code, _, _) in enumerate(communities)
             if code in district.fixed_grids}
    free = [place for place in range(len(communities)) if place not in fixed]
    left = district.grids - sum(fixed.values())
    shares = apportion(left, weights[free].tolist(), least=district.least_grids)
    counts = {**fixed, **dict(zip(free, shares, strict=True))}
    return [counts[place] for place in range(len(communities))]
