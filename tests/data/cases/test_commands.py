"""Acts upon cases: what is written, what is refused, and two people at once."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from data import meta
from data.cases.commands import CHANNEL, CommandError, perform, report
from data.cases.fold import FOLDED, fold_one
from data.cases.lifecycle import LifecycleError
from data.engine import Store
from data.tables import case_event, cases, category

#: Friday 16:00 in Shanghai.
AT = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
FACTS = {"street_code": "510108001", "title": "井盖丢失", "cat_code": "C0101"}
HOUR = timedelta(hours=1)


def reported(store: Store, **facts: Any) -> str:
    return report(store, FACTS | facts, at=AT)


def walk(store: Store, case_no: str, *acts: str, **details: Any) -> None:
    """Acts every hour after the report."""
    for hours, act in enumerate(acts, start=1):
        perform(store, case_no, act, at=AT + hours * HOUR, actor_role="system", **details.get(act, {}))


def row(store: Store, case_no: str) -> dict[str, Any]:
    with store.engine.connect() as connection:
        return dict(connection.execute(sa.select(cases).where(cases.c.case_no == case_no)).mappings().one())


def log(store: Store, case_no: str) -> list[dict[str, Any]]:
    query = sa.select(case_event).where(case_event.c.case_no == case_no).order_by(case_event.c.seq)
    with store.engine.connect() as connection:
        return [dict(event) for event in connection.execute(query).mappings()]


def test_the_case_is_the_fold_of_its_log(store: Store) -> None:
    number = reported(store)
    walk(store, number, "accept", "file", "dispatch", "receive", "ask_postpone", "refuse_postpone", "handle",
         "check_fail", "rework", "handle", "check_pass", "close", "visit",
         dispatch={"to_dept": "d1", "deadline_at": AT + 9 * HOUR}, visit={"score": 80})
    found = row(store, number)
    assert {name: found[name] for name in FOLDED} == fold_one(log(store, number))
    assert (found["state"], found["satisfaction"], found["stopped_s"]) == ("closed", 80, 3600)
    assert found["updated_at"] > found["created_at"]


def test_numbers_count_up_in_the_local_day(store: Store) -> None:
    late = AT.replace(hour=17)  # 01:00 of the next day in Shanghai
    assert [reported(store), reported(store)] == ["20260306010800001", "20260306010800002"]
    assert report(store, FACTS, at=late) == "20260307010800001"


def test_dispatch_takes_the_limit_of_the_category_in_working_time(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(category).values(
            cat_code="C0101", kind="component", class_code="01", class_name="公用", sub_code="01",
            sub_name="井盖", limit_value=1.0, limit_unit="work_day"))
    meta.put(store, "calendar", {"holidays": ["2026-03-09"], "makeup": []})
    number = reported(store)
    for act in ("accept", "file", "dispatch"):
        perform(store, number, act, at=AT, actor_role="operator")
    # two hours are left on Friday, Monday is free, six hours on Tuesday
    assert row(store, number)["deadline_at"] == datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


def test_the_deadline_moves_by_the_time_the_clock_stood(store: Store) -> None:
    number = reported(store)
    walk(store, number, "accept", "file", "dispatch", "hang", "unhang",
         dispatch={"deadline_at": AT + 9 * HOUR})
    assert row(store, number)["deadline_at"] == AT + 10 * HOUR


@pytest.mark.parametrize(("act", "details", "message"), [
    ("close", {}, "'close' is not allowed in state 'reported'; allowed: verify_first, accept, reject"),
    ("explode", {}, "act must be one of report, verify_first"),
    ("report", {}, "act 'report' creates a case, but this one is in state 'reported'"),
    ("accept", {"colour": "red"}, r"an act has no details \['colour'\]; known: actor_dept"),
    ("accept", {"score": 77}, "score must be one of .* got 77"),
    ("accept", {"deadline_at": AT}, "act 'accept' sets no deadline, got deadline_at 2026"),
    ("accept", {"at": AT - HOUR}, "at must not be before the last act of the case at 2026-03-06T08:00"),
    ("accept", {"at": datetime(2026, 3, 6)}, "at must be an aware time"),
    ("accept", {"actor_role": "reporter"}, "role 'reporter' may not 'accept'; allowed: dispatcher, leader"),
])
def test_what_cannot_be_is_refused_and_changes_nothing(
    store: Store, act: str, details: dict, message: str,
) -> None:
    number = reported(store)
    before = row(store, number)
    with pytest.raises(ValueError, match=message) as caught:
        perform(store, number, act, **{"at": AT + HOUR, "actor_role": "system"} | details)
    assert isinstance(caught.value, (LifecycleError, CommandError))
    assert row(store, number) == before
    assert len(log(store, number)) == 1


def test_a_postponement_brings_its_deadline(store: Store) -> None:
    number = reported(store)
    walk(store, number, "accept", "file", "dispatch")
    with pytest.raises(CommandError, match="act 'postpone' must bring a deadline_at, got None"):
        perform(store, number, "postpone", at=AT + 9 * HOUR, actor_role="operator")


def test_reports_are_checked(store: Store) -> None:
    with pytest.raises(CommandError, match=r"got unknown \['state'\], street_code '510108001'"):
        reported(store, state="closed")
    with pytest.raises(CommandError, match="street_code None"):
        report(store, {"title": "?"}, at=AT)
    number = reported(store)
    with pytest.raises(CommandError, match=f"case_no must be new, but '{number}' exists already"):
        reported(store, case_no=number)
    with pytest.raises(CommandError, match="got 'nope', which 0 cases have"):
        perform(store, "nope", "accept", at=AT, actor_role="operator")


def test_every_act_wakes_the_listeners_when_it_is_committed(store: Store) -> None:
    with psycopg.connect(store.url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        number = reported(store)
        walk(store, number, "accept")
        heard = [json.loads(notice.payload)["seq"] for notice in listener.notifies(timeout=10, stop_after=2)]
    assert heard == [1, 2]


def test_of_two_who_act_at_once_the_second_is_told(store: Store) -> None:
    number = reported(store)
    walk(store, number, "accept", "file", "dispatch")
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def hand_in(act: str) -> None:
        ready.wait(timeout=10)
        try:
            perform(store, number, act, at=AT + 9 * HOUR, actor_role="system")
            outcomes.append("done")
        except LifecycleError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=hand_in, args=(act,)) for act in ("return", "handle")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    refused = [text for text in outcomes if text != "done"]
    assert len(outcomes) == 2
    assert len(refused) == 1
    assert "allowed:" in refused[0]
    assert [event["seq"] for event in log(store, number)] == [1, 2, 3, 4, 5]


def test_many_reports_at_once_get_different_numbers(store: Store) -> None:
    numbers: list[str] = []
    threads = [threading.Thread(target=lambda: numbers.append(reported(store))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(set(numbers)) == 8
