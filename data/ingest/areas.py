"""Import of areas (区域): outlines or lists of districts, streets, communities and grids."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyproj import Geod

from data.areas.codes import OVERLAY, overlay_kind
from data.areas.validate import Finding, validate
from data.ingest import places
from data.ingest.columns import Columns, Floats, mask, require
from data.ingest.entity import identify, import_rows, text, whole
from data.ingest.report import RowReport
from data.ingest.run import Run
from data.tables import area

_CODE: Final = re.compile(rf"\d{{6}}(\d{{3}}){{0,3}}|{OVERLAY.pattern}")
_LEVELS: Final = {6: "district", 9: "street", 12: "community", 15: "grid"}
_GEOD: Final = Geod(ellps="WGS84")


def import_areas(run: Run) -> None:
    """Codes decide level and parent; polygons are repaired and checked against each other."""
    run.batch_rows = max(run.batch_rows, 1_000_000)  # rules look at all areas together
    import_rows(run, area, _read)


def _read(columns: Columns, run: Run, report: RowReport) -> dict[str, pa.Array]:
    require(columns.table.column_names, run.mapping, [("area_code",)])
    columns = _with_codes(columns)
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
        expected="6, 9, 12 or 15 digits, or street + W|P|C + 3 digits or U + 4 digits",
    )
    geometry = _outlines(columns, report)
    names = text(columns, "name")
    rows = {
        "area_code": codes,
        "name": pc.coalesce(names, codes),
        **_family(codes, columns),
        "professional_field": text(columns, "professional_field"),
        "members": pa.array(
            [members(value) for value in columns.text("members").to_pylist()], pa.list_(pa.string())
        ),
        "households": whole(columns, report, "households", 0, 10_000_000),
        "residents": whole(columns, report, "residents", 0, 100_000_000),
        "floating": whole(columns, report, "floating", 0, 100_000_000),
        "chief_officer_id": text(columns, "chief_officer_id"),
    }
    geometry = _checked(rows, geometry, report)
    lon, lat = _middles(columns, run, report, geometry)
    return rows | {
        "area_m2": pa.array([_size(shape) for shape in geometry], pa.float64()),
        "lon": pa.array(lon, from_pandas=True),
        "lat": pa.array(lat, from_pandas=True),
        "geometry": pa.array(
            [None if shape is None else shapely.to_wkb(shape) for shape in geometry], pa.binary()
        ),
    }


def _with_codes(columns: Columns) -> Columns:
    """Of the columns that may hold the code the one that looks most like it; others hold dial codes."""
    wanted = {name.lower() for name in columns.mapping.columns["area_code"]}
    present = [name for name in columns.table.column_names if name.strip().lower() in wanted]

    def fitting(name: str) -> int:
        texts = columns.cleaned(columns.table.column(name).combine_chunks()).to_pylist()
        return sum(1 for text in texts if text and _CODE.fullmatch(shorten(text)))

    best = max(present, key=fitting)
    return Columns(
        columns.table, replace(columns.mapping, columns={**columns.mapping.columns, "area_code": (best,)})
    )


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
        special = overlay_kind(code or "")
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


def _outlines(columns: Columns, report: RowReport) -> Any:
    """Polygons in 2D; rows with another shape are refused, rows without one keep None."""
    geometry = shapely.force_2d(places.shapes(columns))
    present = ~np.asarray(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    other = present & ~np.isin(shapely.get_type_id(geometry), [3, 6])
    report.reject(
        other,
        field="geometry",
        reason="no_polygon",
        got=shapely.to_wkt(geometry),
        expected="a polygon or multipolygon",
    )
    return np.where(present & ~other, geometry, None)


def _checked(rows: dict[str, pa.Array], geometry: Any, report: RowReport) -> Any:
    """Run the rules of `data.areas.validate`: findings become flags, repaired shapes replace given ones."""
    frame = gpd.GeoDataFrame(
        {name: values.to_pandas() for name, values in rows.items()}, geometry=list(geometry), crs="EPSG:4326"
    )
    usable = ~report.rejected & ~frame["area_code"].duplicated().to_numpy()
    if not usable.any():
        return geometry
    findings, repaired = validate(frame[usable])
    at = dict(zip(frame["area_code"][usable], np.flatnonzero(usable).tolist(), strict=True))
    geometry = geometry.copy()
    geometry[[at[code] for code in repaired["area_code"]]] = np.asarray(repaired.geometry, dtype=object)
    for (rule, expected), found in groupby(sorted(findings, key=_rule), key=_rule):
        got = {at[finding.area_code]: finding.got for finding in found if finding.area_code in at}
        hit = np.zeros(len(report.row_no), dtype=bool)
        hit[list(got)] = True
        report.flag(hit, field=_FIELDS.get(rule, f"geometry {rule}"), reason=rule, got=got, expected=expected)
    return geometry


def _rule(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.expected


#: Columns that rules are about; the others are about the shape.
_FIELDS: Final = {
    "households": "households",
    "no_chief": "chief_officer_id",
    "parent": "parent_code",
    "sum_households": "households sum",
    "sum_residents": "residents sum",
    "sum_floating": "floating sum",
    "members": "members",
    "code_shape": "area_code",
}


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
