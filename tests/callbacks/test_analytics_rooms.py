"""Hot spots, silence, paths and comparison over HTTP: what is shown was counted, and leads on."""

from __future__ import annotations

import html
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data.access.scope import Scope
from data.analytics.periods import read_period
from data.analytics.silence import reported, silence
from data.cases.indicators import INDICATORS
from data.filters import CaseFilter
from tests.callbacks.test_analytics import STREET, count
from tests.signed_in import client_of, now, signed_in


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hot_and_silent_grids_are_told_and_lead_to_themselves(ask: Any, lang: str) -> None:
    for query in ("period=2019-04", "period=2019-05-H1&categories=S", "period=2019&areas=210202"):
        text = ask(f"/analytics/space?{query}&lang={lang}")
        assert "doc__fault" not in text
        assert text.count('class="spot spot--none"') > 60  # most grids are ordinary
        for to in re.findall(r'<td><a href="([^"]+)">', text):
            assert re.search(r"areas=210202\d{9}", html.unescape(to))
            ask(to)
    alone = ask(f"/analytics/space?period=2019-04&areas=210202010001&lang={lang}")
    assert {"zh": "网格太少", "en": "Too few grids"}[lang] in alone


def test_what_of_silence_is_shown_was_counted(ask: Any, readers: Any) -> None:
    period = read_period("2019-04", ZoneInfo("Asia/Shanghai"))
    filter_ = CaseFilter(since=period.since, until=period.until)
    told = reported(readers, filter_, now())
    assert told["cases"].sum() <= readers.cases.counts(filter_, now(), ("reported",)).reported
    assert told["hours"].sum() >= 0
    assert (told["people"] > 0).all()
    names = dict(zip(*(readers.areas.tree()[key] for key in ("area_code", "name")), strict=True))
    shown = re.findall(r'<td><a href="[^"]+">([^<]+)</a></td><td><i class="spot spot--(silent|low)"></i>'
                       r'[^<]+</td><td class="doc__number">([\d,]+)</td>',
                       ask("/analytics/space?period=2019-04"))
    found = {names[row["code"]]: (row["flag"], row["cases"]) for row in silence(told).to_dict("records")}
    assert {name: (flag, count(cases)) for name, flag, cases in shown} == {
        name: found[name] for name, *_ in shown}


def test_the_paths_of_cases_are_mined_while_the_page_waits(ask: Any) -> None:
    address = "/analytics/paths?period=2019-04&lang=zh"
    while "<progress" in (text := ask(address)):
        assert "正在逐件读取" in text
    assert "doc__fault" not in text
    cases = re.search(r'data-sum="cases">([\d,]+)<', text)
    listed = re.search(r"时段内上报的 ([\d,]+) 件", ask("/analytics/lineage?period=2019-04"))
    assert cases
    assert listed
    assert cases[1] == listed[1]
    assert len(re.findall(r"data-deviation=", text)) == 10
    assert text.count('class="paths__box"') >= 8
    other = "/analytics/paths?period=2019-04&areas=210202010&lang=en"
    while "<progress" in (text := ask(other)):
        assert "Reading the log" in text
    narrowed = re.search(r'data-sum="cases">([\d,]+)<', text)
    assert narrowed
    assert 0 < count(narrowed[1]) < count(cases[1])


COMPARED = re.compile(r'<tr><td>([^<]+)</td><td class="doc__number"><a href="[^"]+">([^<]+)</a></td>'
                      r'<td class="doc__number"><a href="[^"]+">([^<]+)</a></td>')


def compared(text: str) -> dict[str, tuple[str, str]]:
    return {name: (left, right) for name, left, right in COMPARED.findall(text)}


def test_two_areas_and_two_periods_stand_side_by_side(ask: Any) -> None:
    text = ask(f"/analytics/compare?period=2019-04&areas={STREET}&with_period=2019-03&with_area=&lang=zh")
    assert "doc__fault" not in text
    found = compared(text)
    alone = ask(f"/analytics/compare?period=2019-04&areas={STREET}&with_period=2019-04&with_area={STREET}")
    whole = compared(ask("/analytics/compare?period=2019-03&with_period=2019-03"))
    assert all(left == right for left, right in compared(alone).values())
    assert {name: left for name, (left, _) in compared(alone).items()} == {
        name: left for name, (left, _) in found.items()}
    assert found["上报"][1] == whole["上报"][0]
    assert len(found) == 6 + len(INDICATORS)
    assert "全区" in text
    assert "超出偶然" in text
    for to in re.findall(r'<td class="doc__number"><a href="([^"]+)">', text)[:4]:
        ask(to)


def test_what_is_not_understood_of_the_other_side_is_told(ask: Any) -> None:
    assert "with_period must be written as" in ask("/analytics/compare?period=2019-04&with_period=soon")
    assert "with_area" in re.findall(r'doc__fault[^>]*>([^<]+)', ask(
        "/analytics/compare?period=2019-04&with_area=everywhere"))[0]
    assert "不作判断" in ask("/analytics/compare?period=2019-04&with_period=2019-Q1&lang=zh")


def test_a_street_sets_only_itself_side_by_side(ask: Any) -> None:
    scope = Scope(areas=frozenset({STREET}))
    text = ask("/analytics/compare?period=2019-04&with_period=2019-04&with_area=210202001", scope=scope)
    own, other = zip(*(compared(text)[name] for name in ("上报", "受理")), strict=True)
    assert all(count(n) > 0 for n in own)
    assert set(other) == {"0"}


def figure(real: Any, access: Any, key: str, **about: Any) -> Any:
    client = client_of(real, signed_in(access, roles=("leader",)))
    query = {"figure": key, "period": "2019-04", **about}
    return client.get("/analytics/figures", query_string=query).get_json()


def test_charts_by_platform_and_by_level_sum_to_what_is_told(real: Any, access: Any, ask: Any) -> None:
    found = compared(ask("/analytics/compare?period=2019-04&with_period=2019-04&lang=zh"))
    reported, closed = (count(found[name][0]) for name in ("上报", "结案"))
    bars = figure(real, access, "platforms", lang="zh")["data"]
    assert len(bars) > 2
    assert sum(count(re.findall(r"([\d,]+) \(", bar["text"][-1])[0]) for bar in bars) == reported
    trace, = figure(real, access, "matrix", lang="zh")["data"]
    assert sum(count(text.partition("<br>")[0]) for line in trace["text"] for text in line) == closed
    assert len(trace["x"]) >= 3


def test_notes_of_days_and_surveys_stand_beside_the_figures(real: Any, access: Any, ask: Any) -> None:
    text = ask("/analytics?period=2019-05-H1&lang=zh")
    assert "<time>05-01</time> 劳动节假期，至5月4日" in text
    assert "清明节" not in text
    aware = re.search(r'<dt>知晓率</dt><dd><a href="/analytics/surveys[^"]*">([\d.]+)%</a>', text)
    assert aware
    assert 70 < float(aware[1]) < 95
    street = re.search(r'<dt>知晓率</dt><dd><a href="[^"]+">([\d.]+)%', ask(
        f"/analytics?period=2019-05-H1&areas={STREET}&lang=zh"))
    assert street
    assert street[1] != aware[1]
    assert re.search(r'<dt>知晓率</dt><dd><a href="[^"]+">—</a>', ask("/analytics?period=2019-03&lang=zh"))
    marks = next(one for one in figure(real, access, "trend", lang="zh", period="2019-05-H1")["data"]
                 if one.get("name") == "记事")
    assert any("清明节" in told for told in marks["text"])
    assert "清明节" in ask("/analytics/compare?period=2019-05&with_period=2019-04&lang=zh")


def test_posts_are_told_with_persons_to_who_may_know_people(ask: Any) -> None:
    def shown(*roles: str) -> str:
        while "<progress" in (text := ask("/analytics/posts?period=2019-04&lang=en", roles=roles)):
            pass
        return text

    text = shown("leader")
    assert re.findall(r'data-post="(\w+)"', text) == ["acceptor", "dispatcher", "checker", "closer"]
    assert text.count("<td>All</td>") == 4
    row = r'<tr(?: class="is-chosen")?><td>([^<]+)</td><td class="doc__number">([\d,]+)</td>'
    rows = re.findall(row, text)
    acts = [(name, count(n)) for name, n in rows]
    places = [place for place, (name, _) in enumerate(acts) if name == "All"]
    assert places[1] > 3  # persons stand below the whole, and sum to it
    assert sum(n for _, n in acts[1:places[1]]) == acts[0][1]
    untold = shown("planner")
    assert untold.count("<td>All</td>") == 4
    assert re.findall(row, untold) == [one for one in rows if one[0] == "All"]


def test_coverage_sums_over_the_grids_and_is_that_of_the_scope(ask: Any, readers: Any) -> None:
    def shares(text: str) -> dict[str, tuple[int, ...]]:
        return {name: tuple(count(n) for n in re.findall(r">([\d,]+)<", rest)) for name, rest in re.findall(
            r'<tr><td><a href="[^"]+">([^<]+)</a></td>(<td class="doc__number">\d+</td>)', text)}

    text = ask("/analytics/coverage?period=2019-05-H1&lang=zh")
    tree = readers.areas.tree()
    base = tree[(tree["level"] == "grid") & (tree["grid_kind"] == "base")]
    assert sum(n for n, in shares(text).values()) == len(base)
    overdue = re.search(r'<dt>超期未处置</dt><dd><a href="([^"]+)">([\d,]+)</a>', text)
    assert overdue
    assert count(overdue[2]) > 0
    assert count(overdue[2]) <= count(compared(ask(
        "/analytics/compare?period=2019-05-H1&with_period=2019-05-H1&lang=zh"))["超期未处置"][0])
    assert text.count("coverage__bar") == 24 + text.count("coverage__bar--none")
    assert "本期轨迹自 2019-05-" in text
    patrolled = re.search(r"<dt>有人巡查的网格</dt><dd><b>([\d.]+)%", text)
    assert patrolled
    assert 0 < float(patrolled[1]) <= 100
    street = ask(f"/analytics/coverage?period=2019-05-H1&areas={STREET}&lang=zh")
    assert 0 < sum(n for n, in shares(street).values()) < len(base)
    scoped = ask("/analytics/coverage?period=2019-05-H1&lang=zh", scope=Scope(areas=frozenset({STREET})))
    assert sum(n for n, in shares(scoped).values()) == sum(n for n, in shares(street).values())
    assert "没有轨迹" in ask("/analytics/coverage?period=2019-02&lang=zh")
