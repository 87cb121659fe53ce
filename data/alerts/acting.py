"""What the screen may do with an alert, what it must say, and the case that it may become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from data.alerts.commands import ENGINE_ACTS, perform
from data.alerts.commands import MAX_NOTE as LONGEST
from data.alerts.lifecycle import TRANSITIONS, AlertActError, transition
from data.alerts.tables import alert
from data.alerts.together import TOGETHER
from data.cases.acting import acting_roles
from data.cases.commands import report
from data.tables import cases

if TYPE_CHECKING:
    from data.access.scope import Scope
    from data.engine import Store

#: The one act of the screen that is none of the life cycle: a new case, then ``link``.
CASE: Final = "case"
MAX_NOTE: Final = LONGEST
SHELVED_HOURS: Final = (1, 4, 8, 24, 72)
#: Acts that must give a reason.
NEEDING: Final = frozenset(move.act for move in TRANSITIONS if move.needs_note)
SOURCE: Final = "alert"
CHANNEL: Final = "iot"
_SAID: Final = frozenset({"note", "hours", "case_no"})


class SayError(ValueError):
    """What was said about an act cannot be; the message names the field, value got and expected."""


def told_of(roles: Iterable[str], *, is_screen: bool) -> frozenset[str]:
    """Whose alerts a viewer sees: those for their roles; a screen hangs where operators work."""
    return frozenset({"operator"}) if is_screen else frozenset(roles)


def open_to(row: Mapping[str, Any], roles: Iterable[str], now: datetime) -> tuple[str, ...]:
    """The acts that an alert's state and the roles of an account allow, in the order of the life cycle."""
    actors = frozenset(acting_roles(roles))
    shelved = row.get("shelved_until") is not None and row["shelved_until"] > now
    found = [move.act for move in TRANSITIONS
             if row["state"] in move.sources and actors & move.who and move.act not in ENGINE_ACTS]
    found = [act for act in found if act != ("shelve" if shelved else "unshelve")]
    if "link" in found and not row.get("case_no") and row.get("street_code"):
        found.insert(found.index("link") + 1, CASE)
    return tuple(found)


def actor_of(act: str, state: str, roles: Iterable[str]) -> str:
    """The role in which an account does an act of the life cycle.

    Raises:
        AlertActError: the state or none of its roles allows it; the message says what is allowed.
    """
    held = acting_roles(roles)
    move = transition(act, state)
    for actor in held:
        if actor in move.who:
            return actor
    raise AlertActError(f"act {act!r} is not open to the roles {', '.join(sorted(held)) or 'none'};"
                        f" allowed: {', '.join(sorted(move.who))}")


def group_acts(roles: Iterable[str], states: Iterable[str]) -> tuple[str, ...]:
    """The acts upon a whole group that some of its states and the roles of an account allow."""
    actors, found = frozenset(acting_roles(roles)), frozenset(states)
    return tuple(move.act for move in TRANSITIONS
                 if move.act in TOGETHER and actors & move.who and found & move.sources)


def details_of(act: str, said: Mapping[str, Any], now: datetime) -> tuple[str | None, dict[str, Any]]:
    """Note and details as `data.alerts.commands.perform` wants them.

    Raises:
        SayError: something is unknown or cannot be.
    """
    told = {name: value for name, value in said.items() if value not in (None, "")}
    if unknown := sorted(set(told) - _SAID):
        raise SayError(f"details must be among {', '.join(sorted(_SAID))}; got {unknown[:5]}")
    note = told.get("note")
    details: dict[str, Any] = {}
    if note is not None and (not isinstance(note, str) or len(note) > MAX_NOTE):
        raise SayError(f"note must be a text of at most {MAX_NOTE} signs, got {type(note).__name__}")
    if act in NEEDING and not (note or "").strip():
        raise SayError(f"note must be a text of 1 to {MAX_NOTE} signs, got none")
    if act == "shelve":
        hours = told.get("hours")
        if isinstance(hours, bool) or hours not in SHELVED_HOURS:
            raise SayError(f"hours must be one of {SHELVED_HOURS}, got {str(hours)[:40]!r}")
        details = {"until": now + timedelta(hours=hours)}
    if act == "link":
        case_no = told.get("case_no")
        if not isinstance(case_no, str) or not case_no.strip():
            raise SayError(f"case_no must be the number of a case, got {str(case_no)[:60]!r}")
        details = {"case_no": case_no.strip()}
    return note, details


def turn_into_case(store: Store, row: Mapping[str, Any], title: str, *, at: datetime, actor_role: str,
                   actor_id: str, scope: Scope) -> str:
    """Report a case about an alert, and link them; asked twice there is one case.

    Args:
        row: the alert as of `data.alerts.reader.AlertReader.alert`; the exact place comes from the store,
            for a case has one whoever reports it.
        title: of the case.

    Returns:
        The number of the case.

    Raises:
        SayError: the alert lies in no street, or has a case already.
        AlertActError: its state does not allow a link.
    """
    if not row["street_code"] or row["case_no"]:
        raise SayError(f"alert must lie in a street and have no case, got street {row['street_code']!r}"
                       f" and case {row['case_no']!r}")
    transition("link", row["state"], actor_role)
    source_id = str(row["alert_id"])
    with store.engine.connect() as connection:
        case_no = connection.execute(sa.select(cases.c.case_no).where(
            cases.c.street_code == row["street_code"], cases.c.source_system == SOURCE,
            cases.c.source_id == source_id)).scalar()
        place = connection.execute(sa.select(alert.c.lon, alert.c.lat).where(
            alert.c.street_code == row["street_code"], alert.c.alert_id == row["alert_id"])).mappings().one()
    if case_no is None:
        facts = {name: row[name] for name in ("street_code", "community_code", "grid_code")}
        facts |= {**place, "title": title, "channel_code": CHANNEL, "source_system": SOURCE,
                  "source_id": source_id}
        case_no = report(store, facts, at=at, actor_role=actor_role, actor_id=actor_id)
    perform(store, row["alert_id"], "link", at=at, actor_role=actor_role, actor_id=actor_id,
            details={"case_no": case_no}, scope=scope)
    return str(case_no)
