"""Rules about what sensors read, and about points that officers must pass: one statement for each kind.

Silence is no calm: what stands goes on standing while its sensor says nothing, and that it says nothing is
an alert of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from data.sensors.kinds import AT_HOME, MEASURES, SENSORS

_NOW: Final = "CAST(:now AS timestamptz)"
_WINDOW: Final = "make_interval(secs => :window_s)"
_STANDS: Final = "r.resource_id = ANY(:standing)"
#: A meter that tells hourly may miss two of its readings; after more, nobody knows what was used meanwhile.
_GAP: Final = f"{_WINDOW} / 4"
#: Who has been silent for longer sends nothing any more.
_SPEAKS: Final = "interval '7 days'"


def _of_kind(*kinds: str) -> str:
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return (f"r.deleted_at IS NULL AND r.kind IN ({names})"
            " AND starts_with(coalesce(r.area_code, r.street_code), :area)")


def _sensor(value: str, since: str) -> str:
    return f"""CASE r.kind WHEN '{AT_HOME}' THEN 'home' ELSE 'resource' END AS subject_type,
      r.resource_id AS subject_id, r.street_code,
      CASE WHEN length(r.area_code) >= 12 THEN left(r.area_code, 12) END AS community_code,
      CASE WHEN length(r.area_code) >= 15 THEN left(r.area_code, 15) END AS grid_code, r.lon, r.lat,
      CAST(NULL AS text) AS case_no, CAST({value} AS double precision) AS value, {since} AS since,
      jsonb_build_object('name', r.name) AS details"""


def _reading(name: str, kind: str, condition: str = "true", order: str = "DESC") -> str:
    """The last (or first) reading of sensor ``r`` by now of which a condition holds, a lateral of one row."""
    return f"""(SELECT f.at, f.value FROM reading AS f
      WHERE f.street_code = r.street_code AND f.resource_id = r.resource_id AND f.kind = '{kind}'
        AND f.at <= {_NOW} AND {condition} ORDER BY f.at {order} LIMIT 1) AS {name}"""


def _above(sensor: str) -> str:
    """The last reading is at the threshold or above; since the first of those without one below between."""
    kind = SENSORS[sensor][0]
    return f"""SELECT {_sensor("last.value", "begun.at")} FROM resource AS r
CROSS JOIN LATERAL {_reading("last", kind)}
LEFT JOIN LATERAL {_reading("calm", kind, "f.at < last.at AND f.value < :threshold")} ON true
CROSS JOIN LATERAL {_reading("begun", kind, "f.at > coalesce(calm.at, '-infinity')", "ASC")}
WHERE {_of_kind(sensor)} AND last.value >= :threshold AND (last.at > {_NOW} - {_WINDOW} OR {_STANDS})"""


#: The meter stood still for the window, and told so all the while. A standing that fell is a new meter. A
#: millilitre is an error of the floating point, and none of use.
_USED: Final = ("f.at < last.at AND (f.value <= last.value - :threshold + 0.000001"
                " OR f.value > last.value + 0.000001)")
_WATER: Final = f"""SELECT {_sensor("last.value - begun.value", f"begun.at + {_WINDOW}")} FROM resource AS r
CROSS JOIN LATERAL {_reading("last", "volume")}
LEFT JOIN LATERAL {_reading("used", "volume", _USED)} ON true
CROSS JOIN LATERAL (
  SELECT CASE WHEN {_STANDS} THEN min(told.at)
              ELSE coalesce(max(told.at) FILTER (WHERE told.gap > {_GAP}), min(told.at)) END AS at,
         min(told.value) AS value
  FROM (SELECT f.at, f.value, f.at - lag(f.at) OVER (ORDER BY f.at) AS gap FROM reading AS f
        WHERE f.street_code = r.street_code AND f.resource_id = r.resource_id AND f.kind = 'volume'
          AND f.at > coalesce(used.at, '-infinity') AND f.at <= last.at) AS told) AS begun
WHERE {_of_kind(AT_HOME)} AND last.at - begun.at >= {_WINDOW}
  AND (last.at >= {_NOW} - {_GAP} OR {_STANDS})"""

_KINDS: Final = ", ".join(f"('{kind}')" for kind in MEASURES)
_SILENT: Final = f"""SELECT {_sensor(f"extract(epoch FROM {_NOW} - last.at) / 60", f"last.at + {_WINDOW}")}
FROM resource AS r
CROSS JOIN LATERAL (SELECT max(told.at) AS at FROM (VALUES {_KINDS}) AS k (kind) CROSS JOIN LATERAL (
  SELECT f.at FROM reading AS f WHERE f.street_code = r.street_code AND f.resource_id = r.resource_id
    AND f.kind = k.kind AND f.at <= {_NOW} ORDER BY f.at DESC LIMIT 1) AS told) AS last
WHERE {_of_kind(*SENSORS)} AND last.at < {_NOW} - {_WINDOW}
  AND (last.at > {_NOW} - {_SPEAKS} OR {_STANDS})"""

#: Points whose hours are over, where people of the plan were heard and none of them came by, then or since.
_MISSED: Final = f"""
WITH plan AS (
  SELECT p.*, day + make_interval(mins => p.from_min) AS day_from,
         day + make_interval(mins => p.until_min) AS day_until, a.members
  FROM patrol_point AS p
  CROSS JOIN LATERAL (SELECT CAST(CAST({_NOW} AT TIME ZONE :zone AS date) AS timestamp) AS today) AS d
  CROSS JOIN LATERAL (SELECT CASE WHEN (d.today + make_interval(mins => p.until_min)) AT TIME ZONE :zone
    <= {_NOW} THEN d.today ELSE d.today - interval '1 day' END AS day) AS last
  LEFT JOIN area AS a ON a.area_code = p.plan_code
  WHERE starts_with(p.grid_code, :area)),
due AS (
  SELECT plan.*, day_from AT TIME ZONE :zone AS from_at, day_until AT TIME ZONE :zone AS until_at FROM plan)
SELECT 'point' AS subject_type, due.point_id AS subject_id, due.street_code,
  left(due.grid_code, 12) AS community_code, due.grid_code, due.lon, due.lat, CAST(NULL AS text) AS case_no,
  CAST(who.people AS double precision) AS value, due.until_at AS since,
  jsonb_build_object('name', due.name) AS details
FROM due CROSS JOIN LATERAL (
  SELECT count(heard.at) AS people, bool_or(passed.at IS NOT NULL) AS is_passed
  FROM officer AS o
  LEFT JOIN LATERAL (SELECT f.at FROM gps_fix AS f WHERE f.street_code = o.street_code
    AND f.officer_id = o.officer_id AND f.valid AND f.at > {_NOW} - interval '2 days'
    AND f.at >= due.from_at AND f.at <= due.until_at LIMIT 1) AS heard ON true
  LEFT JOIN LATERAL (SELECT f.at FROM gps_fix AS f WHERE f.street_code = o.street_code
    AND f.officer_id = o.officer_id AND f.valid AND f.at > {_NOW} - interval '2 days'
    AND f.at >= due.from_at AND f.at <= {_NOW} AND 111132.0 * sqrt(power(f.lat - due.lat, 2)
      + power((f.lon - due.lon) * cos(radians(due.lat)), 2)) <= due.radius_m LIMIT 1) AS passed ON true
  WHERE o.street_code = due.street_code AND o.deleted_at IS NULL
    AND (o.grid_code = due.plan_code OR o.grid_code = ANY(due.members))) AS who
WHERE who.people > 0 AND NOT who.is_passed
  AND (due.until_at > {_NOW} - {_WINDOW} OR due.point_id = ANY(:standing))"""

STATEMENTS: Final[Mapping[str, str]] = {
    "smoke": _above("smoke"), "manhole": _above("manhole"), "water": _WATER, "sensor_silent": _SILENT,
    "officer_missed": _MISSED,
}
