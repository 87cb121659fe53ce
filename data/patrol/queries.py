"""Questions about officers and their positions; asked of the store.

A question about positions always bounds the time, so that only the partitions
of those days are touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    cast,
    extract,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from data.access.masks import alias_of, all_shown, masked, shown
from data.access.scope import Scope
from data.access.within import within
from data.areas.queries import known_count, persons
from data.cases.points import Box
from data.cases.queries import LISTED
from data.patrol.tables import STAND_S, gps_stand
from data.sql import Query
from data.tables import case_event, cases, gps_fix, officer, resource

_FIX: Final = ("street_code", "officer_id", "at", "lon", "lat", "heading", "speed_mps", "battery",
               "grid_code")


def positions(since: datetime, now: datetime, *, scope: Scope) -> Query:
    """The last valid fix of every officer in ``[since, now]``, with role and tier.

    Without sight of people ``officer_id`` is '' and neither name nor own grid is told.
    """
    rows = union_all(_stood(since, now, scope=scope), _walked(since, now, scope=scope)).subquery("rows")
    each = (rows.c.street_code, rows.c.officer_id)
    last = select(rows).ext(distinct_on(*each)).order_by(*each, rows.c.at.desc()).subquery("last")
    joined = last.outerjoin(officer, and_(officer.c.street_code == last.c.street_code,
                                          officer.c.officer_id == last.c.officer_id))
    sees = scope.sight.sees_people
    who = last.c.officer_id if sees else literal("").label("officer_id")
    home = officer.c.grid_code if sees else cast(null(), Text)  # who belongs to a grid is known there
    rest = (one for one in last.c if one.key != "officer_id")
    query = select(who, *rest, officer.c.role, officer.c.team_level,
                   shown(officer.c.name_masked, scope.sight), officer.c.post,
                   home.label("own_grid_code")).select_from(joined)
    # by what is told: an order of hidden ids would tell them apart from one answer to the next
    return query.order_by(last.c.at, last.c.lon, last.c.lat)


def half_hours(since: datetime, until: datetime, *, scope: Scope) -> Query:
    """Half hours begun in ``[since, until)`` at whose end an officer was in a grid: ``grid_code, slots``."""
    return (select(gps_stand.c.grid_code, cast(func.count(), Integer).label("slots"))
            .where(within(gps_stand, scope), gps_stand.c.slot >= since, gps_stand.c.slot < until,
                   gps_stand.c.grid_code.is_not(None)).group_by(gps_stand.c.grid_code))


def half_hours_by_clock(since: datetime, until: datetime, zone: str, *, scope: Scope) -> Query:
    """The same by hour of the local day (0..23): ``grid_code, hour, slots``, their ``first`` and ``last``."""
    hour = cast(extract("hour", func.timezone(zone, gps_stand.c.slot)), Integer)
    return (select(gps_stand.c.grid_code, hour.label("hour"), cast(func.count(), Integer).label("slots"),
                   func.min(gps_stand.c.slot).label("first"), func.max(gps_stand.c.slot).label("last"))
            .where(within(gps_stand, scope), gps_stand.c.slot >= since, gps_stand.c.slot < until,
                   gps_stand.c.grid_code.is_not(None)).group_by(gps_stand.c.grid_code, hour))


def _half_hour(moment: datetime) -> datetime:
    """The beginning of the half hour of `gps_stand` that a moment lies in."""
    return datetime.fromtimestamp(moment.timestamp() // STAND_S * STAND_S, UTC)


def _stood(since: datetime, now: datetime, *, scope: Scope) -> Query:
    """The last fix of everybody in each half hour that has ended by ``now``, none before ``since``."""
    return select(*(gps_stand.c[name] for name in _FIX)).where(
        within(gps_stand, scope), gps_stand.c.slot >= _half_hour(since), gps_stand.c.slot < _half_hour(now),
        gps_stand.c.at >= since)


def _walked(since: datetime, now: datetime, *, scope: Scope) -> Query:
    """The fixes of the half hour in hand."""
    return select(*(gps_fix.c[name] for name in _FIX)).where(
        within(gps_fix, scope), gps_fix.c.at >= max(since, _half_hour(now)), gps_fix.c.at <= now,
        gps_fix.c.valid)


def trails(since: datetime, now: datetime, officers: Iterable[str] | None, box: Box | None, *,
           scope: Scope, salt: str, step_s: int = 0) -> Query:
    """Valid fixes in ``[since, now]`` ordered by officer and time; with ``step_s`` > 0 the last of each so
    many seconds.

    ``officers`` restricts to some ids; with a box, officers with any fix inside are drawn whole.
    Without sight of people the ids are pseudonyms by ``salt`` (`masks.alias_of`), none can be asked for.
    """
    inside = and_(within(gps_fix, scope), gps_fix.c.at >= since, gps_fix.c.at <= now, gps_fix.c.valid)
    alias = alias_of(gps_fix.c.officer_id, scope.sight, salt)
    query = select(alias.label("officer_id"), gps_fix.c.at, gps_fix.c.lon, gps_fix.c.lat).where(inside)
    if officers is not None:
        query = query.where(alias.in_(sorted(officers)))
    if box is not None:
        seen = select(gps_fix.c.officer_id).where(
            inside, gps_fix.c.lon >= box.west, gps_fix.c.lon < box.east,
            gps_fix.c.lat >= box.south, gps_fix.c.lat < box.north)
        query = query.where(gps_fix.c.officer_id.in_(seen))
    if not step_s:
        return query.order_by(alias, gps_fix.c.at)
    who = (gps_fix.c.street_code, gps_fix.c.officer_id, func.floor(extract("epoch", gps_fix.c.at) / step_s))
    rows = query.ext(distinct_on(*who)).order_by(*who, gps_fix.c.at.desc()).subquery("rows")
    return select(rows).order_by(rows.c.officer_id, rows.c.at)


def one_officer(officer_id: str, *, scope: Scope) -> Query:
    """One person by id, masked; nobody without sight of people."""
    return select(*persons(scope), officer.c.is_synthetic).where(
        within(officer, scope), masked(officer.c.officer_id, scope.sight) == officer_id,
        officer.c.deleted_at.is_(None)).limit(1)


def names(officer_ids: Iterable[str], *, scope: Scope) -> Query:
    """``officer_id, name_masked, grid_code`` of some people; nobody without sight of people."""
    shown_id, name = (masked(column, scope.sight) for column in (officer.c.officer_id, officer.c.name_masked))
    return select(shown_id.label("officer_id"), name.label("name_masked"), officer.c.grid_code).where(
        within(officer, scope), shown_id.in_(sorted(officer_ids)), officer.c.deleted_at.is_(None))


def track(officer_id: str, street_code: str, since: datetime, now: datetime, *, scope: Scope) -> Query:
    """Every fix of one officer in ``[since, now]`` in order, the doubtful ones included."""
    return (select(gps_fix.c.at, gps_fix.c.lon, gps_fix.c.lat, gps_fix.c.speed_mps, gps_fix.c.heading,
                   gps_fix.c.accuracy_m, gps_fix.c.battery, gps_fix.c.valid, gps_fix.c.grid_code)
            .where(within(gps_fix, scope),
                   gps_fix.c.street_code == street_code,
                   masked(gps_fix.c.officer_id, scope.sight) == officer_id,
                   gps_fix.c.at >= since, gps_fix.c.at <= now)
            .order_by(gps_fix.c.at))


def team_of(lead_id: str, limit: int, *, scope: Scope) -> Query:
    """People whom someone leads (1+N), by tier and id: columns of `PERSON`."""
    return (select(*persons(scope))
            .where(within(officer, scope), masked(officer.c.lead_officer_id, scope.sight) == lead_id,
                   officer.c.deleted_at.is_(None))
            .order_by(officer.c.team_level, officer.c.role, officer.c.officer_id).limit(limit))


def reported_by(officer_id: str, until: datetime, limit: int, *, scope: Scope) -> Query:
    """The newest cases that a person reported before ``until``: `LISTED`, ``title, address``."""
    columns = (cases.c[name] for name in (*LISTED, "title", "address"))
    return (select(*all_shown(columns, scope.sight))
            .join(case_event, and_(case_event.c.street_code == cases.c.street_code,
                                   case_event.c.case_no == cases.c.case_no))
            .where(within(cases, scope), _acted(officer_id, scope), case_event.c.act == "report",
                   case_event.c.at < until, cases.c.deleted_at.is_(None))
            .order_by(case_event.c.at.desc(), cases.c.case_no.desc()).limit(limit))


def reported_count(officer_id: str, until: datetime, *, scope: Scope) -> Query:
    """One row ``reports``: how many cases a person reported before ``until``."""
    return select(func.count().label("reports")).where(
        within(case_event, scope), _acted(officer_id, scope), case_event.c.act == "report",
        case_event.c.at < until)


def _acted(officer_id: str, scope: Scope) -> ColumnElement[bool]:
    """The person did it; false without sight of people."""
    return case_event.c.actor_id == officer_id if scope.sight.sees_people else false()


def duty_by_tier(area_code: str | None, *, scope: Scope) -> Query:
    """People by tier: ``team_level, all, on`` (NULL: not known).

    Of tier 0 only the specialist officers (专业网格员).
    """
    query = select(officer.c.team_level, func.count().label("all"),
                   known_count(officer.c.on_duty, officer.c.on_duty).label("on")).where(
                       within(officer, scope), officer.c.deleted_at.is_(None),
                       or_(officer.c.team_level > 0, officer.c.role == "special_officer"))
    if area_code is not None:
        query = query.where(or_(*(column.startswith(area_code, autoescape=True) for column in (
            officer.c.street_code, officer.c.community_code, officer.c.grid_code))))
    return query.group_by(officer.c.team_level)


def duty_by_force(area_code: str | None, *, scope: Scope) -> Query:
    """Units of force by class: ``force_class, all, on`` (on = not offline; NULL: not known)."""
    query = select(resource.c.force_class, func.count().label("all"),
                   known_count(resource.c.status, resource.c.status != "offline").label("on")).where(
                       within(resource, scope), resource.c.force_class.is_not(None),
                       resource.c.deleted_at.is_(None))
    if area_code is not None:
        query = query.where(resource.c.area_code.startswith(area_code, autoescape=True))
    return query.group_by(resource.c.force_class)
