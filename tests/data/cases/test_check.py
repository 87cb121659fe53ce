"""The check finds what does not agree, and finds nothing in a sound store."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from data.cases import check as checked
from data.cases import check_command
from data.cases.check import check
from data.cases.commands import perform, report
from data.engine import Store
from data.settings import Settings
from data.tables import area, case_event, cases

AT = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
CODES = ("510108", "510108001", "510108001001", "510108001001001")


@pytest.fixture
def filled(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Four areas and five cases on their way, looked at two by two."""
    monkeypatch.setattr(checked, "SLICE", 2)
    levels = ("district", "street", "community", "grid")
    with store.engine.begin() as connection:
        for code, level in zip(CODES, levels, strict=True):
            parent = code[:-3] if level != "district" else None
            connection.execute(sa.insert(area).values(
                area_code=code, name=code, level=level, parent_code=parent))
    place = {"street_code": CODES[1], "community_code": CODES[2], "grid_code": CODES[3]}
    for number in range(5):
        case_no = report(store, place, at=AT)
        way = ("accept", "file", "dispatch", "hang", "unhang", "handle")[:number + 2]
        for hours, act in enumerate(way, start=1):
            perform(store, case_no, act, at=AT + timedelta(hours=hours), actor_role="system")
    return store


def spoil(store: Store, statement: Any) -> dict[str, Any]:
    """Write behind the back of the commands, then check."""
    with store.engine.begin() as connection:
        connection.execute(statement)
    return check(store)


def test_a_sound_store_is_ok(filled: Store) -> None:
    found = check(filled)
    assert found["ok"], found
    assert (found["cases"], found["events"]) == (5, 5 + 2 + 3 + 4 + 5 + 6)
    assert found["sums"]["compared"] > 100


def test_the_demo_is_ok(demo_store: Store) -> None:
    found = check(demo_store)
    assert found["ok"], found
    assert not found["unexplained"]


def test_an_empty_store_is_ok(store: Store) -> None:
    assert check(store)["ok"]


def test_a_row_that_is_not_its_fold_is_named(filled: Store) -> None:
    filed = cases.c.state == "filed"
    found = spoil(filled, sa.update(cases).where(filed).values(state="closed", urge_count=3))
    assert found["fold"]["by_column"] == {"state": 1, "urge_count": 1}
    assert found["fold"]["examples"][0] | {"case_no": ""} == {
        "case_no": "", "column": "state", "stored": "closed", "folded": "filed"}
    assert not found["ok"]


def test_a_case_without_log_and_a_log_without_case_are_named(filled: Store) -> None:
    last = check(filled)["cases"]
    assert last == 5
    spoil(filled, sa.delete(case_event).where(case_event.c.case_no.like("%00001")))
    found = spoil(filled, sa.delete(cases).where(cases.c.case_no.like("%00002")))
    assert found["fold"]["by_column"] == {"case_without_log": 1, "log_without_case": 1}


@pytest.mark.parametrize(("change", "fault"), [
    ({"act": "close"}, "illegal_move"), ({"from_state": "filed"}, "from_state"),
    ({"seq": 9}, "seq"), ({"at": AT - timedelta(days=1)}, "backwards"),
])
def test_an_illegal_log_is_named(filled: Store, change: dict[str, Any], fault: str) -> None:
    found = spoil(filled, sa.update(case_event).where(
        case_event.c.act == "accept", case_event.c.case_no.like("%00001")).values(change))
    assert found["logs"]["by_fault"][fault] >= 1
    assert found["logs"]["examples"][fault][0]["case_no"].endswith("00001")
    assert not found["ok"]


def test_parts_that_do_not_make_the_whole_are_named(filled: Store) -> None:
    found = spoil(filled, sa.update(cases).where(cases.c.state == "filed").values(grid_code=None))
    assert not found["ok"]
    expected = {"area": CODES[2], "counter": "reported", "whole": 5, "sum_of_grid": 4}
    assert expected in found["sums"]["examples"]


def test_codes_that_point_nowhere_are_named(filled: Store) -> None:
    found = spoil(filled, sa.update(cases).where(cases.c.state == "filed").values(
        grid_code="510108001001999", cat_code="E9999"))
    examples = [{"what": "510108001001999", "rows": 1}]
    assert found["orphans"]["case_outside_grid"] == {"rows": 1, "examples": examples}
    assert found["unexplained"]["case.cat_code"]["rows"] == 1


def test_the_command_prints_json_and_says_by_its_status(
    filled: Store, capsys: pytest.CaptureFixture[str],
) -> None:
    parser = argparse.ArgumentParser()
    check_command.add_arguments(parser)
    settings = Settings(database_url=filled.url)
    assert check_command.run(parser.parse_args([]), settings=settings, now=AT) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    spoil(filled, sa.update(cases).values(state="closed"))
    assert check_command.run(parser.parse_args([]), settings=settings, now=AT) == 1
    assert check_command.run(parser.parse_args(["--now", "noon"]), settings=settings, now=AT) == 2
    assert "got 'noon'" in capsys.readouterr().err
