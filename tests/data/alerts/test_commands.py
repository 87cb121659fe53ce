"""Acts upon alerts: the log, the row and the wake-up in one transaction, inside the scope."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from data.access.audit import Audit, Entry
from data.access.scope import EVERYTHING, Scope
from data.access.within import within
from data.alerts.commands import AlertCommandError, folded_of, perform
from data.alerts.lifecycle import AlertActError, fold
from data.alerts.tables import alert, alert_event
from data.cases.commands import report
from data.engine import Store
from tests.data.alerts.samples import add_alert

STREET = "210202001"


def _row(store: Store, number: int) -> dict:
    with store.engine.connect() as connection:
        return dict(connection.execute(sa.select(alert).where(alert.c.alert_id == number)).mappings().one())


def _log(store: Store, number: int) -> list[dict]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(alert_event).where(
            alert_event.c.alert_id == number).order_by(alert_event.c.seq)).mappings()]


def test_a_whole_life_is_logged_and_told(store: Store, clock: datetime) -> None:
    number = add_alert(store, at=clock, community_code=STREET + "001")
    with psycopg.connect(store.url, autocommit=True) as listening:
        listening.execute("LISTEN alert_changed")
        for minute, act in enumerate(("confirm", "handle", "clear"), 1):
            perform(store, number, act, at=clock + timedelta(minutes=minute), actor_role="operator",
                    actor_id="account:li", scope=Scope(frozenset({STREET})))
        told = [json.loads(one.payload) for one in listening.notifies(timeout=5, stop_after=3)]
    assert told == [{"alert_id": number, "street_code": STREET, "community_code": STREET + "001",
                     "grid_code": None}] * 3
    log, row = _log(store, number), _row(store, number)
    assert [event["act"] for event in log] == ["fire", "confirm", "handle", "clear"]
    assert row["state"] == "cleared"
    assert row["ended_at"] == clock + timedelta(minutes=3)
    assert fold(log) == folded_of(row)


def test_shelving_linking_and_a_false_alarm(store: Store, clock: datetime) -> None:
    number = add_alert(store, at=clock)
    case_no = report(store, {"street_code": STREET}, at=clock)
    until = clock + timedelta(hours=2)
    for act, details in (("shelve", {"until": until}), ("link", {"case_no": case_no})):
        perform(store, number, act, at=clock, actor_role="operator", scope=EVERYTHING, note="等雨停",
                details=details)
    row = _row(store, number)
    assert (row["state"], row["shelved_until"], row["case_no"]) == ("open", until, case_no)
    entry = Entry(account_id=None, account_name="li", address=None, action="alert_false",
                  object_kind="alert", object_id=str(number))
    perform(store, number, "false", at=clock, actor_role="operator", scope=EVERYTHING, note="误报",
            audit=entry)
    row = _row(store, number)
    assert (row["state"], row["shelved_until"]) == ("false", None)
    assert [one.action for one in Audit(store).listing()] == ["alert_false"]


def test_what_is_refused_leaves_nothing(store: Store, clock: datetime) -> None:
    number = add_alert(store, at=clock)
    other = report(store, {"street_code": "210202002"}, at=clock)

    def do(act: str, *, at: datetime = clock, scope: Scope = EVERYTHING, note: str | None = None,
           **details: object) -> None:
        perform(store, number, act, at=at, actor_role="operator", scope=scope, note=note, details=details)

    with pytest.raises(AlertCommandError, match="alert_id must be that of an alert of yours, got"):
        do("confirm", scope=Scope(frozenset({"210202002"})))
    with pytest.raises(AlertActError, match="allowed: confirm, false"):
        do("handle")
    with pytest.raises(AlertCommandError, match="note must be a text of 1 to 500 signs, got none"):
        do("false", note=" ")
    with pytest.raises(AlertCommandError, match="until must be an aware time after"):
        do("shelve", note="x", until=clock)
    with pytest.raises(AlertCommandError, match="details of 'link' must be case_no, got"):
        do("link")
    with pytest.raises(AlertCommandError, match="case_no must be that of a case of yours"):
        do("link", scope=Scope(frozenset({STREET})), case_no=other)
    with pytest.raises(AlertCommandError, match="at must not be before the last act"):
        do("confirm", at=clock - timedelta(seconds=1))
    with pytest.raises(AlertCommandError, match="must not be one of the engine's"):
        do("lapse")
    assert len(_log(store, number)) == 1


def test_the_database_shows_a_viewer_what_the_query_shows(module_store: Store, clock: datetime) -> None:
    store = module_store
    case_no = report(store, {"street_code": STREET, "community_code": STREET + "001"}, at=clock)
    with store.engine.begin() as connection:
        connection.execute(sa.text('UPDATE "case" SET main_dept_id = \'urban_mgmt\''))
        connection.execute(sa.text("INSERT INTO officer (street_code, officer_id, role, dept_id) VALUES"
                                   " (:street, 'G1', 'grid_officer', 'police')"), {"street": STREET})
    numbers = [
        add_alert(store, at=clock, subject=case_no, case_no=case_no, community_code=STREET + "001"),
        add_alert(store, at=clock, subject="G1", subject_type="officer", rule_id="officer_offline",
                  grid_code=STREET + "001001", community_code=STREET + "001"),
        add_alert(store, at=clock, street="210202002", subject="X"),
        add_alert(store, at=clock, street="", subject="hotline", subject_type="feed", rule_id="feed_silent")]
    expected = {
        Scope(frozenset({"*"})): [0, 1, 2, 3], Scope(frozenset({"210202"})): [0, 1, 2, 3],
        Scope(frozenset({STREET})): [0, 1], Scope(frozenset({STREET + "001001"})): [1],
        Scope(frozenset()): [], Scope(frozenset({"210202002"})): [2],
        Scope(frozenset({"*"}), frozenset({"urban_mgmt"})): [0],
        Scope(frozenset({STREET}), frozenset({"police"})): [1],
        Scope(frozenset({"210202"}), frozenset({"nobody"})): []}
    for scope, found in expected.items():
        wanted = [numbers[index] for index in found]
        for table in (alert, alert_event):
            asked = store.arrow(sa.select(table.c.alert_id).where(within(table, scope)))
            seen = store.seen_by(scope).arrow(f"SELECT alert_id FROM {table.name}")
            assert sorted(asked["alert_id"].to_pylist()) == wanted, (table.name, scope)
            assert sorted(seen["alert_id"].to_pylist()) == wanted, (table.name, scope)
