"""Asks the store for the conditions of rules that hold at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from data.alerts.rules import cases, forces, sensors
from data.alerts.rules.astray import KIND as ASTRAY
from data.alerts.rules.astray import astray
from data.alerts.rules.model import Found, Rule, Standing

STATEMENTS: Final[Mapping[str, str]] = {
    **cases.STATEMENTS, **forces.STATEMENTS, **sensors.STATEMENTS}
#: Kinds that the store answers; others are told by who runs the engine.
ASKED: Final = frozenset({*STATEMENTS, ASTRAY})
#: A rule without a window looks back so far.
_EVER_S: Final = 100 * 366 * 86_400


def conditions(connection: sa.Connection, rule: Rule, standing: Iterable[Standing], *, now: datetime,
               zone: str) -> list[Found]:
    """What holds of one rule at ``now`` (aware).

    Args:
        standing: the alerts of this rule that have not ended.
        zone: name of the district's time zone; its midnight begins a day.

    Raises:
        KeyError: a kind that the store does not answer.
        sqlalchemy.exc.SQLAlchemyError: the store failed.
    """
    if rule.kind == ASTRAY:
        return astray(connection, rule, now)
    values = {"now": now, "area": rule.area, "cat": rule.cat, "threshold": rule.threshold or 0.0,
              "window_s": rule.window_s or _EVER_S, "zone": zone,
              "standing": [one.key[2] for one in standing]}
    statement = sa.text(STATEMENTS[rule.kind])
    known = {name: values[name] for name in statement.compile().params}
    return [_found(rule, dict(row)) for row in connection.execute(statement, known).mappings()]


def _found(rule: Rule, row: Mapping[str, Any]) -> Found:
    return Found(
        rule=rule, subject_type=row["subject_type"], subject_id=row["subject_id"],
        street_code=row["street_code"], community_code=row["community_code"], grid_code=row["grid_code"],
        lon=row["lon"], lat=row["lat"], case_no=row["case_no"], value=_rounded(row["value"]),
        since=row["since"], details=dict(row.get("details") or {}))


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 2)
