"""Questions about alerts; in each the scope stands first, then who is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Subquery,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from data.access.masks import all_shown, masked
from data.access.scope import Scope
from data.access.within import within
from data.alerts.groups import Choice, Group
from data.alerts.risk import AS_CASES, COLOR_POINTS
from data.alerts.tables import alert, alert_event
from data.patrol.tables import patrol_point
from data.sql import Query
from data.tables import area, cases, meta, officer, resource

#: Key of table ``meta``: ``{"evaluated_at": ISO, "fault": text or null}`` of the last evaluation.
EVALUATION: Final = "alerts"
_SHOWN: Final = ("alert_id", "rule_id", "kind", "color", "state", "street_code", "community_code",
                 "grid_code", "subject_type", "subject_id", "case_no", "first_at", "last_at", "count",
                 "value", "threshold", "lon", "lat")
#: 0 is the gravest; the place in `data.alerts.reader.COLORS`.
_GRAVITY: Final = case({"red": 0, "orange": 1, "yellow": 2}, value=alert.c.color, else_=3)


def told_to(told: Collection[str], scope: Scope) -> ColumnElement[bool]:
    """Inside the scope, and for one of the roles told; a rule that names no role tells nobody."""
    named = (literal(role) == func.any(alert.c.roles) for role in sorted(told))
    return and_(within(alert, scope), or_(false(), *named))


def _shelved(now: datetime) -> ColumnElement[bool]:
    return and_(alert.c.shelved_until.is_not(None), alert.c.shelved_until > now)


def in_hand(now: datetime) -> ColumnElement[bool]:
    """Neither ended nor shelved at ``now``."""
    return and_(alert.c.ended_at.is_(None), or_(
        alert.c.shelved_until.is_(None), alert.c.shelved_until <= now))


def totals(now: datetime, fresh_since: datetime, told: Collection[str], *, scope: Scope) -> Query:
    """By colour: ``held`` (in hand), ``shelved``, ``fresh`` (in hand, first fired since then)."""
    held = in_hand(now)
    fresh = and_(held, alert.c.first_at > fresh_since)
    return select(
        alert.c.color, func.count().filter(held).label("held"),
        func.count().filter(_shelved(now)).label("shelved"), func.count().filter(fresh).label("fresh"),
    ).where(told_to(told, scope), alert.c.ended_at.is_(None)).group_by(alert.c.color)


def lines(now: datetime, told: Collection[str], *, by_kind: bool, most: tuple[int, int],
          scope: Scope) -> Query:
    """The board: alerts in hand with the ``place`` of their line, and the sums of the line.

    Args:
        by_kind: a line for each kind and street, else for each group.
        most: lines, and alerts of each.
    """
    by_group = func.coalesce(alert.c.group_key, cast(alert.c.alert_id, Text))
    key = alert.c.kind.concat("/").concat(alert.c.street_code) if by_kind else by_group
    shown = all_shown((alert.c[name] for name in _SHOWN), scope.sight)
    held = select(*shown, _GRAVITY.label("gravity"), key.label("line_key")).where(
        told_to(told, scope), in_hand(now)).subquery("held")
    summed = _summed(held)
    order = (summed.c.gravest, summed.c.newest.desc(), summed.c.line_key)
    placed = select(summed, func.dense_rank().over(order_by=order).label("place")).subquery("placed")
    most_lines, most_members = most
    shortened = select(placed).where(
        placed.c.place <= most_lines, placed.c.rank <= most_members).subquery("shortened")
    return _named(shortened, scope).order_by(shortened.c.place, shortened.c.rank)


def _named(found: Subquery, scope: Scope) -> Query:
    """The rows with the names of what they speak of, as far as the viewer may know them.

    ``case_title, cat_code, person_name, thing_name, grid_name``; NULL where there is none.
    """
    of_person = found.c.subject_type == "officer"
    of_thing = found.c.subject_type.in_(("resource", "home"))
    return select(
        found, masked(cases.c.title, scope.sight).label("case_title"), cases.c.cat_code,
        masked(officer.c.name_masked, scope.sight).label("person_name"),
        func.coalesce(resource.c.name, patrol_point.c.name).label("thing_name"),
        area.c.name.label("grid_name"),
    ).select_from(found).outerjoin(
        cases, and_(cases.c.case_no == found.c.case_no, within(cases, scope))
    ).outerjoin(
        officer, and_(of_person, officer.c.officer_id == found.c.subject_id, within(officer, scope))
    ).outerjoin(
        resource, and_(of_thing, resource.c.resource_id == found.c.subject_id, within(resource, scope))
    ).outerjoin(
        patrol_point, and_(found.c.subject_type == "point", patrol_point.c.point_id == found.c.subject_id,
                           patrol_point.c.street_code == found.c.street_code, within(patrol_point, scope))
    ).outerjoin(area, and_(area.c.area_code == found.c.grid_code, within(area, scope)))


def _summed(held: Subquery) -> Subquery:
    """Each alert with the sums of its line and its rank in it."""
    own: dict[str, Any] = {"partition_by": held.c.line_key}
    first = (held.c.gravity, held.c.last_at.desc(), held.c.alert_id.desc())
    return select(
        held, func.count().over(**own).label("held"), func.sum(held.c.count).over(**own).label("fires"),
        func.min(held.c.gravity).over(**own).label("gravest"),
        func.min(held.c.first_at).over(**own).label("oldest"),
        func.max(held.c.last_at).over(**own).label("newest"),
        func.row_number().over(order_by=first, **own).label("rank")).subquery("summed")


def marks(now: datetime, told: Collection[str], most: int, *, scope: Scope) -> Query:
    """Alerts in hand with a place that the viewer may see, the gravest and newest first."""
    names = ("alert_id", "kind", "color", "street_code", "grid_code", "subject_type", "subject_id", "case_no",
             "lon", "lat", "last_at")
    place = masked(alert.c.lon, scope.sight)
    found = select(
        *all_shown((alert.c[name] for name in names), scope.sight), _GRAVITY.label("gravity"),
        func.count().over().label("placed"),
    ).where(told_to(told, scope), in_hand(now), place.is_not(None)).order_by(
        _GRAVITY, alert.c.last_at.desc(), alert.c.alert_id.desc()).limit(most).subquery("found")
    return _named(found, scope).order_by(found.c.gravity, found.c.last_at.desc(), found.c.alert_id.desc())


def of_group(group: Group | Choice | None) -> ColumnElement[bool]:
    """The alerts of a group, or those that were chosen; None: all."""
    if group is None:
        return true()
    if isinstance(group, Group):
        return and_(alert.c.kind == group.kind, alert.c.street_code == group.street)
    chosen = and_(alert.c.kind.in_(sorted(group.kinds)), alert.c.color.in_(sorted(group.colors)))
    return chosen if group.since is None else and_(chosen, alert.c.last_at > group.since)


def members(now: datetime, told: Collection[str], group: Group | Choice | None, *, offset: int,
            most: int, scope: Scope) -> Query:
    """Alerts in hand of a group with their names, the gravest and newest first."""
    order = (_GRAVITY, alert.c.last_at.desc(), alert.c.alert_id.desc())
    shown = all_shown((alert.c[name] for name in _SHOWN), scope.sight)
    found = select(*shown, _GRAVITY.label("gravity")).where(
        told_to(told, scope), in_hand(now), of_group(group)
    ).order_by(*order).offset(offset).limit(most).subquery("found")
    return _named(found, scope).order_by(found.c.gravity, found.c.last_at.desc(), found.c.alert_id.desc())


def sums(now: datetime, told: Collection[str], group: Group | Choice | None, *,
         scope: Scope) -> Query:
    """By colour and state of those in hand: ``held``, ``oldest``, ``newest``, ``upto`` (greatest number)."""
    return select(
        alert.c.color, alert.c.state, func.count().label("held"), func.min(alert.c.first_at).label("oldest"),
        func.max(alert.c.last_at).label("newest"), func.max(alert.c.alert_id).label("upto"),
    ).where(told_to(told, scope), in_hand(now), of_group(group)).group_by(alert.c.color, alert.c.state)


def points(now: datetime, told: Collection[str], *, scope: Scope) -> Query:
    """By grid: ``points`` of the alerts in hand there, see `data.alerts.risk`."""
    weight = case(dict(COLOR_POINTS), value=alert.c.color, else_=0)
    return select(alert.c.grid_code, cast(func.sum(weight), BigInteger).label("points")).where(
        told_to(told, scope), in_hand(now), alert.c.grid_code.is_not(None), alert.c.kind.not_in(AS_CASES),
    ).group_by(alert.c.grid_code).order_by(alert.c.grid_code)


def one(alert_id: int, told: Collection[str], *, scope: Scope) -> Query:
    """One alert with its names, ``shelved_until``, ``group_key`` and ``ended_at``."""
    names = (*_SHOWN, "shelved_until", "group_key", "ended_at")
    found = select(*all_shown((alert.c[name] for name in names), scope.sight)).where(
        told_to(told, scope), alert.c.alert_id == alert_id).limit(1)
    return _named(found.subquery("found"), scope)


def events(alert_id: int, *, scope: Scope) -> Query:
    """The log of an alert, in order."""
    names = ("seq", "at", "act", "from_state", "to_state", "actor_role", "actor_id", "note")
    until = alert_event.c.details["until"].astext.label("until")
    linked = alert_event.c.details["case_no"].astext.label("case_no")
    return select(*all_shown((alert_event.c[name] for name in names), scope.sight), until, linked).where(
        within(alert_event, scope), alert_event.c.alert_id == alert_id).order_by(alert_event.c.seq)


def evaluation() -> Query:
    """When the rules were last evaluated, and why not; no row: never."""
    return select(meta.c.value["evaluated_at"].astext.label("evaluated_at"),
                  meta.c.value["fault"].astext.label("fault")).where(meta.c.key == EVALUATION)
