"""What happens to a case next, and when: drawn from its number and its last event alone.

So the order in which cases are played, and a simulation that was broken off, change nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from data.cases.lifecycle import OPEN
from data.demo.draws import stream
from data.engine import Store
from data.simulate.district import District
from data.simulate.profiles import Profile
from data.tables import case_event, cases

#: Cases in hand at the beginning; the newest.
MAX_CASES: Final = 20_000
SELF_DONE_SHARE: Final = 0.4
REJECTED_SHARE: Final = 0.03
RETURNED_SHARE: Final = 0.05
#: Mean minutes until an act.
MINUTES: Final[Mapping[str, float]] = {
    "accept": 4, "reject": 6, "self_done": 25, "file": 4, "dispatch": 5, "receive": 12, "return": 20,
    "arrive": 35, "feedback": 25, "handle": 110, "check_pass": 30, "check_fail": 30, "rework": 10,
    "close": 10, "unhang": 600, "refuse_postpone": 60, "urge": 5,
}
#: Who does it, where it is not the unit that works on the case.
ROLES: Final[Mapping[str, str]] = {
    "accept": "operator", "reject": "operator", "file": "operator", "dispatch": "dispatcher",
    "self_done": "officer", "check_pass": "verifier", "check_fail": "verifier", "rework": "operator",
    "close": "operator", "unhang": "operator", "refuse_postpone": "operator", "urge": "operator",
}
_BEGUN: Final = frozenset({"receive", "rework", "unhang", "refuse_postpone", "postpone"})
_SOONEST: Final = timedelta(seconds=15)


@dataclass(slots=True, kw_only=True)
class File:
    """A case in hand, as far as it decides what comes next."""

    case_no: str
    street_code: str
    grid_code: str | None
    cat_code: str | None
    channel_code: str | None
    state: str
    seq: int
    last_act: str
    last_at: datetime
    deadline_at: datetime | None
    dept_id: str | None
    level: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """An act that is due."""

    act: str
    role: str
    at: datetime
    details: Mapping[str, Any]


def files(store: Store, case_no: str | None = None) -> list[File]:
    """The open cases by number, the newest `MAX_CASES`; or the one of that number, if it is open."""
    last = sa.and_(case_event.c.case_no == cases.c.case_no, case_event.c.street_code == cases.c.street_code,
                   case_event.c.seq == cases.c.event_seq)
    query = sa.select(
        *(cases.c[name] for name in ("case_no", "street_code", "grid_code", "cat_code", "channel_code",
                                     "state", "deadline_at")),
        cases.c.event_seq.label("seq"), case_event.c.act.label("last_act"), case_event.c.at.label("last_at"),
        sa.func.coalesce(cases.c.main_dept_id, cases.c.first_dept_id).label("dept_id"),
        cases.c.level_now.label("level"),
    ).join(case_event, last).where(cases.c.deleted_at.is_(None), cases.c.state.in_(sorted(OPEN)))
    if case_no is not None:
        query = query.where(cases.c.case_no == case_no)
    else:
        query = query.order_by(cases.c.reported_at.desc(), cases.c.case_no).limit(MAX_CASES)
    with store.engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    return sorted((File(**row) for row in rows), key=lambda one: one.case_no)


def next_act(file: File, district: District, profile: Profile, *, begin: datetime, seed: int) -> Next | None:
    """What is done to a case next; None: nothing any more.

    Args:
        begin: nothing is done before, aware; what was due long ago is done in its usual time after.
    """
    rng = stream(seed, 92, zlib.crc32(file.case_no.encode()), file.seq)
    act = _act(file, district, profile, float(rng.random()))
    if act is None:
        return None
    wait = timedelta(minutes=float(rng.exponential(MINUTES[act])) * profile.slowness)
    due = file.last_at + max(wait, _SOONEST)
    if due <= begin:
        due = begin + max(wait, _SOONEST)
    if file.deadline_at is not None and file.last_act != "urge" and file.state in {"dispatched", "handling"}:
        after = timedelta(minutes=float(rng.exponential(MINUTES["urge"]))) + _SOONEST
        urged = max(file.deadline_at, file.last_at, begin) + after
        act, due = ("urge", urged) if urged < due else (act, due)
    role = ROLES.get(act, "dept_desk")
    return Next(act=act, role=role, at=due.replace(microsecond=0),
                details=_details(act, role, file, district))


def _act(file: File, district: District, profile: Profile, chance: float) -> str | None:
    """Which act the state and the last act lead to."""
    patrol = file.channel_code in district.patrols and file.grid_code in district.officer_of
    handling = "arrive" if file.last_act in _BEGUN else "feedback" if file.last_act == "arrive" else "handle"
    checked = {"check_pass": "close", "check_fail": "rework"}.get(
        file.last_act, "check_fail" if chance < profile.refusals else "check_pass")
    return {
        "reported": "reject" if chance < REJECTED_SHARE else "accept",
        "verify_first": "accept",
        "accepted": "self_done" if patrol and chance < SELF_DONE_SHARE else "file",
        "filed": "dispatch", "returned": "dispatch",
        "dispatched": "return" if chance < RETURNED_SHARE and file.seq < 8 else "receive",
        "handling": handling, "verifying": checked,
        "hanging": "unhang", "postponing": "refuse_postpone",
    }.get(file.state)


def _details(act: str, role: str, file: File, district: District) -> dict[str, Any]:
    """Who does it, for whom, and to whom it goes."""
    dept = file.dept_id or district.first_dept.get(file.cat_code or "")
    if act == "dispatch":
        return {"to_dept": dept, "to_level": file.level or "district"}
    if act == "accept":
        return {"to_level": file.level}
    if act == "self_done":
        return {"actor_id": district.officer_of[file.grid_code or ""]}
    return {"actor_dept": dept} if role == "dept_desk" else {}
