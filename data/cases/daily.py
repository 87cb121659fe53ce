"""Reported cases by grid and day, for whoever looks for what is unusual."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Double, Integer, bindparam, cast, func, literal, select

from data.cases.facts import epoch
from data.cases.queries import matches
from data.filters import CaseFilter
from data.sql import Query
from data.tables import cases

_DAY_S: Final = 86_400.0


def daily(filter_: CaseFilter) -> Query:
    """One row per grid and day with cases: ``grid_code`` ('' where a case has none), ``day``, ``cases``.

    Days are spans of 24 hours from the beginning of the filter's window, the first is 0.
    """
    gone = epoch(cases.c.reported_at) - bindparam("start_s", filter_.since.timestamp(), type_=Double)
    day = cast(func.floor(gone / literal(_DAY_S, Double)), Integer)
    found = (select(func.coalesce(cases.c.grid_code, "").label("grid_code"), day.label("day"))
             .where(matches(filter_)).subquery("found"))
    return (select(found.c.grid_code, found.c.day, cast(func.count(), Integer).label("cases"))
            .group_by(found.c.grid_code, found.c.day))
