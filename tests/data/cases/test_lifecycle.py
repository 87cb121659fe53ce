"""The table of transitions: complete, closed in itself, and clear when it refuses."""

from __future__ import annotations

import pytest

from data.cases.lifecycle import (
    ACTS,
    CLOCK_STOPPED,
    ENDED,
    OPEN,
    OPERATORS,
    REPORT,
    STATES,
    TRANSITIONS,
    UNITS,
    LifecycleError,
    allowed_acts,
    transition,
)
from data.tables import cases


def test_every_state_is_reached_from_a_report() -> None:
    reached, grown = set(), {"reported"}
    while reached != grown:
        reached = set(grown)
        grown |= {move.to_state for move in TRANSITIONS if move.sources & reached and move.to_state}
    assert reached == set(STATES)


def test_what_has_ended_admits_nothing_but_a_visit() -> None:
    assert {state: allowed_acts(state) for state in sorted(ENDED)} == {
        "closed": ("visit",), "rejected": (), "cancelled": ()}


def test_every_open_state_has_a_way_to_an_end() -> None:
    for state in OPEN:
        assert {"cancel", "force_close"} <= set(allowed_acts(state)), state


def test_acts_are_different_and_use_known_states_roles_and_columns() -> None:
    assert len(set(ACTS)) == len(ACTS) == len(TRANSITIONS) + 1
    for move in TRANSITIONS:
        assert move.sources
        assert move.sources <= set(STATES)
        assert move.to_state is None or move.to_state in STATES
        assert move.who <= OPERATORS | UNITS | {"reporter", "verifier"}
        assert "system" in move.who, f"importers and the demo act as system, also {move.act}"
        assert move.stamps is None or move.stamps in cases.c


def test_the_clock_stops_exactly_on_the_way_into_the_states_where_it_stands() -> None:
    for move in TRANSITIONS:
        assert (move.clock == "stop") == (move.to_state in CLOCK_STOPPED), move.act
        if move.sources <= CLOCK_STOPPED:
            assert move.clock in {"resume", "set"}, move.act


@pytest.mark.parametrize("move", TRANSITIONS, ids=lambda move: move.act)
def test_a_move_is_permitted_exactly_where_the_table_says_so(move) -> None:
    for state in STATES:
        if state in move.sources:
            assert transition(move.act, state) is move
        else:
            with pytest.raises(LifecycleError) as caught:
                transition(move.act, state)
            allowed = ", ".join(allowed_acts(state))
            expected = f"act {move.act!r} is not allowed in state {state!r}; allowed: {allowed}"
            assert str(caught.value) == expected


def test_a_role_that_may_not_is_told_who_may() -> None:
    message = "role 'officer' may not 'supervise'; allowed: leader, operator, system"
    with pytest.raises(LifecycleError, match=message):
        transition("supervise", "filed", "officer")


def test_only_a_report_makes_a_case() -> None:
    assert transition(REPORT, None, "reporter").to_state == "reported"
    with pytest.raises(LifecycleError, match="allowed: report"):
        transition("accept", None)
    with pytest.raises(LifecycleError, match="creates a case"):
        transition(REPORT, "closed")
    with pytest.raises(LifecycleError, match=r"act must be one of report, .*got 'explode'"):
        transition("explode", "closed")
