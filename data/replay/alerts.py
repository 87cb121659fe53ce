"""Alerts as of T, worded in SQL: what their log says up to T, see `data.alerts.lifecycle.step`.

Whatever had ended by T is settled and read as it is; only what still stood then is folded.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from data.alerts.tables import alert
from data.replay.overlay import instant_sql

_FIRED: Final = "e.act IN ('fire', 'repeat')"
#: Column of ``alert`` -> what the log, joined as ``log``, says of it at T.
_FOLDED: Final = {
    "state": "log.state", "last_at": "log.last_at", "count": "log.fires", "value": "log.value",
    "case_no": "COALESCE(log.case_no, CASE a.subject_type WHEN 'case' THEN a.subject_id END)",
    "shelved_until": "log.shelved_until", "ended_at": "NULL::timestamptz",
}
#: The newest event of some says it.
_NEWEST: Final = "(array_agg({said} ORDER BY e.seq DESC) FILTER (WHERE {those}))[1]"
_LOG: Final = f"""SELECT
    {_NEWEST.format(said="e.to_state", those="true")} AS state,
    max(e.at) FILTER (WHERE {_FIRED}) AS last_at, (count(*) FILTER (WHERE {_FIRED}))::integer AS fires,
    {_NEWEST.format(said="e.details ->> 'value'", those=_FIRED)}::double precision AS value,
    {_NEWEST.format(said="e.details ->> 'case_no'", those="e.details ->> 'case_no' IS NOT NULL")} AS case_no,
    {_NEWEST.format(said="e.details ->> 'until'", those="e.act IN ('shelve', 'unshelve')")}::timestamptz
      AS shelved_until
  FROM alert_event AS e
  WHERE e.street_code = a.street_code AND e.alert_id = a.alert_id AND e.at <= {{at}}"""


def alerts_sql(at: datetime) -> str:
    """A statement for PostgreSQL that gives the rows of ``alert`` as of T (aware), columns in order."""
    moment = instant_sql(at)
    columns = ", ".join(f"{_FOLDED[one.name]} AS {one.name}" if one.name in _FOLDED else f"a.{one.name}"
                        for one in alert.c)
    return (f"SELECT * FROM alert WHERE ended_at <= {moment} UNION ALL SELECT {columns} FROM alert AS a"
            f" JOIN LATERAL ({_LOG.format(at=moment)}) AS log ON log.state IS NOT NULL"
            f" WHERE a.first_at <= {moment} AND (a.ended_at IS NULL OR a.ended_at > {moment})")
