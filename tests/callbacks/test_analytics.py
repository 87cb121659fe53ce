"""The leader's pages over HTTP: figures that add up, lead to their cases, and stay inside a scope."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any

import pytest

from app import create_app
from callbacks.cookies import Jar
from data.access.scope import EVERYTHING, Scope
from data.access.viewer import CONSOLE
from data.analytics.measures import UNITS
from data.cases.indicators import INDICATORS
from data.settings import Settings
from tests.signed_in import COOKIE, a_session, a_viewer, client_of, fake_access, now, signed_in

PAGE = {"Accept": "text/html"}
STREET = "210202010"
ROW = re.compile(r'<td class="ana__unit"><a href="([^"]+)">([^<]+)</a></td>\s*'
                 r'<td class="doc__number">([^<]+)</td>\s*'
                 r'<td class="doc__number"><a href="([^"]+)">([\d,]+) ÷ ([\d,]+)</a>')


def count(text: str) -> int:
    return int(text.replace(",", ""))


def units(text: str) -> dict[str, tuple[int, int]]:
    return {name: (count(part), count(whole)) for _, name, _, _, part, whole in ROW.findall(text)}


def test_the_sources_figure_and_where_it_comes_from(ask: Any) -> None:
    text = ask("/analytics/lineage?period=2019&indicator=closure_rate_handled")
    assert "96.50%" in text
    assert "13,385" in text
    assert "13,870" in text
    sides = [count(n) for n in re.findall(r'<li><a href="[^"]+side=\w+"><b>([\d,]+)</b>', text)]
    whole = re.search(r"时段内上报的 ([\d,]+) 件", text)
    assert whole
    assert sum(sides) == count(whole[1])
    reasons = re.findall(r'side=(\w+)&amp;why=\w+"><b>([\d,]+)</b>', text)
    below = sum(count(n) for side, n in reasons if side == "below")
    assert below == 13_870 - 13_385


@pytest.mark.parametrize("by", UNITS)
def test_every_dimension_is_compared_in_both_languages(ask: Any, by: str) -> None:
    for lang, indicator in (("zh", "closure_rate_standard"), ("en", "mean_handling_h")):
        text = ask(f"/analytics?by={by}&period=2019-04&indicator={indicator}&lang={lang}")
        assert "doc__fault" not in text
        assert ROW.search(text)


@pytest.mark.parametrize("indicator", [one.key for one in INDICATORS])
def test_every_indicator_is_compared_and_tells_where_it_comes_from(ask: Any, indicator: str) -> None:
    name = next(one.zh for one in INDICATORS if one.key == indicator)
    assert "doc__fault" not in ask(f"/analytics?indicator={indicator}&period=2019-04")
    text = ask(f"/analytics/lineage?indicator={indicator}&period=2019-04")
    assert name in text
    assert "doc__fault" not in text


def test_children_sum_to_their_parent_on_every_level(ask: Any) -> None:
    look = "/analytics?period=2019-04&indicator=on_time_rate&all=1&by="
    whole = [sum(pair) for pair in zip(*units(ask(f"{look}street")).values(), strict=True)]
    for below in ("community", "grid", "channel", "category_class", "channel_group"):
        parts = units(ask(f"{look}{below}"))
        assert [sum(pair) for pair in zip(*parts.values(), strict=True)] == whole, below
    street = units(ask(f"{look}street"))
    own = units(ask(f"{look}community&areas={STREET}"))
    assert [sum(pair) for pair in zip(*own.values(), strict=True)] == [*street["葵英街道"]]


def test_a_number_leads_to_just_its_cases(ask: Any) -> None:
    text = ask("/analytics?period=2019-05-06&indicator=closure_rate_handled")
    _, name, _, to, _, whole = ROW.findall(text)[0]
    listed = ask(to)
    assert name in listed
    assert len(re.findall(r'href="/\?sel=case:\d+"', listed)) == count(whole) <= 50
    lineage = ask("/analytics/lineage?period=2019-05&indicator=on_time_rate")
    for to, n in re.findall(r'<li><a href="([^"]+why=\w+)"><b>([\d,]+)</b>', lineage):
        if count(n) <= 50:
            assert len(re.findall(r'href="/\?sel=case:\d+"', ask(to))) == count(n), to


def test_long_lists_have_pages(ask: Any) -> None:
    first = ask("/analytics/cases?period=2019-04&of=reported")
    then = re.search(r'href="(/analytics/cases[^"]+page=1)"', first)
    assert then
    second = ask(then[1])
    numbers = [set(re.findall(r"sel=case:(\d+)", text)) for text in (first, second)]
    assert [len(found) for found in numbers] == [50, 50]
    assert not numbers[0] & numbers[1]
    assert "page=0" in second
    assert "1 – 50" in ask("/analytics/cases?period=2019-04&of=reported&page=" + "9" * 4000)


def test_a_scope_sees_its_own_units_and_cases(ask: Any) -> None:
    own = Scope(frozenset({STREET}))
    text = ask("/analytics?period=2019-04&by=street", scope=own, roles=("street_op",))
    assert set(units(text)) == {"葵英街道"}
    assert units(text)["葵英街道"] == units(ask("/analytics?period=2019-04&by=street"))["葵英街道"]
    elsewhere = "/analytics/cases?period=2019-04&of=reported&areas=210202001"
    other = ask(elsewhere, scope=own, roles=("street_op",))
    assert "sel=case" not in other


def test_people_are_compared_only_for_who_is_told_of_people(ask: Any) -> None:
    assert "by=officer" in ask("/analytics?by=officer&period=2019-04")
    unit = Scope(frozenset({"*"}), frozenset({"water"}))
    for roles, scope in ((("planner",), EVERYTHING), (("dept_op",), unit)):
        text = ask("/analytics?by=officer&period=2019-04", roles=roles, scope=scope)
        assert "doc__fault" in text
        assert "网格员</a>" not in text
    ask("/analytics?period=2019", roles=("system_admin",), status=403)


@pytest.mark.parametrize("query", [
    "period=2019-13", "period=<script>alert(1)</script>", "by='; DROP TABLE x", "indicator=nothing",
    "areas=12", "channels=" + "x" * 60, "period=2019-05&areas=%00", "states=asleep",
])
@pytest.mark.parametrize("path", ["", "/lineage", "/cases", "/causes"])
def test_what_cannot_be_understood_is_said_and_the_default_shown(ask: Any, path: str, query: str) -> None:
    text = ask(f"/analytics{path}?{query}")
    assert "doc__fault" in text
    assert "<script>alert" not in text


@pytest.mark.parametrize("query", [
    "of=x", "side=x", "side=out&why=x", "side=below&why=no_score", "page=-1&of=*", "unit=1&by=officer",
    "page=²&of=x"])
def test_a_list_that_nobody_knows_says_so(ask: Any, query: str) -> None:
    assert "doc__fault" in ask(f"/analytics/cases?period=2019-04&{query}")


def test_the_sentence_says_what_the_table_shows(ask: Any) -> None:
    text = ask("/analytics?period=2019-04-H2")
    said = re.search(r"本期上报 ([\d,]+) 件，比上期同段(多|少) ([\d,]+) 件（([^）]+)）", text)
    assert said
    before = re.search(r"本期上报 ([\d,]+) 件", ask("/analytics?period=2019-04-H1"))
    assert before
    gain = count(said[1]) - count(before[1])
    assert (abs(gain), gain > 0) == (count(said[3]), said[2] == "多")
    assert f"{100 * gain / count(before[1]):+.1f}%" == said[4]


def test_seats_and_filters_stay_in_the_links(ask: Any) -> None:
    text = ask(f"/analytics?period=2019-04&seat=street:{STREET}&channels=hotline_12345")
    assert set(units(text)) == {"葵英街道"}
    links = [html.unescape(to) for to in re.findall(r'href="(/analytics[^"]+)"', text)]
    assert links
    assert all(f"seat=street%3A{STREET}" in to for to in links)
    assert all("channels=hotline_12345" in to for to in links if "period=" in to and "channels" in to)


def test_nothing_lies_ahead_and_an_empty_period_says_so(ask: Any) -> None:
    text = ask("/analytics?period=2030-01")
    assert "没有案件" in text
    assert ask("/analytics?period=2019-05-H1").count('aria-hidden="true">›') == 1, "no next period yet"
    assert "—" in text


def test_every_chart_of_a_page_is_served_and_its_points_lead_somewhere(real: Any, access: Any) -> None:
    client = client_of(real, signed_in(access, roles=("leader",)))
    for by, indicator in (("street", "rework_rate"), ("channel_group", "mean_handling_h")):
        text = client.get(f"/analytics?period=2019-04&by={by}&indicator={indicator}", headers=PAGE).text
        charts = [html.unescape(to) for to in re.findall(r'data-figure="([^"]+)"', text)]
        assert len(charts) == (7 if by == "street" else 5)
        for chart in charts:
            figure = client.get(chart).get_json()
            assert figure["data"], chart
            for trace in figure["data"]:
                for to in trace.get("customdata", [])[:3]:
                    assert client.get(to, headers=PAGE).status_code == 200, to


@pytest.mark.parametrize("query", ["", "figure=x", "figure=trend&period=x", "figure=funnel&by='"])
def test_a_chart_that_nobody_knows_is_refused_by_name(real: Any, access: Any, query: str) -> None:
    answer = client_of(real, signed_in(access)).get(f"/analytics/figures?{query}")
    assert answer.status_code == 400
    assert "must be" in answer.get_json()["error"]


def test_a_chart_of_units_without_a_share_is_no_funnel(real: Any, access: Any) -> None:
    client = client_of(real, signed_in(access))
    answer = client.get("/analytics/figures?figure=funnel&indicator=mean_handling_h")
    assert answer.get_json() == {"data": [], "layout": {}}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_causes_say_what_their_tables_show(real: Any, access: Any, ask: Any, lang: str) -> None:
    text = ask(f"/analytics/causes?period=2019-04&lang={lang}")
    row = re.compile(r'<td><a href="([^"]+)">([^<]+)</a></td><td class="doc__number">([\d,]+)</td>'
                     r'<td class="doc__number">([\d,]+)</td><td class="doc__number">([\d.]+)%</td>'
                     r'<td class="doc__number">([\d,]+)</td>')
    found = row.findall(text)
    assert len(found) == 30
    for _, _, whole, again, share, chained in found:
        assert count(chained) <= count(again) <= count(whole)
        assert float(share) == pytest.approx(100 * count(again) / count(whole), abs=0.051)
    client = client_of(real, signed_in(access, roles=("leader",)))
    for chart in re.findall(r'data-figure="([^"]+)"', text):
        figure = client.get(html.unescape(chart)).get_json()
        assert figure["data"], chart
    narrowed = ask(found[0][0])
    assert len(row.findall(narrowed)) >= 1
    assert "sel=" not in text


def test_causes_of_a_scope_are_its_own(ask: Any) -> None:
    own = Scope(frozenset({STREET}))
    text = ask("/analytics/causes?period=2019-04", scope=own, roles=("street_op",))
    assert "青泥社区" not in text
    assert "青泥社区" in ask("/analytics/causes?period=2019-04")
    assert ask("/analytics/causes?period=2018-01").count("没有案件") >= 3


def taken(readers: Any, roles: set[str], query: str, **about: Any) -> tuple[Any, list[Any]]:
    access = fake_access(**{COOKIE: a_session(a_viewer(roles, **about))})
    client = client_of(create_app(Settings(), readers=readers, access=access))
    return client.get(f"/export/analytics.csv?{query}"), access.audit.entries


def lines(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_a_table_that_is_taken_away_says_what_the_page_says(readers: Any, ask: Any) -> None:
    look = "period=2019-04&by=street&indicator=on_time_rate"
    answer, entries = taken(readers, {"leader"}, f"table=units&{look}&lang=zh")
    found = {row["街道"]: (int(row["分子"]), int(row["分母"])) for row in lines(answer)}
    assert found == units(ask(f"/analytics?{look}"))
    assert [(entry.action, entry.detail["rows"], entry.detail["by_period"]) for entry in entries] == [
        ("exported", len(found), "2019-04")]
    indicators = lines(taken(readers, {"leader"}, f"table=indicators&{look}&lang=zh")[0])
    assert [row["编码"] for row in indicators] == [one.key for one in INDICATORS]
    own = next(row for row in indicators if row["编码"] == "on_time_rate")
    assert (int(own["分子"]), int(own["分母"])) == tuple(
        sum(pair) for pair in zip(*found.values(), strict=True))
    again = lines(taken(readers, {"leader"}, "table=again&period=2019-04&lang=en")[0])
    text = ask("/analytics/causes?period=2019-04&lang=en")
    assert f"Of {sum(int(row['Cases']) for row in again):,} cases with a place" in text
    assert sum(int(row["Again"]) for row in again) > 100


def test_which_cases_were_taken_away_is_on_record(readers: Any) -> None:
    answer, entries = taken(readers, {"leader"}, "table=cases&of=handled_late&period=2019-04")
    assert [(entry.detail["by_of"], entry.detail["rows"]) for entry in entries] == [
        ("handled_late", len(lines(answer)))]


@pytest.mark.parametrize(("roles", "query", "status"), [
    ({"operator"}, "table=units", 403), ({"officer"}, "table=again", 403), ({"leader"}, "table=x", 400),
    ({"leader"}, "table=units&period=x", 400), ({"planner"}, "table=units&by=officer", 400),
])
def test_a_table_is_refused_to_who_may_not_and_where_it_is_none(
        readers: Any, roles: set[str], query: str, status: int) -> None:
    answer, entries = taken(readers, roles, query)
    assert answer.status_code == status
    assert entries == []


def test_a_file_ends_at_the_scope_and_only_who_may_is_offered_one(readers: Any, ask: Any) -> None:
    own = Scope(frozenset({STREET}))
    answer, _ = taken(readers, {"leader"}, "table=units&period=2019-04&lang=zh", scope=own)
    assert [row["编码"] for row in lines(answer)] == [STREET]
    assert "/export/analytics.csv" in ask("/analytics?period=2019-04", roles=("leader",))
    assert "/export/analytics.csv" not in ask("/analytics?period=2019-04", roles=("operator",))


def test_a_display_shows_it_and_asks_anew(real: Any, access: Any) -> None:
    _, token = access.tokens.issue("领导屏", EVERYTHING, ["/analytics"], issued_by=CONSOLE, expires_at=None,
                                   now=now())
    client = real.server.test_client()
    client.set_cookie(Jar(secure=False).screen, token)
    answer = client.get("/analytics?kiosk=1&every=20&period=2019-04", headers=PAGE)
    assert answer.status_code == 200
    assert 'data-again="300"' in answer.text
    chart = html.unescape(re.findall(r'data-figure="([^"]+)"', answer.text)[0])
    assert client.get(chart, headers={"Accept": "application/json"}).status_code == 200
    assert client.get("/analytics/cases", headers=PAGE).status_code == 403, "only its own pages"
    assert "网格员</a>" not in answer.text


def test_a_person_who_may_not_be_named_lists_nobody_and_a_dead_store_is_told(
        readers: Any, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ask("/analytics/cases?period=2019-04&officer=G1", roles=("planner",))
    assert "doc__fault" in text
    assert "sel=case" not in text
    monkeypatch.setattr(readers.snapshot, "failed_since", now())
    for path in ("", "/causes", "/lineage", "/cases"):
        assert "起读取数据失败" in ask(f"/analytics{path}?period=2019-04"), path
