"""The panel of alerts in words: calm, failing, past, groups; and what a line says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callbacks.alerts import looked, tongue_of
from dashboard.components.alerts import Looked, age, alert_panel, alert_row, measured, subject_name
from data.alerts.reader import Board, Line
from data.alerts.tables import alert
from tests.fake_readers import COMMUNITY, NOW, STREET, desk

TONGUE = tongue_of(desk(), "zh")
ROW = {**dict.fromkeys((column.name for column in alert.c), None), "alert_id": 7, "kind": "officer_offline",
       "color": "yellow", "state": "open", "street_code": STREET, "community_code": COMMUNITY, "count": 3,
       "subject_type": "officer", "subject_id": "G1", "value": 18.04, "first_at": NOW - timedelta(hours=2),
       "last_at": NOW - timedelta(minutes=14), "line_key": "k", "case_title": None, "cat_code": None,
       "person_name": "王*", "thing_name": None, "grid_name": None}


def board(*lines: Line, **about: Any) -> Board:
    totals = {"red": 0, "orange": 0, "yellow": sum(line.count for line in lines), "blue": 0}
    usual = {"totals": totals, "shelved": 0, "is_flood": False, "lines": lines, "left_out": 0}
    return Board(**usual | about)


def line(count: int) -> Line:
    return Line(color="yellow", count=count, fires=count, oldest=ROW["first_at"], newest=ROW["last_at"],
                members=(ROW,) * min(count, 2))


def words(node: Any) -> str:
    if isinstance(node, (list, tuple)):
        return " ".join(words(one) for one in node)
    return words(node.children) if hasattr(node, "children") else str(node or "")


@pytest.mark.parametrize(("how", "said"), [
    (Looked(at=NOW), "当前无预警，11-22 14:32:00 已检查"),
    (Looked(), "尚未运行预警规则"),
    (None, "当前无预警"),
    (Looked(at=NOW, fault="OperationalError"), "预警规则运行失败（11-22 14:32 起未更新）：OperationalError"),
])
def test_no_alert_says_when_it_was_looked_at(how: Looked | None, said: str) -> None:
    assert said in words(alert_panel(board(), how, now=NOW, tongue=TONGUE))


def test_the_past_is_called_the_past() -> None:
    told = words(alert_panel(board(line(1)), None, now=NOW, tongue=TONGUE))
    assert "11-22 14:32:00 时的预警" in told
    assert "在办" not in told


def test_a_line_says_what_where_since_when() -> None:
    told = words(alert_row(ROW, now=NOW, tongue=TONGUE))
    for part in ("人员离线 王*", "猛追湾街道 望平社区", "待确认", "3 次", "00:14"):
        assert part in told
    assert measured(ROW, TONGUE) == "离线 18 分钟"
    assert measured({**ROW, "kind": "case_cluster", "value": 0.0041}, TONGUE) == "p = 0.0041"
    assert measured({**ROW, "kind": "unknown"}, TONGUE) == ""
    feed = {**ROW, "subject_type": "feed", "subject_id": "channel:hotline_12345", "person_name": None}
    assert subject_name(feed, TONGUE) == "12345热线"


def test_a_group_tells_its_numbers_and_what_is_behind() -> None:
    told = words(alert_panel(board(line(9), left_out=5, shelved=2, is_flood=True), Looked(at=NOW), now=NOW,
                             tongue=TONGUE))
    for part in ("9 条", "另有 7 条", "另有 5 条未列出，查看全部", "2 已搁置", "11-22 12:32 起", "告警集中"):
        assert part in told


@pytest.mark.parametrize(("seconds", "said"), [
    (-5, "00:00"), (59, "00:00"), (14 * 60, "00:14"), (100 * 3600 - 60, "99:59"), (100 * 3600, "4 d")])
def test_ages(seconds: float, said: str) -> None:
    assert age(seconds) == said


def test_of_a_failure_only_its_kind_is_told() -> None:
    failing = board(evaluated_at=NOW, fault="OperationalError: street 210202003 has 7 cases")
    assert looked(failing) == Looked(at=NOW, fault="OperationalError")
    assert looked(board()) == Looked()
