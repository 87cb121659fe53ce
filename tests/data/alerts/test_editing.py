"""Rules are read and changed; what cannot be is refused, what was changed is on record."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

import app
from data.access.audit import Audit
from data.access.viewer import CONSOLE
from data.alerts.editing import RuleError, change, rules
from data.alerts.engine import Outcome, evaluate
from data.alerts.rules.asking import ASKED
from data.alerts.rules.model import AGAIN, AT_MOST, LAPSING, REPEATING
from data.engine import Store
from tests.data.cases.samples import add_case


def test_every_kind_has_a_rule(store: Store) -> None:
    told = {"feed_silent", "case_cluster", "officer_sos"}  # found outside the tables
    assert {row["kind"] for row in rules(store)} == ASKED | told
    assert ASKED | told >= REPEATING | LAPSING | AGAIN | AT_MOST


def test_a_change_holds_from_the_next_look_and_is_on_record(store: Store, clock: datetime) -> None:
    add_case(store, urgency=2, reported_at=clock)
    assert evaluate(store, now=clock, kinds={"case_urgent"}) == Outcome()
    row = change(store, "case_urgent", {"threshold": "2", "color": "yellow", "roles": "operator,leader",
                                        "cat_code": "none", "is_on": "on"}, by=CONSOLE, now=clock)
    assert (row["threshold"], row["color"], row["roles"], row["cat_code"]) == (
        2.0, "yellow", ["operator", "leader"], None)
    assert evaluate(store, now=clock, kinds={"case_urgent"}) == Outcome(fired=1)
    entry, = Audit(store).listing()
    assert (entry.action, entry.object_id, entry.detail["threshold"]) == (
        "alert_rule_changed", "case_urgent", "2")


@pytest.mark.parametrize(("said", "message"), [
    ({}, "a change must name some of color"),
    ({"kind": "x"}, "field must be one of color"),
    ({"color": "green"}, "color must be of red, orange, yellow, blue; got 'green'"),
    ({"is_on": "yes"}, "is_on must be of on, off; got 'yes'"),
    ({"threshold": "nan"}, "threshold must be a number from 0 to 1000000, or none; got 'nan'"),
    ({"threshold": "1e300"}, "threshold must be a number from 0 to 1000000, or none; got '1e300'"),
    ({"window_s": "1.5"}, "window_s must be whole seconds, 1 to 31536000, or none; got '1.5'"),
    ({"window_s": "0"}, "window_s must be whole seconds, 1 to 31536000, or none; got '0'"),
    ({"area_code": "21"}, "area_code must be 6, 9, 12 or 15 digits"),
    ({"cat_code": "s 13"}, "cat_code must be the beginning of a category"),
    ({"roles": "operator,king"}, "roles must be of .*; got 'king'"),
])
def test_what_cannot_be_is_refused(module_store: Store, clock: datetime, said: dict, message: str) -> None:
    before = rules(module_store)
    with pytest.raises(RuleError, match=message):
        change(module_store, "case_urgent", said, by=CONSOLE, now=clock)
    with pytest.raises(RuleError, match="rule_id must be that of a rule, got 'nothing'"):
        change(module_store, "nothing", {"color": "red"}, by=CONSOLE, now=clock)
    assert rules(module_store) == before


def test_the_command_line_shows_and_changes(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", store.url)
    monkeypatch.setenv("GRID_DATA_DIR", str(tmp_path))
    main: Callable[..., int] = app.main
    assert main(["alerts", "set", "case_due_soon", "threshold=4"]) == 0
    assert json.loads(capsys.readouterr().out)["threshold"] == 4.0
    assert main(["alerts", "rules"]) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["rule_id"]: row["threshold"] for row in shown}["case_due_soon"] == 4.0
    assert main(["alerts", "set", "case_due_soon", "threshold"]) == 2
    assert "a change must be FIELD=VALUE, got 'threshold'" in capsys.readouterr().err
