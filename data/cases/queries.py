"""Questions about cases, each one `Select` that either engine answers.

The builders are pure: they return a statement and never run it. `matches` is
the only place where a `CaseFilter` becomes SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Double,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from data.access.masks import all_shown, masked, shown
from data.access.scope import Scope
from data.access.sight import Sight
from data.access.within import within
from data.cases.facts import Clause, Facts, epoch, handling_s, instant
from data.cases.rules import RULES, timed
from data.filters import CaseFilter
from data.sql import Query
from data.tables import case_event, cases, category, channel, officer

MAX_BINS: Final = 2_000
_kind = category.alias("of_kind")  # the row of a category, in questions about cases
_AREA_COLUMNS: Final = {9: cases.c.street_code, 12: cases.c.community_code, 15: cases.c.grid_code}

#: Dimension -> the code that a case has in it; `channel_group` is added by a join.
DIMENSIONS: Final[dict[str, ColumnElement[Any]]] = {
    "street": cases.c.street_code,
    "community": cases.c.community_code,
    "grid": cases.c.grid_code,
    "channel": cases.c.channel_code,
    "channel_group": channel.c.group_code,
    "category_kind": func.substr(cases.c.cat_code, 1, 1),
    "category_class": func.substr(cases.c.cat_code, 1, 3),
    "category": cases.c.cat_code,
    "department": cases.c.main_dept_id,
    "officer": cases.c.officer_id,
    "state": cases.c.state,
    "urgency": cast(cases.c.urgency, Text),
    "nature": cases.c.nature,
    "level_closed": cases.c.level_closed,
}

#: Columns of one line of the list of cases; the snapshot holds all of them.
LISTED: Final = (
    "case_ref", "case_no", "street_code", "community_code", "grid_code", "cat_code", "channel_code",
    "urgency", "state", "main_dept_id", "officer_id", "reported_at", "accepted_at", "dispatched_at",
    "handled_at", "closed_at", "ended_at", "deadline_at", "clock_stopped_at", "lon", "lat",
    "is_supervised", "rework_count",
)
#: Orders of the list: key -> columns with the most pressing or newest first.
ORDERS: Final[dict[str, tuple[ColumnElement[Any], ...]]] = {
    "newest": (cases.c.reported_at.desc(), cases.c.case_ref.desc()),
    "oldest": (cases.c.reported_at.asc(), cases.c.case_ref.asc()),
    "deadline": (cases.c.deadline_at.asc().nulls_last(), cases.c.case_ref.asc()),
    "latest_deadline": (cases.c.deadline_at.desc().nulls_last(), cases.c.case_ref.desc()),
    "urgency": (cases.c.urgency.desc(), cases.c.reported_at.desc(), cases.c.case_ref.desc()),
}
#: What a list may be narrowed to besides the filter: names of `data.cases.rules.RULES`.
NARROWINGS: Final = ("open", "overdue", "due_soon", "in_handling", "waiting", "clock_stopped", "verifying")


def in_window(since: datetime, until: datetime) -> Clause:
    """Reported in ``[since, until)`` and not deleted."""
    return and_(cases.c.reported_at >= instant("since", since),
                cases.c.reported_at < instant("until", until),
                cases.c.deleted_at.is_(None))


def matches(filter_: CaseFilter) -> Clause:
    """The whole filter as one clause, its scope first: the only place it becomes SQL.

    Raises:
        ScopeError: nobody said for whom.
    """
    clauses = [within(cases, filter_.scope), in_window(filter_.since, filter_.until)]
    if filter_.areas:
        clauses.append(_within(filter_.areas))
    if filter_.categories:
        clauses.append(_prefixed(cases.c.cat_code, filter_.categories))
    for column, codes in ((_kind.c.domain, filter_.domains), (_kind.c.mechanism, filter_.mechanisms)):
        if codes:
            named = select(_kind.c.cat_code).where(column.in_(sorted(codes))).correlate(None)
            clauses.append(cases.c.cat_code.in_(named))
    for column, codes in (
        (cases.c.channel_code, filter_.channels),
        (cases.c.main_dept_id, filter_.departments),
        (cases.c.state, filter_.states),
    ):
        if codes:
            clauses.append(column.in_(sorted(codes)))
    if filter_.urgencies:
        clauses.append(cases.c.urgency.in_(sorted(int(code) for code in filter_.urgencies)))
    return and_(*clauses)


def seen_by(filter_: CaseFilter) -> Sight:
    """What of persons the answer to a filter may tell; the least where nobody said for whom."""
    return Sight.SCREEN if filter_.scope is None else filter_.scope.sight


def _prefixed(column: ColumnElement[Any], prefixes: Iterable[str]) -> Clause:
    """The column begins with one of the prefixes."""
    by_length: dict[int, list[str]] = {}
    for prefix in sorted(prefixes):
        by_length.setdefault(len(prefix), []).append(prefix)
    return or_(*(func.substr(column, 1, length).in_(codes) for length, codes in by_length.items()))


def _within(areas: Iterable[str]) -> Clause:
    """The case lies in one of the areas; the length of a code is its level."""
    by_length: dict[int, list[str]] = {}
    for code in sorted(areas):
        by_length.setdefault(len(code), []).append(code)
    return or_(*(
        _AREA_COLUMNS[length].in_(codes) if length in _AREA_COLUMNS
        else _prefixed(cases.c.street_code, codes)
        for length, codes in by_length.items()
    ))


def histogram(filter_: CaseFilter, *, bins: int) -> Query:
    """One row per occupied bin of the window: ``bin`` (0..bins-1), ``reported`` (cases).

    Raises:
        ValueError: ``bins`` outside 1..2000.
    """
    if not 1 <= bins <= MAX_BINS:
        raise ValueError(f"bins must be 1..{MAX_BINS}, got {bins}")
    start = filter_.since.timestamp()
    width = (filter_.until.timestamp() - start) / bins
    gone = epoch(cases.c.reported_at) - bindparam("start_s", start, type_=Double)
    number = cast(func.floor(gone / bindparam("width_s", width, type_=Double)), Integer)
    held = func.least(number, literal(bins - 1, Integer))  # the last bin is closed against rounding
    binned = select(held.label("bin")).where(matches(filter_)).subquery()
    return select(binned.c.bin, func.count().label("reported")).group_by(binned.c.bin)


def durations(filter_: CaseFilter, *, now: datetime) -> Query:
    """One row: ``p50_s, p90_s`` of the handling time; NULL where nothing was handled."""
    used = (select(handling_s().label("used_s"))
            .where(matches(filter_), timed(Facts(now))).subquery())
    return select(*(
        func.percentile_cont(share).within_group(used.c.used_s.asc()).label(f"p{round(share * 100)}_s")
        for share in (0.5, 0.9)
    ))


def durations_by(dimension: str, filter_: CaseFilter, *, now: datetime) -> Query:
    """One row per code of a dimension (NULL where a case has none): ``code, timed, p50_s, p90_s``.

    Of the handling time of the cases that `durations` looks at; a code without any is missing.

    Raises:
        ValueError: an unknown dimension, or one that cases do not carry themselves.
    """
    if dimension not in DIMENSIONS or dimension == "channel_group":
        raise ValueError(f"dimension must be among {', '.join(DIMENSIONS)}, but channel_group;"
                         f" got {dimension!r}")
    code = masked(cases.c.officer_id, seen_by(filter_)) if dimension == "officer" else DIMENSIONS[dimension]
    used = (select(code.label("code"), handling_s().label("used_s"))
            .where(matches(filter_), timed(Facts(now))).subquery())
    return select(used.c.code, func.count().label("timed"), *(
        func.percentile_cont(share).within_group(used.c.used_s.asc()).label(f"p{round(share * 100)}_s")
        for share in (0.5, 0.9)
    )).group_by(used.c.code)


def longest_open(filter_: CaseFilter, *, now: datetime) -> Query:
    """One row: ``accepted_at`` of the case that has been open longest; NULL where none is open."""
    return select(func.min(cases.c.accepted_at).label("accepted_at")).where(
        matches(filter_), RULES["open"](Facts(now)))


def verifications(filter_: CaseFilter, *, now: datetime) -> Query:
    """One row: ``need_verify``, cases sent for 核实 before acceptance, ``verified``, those decided since.

    Only the store holds the log.
    """
    facts = Facts(now)
    asked = exists().where(case_event.c.street_code == cases.c.street_code,
                           case_event.c.case_no == cases.c.case_no,
                           case_event.c.act == "verify_first", case_event.c.at <= instant("now", now))
    return select(func.count().label("need_verify"),
                  func.count().filter(or_(facts.accepted, facts.ended)).label("verified")).where(
                      matches(filter_), asked)


def listing(filter_: CaseFilter, *, now: datetime, order: str, limit: int, offset: int,
            only: str | None = None, officer_id: str | None = None, also: Clause | None = None) -> Query:
    """Lines of the list of cases: `LISTED` and ``is_overdue``.

    Args:
        filter_: which cases.
        now: for ``is_overdue`` and ``only``.
        order: a key of `ORDERS`.
        limit: at most this many lines, 1..1000.
        offset: lines to skip.
        only: one of `NARROWINGS`, or None for all cases of the filter.
        officer_id: only the cases of this officer, or None for those of anybody.
        also: what else must be true of a case, made of `Facts`; None: nothing.

    Raises:
        ValueError: an argument outside what is named above.
    """
    if order not in ORDERS:
        raise ValueError(f"order must be among {', '.join(ORDERS)}; got {order!r}")
    if only is not None and only not in NARROWINGS:
        raise ValueError(f"only must be among {', '.join(NARROWINGS)}; got {only!r}")
    if not 1 <= limit <= 1_000 or not 0 <= offset <= 10_000_000:
        raise ValueError(f"limit must be 1..1000 and offset 0..10000000, got {limit} and {offset}")
    facts = Facts(now)
    sight = seen_by(filter_)
    columns = all_shown((cases.c[name] for name in LISTED), sight)
    query = (select(*columns, RULES["overdue"](facts).label("is_overdue"))
             .where(matches(filter_), facts.reported))
    if only is not None:
        query = query.where(RULES[only](facts))
    if officer_id is not None:
        query = query.where(masked(cases.c.officer_id, sight) == officer_id)
    if also is not None:
        query = query.where(also)
    return query.order_by(*ORDERS[order]).limit(limit).offset(offset)


def texts_of(case_refs: Iterable[int], *, scope: Scope) -> Query:
    """``case_ref, title, address`` of some cases; only the store holds the texts."""
    return select(*all_shown((cases.c.case_ref, cases.c.title, cases.c.address), scope.sight)).where(
        within(cases, scope), cases.c.case_ref.in_(sorted({int(ref) for ref in case_refs})))


def lines_held(case_refs: Iterable[int], *, scope: Scope) -> Query:
    """`LISTED` of some cases; the snapshot answers it."""
    return select(*all_shown((cases.c[name] for name in LISTED), scope.sight)).where(
        within(cases, scope), cases.c.case_ref.in_(sorted({int(ref) for ref in case_refs})),
        cases.c.deleted_at.is_(None))


def one_case(*, scope: Scope, case_no: str | None = None, case_ref: int | None = None) -> Query:
    """All columns of one case as the scope's sight has them, by its number or by its short handle."""
    key = cases.c.case_no == case_no if case_no is not None else cases.c.case_ref == case_ref
    return select(*all_shown(cases.c, scope.sight)).where(
        within(cases, scope), key, cases.c.deleted_at.is_(None)).limit(1)


def events_of(case_no: str, *, scope: Scope) -> Query:
    """The whole trace of one case in order; only the store holds the log.

    Who acted is told of people inside the scope: whether anybody else is one of them is not.
    """
    street = (select(cases.c.street_code).where(within(cases, scope), cases.c.case_no == case_no)
              .limit(1).scalar_subquery())
    actor, known = case_event.c.actor_id, select(officer.c.officer_id).where(within(officer, scope))
    own = case((actor.in_(known), masked(actor, scope.sight))).label(actor.name)
    return (select(*(own if column is actor else shown(column, scope.sight) for column in case_event.c))
            .where(case_event.c.street_code == street, case_event.c.case_no == case_no)
            .order_by(case_event.c.seq))


def channels() -> Query:
    """``channel_code, group_code, name, name_en`` of every channel."""
    return select(channel.c.channel_code, channel.c.group_code, channel.c.name, channel.c.name_en).where(
        channel.c.deleted_at.is_(None))


def reported_range(*, scope: Scope) -> Query:
    """One row: ``first_at, last_at`` of all cases; NULL where there are none.

    Asked for nothing else, the store finds both at the ends of its index.
    """
    return select(func.min(cases.c.reported_at).label("first_at"),
                  func.max(cases.c.reported_at).label("last_at")).where(
                      within(cases, scope), cases.c.deleted_at.is_(None))


def newest(filter_: CaseFilter) -> Query:
    """One row: ``at``, when the newest case of the filter was reported."""
    return select(func.max(cases.c.reported_at).label("at")).where(matches(filter_))
