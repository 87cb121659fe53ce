"""Rows of ``case`` and ``case_event`` for new and changed cases, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.ingest import case_paths, persons
from data.ingest.case_facts import Facts
from data.ingest.columns import mask
from data.ingest.repeats import Stored
from data.ingest.report import RowReport
from data.ingest.run import Run
from data.ingest.write import Write
from data.tables import case_event, cases

_PLAIN: Final = r"^[A-Za-z0-9_.\-]{1,60}$"
_STAGE: Final = "import_case_changes"
#: Columns that a newer state of a known case replaces.
REPLACED: Final = (
    "title",
    "description",
    "address",
    "reporter_kind",
    "reporter_masked",
    "nature",
    "channel_code",
    "urgency",
    "state",
    "event_seq",
    "main_dept_id",
    "first_dept_id",
    "accepted_at",
    "filed_at",
    "dispatched_at",
    "handled_at",
    "verified_at",
    "closed_at",
    "ended_at",
    "clock_stopped_at",
    "deadline_at",
    "content_hash",
    "return_count",
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What one round writes; ``changed`` says that the cases exist already."""

    cases: pa.Table
    events: pa.Table
    changed: bool
    reporters: pa.Table


def case_numbers(prefix: str, source_id: pa.Array, id_hash: Any) -> pa.Array:
    """Numbers of imported cases: the prefix and the source's id, or a hash of an id that is no plain word."""
    plain = mask(pc.match_substring_regex(source_id, _PLAIN))
    names = source_id
    if not plain.all():
        hashed = pa.array([f"x{value:016x}" for value in id_hash.tolist()])
        names = pc.if_else(pa.array(plain), source_id, hashed)
    return pc.binary_join_element_wise(pa.scalar(prefix), names, "")


def prefix_of(run: Run) -> str:
    """What distinguishes the numbers of one source from those of another."""
    if run.mapping.case_prefix:
        return run.mapping.case_prefix
    return re.sub(r"[^A-Za-z0-9]", "", run.mapping.source_system).upper()[:12] + "-"


def inserts(run: Run, facts: Facts, report: RowReport, rows: Any) -> Rows:
    """Rows of new cases in the order of the key, so that the indexes grow at their end."""
    part = facts.take(rows)
    numbers = case_numbers(prefix_of(run), part.source_id, part.id_hash)
    order = pc.sort_indices(
        pa.table({"c": numbers, "s": part.street_code}), sort_keys=[("c", "ascending"), ("s", "ascending")]
    ).to_numpy()
    if not (order[1:] > order[:-1]).all():
        part, rows, numbers = part.take(order), rows[order], numbers.take(pa.array(order))
    count = len(rows)
    table: dict[str, Any] = {
        "street_code": part.street_code,
        "case_no": numbers,
        "community_code": part.community_code,
        "grid_code": part.grid_code,
        "cat_code": part.cat_code,
        "lon": pa.array(part.lon, from_pandas=True),
        "lat": pa.array(part.lat, from_pandas=True),
        "source_system": pa.array([run.mapping.source_system]).take(
            pa.array(np.zeros(count, dtype=np.int64))
        ),
        "source_id": part.source_id,
        "quality_flags": report.quality_flags().take(pa.array(rows)),
        **_told(part),
    }
    events = case_paths.events(
        part.plan, part.street_code, numbers, to_dept=part.dept_id, deadline=part.deadline
    )
    return Rows(
        without_empty(pa.table(table)),
        without_empty(events),
        changed=False,
        reporters=_reporters(part, numbers, part.street_code),
    )


def without_empty(table: pa.Table) -> pa.Table:
    """The columns that say something; the store fills the others with null by itself, and faster."""
    return table.select([name for name in table.column_names if table[name].null_count < table.num_rows])


def updates(part: Facts, report: RowReport, rows: Any, stored: Stored, news: Any) -> Rows:
    """Rows of cases that went on: their new fold and the events that follow the stored ones."""
    index = pa.array(news)
    street, number = stored.street_code.take(index), stored.case_no.take(index)
    told = {name: values for name, values in _told(part).items() if name in REPLACED}
    table = pa.table(
        {
            "street_code": street,
            "case_no": number,
            "quality_flags": report.quality_flags().take(pa.array(rows)),
            **told,
        }
    )
    events = case_paths.events(
        part.plan, street, number, after=stored.length[news], to_dept=part.dept_id, deadline=part.deadline
    )
    return Rows(table, events, changed=True, reporters=_reporters(part, number, street))


def _reporters(part: Facts, numbers: pa.Array, streets: pa.Array) -> pa.Table:
    """Rows of ``person_detail``: who brought the cases, under their numbers."""
    told = {persons.DETAILS[name]: values for name, values in part.told.items()}
    if not told:
        return pa.table({})
    return persons.person_rows("reporter", numbers, streets, pa.table(told))


def _told(part: Facts) -> dict[str, Any]:
    """What a file tells about a case beside its identity."""
    return {
        **part.texts,
        "channel_code": part.channel_code,
        "urgency": pa.array(part.urgency, pa.int16()),
        "content_hash": pa.array(part.content_hash.view(np.int64)),
        **case_paths.fold(part.plan, to_dept=part.dept_id, deadline=part.deadline),
    }


def writing(parts: Sequence[Rows]) -> Write:
    """The job that writes some rows within a transaction."""

    def write(copy: Any) -> None:
        for rows in parts:
            if not rows.cases.num_rows:
                continue
            if rows.changed:
                _update(copy, rows.cases)
            else:
                copy.append(cases.name, rows.cases)
            if rows.events.num_rows:
                copy.append(case_event.name, rows.events)
            persons.write_persons(copy, rows.reporters)

    return write


def _update(copy: Any, rows: pa.Table) -> None:
    """Replace the fold and the description of known cases."""
    names = [name for name in rows.column_names if name not in {"street_code", "case_no", "quality_flags"}]
    columns = ", ".join(f'"{name}"' for name in rows.column_names)
    copy.execute(f'CREATE TEMP TABLE {_STAGE} ON COMMIT DROP AS SELECT {columns} FROM "case" WITH NO DATA')
    copy.ingest(_STAGE, rows, temporary=True)
    sets = ", ".join(f'"{name}" = s."{name}"' for name in names)
    copy.execute(
        f'UPDATE "case" c SET {sets}, quality_flags = coalesce(s.quality_flags, c.quality_flags), '
        "updated_at = now(), changed_xid = pg_current_xact_id()::text::bigint "
        f"FROM {_STAGE} s WHERE c.street_code = s.street_code AND c.case_no = s.case_no"
    )
    copy.execute(f"DROP TABLE {_STAGE}")
