"""Counts by several dimensions from one pass over the cases.

A case is marked by what is true of it, one bit a fact. The engine then only counts
how many cases of each code bear each mark; of those there are few, and `decoded`
applies the rules to the marks instead of to the cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, ColumnElement, FromClause, Integer, Text, case, cast, func, literal, select
from sqlalchemy import tuple_ as together

from data.access.masks import masked
from data.cases.facts import FACTS, KnownFacts, UsedFacts, instant, mark
from data.cases.queries import DIMENSIONS, matches, seen_by
from data.cases.rules import RULES, SUMS, check_counters
from data.filters import CaseFilter
from data.sql import Query
from data.tables import cases, channel

#: Dimensions that are grouped by together; each is then summed over the others of its set.
Sets = Sequence[tuple[str, ...]]
#: The whole, among the answers by dimension.
WHOLE: Final = ""
#: The dimension of spans of ``reported_at``, whose ends the question brings with it.
SPAN: Final = "span"


def breakdown(sets: Sets, filter_: CaseFilter, *, now: datetime, counters: Sequence[str],
              edges: Sequence[datetime] = ()) -> Query:
    """Marked cases by several dimensions, from one pass; `decoded` or `crossed` reads the answer.

    Args:
        edges: where a span of the dimension `SPAN` ends and the next begins, ascending; spans are
            numbered from ``0``, the first begins with the window.

    Rows: per set of dimensions one per combination of their codes (NULL where a case
    has none) and mark. Columns: one per dimension, ``grouped`` (a bit per dimension, the
    first the highest; 0 = the row is by this dimension), ``mark`` (`facts.mark`), ``cases``
    that bear it, and the sums of the numbers that the counters need.

    Raises:
        ValueError: an unknown dimension or counter, or no dimension.
    """
    names = _dimensions(sets)
    dimensions = {**DIMENSIONS, SPAN: span(edges)}
    unknown = sorted(set(names) - set(dimensions))
    if unknown or not names:
        raise ValueError(f"dimensions must be among {', '.join(dimensions)}; got {unknown or 'none'}")
    numbers = [FACTS[number](now).label(number) for number in _numbers(counters)]
    source: FromClause = cases
    if "channel_group" in names:
        source = cases.outerjoin(channel, channel.c.channel_code == cases.c.channel_code)
    sight = seen_by(filter_)
    codes = [(masked(cases.c.officer_id, sight) if name == "officer" else dimensions[name]).label(name)
             for name in names]
    marks = mark(facts_of(counters), now).label("mark")
    marked = select(*codes, marks, *numbers).select_from(source).where(matches(filter_)).subquery("marked")
    keys = {name: marked.c[name] for name in names}
    grouping = func.grouping_sets(*(together(*(keys[name] for name in one), marked.c.mark) for one in sets))
    return select(
        *keys.values(),
        cast(func.grouping(*keys.values()), Integer).label("grouped"),
        marked.c.mark,
        func.count().label("cases"),
        *(cast(func.sum(marked.c[one.name]), BigInteger).label(one.name) for one in numbers),
    ).group_by(grouping)


def decoded(found: pa.Table, sets: Sets, counters: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The counters by dimension, from the answer to `breakdown`.

    Returns:
        Dimension -> frame ``code`` ('' where a case has none) and the counters (int64),
        the largest first counter first, then by code; `WHOLE` -> one row of all cases.
    """
    names = _dimensions(sets)
    grouped = found["grouped"].to_numpy()
    values = _values(found, counters)
    parts: dict[str, pd.DataFrame] = {}
    for one in sets:
        mine = np.flatnonzero(grouped == _bits(names, one))
        for name in one:
            parts[name] = _by_code(found[name].take(mine), values[mine], counters)
    first = grouped == _bits(names, sets[0])
    parts[WHOLE] = pd.DataFrame([values[first].sum(axis=0)], columns=[*counters]).assign(code=WHOLE)
    return parts


def crossed(found: pa.Table, names: Sequence[str], counters: Sequence[str]) -> pd.DataFrame:
    """The counters by several dimensions at once, from the answer to a `breakdown` of one set of them.

    Returns:
        A column of codes per dimension ('' where a case has none) and the counters (int64); only
        combinations that occur, in the order of their codes.
    """
    codes = {name: pc.fill_null(found[name].cast(pa.string()), "").to_pandas() for name in names}
    values = pd.DataFrame(_values(found, counters), columns=[*counters])
    return values.groupby([codes[name].rename(name) for name in names], sort=True).sum().reset_index()


def span(edges: Sequence[datetime]) -> ColumnElement[str]:
    """The number of the span that a case was reported in."""
    last = literal(str(len(edges)), Text)
    if not edges:
        return last
    return case(*((cases.c.reported_at < instant(f"edge_{number}", edge), literal(str(number), Text))
                  for number, edge in enumerate(edges)), else_=last)


def _dimensions(sets: Sets) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in sets for name in one))


def facts_of(counters: Sequence[str]) -> list[str]:
    """The facts that the counters ask for, the order of their bits.

    Raises:
        ValueError: an unknown counter.
    """
    check_counters(counters)
    used: Any = UsedFacts()
    for name in counters:
        rule = RULES[name] if name in RULES else SUMS[name][1]
        rule(used)
    return sorted(used.used)


def _numbers(counters: Sequence[str]) -> list[str]:
    """The numbers that the counters sum."""
    return [SUMS[name][0] for name in counters if name in SUMS]


def _bits(names: tuple[str, ...], one: tuple[str, ...]) -> int:
    """What GROUPING says of the rows of one set."""
    return sum(1 << place for place, name in enumerate(reversed(names)) if name not in one)


def _values(found: pa.Table, counters: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Rows x counters."""
    known: Any = KnownFacts(found["mark"].to_numpy(), facts_of(counters))
    values = np.empty((found.num_rows, len(counters)), dtype=np.int64)
    for place, name in enumerate(counters):
        number, rule = ("cases", RULES[name]) if name in RULES else SUMS[name]
        values[:, place] = np.where(rule(known), found[number].to_numpy(), 0)
    return values


def _by_code(codes: pa.ChunkedArray, values: np.ndarray[Any, Any], counters: Sequence[str]) -> pd.DataFrame:
    # a case without a code is NULL or an empty text, depending on who wrote it
    packed = pc.fill_null(codes, "").combine_chunks().dictionary_encode()
    known = np.array(packed.dictionary.to_pylist(), dtype=object)
    total = np.zeros((len(known), len(counters)), dtype=np.int64)
    np.add.at(total, packed.indices.to_numpy(), values)
    order = np.lexsort((known.astype(str), -total[:, 0]))
    return pd.DataFrame({"code": known[order], **{name: total[order, n] for n, name in enumerate(counters)}})
