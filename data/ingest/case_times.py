"""When a case was what: the time columns of a batch, checked, and the state that they and a word tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.ingest import case_paths, vocab
from data.ingest.columns import Columns, mask
from data.ingest.report import RowReport
from data.ingest.run import Run
from data.ingest.times import NAT, Parsed, parse_times

_ENDED: Final = ("closed", "rejected", "cancelled")


def read_times(columns: Columns, run: Run, report: RowReport) -> dict[str, Parsed]:
    """All time columns of the file; ``reported`` and ``closed`` are always there."""
    names = [name for _, name in case_paths.MAIN] + ["updated", "deadline"]
    found: dict[str, Parsed] = {}
    for name in dict.fromkeys(names):
        raw = columns.raw(name)
        if raw is None:
            continue
        if not (pa.types.is_timestamp(raw.type) or pa.types.is_date(raw.type)):
            raw = columns.cleaned(raw)
        found[name] = parse_times(
            raw,
            run.mapping.time_formats(name),
            run.mapping.zone_of_times,
            local_labelled_utc=run.mapping.local_labelled_utc,
        )
    if "closed" not in found:
        none = np.zeros(columns.rows, dtype=bool)
        found["closed"] = Parsed(np.full(columns.rows, NAT), none, none, none, none)
    empty = report.rejected.copy()
    report.reject(
        ~found["reported"].given & ~empty,
        field="reported",
        reason="missing_time",
        got=None,
        expected="the time of report",
    )
    return found


def check_times(columns: Columns, times: dict[str, Parsed], state: Any, report: RowReport, run: Run) -> None:
    """Refuse times that cannot be read, never were or lie ahead; flag those that lost their seconds."""
    ended = np.isin(state, _ENDED)
    for name, parsed in times.items():
        shown = _Shown(columns, name)
        needed = ended if name == "closed" else np.ones(columns.rows, dtype=bool)
        report.reject(
            parsed.impossible & needed,
            field=name,
            reason="impossible_time",
            got=shown,
            expected=f"{' or '.join(run.mapping.time_formats(name))} in {run.mapping.zone_of_times}",
        )
        report.reject(
            parsed.ambiguous & needed,
            field=name,
            reason="ambiguous_time",
            got=shown,
            expected="one format: the rows around do not tell which is meant",
        )
        report.flag(
            parsed.guessed & needed,
            field=name,
            reason="ambiguous_time_decided",
            got=shown,
            expected="one format; decided by the rows around, or the earlier of two instants",
        )
    limit = np.datetime64((run.now + timedelta(days=1)).replace(tzinfo=None), "us")
    report.reject(
        times["reported"].at > limit,
        field="reported",
        reason="future_time",
        got=_Shown(columns, "reported"),
        expected=f"not after {limit}",
    )
    if "updated" in times:
        behind = times["reported"].at - times["updated"].at
        zero = np.timedelta64(0, "us")
        slight = (behind > zero) & (behind <= np.timedelta64(case_paths.TOLERANCE)) & ~ended
        report.flag(
            slight,
            field="updated",
            reason="truncated_to_minute",
            got=_Shown(columns, "updated"),
            expected="not before the time of report; within two minutes",
        )
        report.flag(
            (behind > np.timedelta64(case_paths.TOLERANCE)) & ~ended,
            field="updated",
            reason="updated_before_reported",
            got=_Shown(columns, "updated"),
            expected="not before the time of report",
        )


class _Shown:
    """Cells of a column as text, made only for the rows that are asked for."""

    def __init__(self, columns: Columns, field: str) -> None:
        self._values = columns.raw(field)

    def __getitem__(self, row: int) -> Any:
        return None if self._values is None else self._values[row].as_py()


def read_state(columns: Columns, times: dict[str, Parsed], run: Run, report: RowReport) -> Any:
    """Life-cycle states as a numpy array of texts, '' where unknown (and refused)."""
    derived = _derived_state(columns, times)
    if columns.name("status") is None:
        return derived
    words = columns.text("status")
    known = vocab.words_to(words, {**{state: state for state in case_paths.TARGETS}, **run.mapping.states})
    staged = any(name in times for name in case_paths.STAGES)
    missing = mask(pc.is_null(known)) & ~(mask(pc.is_null(words)) & staged)
    report.reject(
        missing & ~(report.rejected & mask(pc.is_null(words))),
        field="status",
        reason="unknown_status",
        got=words,
        expected=f"one of {', '.join(run.mapping.states) or 'the life cycle'}",
    )
    texts = np.asarray(known.fill_null("").to_numpy(zero_copy_only=False), dtype=str)
    return np.where(mask(pc.is_null(words)) & staged, derived, texts)


def _derived_state(columns: Columns, times: dict[str, Parsed]) -> Any:
    """The state that flags or, without them, the last known moment speak of."""
    state = np.full(columns.rows, "accepted", dtype="<U12")
    for name, reached in (
        ("filed", "filed"),
        ("dispatched", "dispatched"),
        ("received", "handling"),
        ("handled", "verifying"),
        ("closed", "closed"),
    ):
        if name in times:
            state = np.where(times[name].given, reached, state)
    for field, reached in (
        ("in_progress", "handling"),
        ("on_time", "closed"),
        ("overtime", "closed"),
        ("cancelled", "cancelled"),
    ):
        if columns.name(field):
            value, _ = columns.number(field)
            state = np.where(value >= 1, reached, state)
    return state
