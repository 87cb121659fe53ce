"""Cases in hand that press: past their limit, or with most of it gone by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
from sqlalchemy import or_, select

from data.access.masks import all_shown
from data.access.scope import Scope
from data.access.within import within
from data.cases.breakdown import facts_of
from data.cases.facts import KnownFacts, instant, mark
from data.cases.queries import LISTED, matches
from data.cases.rules import RULES
from data.filters import CaseFilter
from data.sql import Query
from data.tables import cases

#: Orders of the pressing cases: ``near``, supervised first, then those whose limit is nearest
#: to now, before or behind it; ``oldest``, those overdue longest. The first is the default.
ORDERS: Final = ("near", "oldest")

#: What the rules of pressing cases ask for, the order of the bits of a mark.
_RULES: Final = ("overdue", "due_soon")
_FACTS: Final = facts_of(_RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """How many cases press, and the first of them.

    Attributes:
        overdue: past their limit.
        due_soon: with most of it gone by.
        lines: the first of the order: `LISTED`, ``is_overdue, title, address``; None where nothing is known.
    """

    overdue: int
    due_soon: int
    lines: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Handles:
    """Pressing cases by what is needed to count, sort and choose them; arrays of one length."""

    ref: np.ndarray[Any, np.dtype[np.int64]]
    is_overdue: np.ndarray[Any, np.dtype[np.bool_]]
    is_supervised: np.ndarray[Any, np.dtype[np.bool_]]
    deadline_us: np.ndarray[Any, np.dtype[np.int64]]


def in_hand(filter_: CaseFilter, *, now: datetime) -> Query:
    """One short row per case neither handled nor ended: ``case_ref, is_supervised, deadline_at, mark``.

    There are few of them however many cases there are; `handles` tells which of them press.
    """
    at = instant("now", now)
    pending = (or_(moment.is_(None), moment > at) for moment in (cases.c.handled_at, cases.c.ended_at))
    columns = (cases.c.case_ref, cases.c.is_supervised, cases.c.deadline_at)
    return select(*columns, mark(_FACTS, now).label("mark")).where(matches(filter_), *pending)


def handles(found: pa.Table) -> Handles:
    """The pressing ones of `in_hand`."""
    known: Any = KnownFacts(found["mark"].to_numpy(), _FACTS)
    late, soon = (np.asarray(RULES[name](known)) for name in _RULES)
    pressing = np.flatnonzero(late | soon)
    chosen = found.take(pressing)
    return Handles(
        ref=chosen["case_ref"].to_numpy(),
        is_overdue=late[pressing],
        is_supervised=chosen["is_supervised"].to_numpy(),
        deadline_us=chosen["deadline_at"].cast(pa.int64()).to_numpy(),  # a pressing case has one
    )


def first_of(held: Handles, order: str, *, now: datetime, limit: int) -> list[int]:
    """The handles of the first cases of an order.

    Raises:
        ValueError: an order that is not in `ORDERS`.
    """
    if order not in ORDERS:
        raise ValueError(f"order must be among {', '.join(ORDERS)}; got {order!r}")
    if order == "oldest":
        sequence = np.lexsort((held.ref, held.deadline_us))
        sequence = sequence[held.is_overdue[sequence]]
    else:
        away = np.abs(held.deadline_us - int(now.timestamp() * 1e6))
        sequence = np.lexsort((held.ref, away, ~held.is_supervised))
    return [int(ref) for ref in held.ref[sequence[:limit]]]


def lines_of(refs: Iterable[int], *, scope: Scope) -> Query:
    """`LISTED`, ``title, address`` of some cases; only the store holds the texts."""
    columns = (cases.c[name] for name in (*LISTED, "title", "address"))
    return select(*all_shown(columns, scope.sight)).where(
        within(cases, scope), cases.c.case_ref.in_(list(refs)), cases.c.deleted_at.is_(None))


def in_order(lines: Iterable[dict[str, Any]], refs: list[int], held: Handles) -> list[dict[str, Any]]:
    """The lines in the order of ``refs``, with ``is_overdue`` as counted."""
    late = set(held.ref[held.is_overdue].tolist())
    place = {ref: number for number, ref in enumerate(refs)}
    ordered = sorted(lines, key=lambda line: place[line["case_ref"]])
    return [{**line, "is_overdue": line["case_ref"] in late} for line in ordered]
