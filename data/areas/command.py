"""``python app.py areas derive|check``: make a cover where nobody drew one; check what there is."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Table, select

from data.areas.codes import AreaError
from data.areas.cover import CELL_RANGE_M, DEFAULT_ADCODE
from data.areas.crs import CrsError, check_crs
from data.areas.derive import derive, derive_from_points
from data.areas.files import read_centres, read_geo, read_outline
from data.areas.findings import Finding
from data.areas.validate import validate
from data.areas.writing import read_areas, read_buildings, require_free, roads_of, write_derived
from data.engine import open_store
from data.tables import resource

if TYPE_CHECKING:
    from data.engine import Store
    from data.settings import Settings

DEFAULT_CELL_M: Final = 300.0
DEFAULT_NAME: Final = "导入区域"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of ``areas``."""
    actions = parser.add_subparsers(dest="action", required=True)
    made = actions.add_parser("derive", help="nested cells from an outline, centres and roads")
    made.add_argument("--outline", type=Path, metavar="FILE",
                      help="polygon of the district (GeoJSON, SHP, GPKG)")
    made.add_argument("--centres", type=Path, metavar="FILE",
                      help="points of the streets (CSV with lon, lat, name, area_code, or a geo file)")
    made.add_argument("--roads", type=Path, metavar="FILE",
                      help="lines that borders follow; default: the roads of the store")
    made.add_argument("--cell", type=_cell, default=DEFAULT_CELL_M, metavar="METRES",
                      help=f"side of a grid (default: {DEFAULT_CELL_M:g})")
    made.add_argument("--crs", type=_crs, default="wgs84", help="of the files: wgs84, gcj02, bd09 or EPSG:n")
    made.add_argument("--adcode", type=_adcode, default=None, help="six digits of the district")
    made.add_argument("--name", default=None, help="name of the district")
    checked = actions.add_parser("check", help="overlaps, gaps, sizes, chiefs, buildings and sums")
    checked.add_argument("--examples", type=int, default=3, metavar="N", help="findings shown of each rule")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:  # noqa: ARG001
    """Derive or check areas; the last line printed is JSON.

    Returns:
        0; 1 where areas cannot be derived, or where the check found errors.
    """
    begun = time.perf_counter()
    store = open_store(settings)
    try:
        done = derive_into(store, args) if args.action == "derive" else check_store(store, args.examples)
    except (AreaError, CrsError) as fault:
        sys.stderr.write(f"areas: {fault}\n")
        return 1
    finally:
        store.close()
    sys.stdout.write(json.dumps({**done, "seconds": round(time.perf_counter() - begun, 2)},
                                ensure_ascii=False) + "\n")
    return 1 if done.get("errors") else 0


def check_store(store: Store, examples: int = 3) -> dict[str, Any]:
    """Check the areas and buildings of a store.

    Returns:
        ``areas`` checked, ``errors`` and ``warnings`` found, and per rule its
        number and the first ``examples`` as {area_code, got, expected, severity}.
    """
    areas, buildings = read_areas(store), read_buildings(store)
    findings, _ = validate(areas, buildings)
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    shown = {rule: {"count": len(found), "examples": [
        {"area_code": one.area_code, "got": one.got, "expected": one.expected, "severity": one.severity}
        for one in found[:max(0, examples)]]} for rule, found in by_rule.items()}
    errors = sum(finding.severity == "error" for finding in findings)
    return {"areas": len(areas), "buildings": len(buildings), "errors": errors,
            "warnings": len(findings) - errors, "findings": shown}


def derive_into(store: Store, args: argparse.Namespace) -> dict[str, Any]:
    """Derive what the arguments ask for and write it.

    Returns:
        What was used, areas per level, rows written, and findings by rule.

    Raises:
        AreaError: nothing to derive from, or the store holds what must not move.
        CrsError: unknown system.
    """
    require_free(store)
    areas, used = _derived(store, args)
    written = write_derived(store, areas)
    findings, _ = validate(areas.drop(columns=["chief_officer_id"]))
    rules = pd.Series([finding.rule for finding in findings], dtype=object).value_counts().to_dict()
    return {"from": used, "areas": areas.groupby("level", sort=False).size().to_dict(), **written,
            "findings": rules}


def _derived(store: Store, args: argparse.Namespace) -> tuple[gpd.GeoDataFrame, str]:
    """The areas, and from what they were made: outline+centres+roads, outline, …, points."""
    centres = read_centres(args.centres, args.crs) if args.centres else None
    if args.outline is None:
        points = centres if centres is not None else _points_of(store)
        if points.empty:
            raise AreaError("areas must have a source: --outline, --centres or places in the store, got none")
        lon, lat = shapely.get_coordinates(np.asarray(points.geometry)).T
        code, name = args.adcode or DEFAULT_ADCODE, args.name or DEFAULT_NAME
        return derive_from_points(lon, lat, args.cell, code, name=name), "points"
    outline, code, name = read_outline(args.outline, args.crs, args.adcode)
    roads = read_geo(args.roads, args.crs) if args.roads else roads_of(store)
    areas = derive(outline, centres, roads=roads, cell_m=args.cell,
                   adcode=args.adcode or code or DEFAULT_ADCODE, name=args.name or name or DEFAULT_NAME)
    used = ["outline", *(["centres"] if centres is not None else []), *(["roads"] if len(roads) else [])]
    return areas, "+".join(used)


def _points_of(store: Store) -> gpd.GeoDataFrame:
    """Places in the store that no area was needed for: resources, and middles of roads."""
    rows = store.arrow(_places(resource))
    lon, lat = (rows[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    points = shapely.points(lon, lat)
    lines = np.asarray(roads_of(store).geometry, dtype=object)
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    return gpd.GeoDataFrame(geometry=[*points, *middles], crs="EPSG:4326")


def _places(table: Table) -> Any:
    return select(table.c.lon, table.c.lat).where(table.c.lon.is_not(None), table.c.deleted_at.is_(None))


def _cell(text: str) -> float:
    try:
        metres = float(text)
    except ValueError:
        metres = float("nan")
    low, high = CELL_RANGE_M
    if not low <= metres <= high:
        raise argparse.ArgumentTypeError(f"--cell must be {low:g}..{high:g} metres, got {text!r}")
    return metres


def _crs(text: str) -> str:
    try:
        return check_crs(text)
    except CrsError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None


def _adcode(text: str) -> str:
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"--adcode must be six digits, got {text!r}")
    return text
