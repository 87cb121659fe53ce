"""Persons are opened on record, by those who may, for a reason, within their scope."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from data.access import opening
from data.access.audit import Audit
from data.access.opening import MOST, Opening, OpeningError, PersonDetail
from data.access.scope import EVERYTHING, NOTHING, Scope
from data.access.tables import audit_log, person_detail
from data.access.viewer import Viewer
from data.engine import Store
from data.tables import cases, officer

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STREET, OTHER = "510108002", "510108004"
CASE = "20260302010800001"
GRID = f"{STREET}001005"


def viewer(role: str = "leader", scope: Scope = EVERYTHING, **about: Any) -> Viewer:
    facts: dict[str, Any] = {"account_id": 7, "name": "li", "roles": frozenset({role}), "scope": scope}
    return Viewer(**{**facts, **about})


@pytest.fixture
def filled(store: Store) -> Store:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(officer).values(
            officer_id="G1-1", street_code=STREET, community_code=GRID[:12], grid_code=GRID,
            role="grid_officer", name_masked="王**", phone_masked="138****5678", dept_id="D9"))
        connection.execute(sa.insert(cases).values(
            case_no=CASE, street_code=STREET, community_code=GRID[:12], grid_code=GRID, state="accepted",
            main_dept_id="D01", first_dept_id="D02"))
        connection.execute(sa.insert(person_detail), [
            {"kind": "officer", "person_id": "G1-1", "street_code": STREET, "name": "王小明",
             "phone": "13812345678", "address": None},
            {"kind": "reporter", "person_id": CASE, "street_code": STREET, "name": "李雷",
             "phone": "13900000001", "address": "学士街33号"},
        ])
    return store


@pytest.fixture
def ask(filled: Store) -> Callable[..., PersonDetail]:
    door = Opening(filled, Audit(filled))

    def opened(who: Viewer | None = None, kind: str = "officer", person_id: str = "G1-1",
               **about: Any) -> PersonDetail:
        facts = {"reason": "核实投诉", "address": "10.0.0.9", "now": NOW, **about}
        return door.open(who or viewer(), kind, person_id, **facts)

    return opened


def log(store: Store) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(audit_log).order_by(audit_log.c.seq)))


def test_a_person_is_shown_and_stands_in_the_log(filled: Store, ask: Callable[..., PersonDetail]) -> None:
    found = ask(kind="reporter", person_id=CASE, reason="  回访核实 ")
    assert (found.name, found.phone, found.address) == ("李雷", "13900000001", "学士街33号")
    (row,) = log(filled)
    assert found.record == row.seq == 1
    assert (row.action, row.account_id, row.account_name, row.object_kind, row.object_id, row.reason,
            row.address, row.at) == ("person_opened", 7, "li", "reporter", CASE, "回访核实", "10.0.0.9", NOW)
    assert "李雷" not in str(row)
    assert "13900000001" not in str(row)
    assert Audit(filled).verify().ok


@pytest.mark.parametrize("who", [
    viewer("planner"), viewer("operator"), viewer("dept_op"), viewer("auditor"), viewer("audit_admin"),
    viewer("leader", token_id=3, account_id=None), viewer("leader", account_id=None),
])
def test_who_may_not_gets_nothing_but_a_record(
        filled: Store, ask: Callable[..., PersonDetail], who: Viewer) -> None:
    with pytest.raises(OpeningError, match="may not open persons") as refused:
        ask(who)
    assert refused.value.why == "permission"
    assert [(row.action, row.detail) for row in log(filled)] == [("person_refused", {"why": "permission"})]


@pytest.mark.parametrize("reason", ["", "   ", "abc", " 三个字 ", "长" * 201])
def test_a_reason_has_4_to_200_signs(filled: Store, ask: Callable[..., PersonDetail], reason: str) -> None:
    with pytest.raises(OpeningError, match=r"reason must be 4\.\.200 signs, got"):
        ask(reason=reason)
    assert [row.action for row in log(filled)] == ["person_refused"]
    assert ask(reason="四个字了").name == "王小明"


@pytest.mark.parametrize("scope", [
    NOTHING, Scope(frozenset({OTHER})), Scope(frozenset({f"{STREET}002"})),
    Scope(frozenset({"*"}), frozenset({"D77"})), Scope(frozenset({OTHER}), frozenset({"D9", "D01"})),
])
@pytest.mark.parametrize(("kind", "person_id"), [("officer", "G1-1"), ("reporter", CASE)])
def test_outside_the_scope_is_the_same_as_unknown(
        ask: Callable[..., PersonDetail], scope: Scope, kind: str, person_id: str) -> None:
    with pytest.raises(OpeningError) as outside:
        ask(viewer(scope=scope), kind, person_id)
    with pytest.raises(OpeningError) as unknown:
        ask(viewer(scope=scope), kind, "X" * len(person_id))
    assert outside.value.why == unknown.value.why == "unknown"
    assert str(outside.value).replace(person_id, "X" * len(person_id)) == str(unknown.value)


@pytest.mark.parametrize("scope", [
    Scope(frozenset({"510108"})), Scope(frozenset({STREET})), Scope(frozenset({GRID[:12]})),
    Scope(frozenset({GRID})), Scope(frozenset({OTHER, GRID})),
    Scope(frozenset({GRID}), frozenset({"D9", "D02"})),
])
def test_inside_the_scope(ask: Callable[..., PersonDetail], scope: Scope) -> None:
    assert ask(viewer(scope=scope)).name == "王小明"
    assert ask(viewer(scope=scope), "reporter", CASE).name == "李雷"


@pytest.mark.parametrize(("kind", "person_id"), [
    ("citizen", "G1-1"), ("officer", ""), ("officer", "x" * 201), ("officer", "a\x00b"), ("officer", "%")])
def test_strange_questions_are_unknown(ask: Callable[..., PersonDetail], kind: str, person_id: str) -> None:
    with pytest.raises(OpeningError) as refused:
        ask(kind=kind, person_id=person_id)
    assert refused.value.why == "unknown"


def test_a_deleted_person_is_unknown(filled: Store, ask: Callable[..., PersonDetail]) -> None:
    with filled.engine.begin() as connection:
        connection.execute(sa.update(officer).values(deleted_at=NOW))
    with pytest.raises(OpeningError):
        ask()


def test_a_reader_that_crashes_leaves_neither_answer_nor_opening(
        filled: Store, ask: Callable[..., PersonDetail], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_detail", lambda *_: sa.text("SELECT 1/0"))
    with pytest.raises(sa.exc.DataError):
        ask()
    assert log(filled) == []


def test_no_row_without_its_record(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    audit = Audit(filled)
    sa.event.listen(filled.engine, "before_cursor_execute",
                    lambda _c, _k, statement, *_: asked.append(statement))
    Opening(filled, audit).open(viewer(), "officer", "G1-1", reason="核实投诉", address=None, now=NOW)
    recorded = next(n for n, one in enumerate(asked) if one.startswith("INSERT INTO audit_log"))
    read = next(n for n, one in enumerate(asked) if "FROM person_detail" in one)
    assert recorded < read

    def broken(*_: Any, **__: Any) -> int:
        raise RuntimeError("no record")

    monkeypatch.setattr(audit, "record_in", broken)
    asked.clear()
    with pytest.raises(RuntimeError, match="no record"):
        Opening(filled, audit).open(viewer(), "officer", "G1-1", reason="核实投诉", address=None, now=NOW)
    assert not any("FROM person_detail" in one for one in asked)


def test_thirty_in_an_hour_also_side_by_side(filled: Store, ask: Callable[..., PersonDetail]) -> None:
    def once(_: int) -> bool:
        try:
            return ask().name == "王小明"
        except OpeningError as refused:
            assert refused.why == "rate"
            return False

    with ThreadPoolExecutor(6) as pool:
        shown = sum(pool.map(once, range(MOST + 6)))
    assert shown == MOST
    actions = [row.action for row in log(filled)]
    assert (actions.count("person_opened"), actions.count("person_refused")) == (MOST, 6)
    with pytest.raises(OpeningError, match="at most 30"):
        ask(now=NOW + timedelta(minutes=59))
    assert ask(now=NOW + timedelta(minutes=61)).name == "王小明"
    assert ask(viewer(name="chen", account_id=8)).name == "王小明"
