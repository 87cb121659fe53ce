"""The engine: looks at the store as of a moment of its own time and says what fires, repeats and lapses.

Deterministic in that moment and idempotent: looked at twice, nothing is added. One process at a
time does it; everything of one look is one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from data.alerts import writing
from data.alerts.rules.asking import ASKED, conditions
from data.alerts.rules.model import AGAIN, AT_MOST, LAPSING, REPEATING, Found, Rule, Standing
from data.alerts.tables import alert, alert_event, alert_rule
from data.clock import DEFAULT_TIME_ZONE
from data.engine import Store
from data.tables import meta

_LOCK: Final = 0x616C7274  # "alrt" in ASCII
#: Of a condition of which nobody knows since when it holds: once it was ended, it is silent for so long.
SILENCE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one look did; all zero where nothing is new."""

    fired: int = 0
    repeated: int = 0
    lapsed: int = 0


class Ended(NamedTuple):
    """How the last ended alert about a subject ended."""

    at: datetime
    by_itself: bool


class Decision(NamedTuple):
    """What is to be written."""

    fire: list[Found]
    repeat: list[tuple[Standing, Found]]
    lapse: list[Standing]


def evaluate(store: Store, *, now: datetime, kinds: Collection[str] | None = None,
             told: Mapping[str, Iterable[Found]] | None = None, waits: bool = False) -> Outcome | None:
    """Look once.

    Args:
        now: the store's now, aware; nothing later exists.
        kinds: only rules of these kinds; None: of all that the store answers or ``told`` names.
        told: kind -> what holds of it, for kinds that are found outside the store's tables; their
            ``rule`` is replaced by each rule of the kind.
        waits: for another process that looks just now; what is told does not count as a look at the rules.

    Returns:
        None where another process looks just now.

    Raises:
        ValueError: ``now`` has no time zone.
        sqlalchemy.exc.SQLAlchemyError: the store failed; nothing of this look was written.
    """
    if now.tzinfo is None:
        raise ValueError(f"now must be an aware time, got {now!r}")
    outside = {kind: list(found) for kind, found in (told or {}).items()}
    with store.engine.begin() as connection:
        if waits:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        elif not connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))).scalar():
            return None
        rules = [rule for rule in _rules(connection)
                 if rule.kind in ASKED | outside.keys() and (kinds is None or rule.kind in kinds)]
        standing = _standing(connection, rules)
        zone = str(connection.execute(sa.select(meta.c.value).where(
            meta.c.key == "time_zone")).scalar() or DEFAULT_TIME_ZONE)
        found: list[Found] = []
        for rule in rules:
            own = [one for one in standing if one.key[0] == rule.rule_id]
            found += _as_told(rule, outside[rule.kind]) if rule.kind in outside else conditions(
                connection, rule, own, now=now, zone=zone)
        decision = decide(rules, found, standing, _ended(connection, found, standing), now=now)
        repeated, lapsed = writing.change(connection, decision.repeat, decision.lapse, now=now)
        writing.fire(connection, decision.fire, now=now)
        if not waits:
            writing.note(connection, now)
        return Outcome(fired=len(decision.fire), repeated=repeated, lapsed=lapsed)


def decide(rules: Iterable[Rule], found: Iterable[Found], standing: Iterable[Standing],
           ended: Mapping[tuple[str, str, str], Ended], *, now: datetime) -> Decision:
    """What is new in what was found; a pure function.

    What a person ended fires again only when the condition began anew since.
    """
    by_key = {one.key: one for one in standing}
    kinds = {rule.rule_id: rule.kind for rule in rules}
    held: set[tuple[str, str, str]] = set()
    decision = Decision([], [], [])
    for one in found:
        if one.key in held:
            continue
        held.add(one.key)
        stands = by_key.get(one.key)
        if stands is None:
            if _is_news(one, ended.get(one.key), now):
                decision.fire.append(one)
        elif _is_more(one, stands):
            decision.repeat.append((stands, one))
    decision.lapse.extend(one for one in by_key.values() if one.key not in held and one.state == "open"
                          and kinds.get(one.key[0]) in LAPSING)
    return decision


def _is_more(one: Found, stands: Standing) -> bool:
    """More of the same, or the same once more."""
    if one.rule.kind in AGAIN:
        return one.since is not None and one.since > stands.last_at
    return one.rule.kind in REPEATING and (one.value or 0.0) > (stands.value or 0.0)


def _is_news(one: Found, last: Ended | None, now: datetime) -> bool:
    if last is None:
        return True
    if one.since is None:
        return last.by_itself or now - last.at >= SILENCE
    return one.since > last.at


def _as_told(rule: Rule, found: Iterable[Found]) -> list[Found]:
    return [replace(one, rule=rule) for one in found
            if (one.grid_code or one.community_code or one.street_code).startswith(rule.area)
            and not (rule.kind in AT_MOST and rule.threshold is not None
                     and (one.value or 0.0) > rule.threshold)]


def _rules(connection: sa.Connection) -> list[Rule]:
    rows = connection.execute(sa.select(alert_rule).where(alert_rule.c.is_on)
                              .order_by(alert_rule.c.rule_id)).mappings()
    return [Rule(rule_id=row["rule_id"], kind=row["kind"], color=row["color"], roles=tuple(row["roles"]),
                 threshold=row["threshold"], window_s=row["window_s"], area=row["area_code"] or "",
                 cat=row["cat_code"] or "") for row in rows]


def _standing(connection: sa.Connection, rules: Iterable[Rule]) -> list[Standing]:
    query = sa.select(*(alert.c[name] for name in (
        "alert_id", "street_code", "rule_id", "subject_type", "subject_id", "state", "last_at", "value"))
    ).where(alert.c.ended_at.is_(None), alert.c.rule_id.in_([rule.rule_id for rule in rules]))
    return [Standing(alert_id=row.alert_id, street_code=row.street_code,
                     key=(row.rule_id, row.subject_type, row.subject_id), state=row.state,
                     last_at=row.last_at, value=row.value) for row in connection.execute(query)]


def _ended(connection: sa.Connection, found: Iterable[Found], standing: Iterable[Standing]
           ) -> dict[tuple[str, str, str], Ended]:
    """How what was found and does not stand ended last; nothing of what never was."""
    known = {one.key for one in standing}
    new = [one.key for one in found if one.key not in known]
    if not new:
        return {}
    wanted: Any = sa.func.unnest(sa.cast([key[0] for key in new], sa.ARRAY(sa.Text)),
                                 sa.cast([key[2] for key in new], sa.ARRAY(sa.Text)))
    keys = wanted.table_valued("rule_id", "subject_id").render_derived(name="keys")
    lapsed = sa.exists().where(alert_event.c.alert_id == alert.c.alert_id, alert_event.c.act == "lapse",
                               alert_event.c.street_code == alert.c.street_code)
    query = (sa.select(alert.c.rule_id, alert.c.subject_type, alert.c.subject_id, alert.c.ended_at,
                       lapsed.label("by_itself"))
             .join(keys, sa.and_(keys.c.rule_id == alert.c.rule_id, keys.c.subject_id == alert.c.subject_id))
             .where(alert.c.ended_at.is_not(None)).order_by(alert.c.ended_at))
    rows: list[Any] = list(connection.execute(query))
    return {(row.rule_id, row.subject_type, row.subject_id): Ended(row.ended_at, row.by_itself)
            for row in rows}
