"""Acts upon alerts: each is one transaction that writes the log, the alert and the wake-up.

The row is locked first, so of two people who act at once the second acts upon what the first left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, record_in
from data.access.scope import Scope
from data.access.within import within
from data.alerts.lifecycle import FOLDED, step, transition
from data.alerts.tables import alert, alert_event
from data.engine import Store
from data.tables import cases

CHANNEL: Final = "alert_changed"
#: What listeners are told of an alert.
PLACE: Final = ("alert_id", "street_code", "community_code", "grid_code")
MAX_NOTE: Final = 500
#: Act -> the one detail it must bring.
DETAILS: Final[Mapping[str, str]] = {"shelve": "until", "link": "case_no"}
#: Acts that only the engine does.
ENGINE_ACTS: Final = frozenset({"fire", "repeat", "lapse"})


class AlertCommandError(ValueError):
    """An act that cannot be done; the message names field, value got and expected."""


def perform(store: Store, alert_id: int, act: str, *, at: datetime, actor_role: str, scope: Scope,
            actor_id: str | None = None, note: str | None = None,
            details: Mapping[str, Any] | None = None, audit: Entry | None = None) -> int:
    """Do one act upon an alert.

    Args:
        at: when, aware, the store's time; not before the last act of the alert.
        actor_role: role in the life cycle, see `data.alerts.lifecycle.DESKS`.
        scope: an alert outside does not exist; a case to link neither.
        note: free text; some acts must give one.
        details: ``shelve`` brings ``until`` (aware, after ``at``), ``link`` a ``case_no``; others nothing.
        audit: an entry of the audit log that is written in the same transaction.

    Returns:
        The number of the event in the log of the alert.

    Raises:
        data.alerts.lifecycle.AlertActError: state or role does not allow it; the message says what is.
        AlertCommandError: no such alert inside the scope, or a detail that cannot be.
    """
    with store.engine.begin() as connection:
        seq = perform_in(connection, alert_id, act, at=at, actor_role=actor_role, scope=scope,
                         actor_id=actor_id, note=note, details=details)
        if audit is not None:
            record_in(connection, audit, now=at)
    return seq


def perform_in(connection: sa.Connection, alert_id: int, act: str, *, at: datetime, actor_role: str,
               scope: Scope, actor_id: str | None = None, note: str | None = None,
               details: Mapping[str, Any] | None = None) -> int:
    """The same within the caller's transaction."""
    if at.tzinfo is None:
        raise AlertCommandError(f"at must be an aware time, got {at!r}")
    if act in ENGINE_ACTS:
        raise AlertCommandError(f"act must not be one of the engine's, got {act!r}")
    row = _locked(connection, alert_id, scope)
    move = transition(act, row["state"], actor_role)
    text = note_of(note, is_needed=move.needs_note)
    told = _details(connection, act, at, details or {}, scope)
    seq, last_at = connection.execute(sa.select(alert_event.c.seq, alert_event.c.at).where(
        alert_event.c.street_code == row["street_code"], alert_event.c.alert_id == alert_id)
        .order_by(alert_event.c.seq.desc()).limit(1)).one()
    if at < last_at:
        raise AlertCommandError(f"at must not be before the last act of the alert at {last_at.isoformat()},"
                                f" got {at.isoformat()}")
    event = {"street_code": row["street_code"], "alert_id": alert_id, "seq": seq + 1, "at": at, "act": act,
             "from_state": row["state"], "to_state": move.to_state or row["state"],
             "actor_role": actor_role, "actor_id": actor_id, "note": text, "details": told}
    connection.execute(sa.insert(alert_event).values(event))
    after = step(folded_of(row), event)
    connection.execute(sa.update(alert).where(
        alert.c.street_code == row["street_code"], alert.c.alert_id == alert_id).values(
            {name: after[name] for name in FOLDED}))
    notify(connection, row)
    return int(seq) + 1


def folded_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of ``alert`` says of `data.alerts.lifecycle.FOLDED`."""
    return {name: row[name] for name in FOLDED}


def notify(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """Tell the listeners that an alert changed; they hear where it is."""
    payload = json.dumps({name: row[name] for name in PLACE})
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, payload)))


def _locked(connection: sa.Connection, alert_id: int, scope: Scope) -> dict[str, Any]:
    query = sa.select(alert).where(within(alert, scope), alert.c.alert_id == alert_id).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise AlertCommandError(f"alert_id must be that of an alert of yours, got {alert_id!r}")
    return dict(row)


def note_of(note: str | None, *, is_needed: bool) -> str | None:
    """The reason as it is kept; None: none was given.

    Raises:
        AlertCommandError: it is needed and missing, or too long.
    """
    text = "".join(sign for sign in note or "" if sign.isprintable() or sign == "\n").strip()
    if is_needed and not text:
        raise AlertCommandError(f"note must be a text of 1 to {MAX_NOTE} signs, got none")
    if len(text) > MAX_NOTE:
        raise AlertCommandError(f"note must have at most {MAX_NOTE} signs, got {len(text)}")
    return text or None


def until_of(act: str, at: datetime, given: Mapping[str, Any]) -> dict[str, Any]:
    """The details of an act that needs no look at the store, as JSON holds them.

    Raises:
        AlertCommandError: others than the act brings, or a time that cannot be.
    """
    needed = DETAILS.get(act)
    if set(given) != ({needed} if needed else set()):
        raise AlertCommandError(f"details of {act!r} must be {needed or 'none'}, got {sorted(given)}")
    if act != "shelve":
        return {}
    until = given["until"]
    if not isinstance(until, datetime) or until.tzinfo is None or until <= at:
        raise AlertCommandError(f"until must be an aware time after {at.isoformat()}, got {until!r}")
    return {"until": until.isoformat()}


def _details(connection: sa.Connection, act: str, at: datetime, given: Mapping[str, Any],
             scope: Scope) -> dict[str, Any]:
    """What the event says beside the note, as JSON holds it."""
    told = until_of(act, at, given)
    if act == "link":
        case_no = given["case_no"]
        known = connection.execute(sa.select(cases.c.case_no).where(
            within(cases, scope), cases.c.case_no == str(case_no), cases.c.deleted_at.is_(None))).first()
        if known is None:
            raise AlertCommandError(f"case_no must be that of a case of yours, got {str(case_no)[:60]!r}")
        return {"case_no": str(case_no)}
    return told
