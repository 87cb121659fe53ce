"""Checks of areas: codes, polygons, households, chiefs, buildings, sums.

A finding never stops anything: invalid rings are repaired and reported, the rest
is reported. Overlays (work, professional, compound and unit grids) may overlap; base grids may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.areas.assign import AreaIndex
from data.areas.codes import OVERLAYS, AreaError, level_of, overlay_kind, parent_of
from data.areas.findings import Finding
from data.areas.plane import plane_of

HOUSEHOLDS: Final = (300, 500)
#: Overlaps and gaps below this many square metres are rounding.
TOLERANCE_M2: Final = 5.0
_BELOW: Final = {"district": "street", "street": "community", "community": "grid"}
_SUMMED: Final = ("households", "residents", "floating")
#: Kind of overlay -> what its code looks like.
_OVERLAY_SHAPE: Final = {kind: f"nine digits, {letter}, {digits} digits"
                         for letter, (kind, digits) in OVERLAYS.items()}


def validate(areas: gpd.GeoDataFrame, buildings: pd.DataFrame | None = None
             ) -> tuple[list[Finding], gpd.GeoDataFrame]:
    """Check areas and repair their rings.

    Args:
        areas: rows of table ``area`` in EPSG:4326; only ``area_code`` and geometry are
            needed, other rules apply where their columns are. Not modified.
        buildings: ``building_id, grid_code, lon, lat``; None skips their rule.

    Returns:
        Findings in the order of the rules, and a copy of the areas with valid rings.

    Raises:
        AreaError: ``area_code`` is missing or the CRS is another one.
    """
    if "area_code" not in areas.columns:
        raise AreaError(f"areas must have the column area_code, got {list(areas.columns)}")
    frame = _complete(areas)
    findings = [*_codes(frame), *_repair(frame)]
    base = frame[_is_base(frame) & _has_shape(frame)].sort_values("area_code")
    findings += _overlaps(base)
    findings += _covers(frame)
    findings += _people(frame)
    findings += _members(frame)
    if buildings is not None:
        findings += _buildings(base, buildings)
    return findings, _restored(frame, areas)


def _complete(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A copy with level and grid kind read off the code where they are absent."""
    frame = areas.copy()
    frame["area_code"] = frame["area_code"].astype(str)
    is_overlay = [overlay_kind(code) is not None for code in frame["area_code"]]
    if "level" not in frame:
        frame["level"] = ["grid" if overlay else level_of(code)
                          for code, overlay in zip(frame["area_code"], is_overlay, strict=True)]
    if "grid_kind" not in frame:
        frame["grid_kind"] = [overlay_kind(code) or ("base" if len(code) == 15 else None)
                              for code in frame["area_code"]]
    return frame


def _is_base(frame: gpd.GeoDataFrame) -> Any:
    return (frame["level"] == "grid") & (frame["grid_kind"].isna() | (frame["grid_kind"] == "base"))


def _has_shape(frame: gpd.GeoDataFrame) -> Any:
    return frame.geometry.notna() & ~frame.geometry.is_empty


def _codes(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    repeated = frame["area_code"].duplicated()
    kinds = frame["grid_kind"].where(frame["grid_kind"].notna(), None)
    for code, level, kind, twice in zip(frame["area_code"], frame["level"], kinds, repeated, strict=True):
        if kind in _OVERLAY_SHAPE:
            if overlay_kind(code) != kind:
                yield Finding(code, "code_shape", code, _OVERLAY_SHAPE[kind], "error")
        elif level_of(code) is None or level_of(code) != level:
            yield Finding(code, "code_shape", f"{code} as {level}", "6, 9, 12 or 15 digits by level", "error")
        if twice:
            yield Finding(code, "code_repeated", code, "each code once", "error")
    if "parent_code" in frame:
        yield from _parents(frame)


def _parents(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    known = set(frame["area_code"])
    for code, parent in zip(frame["area_code"], frame["parent_code"], strict=True):
        wanted = parent_of(code)
        if wanted is None:
            continue
        if parent != wanted:
            yield Finding(code, "parent", str(parent), wanted, "error")
        elif len(known) > 1 and any(len(other) == len(wanted) for other in known) and wanted not in known:
            yield Finding(code, "parent", f"no area {wanted}", "an area for every parent", "warning")


def _repair(frame: gpd.GeoDataFrame) -> list[Finding]:
    """Make rings valid in place; findings for those, and for base grids without a polygon."""
    shapes = np.asarray(frame.geometry, dtype=object)
    present = _has_shape(frame).to_numpy()
    broken = np.flatnonzero(present & ~shapely.is_valid(shapes))
    findings = [Finding(frame["area_code"].iloc[i], "geometry_invalid", shapely.is_valid_reason(shapes[i]),
                        "a valid polygon", "repaired") for i in broken]
    if len(broken):
        shapes = shapes.copy()
        shapes[broken] = [_polygonal(shape) for shape in shapely.make_valid(shapes[broken])]
        frame[frame.geometry.name] = gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)
    lacking = frame["area_code"][_is_base(frame) & ~present]
    return findings + [Finding(code, "geometry_missing", "none", "a polygon", "error") for code in lacking]


def _polygonal(shape: Any) -> Any:
    """Only the polygons of a repaired shape; lines and points left by the repair are dropped."""
    parts = shapely.get_parts(shape)
    while np.isin(shapely.get_type_id(parts), (6, 7)).any():
        parts = shapely.get_parts(parts)
    polygons = parts[shapely.get_type_id(parts) == 3]
    return polygons[0] if len(polygons) == 1 else shapely.union_all(polygons)


def _square_metres(shapes: Any, of: Any) -> Any:
    scale = plane_of(of).scale
    return shapely.area(shapes) * scale[0] * scale[1]


def _overlaps(base: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Base grids that share more than a border; the larger code is reported."""
    shapes, codes = np.asarray(base.geometry, dtype=object), base["area_code"].to_numpy()
    if len(shapes) < 2:
        return
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pair = first < second
    first, second = first[pair], second[pair]
    common = _square_metres(shapely.intersection(shapes[first], shapes[second]), shapes)
    for i in np.flatnonzero(common > TOLERANCE_M2):
        yield Finding(codes[second[i]], "overlap", f"{common[i]:.0f} m² shared with {codes[first[i]]}",
                      "no common ground with another base grid", "error")


def _covers(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Each parent's polygon against the union of its children's."""
    usable = frame[_has_shape(frame) & (_is_base(frame) | (frame["level"] != "grid"))]
    for level, below in _BELOW.items():
        children = usable[usable["level"] == below]
        if children.empty:
            continue
        parts: dict[str, list[Any]] = {}
        for code, shape in zip(*_columns(children), strict=True):
            parts.setdefault(code[:-3], []).append(shape)
        for code, shape in zip(*_columns(usable[usable["level"] == level]), strict=True):
            if code not in parts:
                continue
            union = shapely.union_all(parts[code])
            gap = float(_square_metres(shapely.difference(shape, union), shape))
            over = float(_square_metres(shapely.difference(union, shape), shape))
            if gap > TOLERANCE_M2:
                yield Finding(code, "gap", f"{gap:.0f} m² in no {below}", "covered by its children", "error")
            if over > TOLERANCE_M2:
                yield Finding(code, "outside_parent", f"{over:.0f} m² of its {below} areas outside",
                              "children inside their parent", "error")


def _columns(frame: gpd.GeoDataFrame) -> tuple[list[str], Any]:
    return frame["area_code"].tolist(), np.asarray(frame.geometry, dtype=object)


def _people(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Size of base grids, their chiefs, and sums of children against the parent."""
    base = frame[_is_base(frame)]
    if "households" in frame:
        low, high = HOUSEHOLDS
        counted = pd.to_numeric(base["households"], errors="coerce")
        for code, count in zip(base["area_code"], counted, strict=True):
            if not np.isnan(count) and not low <= count <= high:
                yield Finding(code, "households", f"{count:.0f}", f"{low}..{high} households", "warning")
    if "chief_officer_id" in frame:
        for code in base["area_code"][base["chief_officer_id"].isna()]:
            yield Finding(code, "no_chief", "none", "a chief (网格长)", "warning")
    tree = frame[_is_base(frame) | (frame["level"] != "grid")]
    for column in _SUMMED:
        if column in frame:
            yield from _sums(tree, column)


def _sums(tree: gpd.GeoDataFrame, column: str) -> Iterator[Finding]:
    value = pd.to_numeric(tree[column], errors="coerce")
    sums = value.groupby(tree["area_code"].str[:-3]).sum(min_count=1)
    for code, count in zip(tree["area_code"], value, strict=True):
        total = sums.get(code)
        if total is not None and not np.isnan(total) and not np.isnan(count) and total != count:
            yield Finding(code, f"sum_{column}", f"{count:.0f}", f"{total:.0f}, its parts' sum", "error")


def _members(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Work grids are made of base grids of their street, each in one of them at most."""
    if "members" not in frame:
        return
    base = set(frame["area_code"][_is_base(frame)])
    taken: dict[str, str] = {}
    work = frame[frame["grid_kind"] == "work"]
    for code, members in zip(work["area_code"], work["members"], strict=True):
        listed = [] if members is None or isinstance(members, float) else list(members)
        unknown = [member for member in listed if member not in base or member[:9] != code[:9]]
        if unknown or not listed:
            yield Finding(code, "members", str(unknown[:3]) if listed else "none",
                          "base grids of its street", "error")
        for member in listed:
            if member in taken:
                yield Finding(code, "members", f"{member} also in {taken[member]}",
                              "each base grid in one work grid", "error")
            taken[member] = code


def _buildings(base: gpd.GeoDataFrame, buildings: pd.DataFrame) -> Iterator[Finding]:
    """Every building stands in the base grid that it names."""
    found = AreaIndex(base).assign(buildings["lon"], buildings["lat"])
    named = buildings["grid_code"].fillna("").astype(str).to_numpy()
    ids = buildings["building_id"].to_numpy()
    for i in np.flatnonzero(found != named):
        yield Finding(str(named[i]), "building_grid", f"{ids[i]} stands in {found[i] or 'no base grid'}",
                      "every building in exactly one base grid", "error")


def _restored(frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The repaired frame with the columns that were given."""
    return gpd.GeoDataFrame(frame[list(areas.columns)], geometry=areas.geometry.name, crs=areas.crs)


__all__ = ["HOUSEHOLDS", "TOLERANCE_M2", "Finding", "validate"]
