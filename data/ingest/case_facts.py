"""One batch of a case file as checked facts: what, where, when, and in which state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.ingest import case_paths, case_times, persons, places, vocab
from data.ingest.case_paths import Plan
from data.ingest.columns import Columns, Floats, mask
from data.ingest.report import RowReport
from data.ingest.run import Run
from data.ingest.times import NAT, Times

MAX_ID: Final = 200
_TEXTS: Final = {"title": 300, "description": 2000, "address": 300, "reporter_kind": 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One row per row of the batch; rows that were refused hold rubbish.

    ``grid_code`` is '' where a place is known by name only. ``texts`` are the
    descriptive columns of ``case``, ``told`` what the file says of the reporter as a person.
    """

    source_id: pa.Array
    id_hash: Any
    content_hash: Any
    plan: Plan
    lon: Floats
    lat: Floats
    street_code: pa.Array
    community_code: pa.Array
    grid_code: pa.Array
    cat_code: pa.Array
    channel_code: pa.Array
    dept_id: pa.Array
    urgency: Any
    deadline: Times
    texts: dict[str, pa.Array]
    told: dict[str, pa.Array]

    def take(self, rows: Any) -> Facts:
        """Some of the rows, in that order."""
        index = pa.array(rows)
        arrays = {
            name: getattr(self, name).take(index)
            for name in (
                "source_id",
                "street_code",
                "community_code",
                "grid_code",
                "cat_code",
                "channel_code",
                "dept_id",
            )
        }
        numbers = {
            name: getattr(self, name)[rows]
            for name in ("id_hash", "content_hash", "lon", "lat", "urgency", "deadline")
        }
        return replace(
            self,
            **arrays,
            **numbers,
            plan=self.plan.take(rows),
            texts={name: values.take(index) for name, values in self.texts.items()},
            told={name: values.take(index) for name, values in self.told.items()},
        )


def read_facts(
    columns: Columns,
    run: Run,
    report: RowReport,
    *,
    vocabulary: vocab.Vocabulary,
    names: vocab.AreaNames,
    index: Any,
) -> Facts:
    """Check a batch row by row; what is wrong goes to ``report``."""
    source_id = _identify(columns, report)
    times = case_times.read_times(columns, run, report)
    state = case_times.read_state(columns, times, run, report)
    case_times.check_times(columns, times, state, report, run)
    lon, lat, grid, street, community = _place(columns, run, report, names, index)
    classes, words = columns.text("category_class"), columns.text("category")
    texts = {name: pc.utf8_slice_codeunits(columns.text(name), 0, limit) for name, limit in _TEXTS.items()}
    texts["nature"] = _valued(columns, "nature")
    told = persons.details(columns, name="reporter_name", phone="reporter_phone", address="reporter_address")
    if columns.name("reporter_name"):
        texts["reporter_masked"] = persons.masked_names(columns, "reporter_name")
    moments = {name: value.at for name, value in times.items() if name not in {"updated", "deadline"}}
    plan = case_paths.plan(state, moments, report)
    deadline = times["deadline"].at if "deadline" in times else np.full(columns.rows, NAT)
    channels, units = columns.text("channel"), columns.text("department")
    parts = [
        pa.array(plan.at.view(np.int64).reshape(plan.at.shape)[:, position])
        for position in range(plan.at.shape[1])
    ] + [
        pa.array(state.astype(str)),
        _micro(lon),
        _micro(lat),
        classes,
        words,
        channels,
        units,
        pa.array(deadline.view(np.int64)),
        *texts.values(),
        *told.values(),
        street.fill_null("") if run.mapping.place == "names" else words,
    ]
    if columns.name("source_id") is None:
        source_id = vocab.row_ids(
            [
                pa.array(plan.at[:, 0].astype(np.int64)),
                _micro(lon),
                _micro(lat),
                classes,
                words,
                *texts.values(),
            ]
        )
    report.source_ids = source_id
    return Facts(
        source_id=source_id,
        id_hash=vocab.hashes([source_id]),
        content_hash=vocab.hashes(parts),
        plan=plan,
        lon=lon,
        lat=lat,
        street_code=street,
        community_code=community,
        grid_code=grid,
        cat_code=_categories(columns, classes, words, report, vocabulary),
        channel_code=vocabulary.channels(_valid(channels, report), report),
        dept_id=vocabulary.departments(_valid(units, report)),
        urgency=_urgency(columns),
        deadline=deadline,
        texts=texts,
        told=told,
    )


def _valid(words: pa.Array, report: RowReport) -> pa.Array:
    """Words of rows that stay; refused rows must not add to the vocabulary."""
    return pc.if_else(pa.array(~report.rejected), words, pa.scalar(None, pa.string()))


def _categories(
    columns: Columns, classes: pa.Array, words: pa.Array, report: RowReport, vocabulary: vocab.Vocabulary
) -> pa.Array:
    if columns.name("category"):
        missing = mask(pc.is_null(words)) & mask(pc.is_null(classes))
        report.flag(missing, field="category", reason="no_category", got=None, expected="a category")
    return vocabulary.categories(_valid(classes, report), _valid(words, report), report)


def _micro(degrees: Floats) -> pa.Array:
    """Degrees as whole 1e-7 steps, so that the same place has the same text in every format."""
    return pa.array(np.round(np.nan_to_num(degrees, nan=999.0) * 1e7).astype(np.int64))


def _identify(columns: Columns, report: RowReport) -> pa.Array:
    filled = np.zeros(columns.rows, dtype=bool)
    for field in ("source_id", "status", "reported", "category", "lon", "lat", "street", "address"):
        if columns.name(field):
            filled |= mask(pc.is_valid(columns.text(field)))
    report.reject(~filled, field="", reason="empty_row", got=None, expected="a filled row")
    if columns.name("source_id") is None:
        return pa.nulls(columns.rows, pa.string())
    source_id = columns.text("source_id")
    report.source_ids = source_id
    report.reject(
        mask(pc.is_null(source_id)) & filled,
        field="source_id",
        reason="missing_id",
        got=None,
        expected="the id that the source gave the case",
    )
    long = mask(pc.greater(pc.utf8_length(source_id), MAX_ID))
    report.reject(
        long, field="source_id", reason="bad_id", got=source_id, expected=f"at most {MAX_ID} characters"
    )
    return source_id.fill_null("")


def _place(
    columns: Columns, run: Run, report: RowReport, names: vocab.AreaNames, index: Any
) -> tuple[Any, ...]:
    """lon, lat, grid, street and community codes of each row."""
    if run.mapping.place == "names":
        street, community = names.codes(columns.text("street"), columns.text("community"))
        report.reject(
            mask(pc.is_null(street)),
            field="street",
            reason="unknown_area",
            got=columns.text("street"),
            expected="the name of a street of the store",
        )
        report.flag(
            mask(pc.is_valid(street)),
            field="lon,lat",
            reason="no_coordinates",
            got=None,
            expected="a point; the place is known by name only",
        )
        nowhere = np.full(columns.rows, np.nan)
        return nowhere, nowhere, pa.nulls(columns.rows, pa.string()), street, community
    lon, lat = places.coordinates(columns, run.crs, report, run.mapping.district)
    lon, lat = np.round(lon, 7), np.round(lat, 7)
    codes = places.assign(lon, lat, index, report)
    grid = pa.array(codes, pa.string())
    return lon, lat, grid, pc.utf8_slice_codeunits(grid, 0, 9), pc.utf8_slice_codeunits(grid, 0, 12)


def _valued(columns: Columns, field: str) -> pa.Array:
    """A field whose words the mapping translates; words it does not know are dropped."""
    return vocab.words_to(columns.text(field), dict(columns.mapping.values.get(field, {})))


def _urgency(columns: Columns) -> Any:
    words = columns.text("urgency")
    table = {"1": "1", "2": "2", "3": "3", **columns.mapping.values.get("urgency", {})}
    codes = vocab.words_to(words, table).fill_null("1")
    return np.asarray(pc.cast(codes, pa.int16()).to_numpy())
