"""What of a table lies inside a scope: the clause that stands first in every query.

The same is said once more by the database itself, see migration 0006.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    any_,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from data.access.scope import Scope, ScopeError
from data.alerts.tables import alert, alert_event
from data.patrol.tables import gps_stand, patrol_point, patrol_zone
from data.resources.tables import resource_event
from data.sensors.kinds import AT_HOME
from data.sensors.tables import reading
from data.tables import area, building, case_event, cases, gps_fix, officer, resource

Clause = ColumnElement[bool]
_DISTRICT, _STREET, _COMMUNITY, _GRID = 6, 9, 12, 15


def within(table: Table, scope: Scope | None) -> Clause:
    """The rows of a table that lie inside a scope; true for a scope of everything that sees people.

    A meter at the home of a person is there for those who see people.

    Args:
        table: ``case, case_event, officer, gps_fix, gps_stand, building, resource, resource_event, area,
            patrol_zone, patrol_point, reading, alert, alert_event``; what belongs to no area
            (categories, departments, roads, water) is open and not asked for here.

    Raises:
        ScopeError: no scope, or a table that no rule speaks of.
    """
    if scope is None:
        raise ScopeError(f"a question about {table.name} must have a scope, got none")
    if table.name not in _RULES:
        raise ScopeError(f"a scope is known for {', '.join(_RULES)}; got {table.name!r}")
    inside = true() if scope.is_everything else _RULES[table.name](scope)
    if scope.sight.sees_people or table.name not in _OF_THINGS:
        return inside
    return and_(inside, _at_no_home(table))


def of_street(street_code: ColumnElement[Any], scope: Scope) -> Clause:
    """The whole street lies inside, wherever else departments restrict."""
    return true() if scope.has_all_areas else _begins((street_code,), scope.areas)


def _begins(columns: Iterable[ColumnElement[Any]], codes: Iterable[str]) -> Clause:
    """One of the columns begins with one of the codes; false for no codes."""
    by_length = _by_length(codes)
    return or_(false(), *(func.substr(column, 1, length).in_(found)
                          for column in columns for length, found in by_length.items()))


def _between(column: ColumnElement[Any], code: str) -> Clause:
    """The column begins with a code of digits, said as a range.

    The snapshot knows the first and the last code of its rows: for a district that holds all of
    them it leaves the condition out, so that such a scope costs what no scope costs.
    """
    after = str(int(code) + 1).zfill(len(code))
    if len(after) > len(code):  # 999999 has no next code of its length
        return _begins((column,), (code,))
    return and_(column >= code, column < after)


def _by_length(codes: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code in sorted(codes):
        found.setdefault(len(code), []).append(code)
    return found


def _of_partition(table: Table, scope: Scope) -> Clause:
    """By the three codes of a row: street, community, grid."""
    if scope.has_all_areas:
        return true()
    columns: dict[int, ColumnElement[Any]] = {
        _STREET: table.c.street_code, _COMMUNITY: table.c.community_code, _GRID: table.c.grid_code}
    return or_(false(), *(
        columns[length].in_(codes) if length in columns else or_(*(
            _between(table.c.street_code, code) for code in codes))
        for length, codes in _by_length(scope.areas).items()))


def _of_departments(scope: Scope, *columns: ColumnElement[Any]) -> Clause:
    """One of the columns names a department of the scope; true where departments do not restrict."""
    if not scope.departments:
        return true()
    return or_(*(column.in_(sorted(scope.departments)) for column in columns))


def _handled_by(scope: Scope, of: Table) -> Clause:
    """A department of the scope has the case, had it first, or was called to joint handling."""
    if not scope.departments:
        return true()
    assists = (literal(dept) == any_(of.c.assist_dept_ids) for dept in sorted(scope.departments))
    return or_(_of_departments(scope, of.c.main_dept_id, of.c.first_dept_id), *assists)


def _cases(scope: Scope) -> Clause:
    return and_(_of_partition(cases, scope), _handled_by(scope, cases))


def _events(scope: Scope) -> Clause:
    file = cases.alias("own_case")
    own = and_(file.c.case_no == case_event.c.case_no, file.c.street_code == case_event.c.street_code)
    return exists().where(own, _of_partition(file, scope),  # type: ignore[arg-type]  # an alias has its columns
                          _handled_by(scope, file))  # type: ignore[arg-type]


def _officers(scope: Scope) -> Clause:
    return and_(_of_partition(officer, scope), _of_departments(scope, officer.c.dept_id))


def _fixes(table: Table, scope: Scope) -> Clause:
    """Fixes of the scope's people, wherever they walk."""
    people = select(officer.c.street_code, officer.c.officer_id).where(_officers(scope))
    return tuple_(table.c.street_code, table.c.officer_id).in_(people)


def _resources(scope: Scope) -> Clause:
    held = true() if scope.has_all_areas else _begins((resource.c.area_code,), scope.areas)
    return and_(held, _of_departments(scope, resource.c.dept_id))


def _resource_events(scope: Scope) -> Clause:
    """What is known of the scope's resources, wherever they go."""
    own = select(resource.c.street_code, resource.c.resource_id).where(_resources(scope))
    return tuple_(resource_event.c.street_code, resource_event.c.resource_id).in_(own)


def _readings(scope: Scope) -> Clause:
    """What the scope's sensors read."""
    own = select(resource.c.street_code, resource.c.resource_id).where(_resources(scope))
    return tuple_(reading.c.street_code, reading.c.resource_id).in_(own)


def _at_no_home(table: Table) -> Clause:
    """The thing does not stand at the home of a person."""
    if table.name == resource.name:
        return resource.c.kind != AT_HOME
    homes = select(resource.c.street_code, resource.c.resource_id).where(resource.c.kind == AT_HOME)
    return tuple_(table.c.street_code, table.c.resource_id).not_in(homes)


def _points(scope: Scope) -> Clause:
    return true() if scope.has_all_areas else _begins((patrol_point.c.grid_code,), scope.areas)


def _zones(scope: Scope) -> Clause:
    held = true() if scope.has_all_areas else _begins((patrol_zone.c.area_code,), scope.areas)
    return and_(held, _of_departments(scope, patrol_zone.c.dept_id))


def _areas(scope: Scope) -> Clause:
    """By its own code, or that of the area in which a grid beside the partition lies."""
    return true() if scope.has_all_areas else _begins((area.c.area_code, area.c.parent_code), scope.areas)


def _alerts(scope: Scope) -> Clause:
    """Of the area; where departments restrict, what is about a case or a person of theirs."""
    placed = _of_partition(alert, scope)
    if not scope.has_all_areas and any(len(code) == _DISTRICT for code in scope.areas):
        placed = or_(placed, alert.c.street_code == "")  # of no street: of the whole district
    if not scope.departments:
        return placed
    case_of = exists().where(cases.c.case_no == alert.c.case_no, cases.c.street_code == alert.c.street_code,
                             _cases(scope))
    person = exists().where(alert.c.subject_type == "officer", officer.c.officer_id == alert.c.subject_id,
                            officer.c.street_code == alert.c.street_code, _officers(scope))
    return and_(placed, or_(case_of, person))


def _alert_events(scope: Scope) -> Clause:
    return exists().where(alert.c.alert_id == alert_event.c.alert_id,
                          alert.c.street_code == alert_event.c.street_code, _alerts(scope))


_RULES: Final[Mapping[str, Callable[[Scope], Clause]]] = {
    cases.name: _cases,
    case_event.name: _events,
    officer.name: _officers,
    gps_fix.name: lambda scope: _fixes(gps_fix, scope),
    gps_stand.name: lambda scope: _fixes(gps_stand, scope),
    building.name: lambda scope: _of_partition(building, scope),
    resource.name: _resources,
    resource_event.name: _resource_events,
    patrol_zone.name: _zones,
    patrol_point.name: _points,
    reading.name: _readings,
    area.name: _areas,
    alert.name: _alerts,
    alert_event.name: _alert_events,
}
#: Tables of things, some of which stand at homes.
_OF_THINGS: Final = frozenset({resource.name, resource_event.name, reading.name})
