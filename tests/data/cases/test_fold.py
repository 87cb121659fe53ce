"""Both folds say the same of any legal log, and what they say is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from data.arrow_types import arrow_type
from data.cases.fold import FOLDED, NOTHING, READ, fold_events, fold_one
from data.cases.lifecycle import TRANSITIONS, allowed_acts, transition
from data.tables import case_event, cases

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
_GAP = st.timedeltas(timedelta(0), timedelta(days=9))
_UNIT = st.sampled_from([None, "d1", "d2"])


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A random legal walk through the life cycle."""
    at, state, seq = START, "reported", 1
    events = [event(1, at, "report", "reported", to_level=draw(st.sampled_from([None, "grid"])))]
    for _ in range(draw(st.integers(0, 14))):
        acts = allowed_acts(state)
        if not acts:
            break
        act, seq, at = draw(st.sampled_from(acts)), seq + 1, at + draw(_GAP)
        state = transition(act, state).to_state or state
        events.append(event(
            seq, at, act, state, to_dept=draw(_UNIT), to_officer=draw(_UNIT),
            to_level=draw(st.sampled_from([None, "street", "district"])),
            deadline_at=draw(st.sampled_from([None, at + timedelta(days=2)])),
            score=draw(st.sampled_from([None, 100, -100]))))
    return events


def event(seq: int, at: datetime, act: str, to_state: str, **more: Any) -> dict[str, Any]:
    return dict.fromkeys(READ) | {"seq": seq, "at": at, "act": act, "to_state": to_state} | more


def table(*histories: list[dict[str, Any]]) -> pa.Table:
    schema = pa.schema([(name, arrow_type(case_event.c[name])) for name in READ])
    rows = [row | {"street_code": "510108001", "case_no": f"c{number:04}"}
            for number, history in enumerate(histories) for row in history]
    return pa.Table.from_pylist(rows, schema=schema)


@given(st.lists(logs(), max_size=6))
def test_all_at_once_is_one_by_one(histories: list[list[dict[str, Any]]]) -> None:
    folded = fold_events(table(*histories))
    assert folded.select(list(FOLDED)).to_pylist() == [fold_one(history) for history in histories]


def test_the_columns_have_the_types_of_the_table() -> None:
    folded = fold_events(table([event(1, START, "report", "reported")]))
    for name in FOLDED:
        assert folded[name].type == arrow_type(cases.c[name]), name


def test_no_events_give_no_cases() -> None:
    assert fold_events(table()).num_rows == 0
    assert fold_one([]) == NOTHING


def history(*acts: str, **more: Any) -> dict[str, Any]:
    """The fold of a log whose acts follow each other every hour."""
    state, events = None, []
    for hours, act in enumerate(("report", *acts)):
        state = transition(act, state).to_state or state
        details = {name: value[act] for name, value in more.items() if act in value}
        events.append(event(hours + 1, START + timedelta(hours=hours), act, state, **details))
    return fold_one(events)


def test_answering_directly_handles_and_closes() -> None:
    folded = history("accept", "answer")
    assert folded["state"] == "closed"
    assert folded["handled_at"] == folded["closed_at"] == folded["ended_at"] == START + timedelta(hours=2)


def test_rework_takes_the_handling_back() -> None:
    folded = history("accept", "file", "dispatch", "handle", "check_pass", "rework")
    assert (folded["handled_at"], folded["verified_at"], folded["rework_count"]) == (None, None, 1)


def test_a_returned_case_keeps_its_first_dispatch_and_gets_its_last_unit() -> None:
    folded = history("accept", "file", "dispatch", "return", to_dept={"dispatch": "d1"})
    assert (folded["main_dept_id"], folded["return_count"], folded["state"]) == ("d1", 1, "returned")
    again = history("accept", "file", "dispatch", "return", "dispatch")
    assert again["dispatched_at"] == START + timedelta(hours=3)


def test_the_clock_stands_while_a_case_hangs() -> None:
    way = ("accept", "file", "dispatch", "receive", "hang")
    assert history(*way)["clock_stopped_at"] == START + timedelta(hours=5)
    folded = history(*way, "urge", "unhang")
    assert (folded["clock_stopped_at"], folded["stopped_s"], folded["urge_count"]) == (None, 7200, 1)


def test_every_act_of_the_table_is_read() -> None:
    assert {"report", *(t.act for t in TRANSITIONS)} >= {t.act for t in TRANSITIONS if t.stamps}
    for move in TRANSITIONS:
        if move.stamps:
            source = sorted(move.sources)[0]
            after = fold_one([event(1, START, "report", source),
                              event(2, START, move.act, move.to_state or source)])
            assert after[move.stamps] == START, move.act
