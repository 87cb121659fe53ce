"""The cards over the demo district, as texts that the browser receives."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from callbacks.cards import side
from callbacks.desk import Desk
from dashboard.components import maptools
from dashboard.texts import speaker
from data import meta
from data.access.viewer import CONSOLE
from data.cases.rules import WALL
from data.clock import store_now
from data.demo.profiles import LOCAL
from data.filters import CaseFilter
from data.readers import build_readers
from data.settings import Settings
from data.vocabulary import read_vocabulary
from tests.dashboard.asserts import plain, texts
from tests.signed_in import a_viewer


@pytest.fixture(scope="module")
def room(demo_store) -> Any:
    readers = build_readers(demo_store, Settings.from_env({}))
    readers.snapshot.refresh()
    now = store_now(demo_store, readers.cases.reported_range()[0])
    words = read_vocabulary(demo_store)
    desk = Desk(everything=readers, vocabulary=lambda: words, now=lambda: now, wall=lambda: now, zone=LOCAL,
                viewer=lambda: CONSOLE,
                district=meta.get(demo_store, "district"))
    week = CaseFilter(since=now - timedelta(days=7), until=now)

    def card(kind: str, code: str, lang: str = "zh") -> list[Any]:
        return side({"kind": kind, "code": code}, week, lang, desk=desk)

    def first(query: str) -> str:
        return str(next(iter(demo_store.arrow(query).to_pylist()[0].values())))

    return SimpleNamespace(card=card, first=first, readers=readers, now=now, store=demo_store, desk=desk,
                           week=week)


def after(shown: list[str], name: str) -> str:
    """The text that follows a name."""
    return shown[shown.index(name) + 1]


def selected(component: Any, kind: str) -> list[str]:
    """Codes of the buttons of a kind, in order."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            props = node.get("props", {})
            if props.get("data-select") == kind:
                found.append(props.get("data-code"))
            walk(props.get("children"))
            walk(props.get("tree"))
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk([plain(part) for part in component])
    return found


def test_the_district_counts_its_grids_of_every_kind(room) -> None:
    shown = texts(room.card("area", "210202"))
    kinds = {kind: len(room.readers.areas.grids(kind)) for kind in ("compound", "unit", "work")}
    assert after(shown, "网格体系") == (
        f"街道 9 · 社区 59 · 基础网格 239 · 工作网格 {kinds['work']} · 专业网格 81"
        f" · 小区网格 {kinds['compound']} · 万米单元网格 {kinds['unit']}")


def test_the_four_levels_of_staff_are_counted_and_lead_to_people(room) -> None:
    card = room.card("area", "210202010011001")
    shown = texts(card)
    assert [after(shown, name) for name in ("街道网格中心", "社区网格长", "专职网格员", "网格信息员")] == [
        "4 人", "1 人", "1 人", "1 人"]
    people = selected(card, "officer")
    assert {"S210202010-dispatcher", "C210202010011-chief", "G210202010011001-1"} <= set(people)
    assert "街道网格中心" in texts(room.card("officer", "S210202010-dispatcher"))


def test_roles_stand_with_their_numbers(room) -> None:
    shown = texts(room.card("area", "210202"))
    roles = room.store.arrow("SELECT role, count(*) AS n FROM officer GROUP BY 1").to_pandas()
    numbers = roles.set_index("role")["n"]
    for role, name in (("special_officer", "专业网格员"), ("road_chief", "街长"), ("lane_chief", "巷长"),
                       ("building_chief", "楼栋长")):
        assert f"{name} {numbers[role]:,}" in shown
    assert room.readers.patrol.on_duty()["t0"]["all"] == numbers["special_officer"]


def test_floating_residents_stand_with_their_share(room) -> None:
    assert after(texts(room.card("area", "210202")), "流动人口") == "69,942 人, 占人口 18.0%"


def test_eight_sub_platforms_stand_with_the_cases_of_the_month(room) -> None:
    shown = texts(room.card("area", "210202"))
    at = shown.index("益治理八个分平台 (近30天受理)")
    tags = shown[at + 1:at + 9]
    assert [tag.rsplit(" ", 1)[0] for tag in tags[:5]] == [
        "民心网", "民意网", "12345热线服务平台", "智慧城管", "民情互连网"]
    assert all("资料未具名" in tag and tag.endswith(" 0") for tag in tags[5:])
    counted = room.store.arrow(
        "SELECT count(*) AS n FROM \"case\" WHERE channel_code = 'web' AND accepted_at IS NOT NULL"
        " AND reported_at >= '2019-04-12 00:00+08'").to_pylist()[0]["n"]
    assert tags[4] == f"民情互连网 {counted}"
    assert "资料称八个, 只列出五个名称" in shown


def test_mediation_names_its_places_and_the_disputes(room) -> None:
    code = room.first("SELECT left(area_code, 12) FROM resource WHERE kind = 'court_yard' LIMIT 1")
    card = room.card("area", code)
    assert "矛盾调解" in texts(card)
    assert any(name.startswith("court_yard-") for name in selected(card, "resource"))
    month = CaseFilter(since=room.now - timedelta(days=30), until=room.now + timedelta(seconds=1),
                       areas=frozenset({code}), categories=frozenset({"S07"}))
    counts = room.readers.cases.counts(month, room.now, WALL)
    assert after(texts(card), "纠纷 (近30天)") == (
        f"受理 {counts.accepted}, 办结 {counts.handled}, 在办 {counts.open}")


def test_who_dispatches_calls_officers_and_forces_and_nothing_else(room) -> None:
    officer = room.first("SELECT officer_id FROM officer ORDER BY 1 LIMIT 1")
    force = room.first("SELECT resource_id FROM resource WHERE force_class IS NOT NULL ORDER BY 1 LIMIT 1")
    camera = room.first("SELECT resource_id FROM resource WHERE kind = 'camera' ORDER BY 1 LIMIT 1")

    def called(kind: str, code: str, viewer: Any, **about: Any) -> list[str]:
        desk = replace(room.desk, viewer=lambda: viewer, call="sip:{id}@pbx", **about)
        text = json.dumps(plain(side({"kind": kind, "code": code}, room.week, "zh", desk=desk)))
        return re.findall(r'"sip:[^"]*"', text)[:1]

    desk = a_viewer({"operator"})
    assert called("officer", officer, desk) == [f'"sip:{officer}@pbx"']
    assert called("resource", force, desk) == [f'"sip:{force}@pbx"']
    assert called("resource", camera, desk) == []
    assert called("officer", officer, a_viewer({"leader"})) == []
    assert called("officer", officer, desk, moment=lambda: room.now) == []


def test_a_streets_card_names_the_sections_in_one_office(room) -> None:
    street = room.first("SELECT area_code FROM area WHERE level = 'street' ORDER BY 1 LIMIT 1")
    assert after(texts(room.card("area", street)), "合署办公") == "综治科、社建科、社管科"
    assert "合署办公" not in texts(room.card("area", street[:6]))


def test_an_officer_leads_a_team_and_each_member_shows_the_same(room) -> None:
    lead, member = "G210202010011001-1", "G210202010011001-V01"
    card = room.card("officer", lead)
    members = room.readers.patrol.team(lead, None)["members"]
    assert len(members) > 10
    assert {one["officer_id"] for one in members} <= set(selected(card, "officer"))
    shown = texts(card)
    for tier, name in ((2, "二级网格员"), (3, "三级网格员")):
        assert f"{name} ({sum(one['team_level'] == tier for one in members)})" in shown
    assert {lead, *(one["officer_id"] for one in members)} - {member} <= set(
        selected(room.card("officer", member), "officer"))


def test_a_person_of_tier_three_shows_what_they_reported(room) -> None:
    who = room.first("SELECT actor_id FROM case_event WHERE act = 'report' AND actor_id LIKE '%-V%'"
                     " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
    numbers = [row["case_no"] for row in room.store.arrow(
        f"SELECT case_no FROM case_event WHERE act = 'report' AND actor_id = '{who}'").to_pylist()]
    card = room.card("officer", who)
    assert f"累计上报 {len(numbers)} 件, 下列为最近" in texts(card)
    assert set(selected(card, "case")) >= set(numbers[:1])
    found = room.card("case", numbers[0])
    assert who in selected(found, "officer")
    assert "未上报案件" in texts(room.card("officer", "S210202010-leader"))


def test_a_case_names_the_four_levels_and_its_unit_grid(room) -> None:
    number = room.first("SELECT case_no FROM \"case\" WHERE channel_code = 'hotline_12345'"
                        " AND street_code = '210202008' AND dispatched_at IS NOT NULL LIMIT 1")
    card = room.card("case", number)
    shown = texts(card)
    assert after(shown, "市") == "大连市 市级指挥中心"
    assert "✓ 由市级平台转来" in shown
    assert "智慧城市运行管理中心" in shown
    units = [code for code in selected(card, "area") if "U" in code]
    assert len(units) == 1
    assert "Dalian City command centre" in texts(room.card("case", number, "en"))
    other = room.first("SELECT case_no FROM \"case\" WHERE channel_code = 'officer_pda' LIMIT 1")
    assert "未经市级" in texts(room.card("case", other))


@pytest.mark.parametrize(("kind", "title"), [
    ("work", "所含基础网格"), ("professional", "所含基础网格"), ("compound", "所在基础网格"),
    ("unit", "所在基础网格")])
def test_every_kind_of_grid_has_a_card_with_people_and_work(room, kind: str, title: str) -> None:
    code = room.readers.areas.grids(kind)["area_code"].iloc[3]
    card = room.card("area", code)
    shown = texts(card)
    assert title in shown
    assert ("案件按落点计入本网格" in shown) == (kind in ("compound", "unit"))
    assert after(shown, "受理") != "—"
    assert int(after(shown, "楼栋").split()[0].replace(",", "")) > 0


def test_a_building_leads_to_its_compound(room) -> None:
    row = room.store.arrow("SELECT building_id, compound_id FROM building WHERE compound_id IS NOT NULL"
                           " ORDER BY 1 LIMIT 1").to_pylist()[0]
    assert row["compound_id"] in selected(room.card("building", row["building_id"]), "area")
    assert row["building_id"] not in selected(room.card("area", row["compound_id"]), "area")


def test_cards_without_anything_stand_too(room) -> None:
    assert "没有找到 nobody" in texts(room.card("officer", "nobody"))
    assert "在任何 1+N 团队中" in "".join(texts(room.card("officer", "S210202010-leader")))


def test_only_kinds_of_grid_that_the_store_has_are_offered(room) -> None:
    assert room.readers.areas.grid_kinds() == ["base", "work", "professional", "compound", "unit"]
    tools = texts(maptools.tools(lang="zh", say=speaker("zh"), grids=["base", "unit"]))
    assert ("单元网格" in tools, "工作网格" in tools) == (True, False)
