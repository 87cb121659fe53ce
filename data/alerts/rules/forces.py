"""Rules about people on duty, grids and cameras: one statement for each kind.

Only who was heard within `HEARD` is looked at: who never sent a position cannot have gone silent.
Positions are looked up officer by officer in the key of the fixes, so that many of them cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HEARD: Final = "interval '8 hours'"
_ON_DUTY: Final = ("o.deleted_at IS NULL AND o.on_duty"
                   " AND starts_with(coalesce(o.grid_code, o.street_code), :area)")
_METRES: Final = """111132.0 * sqrt(power({a}.lat - {b}.lat, 2)
    + power(({a}.lon - {b}.lon) * cos(radians({b}.lat)), 2))"""


def _fix(name: str, since: str, until: str = "CAST(:now AS timestamptz)", *, order: str = "DESC",
         also: str = "true") -> str:
    """The last (or first) sound fix of officer ``o`` in a span, as a lateral of one row."""
    return f"""(SELECT f.at, f.lon, f.lat, f.grid_code FROM gps_fix AS f
      WHERE f.street_code = o.street_code AND f.officer_id = o.officer_id AND f.valid
        AND f.at > {since} AND f.at <= {until} AND {also} ORDER BY f.at {order} LIMIT 1) AS {name}"""


def _officer(value: str, since: str) -> str:
    return f"""'officer' AS subject_type, o.officer_id AS subject_id, o.street_code, o.community_code,
      o.grid_code, last.lon, last.lat, CAST(NULL AS text) AS case_no,
      CAST({value} AS double precision) AS value, {since} AS since"""


_WINDOW: Final = "make_interval(secs => :window_s)"
_NOW: Final = "CAST(:now AS timestamptz)"
_SILENCE: Final = f"extract(epoch FROM {_NOW} - last.at) / 60"
_OFFLINE: Final = f"""SELECT {_officer(_SILENCE, f"last.at + {_WINDOW}")}
FROM officer AS o CROSS JOIN LATERAL {_fix("last", f"{_NOW} - {HEARD}")}
WHERE {_ON_DUTY} AND last.at < {_NOW} - {_WINDOW}"""

#: Nothing further away than the threshold since the window began, and a fix from before that.
_FAR: Final = f"{_METRES.format(a='f', b='last')} > :threshold"
_STILL: Final = f"""SELECT {_officer("extract(epoch FROM last.at - begun.at) / 60", f"begun.at + {_WINDOW}")}
FROM officer AS o
CROSS JOIN LATERAL {_fix("last", f"{_NOW} - interval '5 minutes'")}
LEFT JOIN LATERAL {_fix("away", f"{_NOW} - {HEARD}", "last.at", also=_FAR)} ON true
CROSS JOIN LATERAL {_fix("begun", f"coalesce(away.at, {_NOW} - {HEARD})", "last.at", order="ASC")}
WHERE {_ON_DUTY} AND last.at - begun.at >= {_WINDOW}"""

#: A grid of whose own people none was heard for the window, while at least half the grids of its street are
#: manned: what empties at the end of a shift is no news.
_UNMANNED: Final = f"""
WITH heard AS (
  SELECT o.street_code, o.grid_code, max(last.at) AS at, count(*) AS people
  FROM officer AS o LEFT JOIN LATERAL {_fix("last", f"{_NOW} - {HEARD}")} ON true
  WHERE o.deleted_at IS NULL AND o.grid_code IS NOT NULL AND starts_with(o.grid_code, :area)
  GROUP BY o.street_code, o.grid_code),
patrolled AS (
  SELECT street_code FROM heard WHERE at IS NOT NULL GROUP BY street_code
  HAVING 2 * count(*) FILTER (WHERE at >= {_NOW} - {_WINDOW}) >= count(*))
SELECT 'grid' AS subject_type, heard.grid_code AS subject_id, heard.street_code,
  left(heard.grid_code, 12) AS community_code, heard.grid_code, area.lon, area.lat,
  CAST(NULL AS text) AS case_no, extract(epoch FROM {_NOW} - heard.at) / 60 AS value,
  heard.at + {_WINDOW} AS since, jsonb_build_object('people', heard.people) AS details
FROM heard JOIN patrolled USING (street_code) LEFT JOIN area ON area.area_code = heard.grid_code
WHERE heard.at < {_NOW} - {_WINDOW}"""

#: Since when a camera has been silent the store does not know.
_CAMERA: Final = """
SELECT 'resource' AS subject_type, r.resource_id AS subject_id, r.street_code,
  CASE WHEN length(r.area_code) >= 12 THEN left(r.area_code, 12) END AS community_code,
  CASE WHEN length(r.area_code) >= 15 THEN left(r.area_code, 15) END AS grid_code, r.lon, r.lat,
  CAST(NULL AS text) AS case_no, CAST(NULL AS double precision) AS value,
  CAST(NULL AS timestamptz) AS since, jsonb_build_object('name', r.name) AS details
FROM resource AS r WHERE r.deleted_at IS NULL AND r.kind = 'camera' AND r.status IN ('offline', 'lost')
  AND starts_with(coalesce(r.area_code, r.street_code), :area)"""

#: Fixes of the last two hours, one a minute, of those on duty who are in another grid than their own now.
ASTRAY: Final = f"""SELECT DISTINCT ON (o.street_code, o.officer_id, date_trunc('minute', f.at))
  o.street_code, o.officer_id, o.community_code, o.grid_code, f.at, f.lon, f.lat
FROM officer AS o
CROSS JOIN LATERAL {_fix("last", f"{_NOW} - interval '5 minutes'")}
JOIN gps_fix AS f ON f.street_code = o.street_code AND f.officer_id = o.officer_id AND f.valid
  AND f.at > {_NOW} - interval '2 hours' AND f.at <= last.at
WHERE {_ON_DUTY} AND o.grid_code IS NOT NULL AND last.grid_code IS DISTINCT FROM o.grid_code
ORDER BY o.street_code, o.officer_id, date_trunc('minute', f.at), f.at"""

STATEMENTS: Final[Mapping[str, str]] = {
    "officer_offline": _OFFLINE, "officer_still": _STILL, "grid_unmanned": _UNMANNED,
    "camera_silent": _CAMERA,
}
