"""Rules about cases: one statement for each kind; what is open is found by its index.

A condition that began longer ago than the window of its rule is no news: it fires no more. What
stands already is looked at however old it is, so that it lapses when the condition has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from data.alerts.tables import OPEN_CASES

_COLUMNS: Final = ("'case' AS subject_type, case_no AS subject_id, street_code, community_code, grid_code,"
                   " lon, lat, case_no")
_INSIDE: Final = ("starts_with(coalesce(grid_code, community_code, street_code), :area)"
                  " AND starts_with(coalesce(cat_code, ''), :cat) AND reported_at <= :now")
_NEWS: Final = ("(since > CAST(:now AS timestamptz) - make_interval(secs => :window_s)"
                " OR case_no = ANY(:standing))")


def _open(value: str, since: str, condition: str, news: str = _NEWS) -> str:
    """Open cases of which a condition holds, with the value told and since when."""
    return f"""SELECT * FROM (
      SELECT {_COLUMNS}, CAST({value} AS double precision) AS value, {since} AS since
      FROM "case" WHERE {OPEN_CASES} AND {_INSIDE} AND {condition}) AS found WHERE {news}"""


_WORKING: Final = "handled_at IS NULL AND clock_stopped_at IS NULL"
_OVERDUE: Final = _open(
    "extract(epoch FROM CAST(:now AS timestamptz) - deadline_at) / 60",
    "deadline_at + make_interval(secs => :threshold * 60)",
    f"{_WORKING} AND deadline_at < CAST(:now AS timestamptz) - make_interval(secs => :threshold * 60)")
_DUE_SOON: Final = _open(
    "extract(epoch FROM deadline_at - CAST(:now AS timestamptz)) / 3600",
    "deadline_at - make_interval(secs => :threshold * 3600)",
    f"""{_WORKING} AND dispatched_at <= :now AND deadline_at >= :now
        AND deadline_at <= CAST(:now AS timestamptz) + make_interval(secs => :threshold * 3600)""", "true")
_URGENT: Final = _open("urgency", "reported_at", "urgency >= :threshold")
#: 130: not deployed a day after acceptance, not answered three days after it; see `data.cases.rules`.
_M1: Final = "accepted_at <= CAST(:now AS timestamptz) - interval '1 day' AND dispatched_at IS NULL"
_M3: Final = "accepted_at <= CAST(:now AS timestamptz) - interval '3 days' AND first_feedback_at IS NULL"
_M130: Final = _open(
    f"CASE WHEN {_M3} THEN 3 ELSE 1 END",
    f"accepted_at + CASE WHEN {_M3} THEN interval '3 days' ELSE interval '1 day' END",
    f"handled_at IS NULL AND (({_M1}) OR ({_M3}))")
_REWORK: Final = _open(
    "rework_count", """(SELECT max(at) FROM case_event AS e WHERE e.case_no = "case".case_no
      AND e.street_code = "case".street_code AND e.act = 'rework' AND e.at <= :now)""",
    "rework_count >= :threshold", "true")

#: Cases of the last two hours with others of their category within 50 m, or of the same building,
#: in the window before; the group is named after its oldest case.
_REPEAT: Final = """
WITH fresh AS (
  SELECT case_no, street_code, community_code, grid_code, lon, lat, cat_code, building_id, reported_at
  FROM "case" WHERE deleted_at IS NULL AND reported_at <= :now
    AND reported_at > CAST(:now AS timestamptz) - interval '2 hours'
    AND starts_with(coalesce(grid_code, community_code, street_code), :area)
    AND starts_with(cat_code, :cat)),
-- read once, and joined by what is equal: asked again for each fresh case it took a city 14 s
recent AS MATERIALIZED (
  SELECT case_no, street_code, lon, lat, cat_code, building_id, reported_at
  FROM "case" WHERE deleted_at IS NULL AND reported_at <= :now
    AND reported_at > CAST(:now AS timestamptz) - make_interval(secs => :window_s) - interval '2 hours'
    AND cat_code IN (SELECT fresh.cat_code FROM fresh)),
groups AS (
  SELECT fresh.case_no, count(*) AS value, max(other.reported_at) AS since,
         (array_agg(other.case_no ORDER BY other.reported_at, other.case_no))[1] AS oldest,
         (array_agg(other.case_no ORDER BY other.reported_at DESC, other.case_no DESC))[1:20] AS cases
  FROM fresh JOIN recent AS other ON other.cat_code = fresh.cat_code
    AND other.street_code = fresh.street_code
    AND other.reported_at > fresh.reported_at - make_interval(secs => :window_s)
    AND other.reported_at <= fresh.reported_at
    AND (other.building_id = fresh.building_id
         OR 111132.0 * sqrt(power(other.lat - fresh.lat, 2)
              + power((other.lon - fresh.lon) * cos(radians(fresh.lat)), 2)) <= 50)
  GROUP BY fresh.case_no HAVING count(*) >= :threshold)
SELECT DISTINCT ON (groups.oldest) 'case' AS subject_type, groups.oldest AS subject_id,
  fresh.street_code, fresh.community_code, fresh.grid_code, fresh.lon, fresh.lat, fresh.case_no,
  CAST(groups.value AS double precision) AS value, groups.since,
  jsonb_build_object('cases', groups.cases) AS details
FROM groups JOIN fresh USING (case_no) ORDER BY groups.oldest, groups.value DESC, fresh.case_no DESC
"""
#: A street whose cases of today are more than the mean and some standard deviations of the days before.
_SURGE: Final = """
WITH days AS (
  SELECT street_code, CAST(reported_at AT TIME ZONE :zone AS date) AS day, count(*) AS n
  FROM "case" WHERE deleted_at IS NULL AND reported_at <= :now
    AND starts_with(coalesce(grid_code, community_code, street_code), :area)
    AND starts_with(coalesce(cat_code, ''), :cat)
    AND reported_at >= (CAST(CAST(CAST(:now AS timestamptz) AT TIME ZONE :zone AS date) AS timestamp)
                        - make_interval(secs => :window_s)) AT TIME ZONE :zone
  GROUP BY 1, 2),
today AS (SELECT CAST(CAST(:now AS timestamptz) AT TIME ZONE :zone AS date) AS day),
-- a day without cases counts as none: sums over the days there are, divided by all
known AS (
  SELECT street_code, coalesce(sum(n) FILTER (WHERE days.day = today.day), 0) AS now_n,
         coalesce(sum(n) FILTER (WHERE days.day < today.day), 0) / (:window_s / 86400.0) AS mean,
         coalesce(sum(n * n) FILTER (WHERE days.day < today.day), 0) / (:window_s / 86400.0) AS square,
         min(today.day) AS day
  FROM days CROSS JOIN today GROUP BY street_code)
SELECT 'grid' AS subject_type, known.street_code AS subject_id, known.street_code,
  CAST(NULL AS text) AS community_code, CAST(NULL AS text) AS grid_code, area.lon, area.lat,
  CAST(NULL AS text) AS case_no, CAST(now_n AS double precision) AS value,
  CAST(day AS timestamp) AT TIME ZONE :zone AS since,
  jsonb_build_object('usual', round(CAST(mean AS numeric), 1)) AS details
FROM known LEFT JOIN area ON area.area_code = known.street_code
WHERE mean > 0 AND now_n >= 5 AND now_n > mean + :threshold * sqrt(greatest(square - mean * mean, 0))
"""

STATEMENTS: Final[Mapping[str, str]] = {
    "case_urgent": _URGENT, "case_due_soon": _DUE_SOON, "case_overdue": _OVERDUE, "case_130": _M130,
    "case_rework": _REWORK, "case_repeat": _REPEAT, "case_surge": _SURGE,
}
