"""Cases as points: what the map draws near by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, Final

from sqlalchemy import Double, and_, bindparam, func, select

from data.access import masks
from data.access.scope import Scope
from data.access.sight import Sight
from data.access.within import within
from data.cases.facts import Clause, Facts
from data.cases.queries import matches, seen_by
from data.cases.rules import RULES
from data.filters import CaseFilter, FilterError
from data.sql import Query
from data.tables import cases

MAX_POINTS: Final = 2_000_000
#: Columns of a point, besides ``is_overdue``.
COLUMNS: Final = (
    "case_ref", "lon", "lat", "reported_at", "cat_code", "channel_code", "main_dept_id", "state",
    "urgency", "street_code", "grid_code",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of WGS-84 degrees; west and south inclusive, east and north exclusive."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        values = (self.west, self.south, self.east, self.north)
        if not all(isinstance(value, (int, float)) and isfinite(value) for value in values):
            raise FilterError(f"a box must be four finite degrees west,south,east,north; got {values}")
        if not (-180 <= self.west < self.east <= 180 and -90 <= self.south < self.north <= 90):
            raise FilterError(f"a box must be west<east in -180..180, south<north in -90..90; got {values}")


def parse_box(text: str) -> Box:
    """Read ``west,south,east,north``.

    Raises:
        FilterError: not four finite degrees in order.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise FilterError(f"box must be 'west,south,east,north' in degrees, got {text[:60]!r}") from None
    return Box(west=west, south=south, east=east, north=north)


def placed(box: Box | None, sight: Sight) -> Clause:
    """The case has a place that may be told, and it lies in the box."""
    shown = () if (told := masks.shows_place(sight)) is None else (told,)
    if box is None:
        return and_(cases.c.lon.is_not(None), cases.c.lat.is_not(None), *shown)
    edges = {name: bindparam(name, float(getattr(box, name)), type_=Double)
             for name in ("west", "south", "east", "north")}
    return and_(cases.c.lon >= edges["west"], cases.c.lon < edges["east"],
                cases.c.lat >= edges["south"], cases.c.lat < edges["north"], *shown)


def points(filter_: CaseFilter, *, now: datetime, box: Box | None, limit: int) -> Query:
    """One row per placed case, newest first: `COLUMNS` and ``is_overdue``.

    Raises:
        ValueError: ``limit`` outside 1..`MAX_POINTS`.
    """
    if not 1 <= limit <= MAX_POINTS:
        raise ValueError(f"limit must be 1..{MAX_POINTS}, got {limit}")
    facts = Facts(now)
    columns = [cases.c[name] for name in COLUMNS]
    return (select(*columns, RULES["overdue"](facts).label("is_overdue"))
            .where(matches(filter_), placed(box, seen_by(filter_)), facts.reported)
            .order_by(cases.c.reported_at.desc(), cases.c.case_ref.desc()).limit(limit))


def all_points(filter_: CaseFilter, *, now: datetime, box: Box | None) -> Query:
    """Every placed case of the filter, in no order: for when their number is known to be small enough."""
    facts = Facts(now)
    columns = [cases.c[name] for name in COLUMNS]
    return (select(*columns, RULES["overdue"](facts).label("is_overdue"))
            .where(matches(filter_), placed(box, seen_by(filter_)), facts.reported))


def chosen_points(filter_: CaseFilter, refs: Collection[int], *, now: datetime, box: Box | None) -> Query:
    """Those of some cases that `all_points` would give, in no order."""
    return all_points(filter_, now=now, box=box).where(cases.c.case_ref.in_(sorted(refs)))


def point_count(filter_: CaseFilter, *, now: datetime, box: Box | None) -> Query:
    """One row: ``total`` of the cases of the filter, ``placed`` those with a place in the box."""
    here = placed(box, seen_by(filter_))
    return (select(func.count().label("total"), func.count().filter(here).label("placed"))
            .where(matches(filter_), Facts(now).reported))


def extent(*, scope: Scope, since: datetime | None = None) -> Query:
    """One row: ``west, south, east, north`` around the placed cases without the outermost 0.1 %.

    NULL without any; with ``since`` those reported from then on.
    """
    recent = () if since is None else (cases.c.reported_at >= since,)
    def share(column: Any, part: float) -> Any:
        return func.percentile_cont(part).within_group(column.asc())
    return select(share(cases.c.lon, 0.001).label("west"), share(cases.c.lat, 0.001).label("south"),
                  share(cases.c.lon, 0.999).label("east"), share(cases.c.lat, 0.999).label("north")
                  ).where(within(cases, scope), placed(None, scope.sight), cases.c.deleted_at.is_(None),
                          *recent)
