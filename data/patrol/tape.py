"""Questions for playing the movements of a span: its fixes, and where everybody stood before it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, extract, func, select, true, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from data.access.masks import alias_of
from data.access.scope import Scope
from data.access.within import within
from data.cases.points import Box
from data.sql import Query
from data.tables import gps_fix, officer

#: The longest span of one answer where every fix is told, in seconds.
MAX_SPAN_S: Final = 900
#: With one fix for each ``step`` seconds a span may have this many steps.
MAX_STEPS: Final = 60
MAX_STEP_S: Final = 240
#: How far back the fix before the span is looked for; older ones are nobody's "now".
REACH: Final = timedelta(hours=8)
_COLUMNS: Final = ("street_code", "officer_id", "at", "lon", "lat", "grid_code")


def longest_span_s(step_s: int) -> int:
    """Seconds that one answer may cover, by how far apart its fixes are; 0: every fix."""
    return max(MAX_SPAN_S, MAX_STEPS * step_s)


def tape(since: datetime, until: datetime, step_s: int, box: Box | None, *, scope: Scope,
         salt: str) -> Query:
    """``officer_id, at, lon, lat, role, grid_code`` ordered by officer and time.

    The valid fixes in ``[since, until]``, with ``step_s`` > 0 the last of each so many seconds, and
    of everybody the last one of the eight hours before; ``grid_code`` is where they were. With a box:
    only those with any of these fixes inside, whole.

    Without sight of people the ids are pseudonyms by ``salt`` (`masks.alias_of`).
    """
    rows = union_all(_during(since, until, step_s, scope=scope), _before(since, scope=scope)).subquery()
    joined = rows.outerjoin(officer, and_(officer.c.street_code == rows.c.street_code,
                                          officer.c.officer_id == rows.c.officer_id))
    alias = alias_of(rows.c.officer_id, scope.sight, salt)
    query = select(alias.label("officer_id"), rows.c.at, rows.c.lon, rows.c.lat, officer.c.role,
                   rows.c.grid_code).select_from(joined)
    if box is not None:
        near = rows.alias("near")
        query = query.where(rows.c.officer_id.in_(select(near.c.officer_id).where(
            near.c.lon >= box.west, near.c.lon < box.east, near.c.lat >= box.south, near.c.lat < box.north)))
    return query.order_by(alias, rows.c.at)


def _during(since: datetime, until: datetime, step_s: int, *, scope: Scope) -> Query:
    query: Query = select(*(gps_fix.c[name] for name in _COLUMNS)).where(
        within(gps_fix, scope), gps_fix.c.valid, gps_fix.c.at >= since, gps_fix.c.at <= until)
    if not step_s:
        return query
    step = func.floor(extract("epoch", gps_fix.c.at) / step_s)
    who = (gps_fix.c.street_code, gps_fix.c.officer_id, step)
    thinned: Query = select(query.ext(distinct_on(*who)).order_by(*who, gps_fix.c.at.desc()).subquery())
    return thinned


def _before(since: datetime, *, scope: Scope) -> Query:
    """One look into the key for each person, instead of all fixes of the hours before."""
    last = (select(*(gps_fix.c[name] for name in _COLUMNS))
            .where(gps_fix.c.street_code == officer.c.street_code,
                   gps_fix.c.officer_id == officer.c.officer_id, gps_fix.c.valid,
                   gps_fix.c.at >= since - REACH, gps_fix.c.at < since)
            .order_by(gps_fix.c.at.desc()).limit(1).correlate(officer).lateral("last_fix"))
    return select(*(last.c[name] for name in _COLUMNS)).select_from(officer.join(last, true())).where(
        within(officer, scope))
