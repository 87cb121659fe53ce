"""One table of transitions, and the fold of a log that obeys it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.alerts.lifecycle import ACTS, ENDED, STATES, AlertActError, allowed_acts, fold, transition

AT = datetime(2019, 5, 11, 4, 0, tzinfo=UTC)


def test_the_main_path_and_what_ends_it() -> None:
    state: str | None = None
    for act, reached in (("fire", "open"), ("confirm", "confirmed"), ("handle", "handling"),
                         ("clear", "cleared")):
        state = transition(act, state).to_state
        assert state == reached
    for state in set(STATES) - ENDED:
        assert transition("false", state, "operator").to_state == "false"
    for state in ENDED:
        assert allowed_acts(state) == ()


@pytest.mark.parametrize(("act", "state", "role", "message"), [
    ("clear", "open", "operator",
     r"act 'clear' is not allowed in state 'open'; allowed: confirm, false, shelve, unshelve, link$"),
    ("confirm", "cleared", "operator", "allowed: nothing"),
    ("lapse", "confirmed", None, "is not allowed in state 'confirmed'"),
    ("lapse", "open", "operator", "role 'operator' may not 'lapse'; allowed: system"),
    ("confirm", "open", "reporter", "role 'reporter' may not 'confirm'"),
    ("fire", "open", None, "creates an alert"),
    ("snooze", "open", None, "act must be one of fire, confirm"),
])
def test_what_is_not_in_the_table_is_refused(act, state, role, message) -> None:
    with pytest.raises(AlertActError, match=message):
        transition(act, state, role)


def _event(minute: int, act: str, before: str | None, after: str, **details: object) -> dict[str, object]:
    return {"at": AT + timedelta(minutes=minute), "act": act, "from_state": before, "to_state": after,
            "details": details}


def test_a_log_folds_to_what_stands() -> None:
    log = [_event(0, "fire", None, "open", value=1.0), _event(1, "repeat", "open", "open", value=2.0),
           _event(2, "shelve", "open", "open", until="2019-05-11T05:00:00+00:00"),
           _event(3, "link", "open", "open", case_no="201905110202000010"),
           _event(4, "confirm", "open", "confirmed"), _event(5, "false", "confirmed", "false")]
    shelved = fold(log[:3])
    assert shelved is not None
    assert (shelved["count"], shelved["value"]) == (2, 2.0)
    assert shelved["shelved_until"] == AT + timedelta(hours=1)
    last = fold(log)
    assert last == {"state": "false", "last_at": AT + timedelta(minutes=1), "count": 2, "value": 2.0,
                    "case_no": "201905110202000010", "shelved_until": None,
                    "ended_at": AT + timedelta(minutes=5)}
    assert fold([]) is None
    assert {event["act"] for event in log} < set(ACTS)


def test_a_log_that_the_table_does_not_permit_is_no_log() -> None:
    with pytest.raises(AlertActError, match="to_state after 'confirm' must be 'confirmed', got 'handling'"):
        fold([_event(0, "fire", None, "open"), _event(1, "confirm", "open", "handling")])
