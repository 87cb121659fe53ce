"""Alerts as of T: what their log adds up to by then, and nothing later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from data.access.scope import Scope
from data.access.viewer import CONSOLE, Viewer
from data.alerts.commands import folded_of
from data.alerts.lifecycle import FOLDED, TRANSITIONS, fold, step
from data.alerts.tables import alert, alert_event
from data.engine import Store
from data.readers import Readers, build_readers
from data.replay.moment import StoreAt
from data.settings import Settings
from tests.data.cases.samples import START, STREETS

TOLD = frozenset({"operator"})
SPAN_S = 6 * 3600
COUNT = 220


def _detail(act: str, at: datetime, rng: np.random.Generator) -> dict[str, Any]:
    if act in ("fire", "repeat"):
        return {"value": round(float(rng.random()) * 90, 3), "stamp": str(int(rng.integers(9)))}
    if act == "shelve":
        return {"until": (at + timedelta(minutes=int(rng.integers(1, 90)))).isoformat()}
    return {"case_no": f"L{int(rng.integers(99))}"} if act == "link" else {}


def _log(rng: np.random.Generator) -> list[dict[str, Any]]:
    """A life of an alert at random: acts that the table admits, some at the same moment."""
    at = START + timedelta(seconds=int(rng.integers(SPAN_S)))
    log = [{"seq": 1, "at": at, "act": "fire", "from_state": None, "to_state": "open",
            "actor_role": "system", "details": _detail("fire", at, rng)}]
    for seq in range(2, int(rng.integers(2, 12))):
        state = log[-1]["to_state"]
        moves = [move for move in TRANSITIONS if state in move.sources]
        if not moves:
            break
        move = moves[int(rng.integers(len(moves)))]
        at += timedelta(seconds=int(rng.choice([0, 20, 300, 4000])))
        log.append({"seq": seq, "at": at, "act": move.act, "from_state": state,
                    "to_state": move.to_state or state, "actor_role": sorted(move.who)[0],
                    "details": _detail(move.act, at, rng)})
    return log


@pytest.fixture(scope="module")
def lives(module_store: Store) -> dict[int, list[dict[str, Any]]]:
    """Number -> log of alerts whose rows are their whole fold."""
    rng = np.random.default_rng(17)
    found = {}
    with module_store.engine.begin() as connection:
        for number in range(COUNT):
            log = _log(rng)
            whole = fold(log) or {}
            row = {**whole, "street_code": STREETS[number % len(STREETS)], "rule_id": "r", "kind": "k",
                   "color": ("red", "orange", "yellow", "blue")[number % 4], "subject_type": "device",
                   "subject_id": f"S{number}", "first_at": log[0]["at"], "group_key": f"g{number % 9}",
                   "roles": ["operator"]}
            made = sa.insert(alert).values(row).returning(alert.c.alert_id)
            alert_id = connection.execute(made).scalar_one()
            connection.execute(sa.insert(alert_event), [
                {**event, "street_code": row["street_code"], "alert_id": alert_id} for event in log])
            found[alert_id] = log
    return found


@pytest.fixture(scope="module")
def readers(module_store: Store, lives: Any) -> Readers:
    made = build_readers(module_store, Settings())
    made.snapshot.refresh()
    return made


MOMENTS = [START + timedelta(seconds=int(second)) for second in np.random.default_rng(3).integers(
    -600, SPAN_S * 2, 14)]


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_an_alert_at_a_moment_is_the_fold_of_its_log(readers: Readers, lives: Any, at: datetime) -> None:
    expected = {number: fold(event for event in log if event["at"] <= at) for number, log in lives.items()}
    expected = {number: found for number, found in expected.items() if found}
    store = readers.at(at).store
    assert isinstance(store, StoreAt)
    names = ("alert_id", *FOLDED)
    rows = store.arrow(sa.select(*(alert.c[name] for name in names))).to_pylist()
    found = {row["alert_id"]: row for row in rows}
    assert set(found) == set(expected)
    for number, row in found.items():
        wanted = expected[number]
        shelved = wanted["shelved_until"]
        ended = wanted["ended_at"] is not None
        for name in ("state", "last_at", "count", "value", "case_no", "ended_at"):
            assert row[name] == wanted[name], (number, name)
        assert ended or row["shelved_until"] == shelved, number


def test_the_board_of_a_moment_holds_what_stood_then(readers: Readers, lives: Any) -> None:
    at = START + timedelta(seconds=SPAN_S)
    viewer = Viewer(account_id=1, name="t", roles=TOLD, scope=Scope(frozenset({STREETS[0]})))
    for who, streets in ((CONSOLE, set(STREETS)), (viewer, {STREETS[0]})):
        seen = readers.at(at).seen_by(who).alerts
        total = shelved = 0
        for place, log in enumerate(lives.values()):
            found = fold(event for event in log if event["at"] <= at)
            if not found or found["ended_at"] or STREETS[place % len(STREETS)] not in streets:
                continue
            until = found["shelved_until"]
            away = until is not None and until > at
            total, shelved = total + (not away), shelved + away
        board = seen.board(at, TOLD)
        assert (board.total, board.shelved) == (total, shelved)
        assert total > 0
        number = board.lines[0].members[0]["alert_id"]
        assert {event["at"] <= at for event in seen.events(number)} == {True}


def test_the_row_of_now_is_the_whole_fold(module_store: Store, lives: Any) -> None:
    with module_store.engine.connect() as connection:
        rows = connection.execute(sa.select(alert)).mappings().all()
    for row in rows:
        whole = fold(lives[row["alert_id"]]) or {}
        assert folded_of(row) == whole
    assert step(None, {"act": "fire", "at": START, "to_state": "open", "details": {}})["count"] == 1
