"""One act upon a group: all of what was seen and allows it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from data.access.scope import EVERYTHING, Scope
from data.alerts import together
from data.alerts.commands import AlertCommandError, perform
from data.alerts.groups import Group, read_code
from data.alerts.lifecycle import FOLDED, fold
from data.alerts.tables import alert, alert_event
from data.alerts.together import Whole, perform_all
from data.engine import Store
from tests.data.alerts.samples import add_alert

STREET, OTHER = "210202001", "210202002"
GROUP = Group("case_overdue", STREET)


@pytest.fixture
def empty(module_store: Store) -> Iterator[Store]:
    yield module_store
    with module_store.engine.begin() as connection:
        connection.execute(sa.delete(alert))
        connection.execute(sa.delete(alert_event))


@pytest.fixture
def whole(empty: Store, clock: datetime) -> Whole:
    """Three of the group, one of them confirmed; one of another street, role and kind each."""
    at = clock - timedelta(minutes=9)
    numbers = [add_alert(empty, at=at, subject=f"C{n}") for n in range(3)]
    for number, about in enumerate(({"street": OTHER}, {"roles": ["leader"]}, {"kind": "smoke"})):
        add_alert(empty, at=at, subject=f"X{number}", **about)
    perform(empty, numbers[0], "confirm", at=clock, actor_role="operator", scope=EVERYTHING)
    return Whole(group=GROUP, upto=numbers[-1], told=frozenset({"operator"}), scope=EVERYTHING)


def states(store: Store) -> dict[str, str]:
    with store.engine.connect() as connection:
        return dict(connection.execute(sa.select(alert.c.subject_id, alert.c.state)).all())


def test_it_touches_what_allows_it_was_seen_and_is_told(empty: Store, whole: Whole, clock: datetime) -> None:
    later = add_alert(empty, at=clock, subject="LATER")
    said = {"at": clock, "actor_role": "operator", "actor_id": "account:a"}
    assert perform_all(empty, whole, "confirm", **said) == 2
    assert perform_all(empty, whole, "false", note="an exercise", **said) == 3
    assert states(empty) == {"C0": "false", "C1": "false", "C2": "false", "X0": "open", "X1": "open",
                             "X2": "open", "LATER": "open"}
    with empty.engine.connect() as connection:
        for row in connection.execute(sa.select(alert).where(alert.c.alert_id < later)).mappings().all():
            log = connection.execute(sa.select(alert_event).where(
                alert_event.c.alert_id == row["alert_id"]).order_by(alert_event.c.seq)).mappings().all()
            assert {name: row[name] for name in FOLDED} == fold(log), "an alert is the fold of its log"
            if row["subject_id"] == "C2":
                assert [(one["act"], one["note"], one["actor_id"]) for one in log[1:]] == [
                    ("confirm", None, "account:a"), ("false", "an exercise", "account:a")]


def test_what_is_shelved_is_no_longer_in_hand(empty: Store, whole: Whole, clock: datetime) -> None:
    until = clock + timedelta(hours=4)
    about = {"at": clock, "actor_role": "leader", "note": "known", "details": {"until": until}}
    assert perform_all(empty, whole, "shelve", **about) == 3
    with pytest.raises(AlertCommandError, match="got none in case_overdue/210202001"):
        perform_all(empty, whole, "shelve", **about)


@pytest.mark.parametrize(("act", "about", "named"), [
    ("clear", {}, "act must be one of confirm, shelve, false"),
    ("confirm", {"actor_role": "system"}, "by a desk"),
    ("false", {}, "note must be a text"),
    ("shelve", {"note": "x"}, "details of 'shelve' must be until"),
    ("confirm", {"details": {"until": 1}}, "details of 'confirm' must be none"),
    ("confirm", {"late": 1}, "at must not be before"),
], ids=["act", "role", "note", "until", "details", "late"])
def test_what_is_refused_leaves_all_as_it_was(empty: Store, whole: Whole, clock: datetime, act: str,
                                              about: dict, named: str) -> None:
    before = states(empty)
    at = clock - timedelta(minutes=10 * about.pop("late", 0))
    with pytest.raises(AlertCommandError, match=named):
        perform_all(empty, whole, act, **{"at": at, "actor_role": "operator", **about})
    assert states(empty) == before


def test_outside_the_scope_and_beyond_the_most_is_nothing(empty: Store, whole: Whole, clock: datetime,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AlertCommandError, match="got none"):
        perform_all(empty, replace(whole, scope=Scope(frozenset({OTHER}))), "confirm", at=clock,
                    actor_role="operator")
    monkeypatch.setattr(together, "MOST", 1)
    with pytest.raises(AlertCommandError, match="1 to 1 alerts"):
        perform_all(empty, whole, "confirm", at=clock, actor_role="operator")
    assert states(empty)["C1"] == "open"


@pytest.mark.parametrize(("code", "found"), [
    ("smoke/210202001", (Group("smoke", "210202001"), 1)), ("feed_silent//3", (Group("feed_silent", ""), 3)),
    ("feed_silent/", (Group("feed_silent", ""), 1)), ("all", (None, 1)), ("all/2", (None, 2)),
    ("all/0", None), ("smoke", None), ("smoke/2102", None), ("smoke/２１０２０２００１", None), ("", None),
])
def test_codes_of_groups(code: str, found: object) -> None:
    assert read_code(code) == found
