"""What is counted, at the edges of every rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from data.access.scope import EVERYTHING
from data.analytics.weights import FIRST
from data.cases.breakdown import facts_of
from data.cases.facts import FACTS, PENDING, Facts, KnownFacts
from data.cases.indicators import INDICATORS, rates
from data.cases.reader import CaseReader
from data.cases.rules import COUNTERS, RULES
from data.engine import Store
from data.snapshot import Snapshot
from tests.data.cases.samples import NOW, START, WHOLE, add_case, add_channels

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TAKEN = {"accepted_at": NOW - 5 * HOUR, "state": "accepted"}
SENT = {**TAKEN, "dispatched_at": NOW - 4 * HOUR, "state": "handling", "deadline_at": NOW + HOUR}
DONE = {**SENT, "handled_at": NOW - HOUR, "state": "verifying"}
CLOSED = {**DONE, "closed_at": NOW - MINUTE, "ended_at": NOW - MINUTE, "state": "closed"}

#: what the case is -> columns, counters that hold it (of those named), counters that do not
EDGES: dict[str, tuple[dict[str, Any], str, str]] = {
    "reported only": ({}, "reported waiting", "accepted open overdue need_close"),
    "accepted this instant": ({"accepted_at": NOW}, "accepted open", "waiting"),
    "accepted after now": ({"accepted_at": NOW + MINUTE}, "waiting", "accepted open"),
    "rejected before acceptance": (
        {"state": "rejected", "ended_at": NOW},
        "rejected",
        "waiting accepted open",
    ),
    "dispatched": (SENT, "dispatched valid in_handling open", "handled overdue need_close verifying"),
    "due this instant": ({**SENT, "deadline_at": NOW}, "in_handling due_soon", "overdue need_close"),
    "past due": ({**SENT, "deadline_at": NOW - MINUTE}, "overdue in_handling need_close", "due_soon handled"),
    "past due, clock stopped": (
        {**SENT, "deadline_at": NOW - MINUTE, "clock_stopped_at": NOW - HOUR},
        "clock_stopped in_handling",
        "overdue need_close",
    ),
    "past due, clock stops later": (
        {**SENT, "deadline_at": NOW - MINUTE, "clock_stopped_at": NOW + HOUR},
        "overdue",
        "clock_stopped",
    ),
    "past due, cancelled": (
        {**SENT, "deadline_at": NOW - DAY, "state": "cancelled", "ended_at": NOW - HOUR},
        "cancelled accepted",
        "overdue need_close open valid",
    ),
    "past due, cancelled later": (
        {**SENT, "deadline_at": NOW - DAY, "state": "cancelled", "ended_at": NOW + HOUR},
        "overdue need_close open valid",
        "cancelled",
    ),
    "69 % of the limit gone": (
        {**SENT, "dispatched_at": NOW - 69 * MINUTE, "deadline_at": NOW + 31 * MINUTE},
        "in_handling",
        "due_soon",
    ),
    "70 % of the limit gone": (
        {**SENT, "dispatched_at": NOW - 70 * MINUTE, "deadline_at": NOW + 30 * MINUTE},
        "due_soon",
        "overdue",
    ),
    "handled exactly at the deadline": (
        {**DONE, "deadline_at": DONE["handled_at"]},
        "handled handled_on_time need_close verifying handled_needed_on_time",
        "handled_late closed overdue in_handling",
    ),
    "handled a minute late": (
        {**DONE, "deadline_at": DONE["handled_at"] - MINUTE},
        "handled handled_late need_close",
        "handled_on_time overdue",
    ),
    "handled without any deadline": (
        {**DONE, "deadline_at": None},
        "handled need_close",
        "handled_on_time handled_late need_close_limited",
    ),
    "handled after now": ({**DONE, "handled_at": NOW + MINUTE}, "in_handling", "handled need_close"),
    "closed": (CLOSED, "closed closed_on_time need_close accepted handled", "open verifying"),
    "closed, but handled late": (
        {**CLOSED, "deadline_at": NOW - DAY},
        "closed handled_late",
        "closed_on_time",
    ),
    "closed by force": (
        {**SENT, "closed_at": NOW, "ended_at": NOW, "state": "closed", "is_forced_close": True},
        "closed need_close forced_close",
        "handled closed_on_time in_handling",
    ),
    "done on the spot": (
        {
            **TAKEN,
            "handled_at": NOW,
            "closed_at": NOW,
            "ended_at": NOW,
            "state": "closed",
            "is_self_done": True,
        },
        "self_done handled closed closed_on_time need_close_limited",
        "dispatched need_check valid",
    ),
    "reworked": ({**SENT, "rework_count": 2}, "reworked through_handling", "handled"),
    "to the wrong unit first": (
        {**SENT, "first_dept_id": "a", "main_dept_id": "b"},
        "assigned",
        "assigned_right",
    ),
    "to the right unit": ({**SENT, "first_dept_id": "a", "main_dept_id": "a"}, "assigned assigned_right", ""),
    "from the public": ({**SENT, "channel_code": "hotline_12345"}, "public valid_public", ""),
    "from a device": (SENT, "valid", "public valid_public"),
    "visited, no answer": ({**CLOSED, "visited_at": NOW}, "visited", "scored satisfied"),
    "visited, so-so": ({**CLOSED, "visited_at": NOW, "satisfaction": 50}, "visited scored", "satisfied"),
    "visited, content": ({**CLOSED, "visited_at": NOW, "satisfaction": 80}, "scored satisfied", ""),
    "a day without deployment": ({"accepted_at": NOW - DAY}, "m1_due open_1_3_d", "m1_met m3_due open_0_1_d"),
    "nearly a day": ({"accepted_at": NOW - DAY + MINUTE}, "open_0_1_d", "m1_due m3_due"),
    "deployed a day after acceptance": (
        {"accepted_at": NOW - 2 * DAY, "dispatched_at": NOW - DAY},
        "m1_due m1_met",
        "m3_due",
    ),
    "three days without answer": (
        {"accepted_at": NOW - 3 * DAY, "dispatched_at": NOW - DAY},
        "m3_due m1_due open_3_7_d",
        "m3_met m1_met",
    ),
    "answered on the third day": (
        {"accepted_at": NOW - 4 * DAY, "first_feedback_at": NOW - DAY},
        "m3_due m3_met",
        "",
    ),
    "open for ever": ({"accepted_at": START}, "open_15_d", "open_7_15_d"),
}


@pytest.fixture(scope="module")
def reader(module_store: Store) -> CaseReader:
    add_channels(module_store)
    for number, (about, _, _) in enumerate(EDGES.values()):
        add_case(module_store, **{**about, "nature": f"edge{number}"})
    snapshot = Snapshot(module_store, 4000)
    snapshot.refresh()
    return CaseReader(module_store, snapshot, scope=EVERYTHING)


@pytest.mark.parametrize("number", range(len(EDGES)), ids=[*EDGES])
def test_each_edge_falls_on_its_side(reader: CaseReader, number: int) -> None:
    _, inside, outside = [*EDGES.values()][number]
    counted = reader.counts_by("nature", WHOLE, NOW, COUNTERS).set_index("code").loc[f"edge{number}"]
    assert [name for name in inside.split() if counted[name] != 1] == []
    assert [name for name in outside.split() if counted[name] != 0] == []


def test_times_are_summed(reader: CaseReader) -> None:
    counted = reader.counts_by("nature", WHOLE, NOW, COUNTERS).set_index("code")
    number = [*EDGES].index("closed")
    assert counted.loc[f"edge{number}", "handling_s_sum"] == 3 * 3600
    assert counted.loc[f"edge{[*EDGES].index('reworked')}", "rework_times"] == 2


def test_rates_divide_once_and_say_nothing_where_there_is_nothing() -> None:
    none = rates(dict.fromkeys(COUNTERS, 0))
    assert set(none) == {indicator.key for indicator in INDICATORS}
    assert set(none.values()) == {None}
    found = rates({"handled": 13385, "accepted": 13870})
    assert found == {"closure_rate_handled": pytest.approx(0.965032, abs=1e-6)}


def test_the_index_of_a_unit_is_60_30_10() -> None:
    found = {"on_time_handling_rate": 0.9, "closure_rate_standard": 0.8, "rework_rate": 0.1}
    assert FIRST.index(found) == pytest.approx(54 + 24 + 9)
    assert FIRST.index({**found, "closure_rate_standard": None}) is None


def test_every_indicator_names_counters_and_both_languages() -> None:
    for indicator in INDICATORS:
        assert {indicator.numerator, indicator.denominator} <= set(COUNTERS)
        assert all((indicator.zh, indicator.en, indicator.definition_zh, indicator.definition_en))


def test_an_unknown_fact_is_named() -> None:
    with pytest.raises(AttributeError, match=r"got 'sunny'"):
        _ = Facts(NOW).sunny
    assert "past_due" in FACTS


@pytest.mark.parametrize("rule", [*RULES])
def test_what_marks_of_handled_cases_do_not_tell_no_rule_asks(rule: str) -> None:
    names = facts_of(COUNTERS)
    bits = {name: 1 << place for place, name in enumerate(names)}
    marks = np.random.default_rng(3).integers(0, 1 << len(names), 2_000, dtype=np.int64) | bits["handled"]
    silent = marks & ~np.int64(sum(bits[name] for name in PENDING))
    told, untold = (np.asarray(RULES[rule](KnownFacts(some, names))) for some in (marks, silent))
    assert (told == untold).all()
