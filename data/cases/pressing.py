"""Cases in hand that press: past their limit, or with most of it gone by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import or_, select

from data.cases.facts import Facts
from data.cases.queries import LISTED, matches
from data.cases.rules import RULES
from data.filters import CaseFilter
from data.sql import Query
from data.tables import cases

#: Orders of the pressing cases: ``near``, supervised first, then those whose limit is nearest
#: to now, before or behind it; ``oldest``, those overdue longest. The first is the default.
ORDERS: Final = ("near", "oldest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """How many cases press, and the first of them.

    Attributes:
        overdue: past their limit.
        due_soon: with most of it gone by.
        lines: the first of the order: `LISTED`, ``is_overdue, title, address``.
    """

    overdue: int
    due_soon: int
    lines: pd.DataFrame


def pressing(filter_: CaseFilter, *, now: datetime) -> Query:
    """One short row per pressing case: ``case_ref, is_supervised, deadline_at, is_overdue``.

    There are few of them however many cases there are, so that counting, sorting and choosing
    need no further question.
    """
    facts = Facts(now)
    late = RULES["overdue"](facts)
    columns = (cases.c.case_ref, cases.c.is_supervised, cases.c.deadline_at, late.label("is_overdue"))
    return select(*columns).where(matches(filter_), or_(late, RULES["due_soon"](facts)))


def first_of(found: pa.Table, order: str, *, now: datetime, limit: int) -> list[int]:
    """The handles of the first cases of an order.

    Raises:
        ValueError: an order that is not in `ORDERS`.
    """
    if order not in ORDERS:
        raise ValueError(f"order must be among {', '.join(ORDERS)}; got {order!r}")
    refs, late = found["case_ref"].to_numpy(), found["is_overdue"].to_numpy()
    deadline = found["deadline_at"].cast(pa.int64()).to_numpy()  # microseconds; a pressing case has one
    if order == "oldest":
        sequence = np.lexsort((refs, deadline))
        sequence = sequence[late[sequence]]
    else:
        away = np.abs(deadline - int(now.timestamp() * 1e6))
        sequence = np.lexsort((refs, away, ~found["is_supervised"].to_numpy()))
    return [int(ref) for ref in refs[sequence[:limit]]]


def lines_of(refs: Iterable[int]) -> Query:
    """`LISTED`, ``title, address`` of some cases; only the store holds the texts."""
    columns = [cases.c[name] for name in (*LISTED, "title", "address")]
    return select(*columns).where(cases.c.case_ref.in_(list(refs)), cases.c.deleted_at.is_(None))


def in_order(lines: pd.DataFrame, refs: list[int], found: pa.Table) -> pd.DataFrame:
    """The lines in the order of ``refs``, with ``is_overdue`` as counted; what is gone by now is left out."""
    counted = found.select(["case_ref", "is_overdue"]).to_pandas()
    return pd.DataFrame({"case_ref": refs}).merge(counted, on="case_ref").merge(lines, on="case_ref")
