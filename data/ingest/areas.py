"""Import of areas (区域): outlines or lists of districts, streets, communities and grids."""

from __future__ import annotations

import re
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyproj import Geod

from data.areas.validate import validate
from data.ingest import places
from data.ingest.columns import Columns, Floats, mask, require
from data.ingest.entity import identify, import_rows, shapes, text, whole
from data.ingest.report import RowReport
from data.ingest.run import Run
from data.tables import area

_CODE: Final = re.compile(r"\d{6}(\d{3}){0,3}|\d{9}[WP]\d{3}")
_LEVELS: Final = {6: "district", 9: "street", 12: "community", 15: "grid"}
_GEOD: Final = Geod(ellps="WGS84")


def import_areas(run: Run) -> None:
    """Codes decide level and parent; polygons are repaired and checked against each other."""
    run.batch_rows = max(run.batch_rows, 1_000_000)  # rules look at all areas together
    import_rows(run, area, _read)


def _read(columns: Columns, run: Run, report: RowReport) -> dict[str, pa.Array]:
    require(columns.table.column_names, run.mapping, [("area_code",)])
    given = identify(columns, report, "area_code")
    codes = pa.array([shorten(code) for code in given.to_pylist()], pa.string())
    bad = (
        np.asarray([_CODE.fullmatch(code) is None for code in codes.to_pylist()], dtype=bool)
        & ~report.rejected
    )
    report.reject(
        bad,
        field="area_code",
        reason="bad_code",
        got=given,
        expected="6, 9, 12 or 15 digits, or street + W|P + 3 digits",
    )
    geometry = _outlines(columns, codes, report)
    lon, lat = _middles(columns, run, report, geometry)
    names = text(columns, "name")
    return {
        "area_code": codes,
        "name": pc.coalesce(names, codes),
        **_family(codes, columns),
        "professional_field": text(columns, "professional_field"),
        "members": pa.array(
            [members(value) for value in columns.text("members").to_pylist()], pa.list_(pa.string())
        ),
        "area_m2": pa.array([_size(shape) for shape in geometry], pa.float64()),
        "lon": pa.array(lon, from_pandas=True),
        "lat": pa.array(lat, from_pandas=True),
        "geometry": pa.array(
            [None if shape is None else shapely.to_wkb(shape) for shape in geometry], pa.binary()
        ),
        "households": whole(columns, report, "households", 0, 10_000_000),
        "residents": whole(columns, report, "residents", 0, 100_000_000),
        "chief_officer_id": text(columns, "chief_officer_id"),
    }


def shorten(code: str) -> str:
    """A 12-digit statistics code of a street or district without its empty groups."""
    if len(code) != 12 or not code.isdigit():
        return code
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    return code


def members(value: str | None) -> list[str] | None:
    """Codes of base grids, separated by anything that is no digit."""
    found = re.findall(r"\d{15}", value or "")
    return found or None


def _family(codes: pa.Array, columns: Columns) -> dict[str, pa.Array]:
    """Level, parent, street and kind, read off the codes."""
    levels, parents, streets, kinds = [], [], [], []
    given = columns.text("grid_kind").to_pylist()
    for code, kind in zip(codes.to_pylist(), given, strict=True):
        special = {"W": "work", "P": "professional"}.get(code[9:10])
        level = "grid" if special else _LEVELS.get(len(code), "grid")
        levels.append(level)
        parents.append(code[:9] if special else (code[:-3] if level != "district" else None))
        streets.append(code[:9] if level != "district" else None)
        kinds.append(special or (kind or "base" if level == "grid" else None))
    return {
        "level": pa.array(levels),
        "parent_code": pa.array(parents, pa.string()),
        "street_code": pa.array(streets, pa.string()),
        "grid_kind": pa.array(kinds, pa.string()),
    }


def _outlines(columns: Columns, codes: pa.Array, report: RowReport) -> Any:
    """Polygons, repaired where their rings cross; rows with another shape are refused."""
    geometry = shapes(columns)
    present = ~np.asarray(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    kinds = shapely.get_type_id(geometry)
    other = present & ~np.isin(kinds, [3, 6])
    report.reject(
        other, field="geometry", reason="no_polygon", got=None, expected="a polygon or multipolygon"
    )
    geometry = np.where(present & ~other, geometry, None)
    usable = np.flatnonzero(present & ~other & ~report.rejected)
    if len(usable):
        _check(geometry, usable, codes, report)
    return geometry


def _check(geometry: Any, usable: Any, codes: pa.Array, report: RowReport) -> None:
    """Run the rules of `data.areas.validate`; repaired shapes replace the given ones."""
    names = [codes[int(row)].as_py() for row in usable]
    frame = gpd.GeoDataFrame(
        {
            "area_code": names,
            "level": ["grid" if code[9:10] in {"W", "P"} else _LEVELS[len(code)] for code in names],
            "parent_code": [code[:9] if code[9:10] in {"W", "P"} else (code[:-3] or None) for code in names],
            "grid_kind": [
                {"W": "work", "P": "professional"}.get(code[9:10], "base") if len(code) > 12 else None
                for code in names
            ],
        },
        geometry=list(geometry[usable]),
        crs="EPSG:4326",
    )
    once = frame[~frame["area_code"].duplicated()]
    findings, repaired = validate(once)
    fixed = dict(zip(repaired["area_code"], repaired.geometry, strict=True))
    first = ~frame["area_code"].duplicated().to_numpy()
    for place, row in enumerate(usable):
        if first[place] and names[place] in fixed:
            geometry[row] = fixed[names[place]]
    rows = {name: int(row) for name, row, is_first in zip(names, usable, first, strict=True) if is_first}
    for finding in findings:
        if finding.area_code in rows:
            hit = np.zeros(len(report.row_no), dtype=bool)
            hit[rows[finding.area_code]] = True
            report.flag(
                hit,
                field="geometry",
                reason=str(finding.rule),
                got={rows[finding.area_code]: finding.got},
                expected=str(finding.expected),
            )


def _middles(columns: Columns, run: Run, report: RowReport, geometry: Any) -> tuple[Floats, Floats]:
    points = shapely.point_on_surface(geometry)
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    if columns.name("lon") and columns.name("lat"):
        quiet = RowReport(report.row_no)  # a centre is welcome, not needed
        given_lon, given_lat = places.coordinates(columns, run.crs, quiet, run.mapping.district)
        lon, lat = np.where(np.isnan(lon), given_lon, lon), np.where(np.isnan(lat), given_lat, lat)
        lost = quiet.rejected & mask(pc.is_valid(columns.text("lon"))) & np.isnan(lon)
        report.flag(
            lost,
            field="lon,lat",
            reason="bad_centre",
            got=columns.text("lon"),
            expected="a centre in degrees",
        )
    return np.round(lon, 7), np.round(lat, 7)


def _size(shape: Any) -> float | None:
    """Square metres on the ellipsoid."""
    return None if shape is None else abs(float(_GEOD.geometry_area_perimeter(shape)[0]))
