"""Import of cases (案件): checks, codes, grids, logs, and what changed since last time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.ingest import case_rows, repeats, seen
from data.ingest.case_facts import Facts, read_facts
from data.ingest.columns import Columns, mask, require
from data.ingest.errors import IngestError
from data.ingest.grids import load_index
from data.ingest.report import RowReport
from data.ingest.run import Run
from data.ingest.vocab import AreaNames, Vocabulary
from data.ingest.write import Job

MAX_ROUNDS: Final = 8  # states of one id within a batch


@dataclass(slots=True)
class _State:
    """What an import of cases carries from batch to batch."""

    vocabulary: Vocabulary
    names: AreaNames
    index: Any
    seen: seen.SeenInRun
    stored_before: bool


def import_cases(run: Run) -> None:
    """Read, check and write all rows; the account is in ``run.summary``.

    Raises:
        IngestError: the file lacks needed columns, or the store has no areas.
    """
    state = _State(
        vocabulary=Vocabulary(run.store, run.mapping),
        names=AreaNames(run.store),
        index=load_index(run.store),
        seen=seen.SeenInRun(),
        stored_before=repeats.has_rows(run.store, run.mapping.source_system),
    )
    by_names = run.mapping.place == "names"
    for table, report in run.batches():
        require(
            table.column_names,
            run.mapping,
            [("reported",), *([("street",)] if by_names else [("lon",), ("lat",)])],
        )
        facts = read_facts(
            Columns(table, run.mapping),
            run,
            report,
            vocabulary=state.vocabulary,
            names=state.names,
            index=state.index,
        )
        state.vocabulary.save()
        _write(run, state, facts, report)


def _write(run: Run, state: _State, facts: Facts, report: RowReport) -> None:
    """Sort a batch into new, changed, unchanged and refused rows, and hand it to the writer."""
    outcome = {"inserted": 0, "updated": 0, "unchanged": 0}
    rest = ~report.rejected
    jobs: list[Job] = []
    for _ in range(MAX_ROUNDS):
        rows = np.flatnonzero(rest)
        ids, contents = facts.id_hash[rows], facts.content_hash[rows]
        repeated = seen.same_as_first(ids, contents)
        first = seen.first_of_each(ids)
        outcome["unchanged"] += int(repeated.sum())
        chosen = rows[first]
        if jobs:
            run.writer.put(jobs.pop())
        jobs.append(_round(run, state, facts, report, rows=chosen, outcome=outcome))
        rest = np.zeros(len(rest), dtype=bool)
        rest[rows[~first & ~repeated]] = True
        if not rest.any():
            break
    report.reject(
        rest,
        field="source_id",
        reason="repeated_id",
        got=facts.source_id,
        expected=f"at most {MAX_ROUNDS} states of one case in a batch",
    )
    last = jobs.pop()
    run.writer.put(Job(last.write, report, outcome))


def _round(
    run: Run, state: _State, facts: Facts, report: RowReport, *, rows: Any, outcome: dict[str, int]
) -> Job:
    """One row per id: new ones, and those that the run or the store knows."""
    ids, contents = facts.id_hash[rows], facts.content_hash[rows]
    met, same = state.seen.look(ids, contents)
    outcome["unchanged"] += int(same.sum())
    doubtful = met & ~same
    if doubtful.any():
        run.writer.drain()
    ask = ~met if state.stored_before else np.zeros(len(rows), dtype=bool)
    if ask.any():
        known = repeats.fetch(
            run.store, run.mapping.source_system, facts.source_id.take(pa.array(rows[ask])), hashes_only=True
        )
        found, equal = _compare(known, facts, rows)
        unchanged = ask & found & equal
        outcome["unchanged"] += int(unchanged.sum())
        state.seen.add(ids[unchanged], contents[unchanged])
        doubtful |= ask & found & ~equal
        new = ask & ~found
        new |= ~met & ~ask
    else:
        new = ~met
    tables = [case_rows.inserts(run, facts, report, rows[new])]
    outcome["inserted"] += int(new.sum())
    if doubtful.any():
        tables.append(_changes(run, state, facts, report, rows=rows[doubtful], outcome=outcome))
    state.seen.add(ids[new], contents[new])
    return Job(case_rows.writing(tables), None)


def _compare(known: pa.Table, facts: Facts, rows: Any) -> tuple[Any, Any]:
    """Per row: the store has its id; and with the same content."""
    place = pc.index_in(
        facts.source_id.take(pa.array(rows)), value_set=known.column("source_id").combine_chunks()
    )
    content = (
        known.column("content_hash").combine_chunks().take(place).fill_null(0).to_numpy().view(np.uint64)
    )
    return mask(pc.is_valid(place)), content == facts.content_hash[rows]


def _changes(
    run: Run, state: _State, facts: Facts, report: RowReport, *, rows: Any, outcome: dict[str, int]
) -> case_rows.Rows:
    """Rows whose id is known under another content."""
    source_ids = facts.source_id.take(pa.array(rows))
    stored = repeats.align(
        repeats.fetch(run.store, run.mapping.source_system, source_ids, hashes_only=False), source_ids
    )
    if not stored.found.all():
        raise IngestError("the store lost cases while they were imported; run the import again")
    part = facts.take(rows)
    ahead, older = repeats.judge(
        stored, part.plan, lon=part.lon, lat=part.lat, cat_code=part.cat_code, report=report, rows=rows
    )
    outcome["updated"] += int(ahead.sum())
    outcome["unchanged"] += int(older.sum())
    news = np.flatnonzero(ahead)
    state.seen.add(facts.id_hash[rows[news]], facts.content_hash[rows[news]])
    return case_rows.updates(part.take(news), report, rows[news], stored, news)
