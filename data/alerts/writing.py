"""Writes what the engine decided: alerts, their log, and one wake-up for each place that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from data.alerts.commands import folded_of, notify
from data.alerts.lifecycle import FOLDED, step, transition
from data.alerts.queries import EVALUATION
from data.alerts.rules.model import Found, Standing
from data.alerts.tables import alert, alert_event
from data.engine import Store
from data.tables import meta


def fire(connection: sa.Connection, found: Sequence[Found], *, now: datetime) -> None:
    """New alerts, each with the first event of its log."""
    if not found:
        return
    rows = [_row(one, now) for one in found]
    made = connection.execute(
        sa.insert(alert).returning(alert.c.alert_id, sort_by_parameter_order=True), rows).scalars().all()
    connection.execute(sa.insert(alert_event), [
        {"street_code": row["street_code"], "alert_id": number, "seq": 1, "at": now, "act": "fire",
         "to_state": "open", "actor_role": "system", "details": _said(one)}
        for number, row, one in zip(made, rows, found, strict=True)])
    _tell(connection, ({**row, "alert_id": number} for number, row in zip(made, rows, strict=True)))


def change(connection: sa.Connection, repeat: Iterable[tuple[Standing, Found]], lapse: Iterable[Standing],
           *, now: datetime) -> tuple[int, int]:
    """Repeats and lapses; how many of each were still possible when the row was locked."""
    acts: dict[int, tuple[str, Found | None]] = {one.alert_id: ("repeat", found) for one, found in repeat}
    acts |= {one.alert_id: ("lapse", None) for one in lapse}
    if not acts:
        return 0, 0
    locked = sa.select(alert).where(alert.c.alert_id.in_(acts)).order_by(alert.c.alert_id).with_for_update()
    rows = [dict(row) for row in connection.execute(locked).mappings()]
    last = {row.alert_id: row for row in connection.execute(
        sa.select(alert_event.c.alert_id, sa.func.max(alert_event.c.seq).label("seq"),
                  sa.func.max(alert_event.c.at).label("at"))
        .join(alert, sa.and_(alert.c.alert_id == alert_event.c.alert_id,
                             alert.c.street_code == alert_event.c.street_code))
        .where(alert.c.alert_id.in_(acts)).group_by(alert_event.c.alert_id))}
    done = {"repeat": 0, "lapse": 0}
    changed = []
    for row in rows:
        act, found = acts[row["alert_id"]]
        if not _may(row, act) or last[row["alert_id"]].at > now:
            continue  # somebody acted upon it since it was looked at
        move = transition(act, row["state"])
        event = {"street_code": row["street_code"], "alert_id": row["alert_id"],
                 "seq": last[row["alert_id"]].seq + 1, "at": now, "act": act, "from_state": row["state"],
                 "to_state": move.to_state or row["state"], "actor_role": "system",
                 "details": _said(replace(found, case_no=None)) if found else {}}  # what is linked stays
        connection.execute(sa.insert(alert_event).values(event))
        after = step(folded_of(row), event)
        connection.execute(sa.update(alert).where(
            alert.c.street_code == row["street_code"], alert.c.alert_id == row["alert_id"]).values(
                {name: after[name] for name in FOLDED}
                | ({"details": found.details} if found else {})))
        done[act] += 1
        changed.append(row)
    _tell(connection, changed)
    return done["repeat"], done["lapse"]


def note(connection: sa.Connection, now: datetime) -> None:
    """The rules were looked at as of ``now``; nothing is written where that is known."""
    value = {"evaluated_at": now.isoformat(), "fault": None}
    put = insert(meta).values(key=EVALUATION, value=value)
    connection.execute(put.on_conflict_do_update(
        index_elements=[meta.c.key], set_={"value": put.excluded.value},
        where=meta.c.value.is_distinct_from(put.excluded.value)))


def note_fault(store: Store, fault: str) -> None:
    """They could not be looked at; the time of the last look stays."""
    with store.engine.begin() as connection:
        put = insert(meta).values(key=EVALUATION, value={"evaluated_at": None, "fault": fault})
        connection.execute(put.on_conflict_do_update(index_elements=[meta.c.key], set_={
            "value": meta.c.value.op("||")(sa.cast({"fault": fault}, JSONB))}))


def _may(row: Mapping[str, Any], act: str) -> bool:
    """Nobody ended it meanwhile, and nobody confirmed what would lapse."""
    return row["ended_at"] is None and (act != "lapse" or row["state"] == "open")


def _said(one: Found) -> dict[str, Any]:
    """What an event of the engine says, as JSON holds it."""
    since = one.since.isoformat() if one.since else None
    known = {"value": one.value, "since": since, "case_no": one.case_no, **one.details}
    return {name: value for name, value in known.items() if value is not None}


def _row(one: Found, now: datetime) -> dict[str, Any]:
    rule = one.rule
    return {
        "street_code": one.street_code, "rule_id": rule.rule_id, "kind": rule.kind, "color": rule.color,
        "state": "open", "community_code": one.community_code, "grid_code": one.grid_code, "lon": one.lon,
        "lat": one.lat, "subject_type": one.subject_type, "subject_id": one.subject_id,
        "case_no": one.case_no, "first_at": now, "last_at": now, "value": one.value,
        "threshold": rule.threshold, "group_key": f"{rule.kind}/{one.street_code}",
        "roles": list(rule.roles), "details": one.details}


def _tell(connection: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """One wake-up for each place: five hundred alerts of a street are one."""
    places = {(row["street_code"], row["community_code"], row["grid_code"]): row for row in rows}
    for row in places.values():
        notify(connection, row)
