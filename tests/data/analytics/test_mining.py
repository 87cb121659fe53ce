"""The X-ray: planted deviations are found and nothing else, sums and times against a recount case by case."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa

from data.access.scope import EVERYTHING, Scope
from data.analytics.deviations import DEVIATIONS
from data.analytics.mining import mine
from data.analytics.mining_jobs import Jobs
from data.cases.lifecycle import transition
from data.cases.reader import CaseReader
from data.engine import Store
from data.snapshot import Snapshot
from data.tables import case_event
from tests.data.cases.samples import NOW, START, STREETS, WHOLE, add_case, add_channels

Planted = dict[str, list[str]]
#: Acts with the hours since the act before, and the unit that a dispatch names.
PLAIN = [("report", 0), ("accept", 0.2), ("file", 0.1), ("dispatch", 1, "a"), ("receive", 0.5),
         ("handle", 20), ("check_pass", 2), ("close", 1)]
PLANTED: dict[str, list[Any]] = {
    "ping_pong": [*PLAIN[:4], ("receive", 1), ("return", 1), ("dispatch", 1, "b"), ("return", 2),
                  ("dispatch", 1, "a"), *PLAIN[4:]],
    "passed_on": [*PLAIN[:4], ("return", 1), ("dispatch", 1, "b"), ("return", 1), ("dispatch", 1, "c"),
                  *PLAIN[4:]],
    "unverified": [*PLAIN[:6], ("close", 1)],
    "forced": [*PLAIN[:5], ("force_close", 3)],
    "reworked": [*PLAIN[:6], ("check_fail", 1), ("rework", 1), ("handle", 3), ("rework", 1), ("handle", 2),
                 *PLAIN[6:]],
    "late_dispatch": [*PLAIN[:3], ("dispatch", 30, "a"), *PLAIN[4:]],
    "late_feedback": [*PLAIN[:5], ("handle", 80), *PLAIN[6:]],
    "paper": [*PLAIN[:4], ("handle", 0.05), *PLAIN[6:]],
    "stopped": [*PLAIN[:5], ("hang", 1), ("unhang", 4), ("ask_postpone", 1), ("postpone", 5), *PLAIN[5:]],
    "idle": [*PLAIN[:5], ("feedback", 1), ("handle", 190), *PLAIN[6:]],
}


def play(store: Store, acts: list[Any], begin: datetime = START) -> str:
    """A case with its log as the life cycle allows it, unless it is told to be otherwise."""
    at, state, rows = begin, None, []
    number = f"M{play.number:06d}"
    play.number += 1
    for seq, (act, hours, *unit) in enumerate(acts, 1):
        at += timedelta(hours=hours)
        to = transition(act, state).to_state or state
        rows.append({"street_code": STREETS[0], "case_no": number, "seq": seq, "at": at, "act": act,
                     "from_state": state, "to_state": to, "to_dept": unit[0] if unit else None})
        state = to
    folded = {"state": state, "reported_at": begin}
    add_case(store, case_no=number, **folded)
    with store.engine.begin() as connection:
        connection.execute(sa.insert(case_event), rows)
    return number


play.number = 1  # type: ignore[attr-defined]


def over(store: Store, scope: Scope = EVERYTHING) -> CaseReader:
    snapshot = Snapshot(store, 4000)
    snapshot.refresh()
    return CaseReader(store, snapshot, scope=scope)


@pytest.fixture(scope="module")
def planted(module_store: Store) -> Planted:
    """Deviation -> the numbers of its cases; of each one more than of the one before."""
    add_channels(module_store)
    for number in range(7):
        play(module_store, PLAIN, START + timedelta(hours=number))
    play(module_store, [*PLAIN[:5], ("ask_postpone", 1), ("postpone", 5), *PLAIN[5:]])  # once is no deviation
    return {kind: [play(module_store, acts, START + timedelta(minutes=number)) for number in range(count)]
            for count, (kind, acts) in enumerate(PLANTED.items(), 1)}


def test_ten_planted_deviations_are_found_and_no_other(module_store: Store, planted: Planted) -> None:
    assert set(PLANTED) == set(DEVIATIONS)
    assert len(PLANTED) == 10
    found = mine(over(module_store), WHOLE, NOW)
    told = {row["kind"]: row for row in found.deviations.to_dict("records")}
    assert {kind: row["cases"] for kind, row in told.items()} == {
        kind: len(numbers) for kind, numbers in planted.items()}
    for kind, numbers in planted.items():
        assert set(told[kind]["examples"]) <= set(numbers)
        assert len(told[kind]["examples"]) == min(len(numbers), 5)
    assert found.conforming == 8
    assert found.cases == 8 + sum(range(1, 11))
    assert [(row["unit"], row["between"], row["times"]) for row in found.pairs.to_dict("records")] == [
        ("a", "b", len(planted["ping_pong"]))]


def test_paths_steps_and_times_are_those_of_the_log(module_store: Store, planted: Planted) -> None:
    found = mine(over(module_store), WHOLE, NOW)
    logs: dict[str, list[Any]] = {}
    with module_store.engine.connect() as connection:
        for row in connection.execute(sa.select(case_event).order_by(case_event.c.case_no, case_event.c.seq)):
            logs.setdefault(row.case_no, []).append(row)
    paths = Counter(",".join(row.act for row in log) for log in logs.values())
    assert dict(zip(found.variants["acts"], found.variants["cases"], strict=True)) == dict(paths)
    assert found.kinds == len(paths)
    assert found.events == sum(len(log) for log in logs.values())
    steps: dict[tuple[str, str], list[float]] = {}
    hours: Counter[str] = Counter()
    for log in logs.values():
        for before, after in zip(log, [*log[1:], None], strict=True):
            until = after.at if after else NOW
            if before.to_state not in {"closed", "cancelled", "rejected"}:
                hours[before.to_state] += (until - before.at).total_seconds() / 3600
            if after:
                steps.setdefault((before.act, after.act), []).append(
                    (after.at - before.at).total_seconds() / 3600)
    assert {(row["before"], row["after"]): row["cases"] for row in found.edges.to_dict("records")} == {
        step: len(times) for step, times in steps.items()}
    for row in found.edges.to_dict("records"):
        assert row["p50_h"] == pytest.approx(median(steps[row["before"], row["after"]]))
    assert dict(zip(found.stages["state"], found.stages["hours"], strict=True)) == pytest.approx(dict(hours))
    assert found.stages["share"].sum() == pytest.approx(1)


def test_what_had_not_happened_by_then_is_not_seen(module_store: Store, planted: Planted) -> None:
    early = START + timedelta(hours=3)
    found = mine(over(module_store), WHOLE, early)
    assert "close" not in set(found.edges["after"])
    assert found.deviations.set_index("kind").loc["ping_pong", "cases"] == 0
    assert found.deviations.set_index("kind").loc["idle", "cases"] == 0


def test_a_scope_or_an_empty_window_is_no_fault(module_store: Store, planted: Planted) -> None:
    elsewhere = mine(over(module_store, Scope(areas=frozenset({STREETS[1]}))), WHOLE, NOW)
    before = mine(over(module_store), WHOLE.with_(
        since=START - timedelta(days=400), until=START - timedelta(days=300)), NOW)
    for found in (elsewhere, before):
        assert (found.cases, found.events, found.conforming) == (0, 0, 0)
        assert found.variants.empty
        assert found.pairs.empty


def test_progress_rises_to_the_whole(module_store: Store, planted: Planted) -> None:
    told: list[float] = []
    whole = mine(over(module_store), WHOLE.with_(since=START - timedelta(days=300)), NOW, told.append)
    assert told == sorted(told)
    assert len(told) > 8
    assert told[-1] == 1
    assert whole.cases == mine(over(module_store), WHOLE, NOW).cases


def test_a_question_is_answered_once_and_told_how_far_it_is() -> None:
    jobs, go, begun = Jobs(), threading.Event(), []

    def work(progress: Any) -> str:
        begun.append(1)
        progress(0.5)
        assert go.wait(30)
        return "found"

    assert jobs.ask("q", work).found is None
    while (held := jobs.ask("q", work)).share < 0.5:
        assert held.found is None
    go.set()
    while jobs.ask("q", work).found is None:
        assert not jobs.ask("q", work).fault
    assert (jobs.ask("q", work).found, len(begun)) == ("found", 1)


def test_a_question_that_fails_is_told_and_asked_again() -> None:
    jobs, told = Jobs(), []

    def fail(_progress: Any) -> None:
        raise OSError("the store is away")

    jobs.ask("q", fail)
    while not told:
        told = [job.fault for job in [jobs.ask("q", lambda _progress: "found")] if job.fault or job.found]
    assert told == ["OSError: the store is away"]
    while (job := jobs.ask("q", fail)).found is None:
        assert not job.fault
    assert job.found == "found"
