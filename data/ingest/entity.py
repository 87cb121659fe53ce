"""What the imports of areas, buildings, roads, resources and officers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table

from data.bulk import upsert_into
from data.exchange.labels import codes as codes_of
from data.ingest import grids, persons, places, vocab
from data.ingest.columns import Columns, mask
from data.ingest.merge import compare
from data.ingest.report import RowReport
from data.ingest.run import Run
from data.ingest.write import Job

MAX_ID: Final = 200
MAX_TEXT: Final = 300

Read = Callable[[Columns, Run, RowReport], dict[str, pa.Array]]


def import_rows(run: Run, table: Table, read: Read, *, persons_of: str | None = None) -> None:
    """Read a file batch by batch and write what is new or changed.

    Args:
        run: the import.
        table: where the rows go.
        read: makes the columns of ``table`` out of a batch, one value per row of
            the batch; refused rows may hold anything. Columns of `data.ingest.persons.DETAILS`
            may stand among them.
        persons_of: kind of the persons in those columns; None where there are none.
    """
    keys = [column.name for column in table.primary_key]
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for batch, report in run.batches(geometry=True):
        rows = pa.table(read(Columns(batch, run.mapping), run, report))
        rows = rows.append_column(
            "source_system", pa.array([run.mapping.source_system] * rows.num_rows, pa.string())
        )
        run.writer.drain()
        outcome = _outcome(run, table, rows, report, keys=keys, seen=seen)
        fresh, people = outcome.pop("write"), outcome.pop("persons")
        run.writer.put(Job(_writing(table, fresh, keys, (persons_of, people)), report, outcome))


def _outcome(
    run: Run,
    table: Table,
    rows: pa.Table,
    report: RowReport,
    *,
    keys: Sequence[str],
    seen: dict[tuple[Any, ...], dict[str, Any]],
) -> dict[str, Any]:
    """Counts of a batch, under ``write`` the rows that are new or changed, under ``persons`` all of them."""
    kept = np.flatnonzero(~report.rejected)
    part = rows.take(pa.array(kept))
    values = part.to_pylist()
    unchanged, chosen, conflict = 0, [], np.zeros(len(report.row_no), dtype=bool)
    for place, row in enumerate(values):
        key = tuple(row[name] for name in keys)
        if key in seen:
            if seen[key] == row:
                unchanged += 1
            else:
                conflict[kept[place]] = True
        else:
            seen[key] = row
            chosen.append(place)
    report.reject(
        conflict,
        field=keys[-1],
        reason="repeated_id",
        got=rows.column(keys[-1]).combine_chunks(),
        expected="the same content for the same id",
    )
    part = part.take(pa.array(chosen, pa.int64()))
    whole, (part, told) = part, persons.split(part)
    found, same = compare(run.store, table, part, keys)
    return {
        "inserted": int((~found).sum()),
        "updated": int((found & ~same).sum()),
        "unchanged": unchanged + int((found & same).sum()),
        "write": part.filter(pa.array(~(found & same))),
        "persons": (whole, told),
    }


def _writing(table: Table, rows: pa.Table, keys: Sequence[str],
             people: tuple[str | None, tuple[pa.Table, pa.Table]]) -> Callable[[Any], None]:
    kind, (whole, told) = people

    def write(copy: Any) -> None:
        upsert_into(copy, table.name, rows, keys)
        if kind is not None:
            ids = whole[f"{table.name}_id"]
            persons.write_persons(copy, persons.person_rows(kind, ids, whole["street_code"], told))

    return write


def identify(columns: Columns, report: RowReport, field: str) -> pa.Array:
    """The id column; rows without one, or with an endless one, are refused."""
    ids = columns.text(field)
    report.source_ids = ids
    report.reject(mask(pc.is_null(ids)), field=field, reason="missing_id", got=None, expected="an id")
    long = mask(pc.greater(pc.utf8_length(ids), MAX_ID))
    report.reject(long, field=field, reason="bad_id", got=ids, expected=f"at most {MAX_ID} characters")
    return ids.fill_null("")


def text(columns: Columns, field: str) -> pa.Array:
    """A descriptive text, cut to `MAX_TEXT` characters."""
    return pc.utf8_slice_codeunits(columns.text(field), 0, MAX_TEXT)


def code(
    columns: Columns,
    report: RowReport,
    field: str,
    kind: str,
    *,
    required: bool,
    default: str | None = None,
) -> pa.Array:
    """A word of an enumeration; unknown words are refused if ``required``, else dropped and flagged."""
    words = columns.text(field)
    default = columns.mapping.defaults.get(field, default)
    table = {**{one: one for one in codes_of(kind)}, **columns.mapping.values.get(field, {})}
    codes = vocab.words_to(words, table)
    unknown = mask(pc.is_null(codes)) & mask(pc.is_valid(words))
    expected = f"one of {', '.join(codes_of(kind))}"
    if default is None and required:
        report.reject(
            mask(pc.is_null(codes)), field=field, reason=f"unknown_{field}", got=words, expected=expected
        )
    else:
        report.flag(unknown, field=field, reason=f"unknown_{field}", got=words, expected=expected)
    return codes if default is None else codes.fill_null(default)


def amount(columns: Columns, report: RowReport, field: str, low: float, high: float) -> pa.Array:
    """A number within bounds; anything else is dropped and flagged as ``bad_number``."""
    value, word = columns.number(field)
    with np.errstate(invalid="ignore"):
        wrong = word | (~np.isnan(value) & ~((value >= low) & (value <= high)))
    report.flag(
        wrong,
        field=field,
        reason="bad_number",
        got=columns.text(field),
        expected=f"a number {low:g}..{high:g}",
    )
    return pa.array(np.where(wrong, np.nan, value), from_pandas=True)


def whole(columns: Columns, report: RowReport, field: str, low: int, high: int) -> pa.Array:
    """Like `amount`, rounded to whole numbers."""
    return pc.cast(pc.round(amount(columns, report, field, low, high)), pa.int32())


def located(
    columns: Columns, run: Run, report: RowReport, index: Any, *, refuse: bool = True
) -> dict[str, pa.Array]:
    """Columns lon, lat, street, community and grid of points, or of the middle of polygons."""
    lon, lat = grids.entity_points(columns, run, report)
    lon, lat = np.round(lon, 7), np.round(lat, 7)
    grid = pa.array(places.assign(lon, lat, index, report, refuse=refuse), pa.string())
    return {
        "lon": pa.array(lon, from_pandas=True),
        "lat": pa.array(lat, from_pandas=True),
        "street_code": pc.utf8_slice_codeunits(grid, 0, 9),
        "community_code": _or_null(pc.utf8_slice_codeunits(grid, 0, 12)),
        "grid_code": _or_null(grid),
    }


def _or_null(codes: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(codes, ""), pa.scalar(None, pa.string()), codes)
