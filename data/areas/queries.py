"""Questions about areas, buildings, roads and what stands in them; asked of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, or_, select

from data.access.masks import all_shown, person_known
from data.access.scope import Scope
from data.access.within import of_street, within
from data.areas.holding import Holding
from data.cases.points import Box
from data.patrol.tables import patrol_zone
from data.sql import Query
from data.tables import area, base_feature, building, department, gps_fix, meta, officer, resource, road

#: Length of the code -> level.
LEVELS: Final = {6: "district", 9: "street", 12: "community", 15: "grid"}
#: Level -> length of its codes.
LENGTHS: Final = {level: length for length, level in LEVELS.items()}
#: Columns of an area without its polygon.
PLAIN: Final = (
    "area_code", "name", "level", "parent_code", "street_code", "grid_kind", "professional_field", "area_m2",
    "lon", "lat", "households", "residents", "chief_officer_id", "is_derived", "is_synthetic",
)
PERSON: Final = (
    "officer_id", "name_masked", "role", "team_level", "post", "dept_id", "lead_officer_id",
    "phone_masked", "on_duty", "shift", "grid_code", "community_code", "street_code",
)


def _plain(scope: Scope) -> list[ColumnElement[Any]]:
    return all_shown((area.c[name] for name in PLAIN), scope.sight)


def persons(scope: Scope) -> list[ColumnElement[Any]]:
    """`PERSON` as the scope's sight has it: who has no ``officer_id`` is there, and not told by name."""
    return all_shown((officer.c[name] for name in PERSON), scope.sight)


def tree(*, scope: Scope) -> Query:
    """Every area without its polygon, in the order of the codes: parents before children."""
    return (select(*_plain(scope)).where(within(area, scope), area.c.deleted_at.is_(None))
            .order_by(func.length(area.c.area_code), area.c.area_code))


def kept(*, scope: Scope) -> Query:
    """Base grids with whether somebody is their chief, which is no secret where the name is: ``area_code,
    has_chief``."""
    return (select(area.c.area_code, area.c.chief_officer_id.is_not(None).label("has_chief"))
            .where(within(area, scope), area.c.deleted_at.is_(None), area.c.level == "grid",
                   area.c.grid_kind == "base").order_by(area.c.area_code))


def shapes(level: str, parent: str | None, kind: str, *, scope: Scope) -> Query:
    """Areas of a level with ``geometry`` (WKB), below ``parent`` or all; ``kind`` is for grids.

    Raises:
        ValueError: no such level.
    """
    if level not in LENGTHS:
        raise ValueError(f"level must be among {', '.join(LENGTHS)}; got {level!r}")
    query = select(*_plain(scope), area.c.geometry, area.c.members).where(
        within(area, scope), area.c.level == level, area.c.deleted_at.is_(None))
    if level == "grid":
        query = query.where(func.coalesce(area.c.grid_kind, "base") == kind)
    if parent is not None:
        query = query.where(area.c.area_code.startswith(parent, autoescape=True))
    return query.order_by(area.c.area_code)


def one_area(area_code: str, *, scope: Scope) -> Query:
    """One area without its polygon."""
    return select(*_plain(scope), area.c.members).where(
        within(area, scope), area.c.area_code == area_code, area.c.deleted_at.is_(None))


def roads() -> Query:
    """Roads with ``geometry`` (WKB), open to everybody; who answers for them is not, see `road_chiefs`."""
    return select(road.c.road_id, road.c.name, road.c.class_code, road.c.street_code, road.c.length_m,
                  road.c.is_synthetic, road.c.geometry).where(road.c.deleted_at.is_(None))


def zones(*, scope: Scope) -> Query:
    """Zones of the nets of prevention with ``geometry`` (WKB), by net and id."""
    return select(patrol_zone.c.zone_id, patrol_zone.c.net, patrol_zone.c.name, patrol_zone.c.area_code,
                  patrol_zone.c.dept_id, patrol_zone.c.geometry).where(
        within(patrol_zone, scope)).order_by(patrol_zone.c.net, patrol_zone.c.zone_id)


def road_chiefs(*, scope: Scope) -> Query:
    """``road_id, chief_id`` of the roads of the scope's streets with a chief; '' where who is not told."""
    return select(road.c.road_id, person_known(road.c.chief_id, scope.sight).label("chief_id")).where(
        of_street(road.c.street_code, scope), road.c.chief_id.is_not(None), road.c.deleted_at.is_(None))


def city() -> Query:
    """``value`` (JSON) of the city above the district, open to everybody; no row where nobody said."""
    return select(meta.c.value).where(meta.c.key == "city")


def features() -> Query:
    """Water and green with ``geometry`` (WKB), open to everybody."""
    return select(base_feature.c.feature_id, base_feature.c.kind, base_feature.c.name,
                  base_feature.c.is_synthetic, base_feature.c.geometry).where(
                      base_feature.c.deleted_at.is_(None))


_BUILDING: Final = tuple(
    building.c[name] for name in (
        "building_id", "street_code", "community_code", "grid_code", "name", "address", "kind", "floors",
        "units", "height_m", "built_year", "households", "chief_id", "compound_id", "lon", "lat",
        "is_synthetic", "footprint"))


def buildings(box: Box | None, limit: int, *, scope: Scope) -> Query:
    """Buildings with ``footprint`` (WKB) whose middle lies in the box, the highest first."""
    query = select(*all_shown(_BUILDING, scope.sight)).where(
        within(building, scope), building.c.deleted_at.is_(None))
    if box is not None:
        query = query.where(building.c.lon >= box.west, building.c.lon < box.east,
                            building.c.lat >= box.south, building.c.lat < box.north)
    return query.order_by(building.c.height_m.desc().nulls_last(), building.c.building_id).limit(limit)


def one_building(building_id: str, *, scope: Scope) -> Query:
    """One building by its id."""
    return select(*all_shown(_BUILDING, scope.sight)).where(
        within(building, scope), building.c.building_id == building_id,
        building.c.deleted_at.is_(None)).limit(1)


def building_sums(holding: Holding, *, scope: Scope) -> Query:
    """Buildings of an area by kind: ``kind, buildings, households, floors, units``."""
    return (select(building.c.kind, cast(func.count(), Integer).label("buildings"),
                   func.coalesce(func.sum(building.c.households), 0).label("households"),
                   func.max(building.c.floors).label("floors"),
                   func.coalesce(func.sum(building.c.units), 0).label("units"))
            .where(within(building, scope), holding.holds(building), building.c.deleted_at.is_(None))
            .group_by(building.c.kind).order_by(building.c.kind))


def building_chiefs(holding: Holding, limit: int, *, scope: Scope) -> Query:
    """Chiefs of the buildings of an area: ``chief_id, buildings`` (how many), most first."""
    return (select(building.c.chief_id, func.count().label("buildings"))
            .where(within(building, scope), holding.holds(building), building.c.chief_id.is_not(None),
                   building.c.deleted_at.is_(None))
            .group_by(building.c.chief_id).order_by(func.count().desc(), building.c.chief_id).limit(limit))


def known_count(column: ColumnElement[Any], clause: ColumnElement[bool]) -> ColumnElement[int | None]:
    """How many rows of a group a clause on a column holds for; NULL where no row knows the column."""
    return case((func.count(column) > 0, func.count().filter(clause)))


def team_sums(holding: Holding, *, scope: Scope) -> Query:
    """People of an area: ``team_level, role, post, people, on_duty`` (NULL: not known)."""
    return (select(officer.c.team_level, officer.c.role, officer.c.post, func.count().label("people"),
                   known_count(officer.c.on_duty, officer.c.on_duty).label("on_duty"))
            .where(within(officer, scope), holding.holds(officer), officer.c.deleted_at.is_(None))
            .group_by(officer.c.team_level, officer.c.role, officer.c.post)
            .order_by(officer.c.team_level, officer.c.role, officer.c.post))


def people_named(officer_ids: list[str], *, scope: Scope) -> Query:
    """Some people by id, masked."""
    return select(*persons(scope)).where(
        within(officer, scope), officer.c.officer_id.in_(sorted(officer_ids)), officer.c.deleted_at.is_(None))


def chiefs_of(area_code: str, limit: int, *, scope: Scope) -> Query:
    """Grid chiefs that belong to exactly this area or, in a grid, to its community."""
    own = officer.c.grid_code == area_code if len(area_code) == 15 else and_(
        officer.c.community_code == area_code, officer.c.grid_code.is_(None))
    return (select(*persons(scope))
            .where(within(officer, scope), officer.c.role == "grid_chief", own,
                   officer.c.deleted_at.is_(None))
            .order_by(officer.c.officer_id).limit(limit))


def thing_sums(holding: Holding, *, scope: Scope) -> Query:
    """Resources of an area by kind and force: ``kind, force_class, things, idle`` (NULL: not known)."""
    return (select(resource.c.kind, resource.c.force_class, func.count().label("things"),
                   known_count(resource.c.status, resource.c.status == "idle").label("idle"))
            .where(within(resource, scope), holding.holds_thing(resource), resource.c.deleted_at.is_(None))
            .group_by(resource.c.kind, resource.c.force_class).order_by(resource.c.kind))


def organisations(area_code: str) -> Query:
    """Departments and stations of an area, for a grid of its community; the district's stand nowhere.

    Their names are open to everybody.
    Columns ``dept_id, name, name_en, tier, kind``.
    """
    here = department.c.area_code == area_code[:12]
    if len(area_code) == LENGTHS["district"]:
        here = or_(here, department.c.area_code.is_(None))
    return (select(department.c.dept_id, department.c.name, department.c.name_en, department.c.tier,
                   department.c.kind)
            .where(here, department.c.deleted_at.is_(None))
            .order_by(department.c.dept_id))


def things_of(holding: Holding, kinds: Sequence[str], limit: int, *, scope: Scope) -> Query:
    """Resources of some kinds in an area by kind and id: ``resource_id, kind, name, capacity, status``."""
    return (select(resource.c.resource_id, resource.c.kind, resource.c.name, resource.c.capacity,
                   resource.c.status)
            .where(within(resource, scope), resource.c.kind.in_(sorted(kinds)),
                   resource.c.deleted_at.is_(None), holding.holds_thing(resource))
            .order_by(resource.c.kind, resource.c.resource_id).limit(limit))


def patrol_today(holding: Holding, since: datetime, until: datetime, *, scope: Scope) -> Query:
    """One row: ``officers, fixes, last_at`` of the positions reported in the area in ``[since, until]``."""
    code = holding.code
    if holding.polygon is not None:
        inside = holding.near(gps_fix)
    elif holding.kind is not None:
        inside = gps_fix.c.grid_code.in_(holding.grids)
    elif len(code) <= LENGTHS["street"]:
        inside = gps_fix.c.street_code.startswith(code, autoescape=True)
    else:
        inside = gps_fix.c.grid_code.startswith(code, autoescape=True)
    return select(func.count(gps_fix.c.officer_id.distinct()).label("officers"),
                  func.count().label("fixes"), func.max(gps_fix.c.at).label("last_at")).where(
                      within(gps_fix, scope), inside,
                      gps_fix.c.at >= since, gps_fix.c.at <= until, gps_fix.c.valid)


def staff_tiers(holding: Holding, *, scope: Scope) -> Query:
    """The four levels of staff of an area: ``tier, people, first_id``.

    Levels above the area itself are those of its street and its community.
    """
    columns, home = officer.c, holding.home
    in_grids = columns.grid_code.in_(holding.grids) if holding.kind is not None else \
        columns.grid_code.startswith(home, autoescape=True)
    is_street = and_(columns.community_code.is_(None), columns.grid_code.is_(None),
                     func.length(columns.street_code) == LENGTHS["street"],
                     columns.role.in_(("leader", "dispatcher", "verifier")))
    is_community = and_(columns.role == "grid_chief", columns.grid_code.is_(None))
    tier = case((is_street, "street_centre"), (is_community, "community_chief"),
                (columns.role == "grid_officer", "full_time"), (columns.role == "informant", "informant"))
    own = or_(and_(is_street, columns.street_code.startswith(home[:9], autoescape=True)),
              and_(is_community, columns.community_code.startswith(home[:12], autoescape=True)),
              and_(columns.role.in_(("grid_officer", "informant")), in_grids))
    return (select(tier.label("tier"), func.count().label("people"),
                   func.min(columns.officer_id).label("first_id"))
            .where(within(officer, scope), own, columns.deleted_at.is_(None)).group_by(tier))
