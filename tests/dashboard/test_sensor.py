"""The card of a sensor: its last readings with unit and time, what a meter counted in a day; nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbacks.alerts import tongue_of
from dashboard.components.alert_card import alert_card
from dashboard.components.thing_cards import resource_card
from tests.dashboard.asserts import plain, texts
from tests.dashboard.test_alerts import ROW
from tests.fake_readers import desk

AT = datetime(2026, 11, 22, 5, 3, tzinfo=UTC)
METER = {"resource_id": "water_meter-0001", "kind": "water_meter", "name": "独居老人水表001", "status": None}


def _read(kind: str, value: float, before: float | None = None) -> dict[str, Any]:
    return {"kind": kind, "at": AT, "value": value, "before": before}


def _card(lang: str, readings: Any) -> list[str]:
    return texts(resource_card({**METER, "readings": readings}, tongue=tongue_of(desk(), lang)))


@pytest.mark.parametrize(("lang", "said"), [
    ("zh", ["最近读数", "水表读数", "24 小时用水", "电量"]),
    ("en", ["Last readings", "Meter", "Used in 24 h", "Battery"])])
def test_a_meter_tells_its_standing_and_what_was_used(lang: str, said: list[str]) -> None:
    shown = _card(lang, [_read("battery", 88.0), _read("volume", 41.25, 41.118)])
    assert [one for one in shown if one in said] == said
    assert shown[shown.index(said[1]) + 1] == "41.250 m³"
    assert shown[shown.index(said[2]) + 1] == "0.132 m³"
    assert shown[shown.index(said[3]) + 1] == "88 %"
    assert "11-22 13:03" in shown


def test_a_new_meter_has_used_nothing_that_anybody_knows() -> None:
    for before in (None, 41.3):
        assert "24 小时用水" not in _card("zh", [_read("volume", 41.25, before)])


def test_where_nothing_was_read_it_is_said_and_other_things_have_no_readings() -> None:
    assert "尚无读数" in _card("zh", [])
    assert "最近读数" not in _card("zh", None)


@pytest.mark.parametrize(("subject", "leads_to"), [("home", "resource"), ("resource", "resource"),
                                                   ("point", None)])
def test_an_alert_leads_to_its_sensor_and_names_its_point(subject: str, leads_to: str | None) -> None:
    row = {**ROW, "kind": "water", "subject_type": subject, "subject_id": "x1", "thing_name": "东门",
           "person_name": None, "value": 0.002, "last_at": AT, "first_at": AT - timedelta(hours=1)}
    card = alert_card(row, [], acts=(), needing=frozenset(), tongue=tongue_of(desk(), "zh"))
    shown = texts(card)
    assert shown[shown.index("对象") + 1] == "东门"
    assert f"'data-select': '{leads_to}'" in str(plain(card)) if leads_to else "x1" not in str(plain(card))
