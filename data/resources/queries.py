"""Questions about resources (资源): vehicles, stations, cameras, teams."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select

from data.access.masks import all_shown, masked
from data.access.scope import Scope
from data.access.within import within
from data.cases.lifecycle import IN_HAND
from data.resources.tables import resource_event
from data.sensors.tables import reading
from data.sql import Query
from data.tables import cases, resource

#: How far back changes of state are looked for.
REMEMBERED: Final = timedelta(days=2)


def resources(kinds: Iterable[str] | None, area_code: str | None, *, scope: Scope) -> Query:
    """Resources of some kinds (None: all) in an area (None: everywhere), by kind and id."""
    query = select(*(resource.c[name] for name in (
        "resource_id", "street_code", "kind", "force_class", "name", "dept_id", "area_code", "lon", "lat",
        "alt", "status", "heading", "capacity", "is_synthetic"))).where(
            within(resource, scope), resource.c.deleted_at.is_(None))
    if kinds is not None:
        query = query.where(resource.c.kind.in_(sorted(kinds)))
    if area_code is not None:
        query = query.where(resource.c.area_code.startswith(area_code, autoescape=True))
    return query.order_by(resource.c.kind, resource.c.resource_id)


def one_resource(resource_id: str, *, scope: Scope) -> Query:
    """All columns of one resource."""
    return select(*all_shown(resource.c, scope.sight)).where(
        within(resource, scope), resource.c.resource_id == resource_id,
        resource.c.deleted_at.is_(None)).limit(1)


def engaged(*, scope: Scope) -> Query:
    """The officers with a case of the scope in hand; none without sight of people."""
    who = masked(cases.c.officer_id, scope.sight)
    return select(who.label("officer_id")).distinct().where(
        within(cases, scope), cases.c.deleted_at.is_(None), cases.c.state.in_(IN_HAND), who.is_not(None))


def status_changes(resource_id: str, now: datetime, limit: int, *, scope: Scope) -> Query:
    """``at, status`` of the last changes of state by ``now``, the newest first."""
    before = func.lag(resource_event.c.status).over(order_by=resource_event.c.at)
    told = select(resource_event.c.at, resource_event.c.status, before.label("before"),
                  func.row_number().over(order_by=resource_event.c.at).label("nth")).where(
        within(resource_event, scope), resource_event.c.resource_id == resource_id,
        resource_event.c.at <= now, resource_event.c.at > now - REMEMBERED).subquery()
    changed = or_(told.c.nth == 1, told.c.status.is_distinct_from(told.c.before))
    return select(told.c.at, told.c.status).where(changed).order_by(told.c.at.desc()).limit(limit)


def newest_reading(street_code: str, resource_id: str, *, scope: Scope) -> Query:
    """``at``: when a sensor told last, whatever it told; NULL: never."""
    return select(func.max(reading.c.at).label("at")).where(
        within(reading, scope), reading.c.street_code == street_code, reading.c.resource_id == resource_id)


def readings(street_code: str, resource_id: str, since: datetime, *, scope: Scope) -> Query:
    """``kind, at, value`` of what a sensor told after a moment, by kind and time."""
    return select(reading.c.kind, reading.c.at, reading.c.value).where(
        within(reading, scope), reading.c.street_code == street_code, reading.c.resource_id == resource_id,
        reading.c.at > since).order_by(reading.c.kind, reading.c.at)
