"""The closure X-ray (办理透视): the real paths of cases out of their log (van der Aalst 2016).

Variants (cases with the same acts in the same order), which act follows which and how long that takes, in
which state the days go, who gets cases back from whom, and the deviations of `data.analytics.deviations`. The
log is read by parts of the window, so that progress can be told and a year fits into memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import and_, select

from data.access.masks import masked
from data.analytics import posts
from data.analytics.deviations import DEVIATIONS, WORKING, Floats, Ints, Log, returns
from data.cases.facts import Facts, instant
from data.cases.lifecycle import ACTS, ENDED, STATES
from data.cases.queries import matches, seen_by
from data.filters import CaseFilter
from data.sql import Query
from data.tables import case_event, cases

if TYPE_CHECKING:
    from data.cases.reader import CaseReader

#: Of a window, the length of each part.
PART: Final = timedelta(days=31)
#: Lines of each table, and cases named of each deviation.
VARIANTS, PAIRS, EXAMPLES = 15, 12, 5
_LETTERS: Final = np.frombuffer(bytes(range(65, 65 + len(ACTS))), dtype="S1")
_HOUR: Final = 3_600.0
_ENDED: Final = frozenset(ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class XRay:
    """What was found.

    Attributes:
        cases: how many were looked at; ``events``; ``conforming`` (without any deviation).
        variants: ``acts`` (in order, with commas), ``cases, share``, ``p50_h`` (report to last event); most
            frequent first, at most `VARIANTS`; ``kinds`` is how many there are.
        edges: ``before, after`` (acts), ``cases``, ``p50_h, p90_h`` between them; most frequent first.
        stages: ``state``, ``hours`` (of all cases in it), ``share``, ``cases`` (that were in it); in the
            order of the life cycle, ended ones left out.
        pairs: ``unit`` that got cases back from ``between``, ``times``; most first, at most `PAIRS`.
        deviations: ``kind, cases, share, examples`` (numbers of cases, at most `EXAMPLES`, newest first).
        posts: as of `data.analytics.posts.summed`, ``examples`` as numbers of cases.
    """

    cases: int
    events: int
    conforming: int
    kinds: int
    variants: pd.DataFrame
    edges: pd.DataFrame
    stages: pd.DataFrame
    pairs: pd.DataFrame
    deviations: pd.DataFrame
    posts: pd.DataFrame


def mine(reader: CaseReader, filter_: CaseFilter, now: datetime,
         progress: Callable[[float], None] = lambda _share: None) -> XRay:
    """The paths of the cases of a filter, as of ``now``.

    Args:
        progress: told after each part which share is done, 0..1.

    Raises:
        data.engine.STORE_FAULTS: the store does not answer.
    """
    found: list[_Part] = []
    parts = list(_parts(filter_, now))
    for number, part in enumerate(parts, 1):
        found.append(_part(reader.asked(_events, part, now, of_store=True), now))
        progress(number / len(parts))
    summed = _summed(found)
    tables = {"deviations": summed.deviations, "posts": summed.posts}
    named = sorted({ref for table in tables.values() for refs in table["examples"] for ref in refs})
    numbers = _numbers(reader, filter_, now, named)
    told: dict[str, Any] = {}
    for name, table in tables.items():
        examples: Any = [[numbers[ref] for ref in refs if ref in numbers] for refs in table["examples"]]
        told[name] = table.assign(examples=examples)
    return replace(summed, **told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A part of the log, made small: per case, per step, per state, per return."""

    ref: Ints
    path: list[bytes]
    took_h: Floats
    marks: Ints  # bit i: the i-th of DEVIATIONS
    edge: Ints  # before * len(ACTS) + after
    gap_h: Floats
    hours: Floats  # per state
    visits: Ints  # per state, cases that were in it
    pairs: pd.DataFrame
    acts: posts.Acts
    events: int


def _parts(filter_: CaseFilter, now: datetime) -> Iterator[CaseFilter]:
    since, until = filter_.since, max(min(filter_.until, now), filter_.since + timedelta(seconds=1))
    while since < until:
        after = min(since + PART, until)
        yield filter_.with_(since=since, until=after)
        since = after


def _events(own: CaseFilter, now: datetime) -> Query:
    """The events of the cases of a filter that had happened by then, case by case in order."""
    joined = cases.join(case_event, and_(case_event.c.case_no == cases.c.case_no,
                                         case_event.c.street_code == cases.c.street_code))
    return (select(cases.c.case_ref, case_event.c.act, case_event.c.at, case_event.c.to_state,
                   case_event.c.to_dept, masked(case_event.c.actor_id, seen_by(own)).label("actor_id"))
            .select_from(joined)
            .where(matches(own), Facts(now).reported, case_event.c.at <= instant("now", now))
            .order_by(cases.c.case_ref, case_event.c.seq))


def _numbers(reader: CaseReader, filter_: CaseFilter, now: datetime, refs: list[int]) -> dict[int, str]:
    """Handle -> number, of some cases of the filter."""
    def build(own: CaseFilter, _now: datetime) -> Query:
        return select(cases.c.case_ref, cases.c.case_no).where(matches(own), cases.c.case_ref.in_(refs))

    return {row["case_ref"]: row["case_no"]
            for row in reader.asked(build, filter_, now, of_store=True).to_pylist()}


def _part(rows: pa.Table, now: datetime) -> _Part:
    act, state = (_codes(rows[name], known) for name, known in (("act", ACTS), ("to_state", STATES)))
    (unit, units), (person, persons) = (_named(rows[name]) for name in ("to_dept", "actor_id"))
    ref = rows["case_ref"].to_numpy()
    first = np.flatnonzero(np.append(True, ref[1:] != ref[:-1])) if len(ref) else np.zeros(0, np.int64)
    at = rows["at"].cast(pa.int64()).to_numpy() / 1e6
    working = np.isin(state, [STATES.index(name) for name in WORKING])
    log = Log(first=first, act=act, at=at, unit=unit, is_working=working, now=now.timestamp())
    marks = np.zeros(len(first), np.int64)
    for bit, rule in enumerate(DEVIATIONS.values()):
        marks |= np.asarray(rule(log)).astype(np.int64) << bit
    hours, visits = _in_states(log, state)
    is_step = np.ones(len(act), bool)
    is_step[first] = False
    step = np.flatnonzero(is_step)
    text = _LETTERS[act].tobytes()
    return _Part(
        ref=ref[first], took_h=(at[log.last] - at[first]) / _HOUR, marks=marks,
        path=[text[begin:end + 1] for begin, end in zip(first, log.last, strict=True)],
        edge=act[step - 1] * len(ACTS) + act[step], gap_h=(at[step] - at[step - 1]) / _HOUR,
        hours=hours, visits=visits, pairs=_returned(log, units), events=len(act),
        acts=posts.acts_of(log, ref[first], person, persons))


def _named(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """Names as their place in a list, and the list; -1 for none."""
    held = column.combine_chunks().dictionary_encode()
    codes = held.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, held.dictionary.to_pylist()


def _codes(column: pa.ChunkedArray, known: tuple[str, ...]) -> Ints:
    """Words as their place in a list."""
    held = column.combine_chunks().dictionary_encode()
    places = np.array([known.index(word) for word in held.dictionary.to_pylist()], dtype=np.int64)
    codes = held.indices.to_numpy(zero_copy_only=False)
    return places[codes] if len(codes) else np.zeros(0, np.int64)


def _in_states(log: Log, state: Ints) -> tuple[Floats, Ints]:
    """Hours in each state, and cases that were in it; an ended case is in none."""
    is_over = np.isin(state, [STATES.index(name) for name in _ENDED])
    hours = np.bincount(state[~is_over], log.until_next()[~is_over] / _HOUR, len(STATES))
    seen = np.unique(np.column_stack((log.case, state)), axis=0)[:, 1] if len(state) else state
    return np.asarray(hours), np.asarray(np.bincount(seen, minlength=len(STATES)), dtype=np.int64)


def _returned(log: Log, names: list[str]) -> pd.DataFrame:
    _, unit, between = returns(log)
    return pd.DataFrame({"unit": [names[code] for code in unit],
                         "between": [names[code] for code in between]})


def _summed(parts: list[_Part]) -> XRay:
    paths = pd.Series([path for part in parts for path in part.path], dtype=object)
    took = np.concatenate([part.took_h for part in parts])
    marks = np.concatenate([part.marks for part in parts])
    refs = np.concatenate([part.ref for part in parts])
    hours, visits = sum(part.hours for part in parts), sum(part.visits for part in parts)
    kinds = paths.nunique()
    return XRay(
        cases=len(paths), events=sum(part.events for part in parts), conforming=int((marks == 0).sum()),
        kinds=kinds, variants=_variants(paths, took), edges=_edges(parts), stages=_stages(hours, visits),
        pairs=_pairs(parts), deviations=_deviations(marks, refs),
        posts=posts.summed([part.acts for part in parts]))


def _variants(paths: pd.Series, took: Floats) -> pd.DataFrame:
    found = pd.DataFrame({"path": paths, "took_h": took}).groupby("path")["took_h"].agg(["size", "median"])
    found = found.reset_index().sort_values(["size", "path"], ascending=[False, True]).head(VARIANTS)
    return pd.DataFrame({
        "acts": [",".join(ACTS[letter - 65] for letter in path) for path in found["path"]],
        "cases": found["size"].to_numpy(), "share": (found["size"] / max(len(paths), 1)).to_numpy(),
        "p50_h": found["median"].to_numpy()})


def _edges(parts: list[_Part]) -> pd.DataFrame:
    found = pd.DataFrame({"edge": np.concatenate([part.edge for part in parts]),
                          "gap_h": np.concatenate([part.gap_h for part in parts])}).groupby("edge")["gap_h"]
    told = pd.DataFrame({"cases": found.size(), "p50_h": found.quantile(0.5), "p90_h": found.quantile(0.9)})
    told = told.reset_index().sort_values(["cases", "edge"], ascending=[False, True], ignore_index=True)
    before, after = np.divmod(told["edge"].to_numpy(dtype=np.int64), len(ACTS))
    return told.drop(columns="edge").assign(before=[ACTS[code] for code in before],
                                            after=[ACTS[code] for code in after])


def _stages(hours: Any, visits: Any) -> pd.DataFrame:
    found = pd.DataFrame({"state": STATES, "hours": hours, "cases": visits})
    found = found[~found["state"].isin(_ENDED) & (found["cases"] > 0)].reset_index(drop=True)
    return found.assign(share=found["hours"] / max(float(found["hours"].sum()), 1e-9))


def _pairs(parts: list[_Part]) -> pd.DataFrame:
    found = pd.concat([part.pairs for part in parts])
    told = found.groupby(["unit", "between"]).size().rename("times").reset_index()
    return told.sort_values(["times", "unit", "between"], ascending=[False, True, True]).head(
        PAIRS).reset_index(drop=True)


def _deviations(marks: Ints, refs: Ints) -> pd.DataFrame:
    rows = []
    for bit, kind in enumerate(DEVIATIONS):
        held = np.flatnonzero(marks & (1 << bit))
        rows.append({"kind": kind, "cases": len(held), "share": len(held) / max(len(marks), 1),
                     "examples": [int(refs[place]) for place in held[::-1][:EXAMPLES]]})
    return pd.DataFrame(rows).sort_values(["cases", "kind"], ascending=[False, True], ignore_index=True)
