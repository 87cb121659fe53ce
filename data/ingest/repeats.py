"""Repeated rows: what this run and the store know already about an id, and what is news.

An id that comes again with the same content is unchanged. With a state further
along the same log it is an update; with an earlier state it is old news; with
other facts (time of report, place, category) it is refused, one of the two
must be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from data.ingest.case_paths import STATE_NAMES, Ints, Plan, states
from data.ingest.columns import Bools, Floats
from data.ingest.report import RowReport
from data.ingest.seen import Hashes
from data.ingest.times import NAT, Times
from data.tables import cases

if TYPE_CHECKING:
    from data.engine import Store

#: Stage columns of the store and the column of the plan that each is the time of.
STAMPS: Final = (
    ("accepted_at", 1),
    ("filed_at", 2),
    ("dispatched_at", 3),
    ("handled_at", 5),
    ("closed_at", 7),
)
SAME_PLACE: Final = 1e-6  # degrees, a decimetre


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store has about the ids of some rows; ``found`` False where it has none."""

    found: Bools
    content: Hashes
    street_code: pa.Array
    case_no: pa.Array
    state: Ints
    length: Ints
    cat_code: pa.Array
    lon: Floats
    lat: Floats
    reported: Times
    stamps: dict[str, Times]


def has_rows(store: Store, source_system: str) -> bool:
    """Whether the store has any case of this source."""
    query = select(cases.c.source_id).where(cases.c.source_system == source_system).limit(1)
    with store.engine.connect() as connection:
        return connection.execute(query).first() is not None


def fetch(store: Store, source_system: str, source_ids: pa.Array, *, hashes_only: bool) -> pa.Table:
    """The store's rows of these ids; with ``hashes_only`` just id and content hash."""
    columns = [cases.c.source_id, cases.c.content_hash]
    if not hashes_only:
        columns += [
            cases.c.street_code,
            cases.c.case_no,
            cases.c.state,
            cases.c.event_seq,
            cases.c.cat_code,
            cases.c.lon,
            cases.c.lat,
            cases.c.reported_at,
            *(cases.c[name] for name, _ in STAMPS),
        ]
    wanted = bindparam("ids", source_ids.to_pylist(), type_=ARRAY(TEXT))
    query = select(*columns).where(
        cases.c.source_system == source_system,
        cases.c.source_id == any_(wanted),
        cases.c.deleted_at.is_(None),
    )
    with store.copying() as copy:
        copy.execute("SET LOCAL enable_seqscan = off")
        return copy.select(query)


def align(rows: pa.Table, source_ids: pa.Array) -> Stored:
    """Fetched rows in the order of ``source_ids``."""
    place = pc.index_in(source_ids, value_set=rows.column("source_id").combine_chunks())

    def column(name: str) -> pa.Array:
        whole = rows.column(name).combine_chunks()
        return whole.take(place)

    def times(name: str) -> Times:
        return np.asarray(
            pc.cast(column(name), pa.int64()).fill_null(np.iinfo(np.int64).min).to_numpy()
        ).view("M8[us]")

    found = np.asarray(pc.is_valid(place).to_numpy(zero_copy_only=False), dtype=bool)
    state = pc.index_in(column("state"), value_set=pa.array(STATE_NAMES)).fill_null(-1)
    return Stored(
        found=found,
        content=column("content_hash").fill_null(0).to_numpy().view(np.uint64),
        street_code=column("street_code"),
        case_no=column("case_no"),
        state=state.to_numpy().astype(np.int64),
        length=column("event_seq").fill_null(0).to_numpy(),
        cat_code=column("cat_code"),
        lon=column("lon").fill_null(np.nan).to_numpy(),
        lat=column("lat").fill_null(np.nan).to_numpy(),
        reported=times("reported_at"),
        stamps={name: times(name) for name, _ in STAMPS},
    )


def judge(
    stored: Stored,
    planned: Plan,
    *,
    lon: Floats,
    lat: Floats,
    cat_code: pa.Array,
    report: RowReport,
    rows: Ints,
) -> tuple[Bools, Bools]:
    """Which rows bring news and which are old news; the rest is refused as ``repeated_id``.

    Args:
        stored: aligned to the rows that are judged.
        planned: their logs, as the file tells them.
        lon, lat, cat_code: their facts.
        report: of the whole batch.
        rows: positions of the judged rows in the batch.
    """
    differs = _facts_that_differ(stored, planned, lon, lat, cat_code)
    steps = planned.lengths
    _, after = states(planned)
    reached = planned.taken.cumsum(axis=1)
    then = np.where(reached >= np.minimum(stored.length, steps)[:, None], after, -1)
    state_then = then[np.arange(len(then)), (then >= 0).argmax(axis=1)]
    same_log = _same_stamps(stored, planned)
    ahead = same_log & (steps >= stored.length) & (state_then == stored.state)
    older = same_log & (steps < stored.length)
    facts_equal = np.ones(len(steps), dtype=bool)
    for field, (wrong, got, expected) in differs.items():
        hit = wrong & facts_equal
        _reject(report, rows, hit, field=field, got=got, expected=f"{expected}, as first imported")
        facts_equal &= ~wrong
    strange = facts_equal & ~ahead & ~older
    _reject(
        report,
        rows,
        strange,
        field="status",
        got=[f"{count} events" for count in steps],
        expected="a log that continues the imported one",
    )
    _flag(report, rows, facts_equal & older)
    return facts_equal & ahead, facts_equal & older


def _facts_that_differ(
    stored: Stored,
    planned: Plan,
    lon: Floats,
    lat: Floats,
    cat_code: pa.Array,
) -> dict[str, tuple[Bools, Any, str]]:
    time = planned.at[:, 0] != stored.reported
    with np.errstate(invalid="ignore"):
        moved = (np.abs(lon - stored.lon) > SAME_PLACE) | (np.abs(lat - stored.lat) > SAME_PLACE)
    moved |= np.isnan(lon) != np.isnan(stored.lon)
    category = ~np.asarray(
        pc.equal(cat_code.fill_null(""), stored.cat_code.fill_null("")).to_numpy(zero_copy_only=False)
    )
    return {
        "reported": (time, planned.at[:, 0].astype(str), "the time of report"),
        "lon,lat": (moved, [f"{x:.6f},{y:.6f}" for x, y in zip(lon, lat, strict=True)], "the place"),
        "category": (category, cat_code, "the category"),
    }


def _same_stamps(stored: Stored, planned: Plan) -> Bools:
    """Whether every stage that both know has the same time (the fold of a direct close sets two)."""
    same = np.ones(len(planned.final), dtype=bool)
    ended = np.where(planned.taken[:, -1], planned.at[:, -1], NAT)
    for name, position in STAMPS:
        at = np.where(planned.taken[:, position], planned.at[:, position], NAT)
        if name in {"handled_at", "closed_at"}:
            at = np.where(np.isnat(at), ended, at)
        known = ~np.isnat(at) & ~np.isnat(stored.stamps[name])
        same &= ~known | (at == stored.stamps[name])
    return same


def _full(rows: Ints, hit: Bools, size: int) -> Bools:
    whole = np.zeros(size, dtype=bool)
    whole[rows[hit]] = True
    return whole


def _reject(report: RowReport, rows: Ints, hit: Bools, *, field: str, got: Any, expected: str) -> None:
    if hit.any():
        report.reject(
            _full(rows, hit, len(report.row_no)),
            field=field,
            reason="repeated_id",
            got=_Placed(rows, got),
            expected=expected,
        )


def _flag(report: RowReport, rows: Ints, hit: Bools) -> None:
    if hit.any():
        report.flag(
            _full(rows, hit, len(report.row_no)),
            field="status",
            reason="older_state",
            got=None,
            expected="not an earlier state than the imported one",
        )


class _Placed:
    """Values of some rows, found by their position in the batch."""

    def __init__(self, rows: Ints, values: Any) -> None:
        self._place = {int(row): place for place, row in enumerate(rows)}
        self._values = values

    def __getitem__(self, row: int) -> Any:
        value = self._values[self._place[row]]
        return value.as_py() if isinstance(value, pa.Scalar) else value
