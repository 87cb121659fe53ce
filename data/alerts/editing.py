"""Rules of alerts, read and changed; each change is on record."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, record_in
from data.access.roles import ROLES
from data.access.viewer import Viewer
from data.alerts.tables import alert_rule
from data.engine import Store

COLORS: Final = ("red", "orange", "yellow", "blue")
_SWITCH: Final = {"on": True, "off": False}
_AREA: Final = re.compile(r"\d{6}(\d{3}){0,3}", re.ASCII)
_CAT: Final = re.compile(r"[A-Z][0-9]{0,8}", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
#: The largest threshold, and the longest window in seconds: within what times can hold.
MAX_THRESHOLD: Final = 1_000_000
MAX_WINDOW_S: Final = 31_536_000
#: What empties a field that may be empty.
NONE: Final = "none"
FIELDS: Final = ("color", "is_on", "threshold", "window_s", "area_code", "cat_code", "roles")


class RuleError(ValueError):
    """A rule that cannot be so; the message names field, value got and expected."""


def rules(store: Store) -> list[dict[str, Any]]:
    """All rules by id, with every column."""
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(alert_rule).order_by(alert_rule.c.rule_id)).mappings()
        return [dict(row) for row in rows]


def change(store: Store, rule_id: str, said: Mapping[str, str], *, by: Viewer,
           now: datetime, address: str | None = None) -> dict[str, Any]:
    """Change fields of a rule; the engine goes by them from its next look on.

    Args:
        said: field -> value as people write it, see `FIELDS`: ``is_on`` on or off, roles with commas,
            ``none`` for no threshold, window, area or category.
        by: who changes it.
        now: outside time, aware.
        address: where from; None on the console.

    Returns:
        The rule as it is then.

    Raises:
        RuleError: no such rule or field, no field at all, or a value that cannot be.
    """
    if not said:
        raise RuleError(f"a change must name some of {', '.join(FIELDS)}, got none")
    values = {field: _value(field, text) for field, text in said.items()}
    with store.engine.begin() as connection:
        put = (sa.update(alert_rule).where(alert_rule.c.rule_id == rule_id)
               .values(**values, updated_at=now, updated_by=by.name).returning(alert_rule))
        row = connection.execute(put).mappings().one_or_none()
        if row is None:
            raise RuleError(f"rule_id must be that of a rule, got {rule_id[:60]!r}")
        record_in(connection, Entry(
            account_id=by.account_id, account_name=by.name, address=address, action="alert_rule_changed",
            object_kind="alert_rule", object_id=rule_id, detail=dict(said)), now=now)
    return dict(row)


def _value(field: str, text: str) -> Any:
    if field == "color":
        return _one_of(field, text, COLORS)
    if field == "is_on":
        return _SWITCH[_one_of(field, text, tuple(_SWITCH))]
    if field == "roles":
        return [_one_of(field, role, tuple(sorted(ROLES))) for role in text.split(",")]
    if field not in FIELDS:
        raise RuleError(f"field must be one of {', '.join(FIELDS)}; got {field[:40]!r}")
    if text == NONE:
        return None
    if field == "threshold":
        return _number(text)
    pattern, expected = {
        "window_s": (_WHOLE, f"whole seconds, 1 to {MAX_WINDOW_S}"),
        "area_code": (_AREA, "6, 9, 12 or 15 digits"),
        "cat_code": (_CAT, "the beginning of a category, such as S13")}[field]
    fits = pattern.fullmatch(text) and (field != "window_s" or 1 <= int(text) <= MAX_WINDOW_S)
    if not fits:
        raise RuleError(f"{field} must be {expected}, or {NONE}; got {text[:40]!r}")
    return int(text) if field == "window_s" else text


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= MAX_THRESHOLD:
        raise RuleError(f"threshold must be a number from 0 to {MAX_THRESHOLD}, or {NONE}; got {text[:40]!r}")
    return number


def _one_of(field: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise RuleError(f"{field} must be of {', '.join(allowed)}; got {text[:40]!r}")
    return text
