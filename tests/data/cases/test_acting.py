"""Which acts a role may do in which state, and what each must say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.access.roles import ROLES
from data.cases.acting import FIRST, LEVELS, SCORES, ActError, actor_of, beside, details_of, needs_of, open_to
from data.cases.lifecycle import ACTS, STATES, LifecycleError, allowed_acts, transition

NOW = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)


def details(act, deadline=None, **said):
    return details_of(act, said, deadline=deadline, now=NOW, departments=["police", "water"])


@given(state=st.sampled_from(STATES), roles=st.sets(st.sampled_from(sorted(ROLES))),
       act=st.sampled_from([act for act in ACTS if act != "report"]))
def test_what_is_offered_is_what_the_life_cycle_allows(state, roles, act):
    offered = open_to(state, roles)
    assert set(offered) <= set(allowed_acts(state))
    if act in offered:
        transition(act, state, actor_of(act, state, roles))
    else:
        with pytest.raises(LifecycleError):
            actor_of(act, state, roles)


def test_a_department_that_joins_in_reports_and_leaves_the_case_to_the_one_that_has_it():
    offered = open_to("handling", ["dept_op"])
    assert {"handle", "arrive", "feedback"} <= set(offered)
    assert set(beside(offered, "police", {"water"})) == {"arrive", "feedback"}
    assert beside(offered, "police", {"water", "police"}) == offered
    assert beside(offered, "police", ()) == offered
    assert beside(open_to("accepted", ["dept_op"]), None, {"water"}) == ()


def test_who_only_looks_acts_upon_nothing():
    assert all(open_to(state, ["planner", "officer", "auditor", "system_admin"]) == () for state in STATES)


def test_the_pressing_acts_come_first():
    offered = open_to("filed", ["operator"])
    assert offered[0] == "dispatch"
    ranks = [FIRST.index(act) if act in FIRST else len(FIRST) for act in offered]
    assert ranks == sorted(ranks)


def test_a_refusal_names_what_would_be_allowed():
    with pytest.raises(LifecycleError, match=r"not allowed in state 'handling'; allowed: .*handle"):
        actor_of("dispatch", "handling", ["operator"])
    with pytest.raises(LifecycleError, match=r"roles dept_op in state 'filed'; allowed: escalate"):
        actor_of("dispatch", "filed", ["dept_op"])


@pytest.mark.parametrize(("act", "said", "named"), [
    ("dispatch", {}, "dept must be one of police, water; got 'None'"),
    ("dispatch", {"dept": "nobody"}, "dept must be one of police, water; got 'nobody'"),
    ("dispatch", {"dept": ["police"]}, "dept must be one of"),
    ("escalate", {"note": "x", "level": "moon"}, f"level must be one of {', '.join(LEVELS)}; got 'moon'"),
    ("postpone", {"note": "x", "days": 2}, "days must be one of 1, 3, 7; got '2'"),
    ("postpone", {"note": "x", "days": True}, "days must be one of"),
    ("visit", {"score": 79}, "score must be one of"),
    ("hang", {}, "note must be a text of 1 to 500 signs, got none"),
    ("hang", {"note": " \u200b"}, "note must be a text"),
    ("hang", {"note": 5}, "note must be a text, got int"),
    ("hang", {"note": "x" * 501}, "note must have at most 500 signs, got 501"),
    ("urge", {"to_officer": "me"}, r"details must be among .*; got \['to_officer'\]"),
])
def test_what_is_missing_or_cannot_be_is_named(act, said, named):
    with pytest.raises(ActError, match=named):
        details(act, **said)


def test_what_is_said_becomes_what_is_done():
    assert details("urge") == {}
    assert details("dispatch", dept="water", note=" at once ") == {"to_dept": "water", "note": "at once"}
    assert details("visit", score=SCORES[0]) == {"score": 100}
    late, ahead = NOW - timedelta(days=2), NOW + timedelta(days=2)
    assert details("postpone", late, note="rain", days=3)["deadline_at"] == NOW + timedelta(days=3)
    assert details("postpone", ahead, note="rain", days=3)["deadline_at"] == ahead + timedelta(days=3)


def test_every_act_that_the_life_cycle_needs_more_of_asks_for_it():
    setting = [act for act in ACTS if act != "report" and transition(act, _a_source(act)).clock == "set"]
    assert [needs_of(act).days for act in setting] == [True] * len(setting)


def _a_source(act):
    return next(state for state in STATES if act in allowed_acts(state))
