"""Imports of buildings (楼栋), roads (道路), resources (资源) and officers (人员)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyproj import Geod

from data.ingest import entity, grids, persons, places, vocab
from data.ingest.areas import import_areas
from data.ingest.columns import Columns, mask, require
from data.ingest.entity import amount, code, identify, import_rows, located, text, whole
from data.ingest.report import RowReport
from data.ingest.run import Run
from data.tables import building, officer, resource, road

FLOOR_M: Final = 3.0
_GEOD: Final = Geod(ellps="WGS84")


def import_buildings(run: Run) -> None:
    """Footprints or points; floors follow from the height and the height from the floors (3 m each)."""
    index = grids.load_index(run.store)

    def read(columns: Columns, run: Run, report: RowReport) -> dict[str, pa.Array]:
        require(columns.table.column_names, run.mapping, [("building_id",)])
        ids = identify(columns, report, "building_id")
        floors, height = (
            whole(columns, report, "floors", 0, 200),
            amount(columns, report, "height_m", 0, 1000),
        )
        if columns.name("height_m"):
            report.flag(
                mask(pc.is_null(height)) & mask(pc.is_null(floors)),
                field="height_m",
                reason="no_height",
                got=columns.text("height_m"),
                expected="metres or floors",
            )
        guessed = pc.cast(
            pc.max_element_wise(pc.round(pc.divide(height, FLOOR_M)), 1.0, skip_nulls=False), pa.int32()
        )
        shape = places.shapes(columns)
        solid = np.isin(shapely.get_type_id(shape), [3, 6])
        return {
            "building_id": ids,
            "name": text(columns, "name"),
            "address": text(columns, "address"),
            "kind": code(columns, report, "kind", "building_kind", required=False, default="mixed"),
            "floors": pc.coalesce(floors, guessed),
            "height_m": pc.coalesce(height, pc.multiply(pc.cast(floors, pa.float64()), FLOOR_M)),
            "units": whole(columns, report, "units", 0, 1000),
            "built_year": whole(columns, report, "built_year", 1000, 2100),
            "households": whole(columns, report, "households", 0, 10_000),
            "chief_id": text(columns, "chief_id"),
            "compound_id": text(columns, "compound_id"),
            "footprint": pa.array(
                [
                    shapely.to_wkb(one) if is_solid else None
                    for one, is_solid in zip(shape, solid, strict=True)
                ],
                pa.binary(),
            ),
            **located(columns, run, report, index),
        }

    import_rows(run, building, read)


def import_roads(run: Run) -> None:
    """Lines; a network's two directions of one street are one road and count once."""
    index = grids.load_index(run.store)

    def read(columns: Columns, run: Run, report: RowReport) -> dict[str, pa.Array]:
        require(columns.table.column_names, run.mapping, [("road_id", "road_from")])
        shape = places.shapes(columns)
        lines = np.isin(shapely.get_type_id(shape), [1, 5]) & (shapely.length(shape) > 0)
        report.reject(~lines, field="geometry", reason="no_line", got=None, expected="a line")
        shape = np.where(lines, shape, None)
        shape = np.asarray([None if one is None else _one_way(one) for one in shape], dtype=object)
        ids = _road_ids(columns, report)
        middle = shapely.line_interpolate_point(shape, 0.5, normalized=True)
        codes = np.asarray(index.assign(shapely.get_x(middle), shapely.get_y(middle)), dtype=object)
        length = amount(columns, report, "length_m", 0, 1_000_000)
        measured = pa.array(
            [None if one is None else round(_GEOD.geometry_length(one), 3) for one in shape], pa.float64()
        )
        return {
            "road_id": ids,
            "name": _first_name(text(columns, "name")),
            "class_code": _road_class(columns, report),
            "street_code": pa.array([found[:9] or None for found in codes], pa.string()),
            "chief_id": text(columns, "chief_id"),
            "length_m": pc.coalesce(length, measured),
            "geometry": pa.array([b"" if one is None else shapely.to_wkb(one) for one in shape], pa.binary()),
        }

    import_rows(run, road, read)


def _one_way(line: Any) -> Any:
    """The line in the direction that starts at its smaller end, so that both directions are equal."""
    if line.geom_type != "LineString":
        return line
    ends = list(line.coords)
    return line.reverse() if ends[0] > ends[-1] else line


def _road_ids(columns: Columns, report: RowReport) -> pa.Array:
    """The id, together with the two nodes where the file is a network."""
    ids = columns.text("road_id")
    if columns.name("road_from") and columns.name("road_to"):
        one, other = columns.text("road_from"), columns.text("road_to")
        low = pc.if_else(pc.less(one, other), one, other)
        high = pc.if_else(pc.less(one, other), other, one)
        ids = pc.binary_join_element_wise(ids.fill_null(""), low, high, "-")
        report.source_ids = ids
        report.reject(
            mask(pc.is_null(ids)), field="road_id", reason="missing_id", got=None, expected="two nodes"
        )
        return pc.utf8_slice_codeunits(ids.fill_null(""), 0, entity.MAX_ID)
    return identify(columns, report, "road_id")


def _first_name(names: pa.Array) -> pa.Array:
    """Lists that became text (``['A', 'B']`` or ``A,B``) keep their first name."""
    cleaned = pc.replace_substring_regex(names, r"[\[\]'\"]", "")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(cleaned, r",.*", ""))


def _road_class(columns: Columns, report: RowReport) -> pa.Array:
    words = _first_name(columns.text("class_code"))
    table = dict(columns.mapping.values.get("class_code", {}))
    codes = pa.array(
        [
            None
            if word is None
            else table.get(word.lower(), word.lower() if word.lower() in _CLASSES else None)
            for word in words.to_pylist()
        ],
        pa.string(),
    )
    report.flag(
        mask(pc.is_null(codes)),
        field="class_code",
        reason="unknown_class_code",
        got=words,
        expected=f"one of {', '.join(_CLASSES)}",
    )
    return codes.fill_null("lane")


_CLASSES: Final = ("trunk", "primary", "secondary", "tertiary", "residential", "lane")


def import_resources(run: Run) -> None:
    """Vehicles, stations and devices, of a known kind, at a place in the district."""
    index = grids.load_index(run.store)

    def read(columns: Columns, run: Run, report: RowReport) -> dict[str, pa.Array]:
        require(columns.table.column_names, run.mapping, [("resource_id", "name"), ("kind",)])
        place = located(columns, run, report, index)
        names = text(columns, "name")
        ids = (
            identify(columns, report, "resource_id")
            if columns.name("resource_id")
            else _made_ids(names, place, report)
        )
        return {
            "resource_id": ids,
            "kind": code(columns, report, "kind", "resource_kind", required=True).fill_null(""),
            "force_class": code(columns, report, "force_class", "force_class", required=False),
            "name": pc.coalesce(names, ids),
            "dept_id": text(columns, "dept_id"),
            "area_code": place["grid_code"],
            "lon": place["lon"],
            "lat": place["lat"],
            "street_code": place["street_code"],
            "alt": amount(columns, report, "alt", -500, 9000),
            "status": code(columns, report, "status", "resource_status", required=False),
            "capacity": whole(columns, report, "capacity", 0, 1_000_000),
            "stream_url": _stream(columns, report),
        }

    import_rows(run, resource, read)


def _made_ids(names: pa.Array, place: dict[str, pa.Array], report: RowReport) -> pa.Array:
    report.source_ids = names
    return vocab.row_ids([names, place["lon"], place["lat"]])


def _stream(columns: Columns, report: RowReport) -> pa.Array:
    """Addresses of video streams; only http, https and rtsp may be kept."""
    urls = columns.text("stream_url")
    good = mask(pc.match_substring_regex(urls, r"^(https?|rtsps?)://[^\s\"'<>]+$"))
    report.flag(
        mask(pc.is_valid(urls)) & ~good,
        field="stream_url",
        reason="bad_url",
        got=urls,
        expected="http, https or rtsp",
    )
    return pc.if_else(pa.array(good), urls, pa.scalar(None, pa.string()))


def import_officers(run: Run) -> None:
    """Officers with the street they belong to: by its code, by their grid's code, or by a point."""
    index = grids.load_index(run.store)

    def read(columns: Columns, run: Run, report: RowReport) -> dict[str, pa.Array]:
        require(
            columns.table.column_names, run.mapping, [("officer_id",), ("street_code", "grid_code", "lon")]
        )
        ids = identify(columns, report, "officer_id")
        grid, community, street = (
            columns.text(name) for name in ("grid_code", "community_code", "street_code")
        )
        if columns.name("lon") and columns.name("lat"):
            quiet = RowReport(report.row_no)
            place = located(columns, run, quiet, index, refuse=False)
            grid = pc.coalesce(grid, place["grid_code"])
        street = pc.coalesce(street, pc.utf8_slice_codeunits(grid, 0, 9))
        known = mask(pc.match_substring_regex(street, r"^\d{9}$"))
        report.reject(
            ~known, field="street_code", reason="unknown_area", got=street, expected="a 9-digit street code"
        )
        return {
            "officer_id": ids,
            "street_code": street.fill_null(""),
            "community_code": pc.coalesce(community, pc.utf8_slice_codeunits(grid, 0, 12)),
            "grid_code": grid,
            "name_masked": persons.masked_names(columns, "name_masked", "name"),
            "phone_masked": persons.masked_phones(columns, "phone_masked", "phone"),
            **persons.details(columns, name="name", phone="phone"),
            "role": code(columns, report, "role", "role", required=True).fill_null(""),
            "team_level": pc.cast(whole(columns, report, "team_level", 0, 3).fill_null(0), pa.int16()),
            "post": code(columns, report, "post", "post", required=False),
            "dept_id": text(columns, "dept_id"),
            "lead_officer_id": text(columns, "lead_officer_id"),
            "device_id": text(columns, "device_id"),
            "on_duty": pa.array(
                np.asarray([(word or "").lower() in _YES for word in columns.text("on_duty").to_pylist()])
            ),
            "shift": code(columns, report, "shift", "shift", required=False),
        }

    import_rows(run, officer, read, persons_of="officer")


_YES: Final = frozenset({"1", "true", "yes", "y", "是", "在岗"})


IMPORTS: Final[dict[str, Callable[[Run], None]]] = {
    "areas": import_areas,
    "buildings": import_buildings,
    "roads": import_roads,
    "resources": import_resources,
    "officers": import_officers,
}
