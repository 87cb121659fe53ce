"""Acts upon cases: each is one transaction that writes the log, the case and the wake-up.

The case row is locked first, so of two people who act at once the second acts
upon what the first left behind, or is told that it is no longer possible.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from data.cases import fold
from data.cases.lifecycle import REPORT, Transition, transition
from data.cases.worktime import WorkCalendar, add_limit
from data.clock import DEFAULT_TIME_ZONE, zone
from data.engine import Store
from data.tables import CURRENT_XID, case_event, cases, category, meta

CHANNEL: Final = "case_changed"
#: What an act may say beside who did it and when.
DETAILS: Final = frozenset({
    "actor_dept", "to_dept", "to_officer", "to_level", "deadline_at", "score", "note",
})
#: What a report may say: the facts of a case, never what the log decides.
FACTS: Final = frozenset({
    "street_code", "case_no", "community_code", "grid_code", "title", "description", "cat_code",
    "channel_code", "nature", "urgency", "lon", "lat", "address", "building_id", "reporter_kind",
    "reporter_masked", "limit_min", "is_repeat", "is_typical", "cause_tags", "quality_flags",
    "parent_case_no", "similar_of", "is_synthetic", "source_system", "source_id", "content_hash",
})
_NUMBER_LOCK: Final = 0x63617365  # "case" in ASCII
_SCORES: Final = (100, 80, 50, 0, -100)


class CommandError(ValueError):
    """An act that cannot be done; the message names field, value got and expected."""


def perform(store: Store, case_no: str, act: str, *, at: datetime, actor_role: str,
            actor_id: str | None = None, **details: Any) -> int:
    """Do one act upon a case.

    Args:
        store: where the case is.
        case_no: the case.
        act: an act of the life cycle, not ``report``.
        at: when it is done, aware; not before the last act of the case.
        actor_role: who acts; the table of transitions says who may.
        actor_id: which person.
        details: some of `DETAILS`. ``dispatch`` without ``deadline_at`` takes the
            limit of the category; an act that lets the clock run again moves the
            deadline by the time it stood; ``postpone`` must bring a new one.

    Returns:
        The number of the event in the log of the case.

    Raises:
        data.cases.lifecycle.LifecycleError: the state or the role does not allow
            the act; the message names what would be allowed.
        CommandError: no such case, or a detail that cannot be.
    """
    with store.engine.begin() as connection:
        return perform_in(connection, case_no, act, at=at, actor_role=actor_role, actor_id=actor_id,
                          **details)


def perform_in(connection: sa.Connection, case_no: str, act: str, *, at: datetime, actor_role: str,
               actor_id: str | None = None, **details: Any) -> int:
    """`perform` as part of a larger transaction."""
    _check_details(at, details)
    row = _locked(connection, case_no)
    move = transition(act, row["state"], actor_role)
    _check_order(connection, row, at)
    event = {
        "street_code": row["street_code"], "case_no": case_no, "seq": row["event_seq"] + 1,
        "at": at, "act": act, "from_state": row["state"], "to_state": move.to_state or row["state"],
        "actor_role": actor_role, "actor_id": actor_id, **details,
    }
    event["deadline_at"] = _deadline(connection, row, move, at, details.get("deadline_at"))
    connection.execute(sa.insert(case_event).values(event))
    connection.execute(
        sa.update(cases)
        .where(cases.c.street_code == row["street_code"], cases.c.case_no == case_no)
        .values(**fold.step(row, event), updated_at=sa.func.now(), changed_xid=CURRENT_XID))
    _notify(connection, event)
    return int(event["seq"])


def report(store: Store, facts: Mapping[str, Any], *, at: datetime, actor_role: str = "reporter",
           actor_id: str | None = None, to_level: str | None = "grid", note: str | None = None) -> str:
    """Create a case.

    Args:
        store: where to.
        facts: some of `FACTS`; ``street_code`` is required. Without ``case_no``
            it gets the next number of its local day.
        at: when it was reported, aware.
        actor_role: who reported it.
        actor_id: which person or device.
        to_level: the level that has it first.
        note: free text of the event.

    Returns:
        The number of the case.

    Raises:
        CommandError: an unknown or missing fact, or a number that exists already.
    """
    _check_details(at, {})
    unknown = sorted(set(facts) - FACTS)
    if unknown or not facts.get("street_code"):
        raise CommandError(f"facts must hold street_code and only {', '.join(sorted(FACTS))};"
                           f" got unknown {unknown}, street_code {facts.get('street_code')!r}")
    move = transition(REPORT, None, actor_role)
    with store.engine.begin() as connection:
        case_no = facts.get("case_no") or _next_number(connection, str(facts["street_code"]), at)
        event = {
            "street_code": facts["street_code"], "case_no": case_no, "seq": 1, "at": at, "act": REPORT,
            "to_state": move.to_state, "actor_role": actor_role, "actor_id": actor_id,
            "to_level": to_level, "note": note,
        }
        row = {**facts, "case_no": case_no, **fold.fold_one([event])}
        taken = connection.execute(sa.select(cases.c.street_code).where(cases.c.case_no == case_no)).first()
        done = None if taken else connection.execute(
            insert(cases).values(row).on_conflict_do_nothing().returning(cases.c.case_no)).first()
        if done is None:
            raise CommandError(f"case_no must be new, but {case_no!r} exists already")
        connection.execute(sa.insert(case_event).values(event))
        _notify(connection, event)
    return str(case_no)


def _check_details(at: datetime, details: Mapping[str, Any]) -> None:
    unknown = sorted(set(details) - DETAILS)
    if unknown:
        raise CommandError(f"an act has no details {unknown}; known: {', '.join(sorted(DETAILS))}")
    for name, moment in (("at", at), ("deadline_at", details.get("deadline_at"))):
        if moment is not None and (not isinstance(moment, datetime) or moment.tzinfo is None):
            raise CommandError(f"{name} must be an aware time, got {moment!r}")
    if details.get("score") is not None and details["score"] not in _SCORES:
        raise CommandError(f"score must be one of {_SCORES}, got {details['score']!r}")


def _locked(connection: sa.Connection, case_no: str) -> Mapping[str, Any]:
    """The row of a case, locked until the end of the transaction."""
    columns = [cases.c[name] for name in ("street_code", "case_no", "cat_code", *fold.FOLDED)]
    query = sa.select(*columns).where(cases.c.case_no == case_no, cases.c.deleted_at.is_(None))
    rows = connection.execute(query.with_for_update()).mappings().all()
    if len(rows) != 1:
        raise CommandError(f"case_no must be that of one case,"
                           f" got {case_no!r}, which {len(rows)} cases have")
    return dict(rows[0])


def _check_order(connection: sa.Connection, row: Mapping[str, Any], at: datetime) -> None:
    last = connection.execute(sa.select(case_event.c.at).where(
        case_event.c.street_code == row["street_code"], case_event.c.case_no == row["case_no"],
        case_event.c.seq == row["event_seq"])).scalar()
    if last is not None and at < last:
        raise CommandError(f"at must not be before the last act of the case at {last.isoformat()},"
                           f" got {at.isoformat()}")


def _deadline(connection: sa.Connection, row: Mapping[str, Any], move: Transition, at: datetime,
              given: datetime | None) -> datetime | None:
    """The deadline that the act writes; None where it leaves the deadline alone."""
    if given is not None:
        if move.clock not in {"start", "set", "resume"}:
            raise CommandError(f"act {move.act!r} sets no deadline, got deadline_at {given.isoformat()}")
        return given
    if move.clock == "start":
        return _limit_ends(connection, row["cat_code"], at)
    if move.clock == "set":
        raise CommandError(f"act {move.act!r} must bring a deadline_at, got None")
    stood_since = row["clock_stopped_at"] or row["handled_at"]
    if move.clock == "resume" and row["deadline_at"] and stood_since:
        moved: datetime = row["deadline_at"] + (at - stood_since)
        return moved
    return None


def _limit_ends(connection: sa.Connection, cat_code: str | None, at: datetime) -> datetime | None:
    """When the limit of a category that begins at ``at`` is used up; None without limit."""
    columns = (category.c.limit_value, category.c.limit_unit)
    limit = connection.execute(sa.select(*columns).where(category.c.cat_code == cat_code)).first()
    if limit is None or limit.limit_value is None:
        return None
    start = np.array([np.datetime64(int(at.timestamp() * 1e6), "us")])
    ends = add_limit(start, limit.limit_value, limit.limit_unit, work_calendar(connection))
    return datetime.fromtimestamp(int(ends.astype(np.int64)[0]) / 1e6, at.tzinfo)


def work_calendar(connection: sa.Connection) -> WorkCalendar:
    """The calendar of the district, from meta keys ``calendar`` and ``time_zone``."""
    rows = connection.execute(
        sa.select(meta.c.key, meta.c.value).where(meta.c.key.in_(["calendar", "time_zone"])))
    known = {row.key: row.value for row in rows}
    return WorkCalendar.from_json(known.get("calendar"), zone(known.get("time_zone", DEFAULT_TIME_ZONE)))


def _next_number(connection: sa.Connection, street_code: str, at: datetime) -> str:
    """``YYYYMMDD``, last four digits of the district, and the next of five digits in that day."""
    tz = connection.execute(sa.select(meta.c.value).where(meta.c.key == "time_zone")).scalar()
    stem = f"{at.astimezone(zone(tz or DEFAULT_TIME_ZONE)):%Y%m%d}{street_code[2:6]}"
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBER_LOCK)))
    last = connection.execute(sa.select(sa.func.max(cases.c.case_no)).where(
        cases.c.case_no > stem, cases.c.case_no < stem + "99999",
        sa.func.length(cases.c.case_no) == len(stem) + 5)).scalar()
    return f"{stem}{int(last[-5:]) + 1 if last else 1:05}"


def _notify(connection: sa.Connection, event: Mapping[str, Any]) -> None:
    payload = json.dumps({name: event[name] for name in ("street_code", "case_no", "seq")})
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, payload)))
