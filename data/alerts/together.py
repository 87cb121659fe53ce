"""One act upon all alerts of a group: one transaction, and each alert has it in its log."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from data.access.scope import Scope
from data.alerts.commands import CHANNEL, PLACE, AlertCommandError, folded_of, note_of, until_of
from data.alerts.groups import Group
from data.alerts.lifecycle import FOLDED, TRANSITIONS, Transition, step
from data.alerts.queries import in_hand, of_group, told_to
from data.alerts.tables import alert, alert_event
from data.engine import Store

#: Acts that a group knows; the others need a look at each alert.
TOGETHER: Final = ("confirm", "shelve", "false")
#: Alerts that one act may touch.
MOST: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What is acted upon.

    Attributes:
        upto: greatest number of an alert that the actor has seen; later ones are left alone.
        told: roles whose alerts exist for the actor.
        scope: alerts outside do not exist.
    """

    group: Group
    upto: int
    told: Collection[str]
    scope: Scope


def perform_all(store: Store, whole: Whole, act: str, *, at: datetime, actor_role: str,
                actor_id: str | None = None, note: str | None = None,
                details: Mapping[str, Any] | None = None) -> int:
    """Do one act upon every alert of a group that is in hand and whose state allows it.

    Args:
        at: when, aware, the store's time; not before the last act of any of them.
        actor_role: role in the life cycle, see `data.alerts.lifecycle.DESKS`.
        note: as of `data.alerts.commands.perform`; so are the details.

    Returns:
        How many alerts were acted upon.

    Raises:
        AlertCommandError: another act, another role, none or more than `MOST` of the group allow it, or a
            detail that cannot be; then nothing was done.
    """
    move = next((one for one in TRANSITIONS if one.act == act and act in TOGETHER), None)
    if move is None or actor_role not in move.who:
        raise AlertCommandError(f"act must be one of {', '.join(TOGETHER)} by a desk, got {act!r}"
                                f" by {actor_role!r}")
    said = {"actor_role": actor_role, "actor_id": actor_id, "at": at, "act": act,
            "note": note_of(note, is_needed=move.needs_note), "details": until_of(act, at, details or {})}
    with store.engine.begin() as connection:
        rows = _locked(connection, whole, move, at)
        _write(connection, rows, move, said)
    return len(rows)


def _locked(connection: sa.Connection, whole: Whole, move: Transition, at: datetime) -> list[dict[str, Any]]:
    """The alerts, in the order of their numbers, so that two who act at once wait and do not tangle."""
    query = sa.select(alert).where(
        told_to(whole.told, whole.scope), in_hand(at), of_group(whole.group),
        alert.c.alert_id <= whole.upto, alert.c.state.in_(sorted(move.sources)),
    ).order_by(alert.c.alert_id).limit(MOST + 1).with_for_update()
    rows = [dict(row) for row in connection.execute(query).mappings()]
    if not 1 <= len(rows) <= MOST:
        raise AlertCommandError(f"group must hold 1 to {MOST} alerts that allow {move.act!r},"
                                f" got {len(rows) or 'none'} in {whole.group}")
    return rows


def _write(connection: sa.Connection, rows: Sequence[Mapping[str, Any]], move: Transition,
           said: Mapping[str, Any]) -> None:
    numbers = [row["alert_id"] for row in rows]
    last = {found.alert_id: found for found in connection.execute(sa.select(
        alert_event.c.alert_id, sa.func.max(alert_event.c.seq).label("seq"),
        sa.func.max(alert_event.c.at).label("at"),
    ).where(alert_event.c.street_code == rows[0]["street_code"], alert_event.c.alert_id.in_(numbers))
        .group_by(alert_event.c.alert_id))}
    late = max(found.at for found in last.values())
    if said["at"] < late:
        raise AlertCommandError(f"at must not be before the last act of any of them at {late.isoformat()},"
                                f" got {said['at'].isoformat()}")
    events = [{"street_code": row["street_code"], "alert_id": row["alert_id"],
               "seq": last[row["alert_id"]].seq + 1, "from_state": row["state"],
               "to_state": move.to_state or row["state"], **said} for row in rows]
    connection.execute(sa.insert(alert_event), events)
    after = [{"of_street": row["street_code"], "of_alert": row["alert_id"],
              **{f"new_{name}": value for name, value in step(folded_of(row), event).items()}}
             for row, event in zip(rows, events, strict=True)]
    connection.execute(sa.update(alert).where(
        alert.c.street_code == sa.bindparam("of_street"), alert.c.alert_id == sa.bindparam("of_alert"),
    ).values({name: sa.bindparam(f"new_{name}") for name in FOLDED}), after)
    told = [json.dumps({name: row[name] for name in PLACE}) for row in rows]
    payloads = sa.func.unnest(sa.cast(sa.literal(told, sa.ARRAY(sa.Text)), sa.ARRAY(sa.Text)))
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, payloads)))
