"""The overview: what the sources name, what of it stands, and figures that the wall shows as well."""

import re
from zoneinfo import ZoneInfo

import pytest

from dashboard.components.modules import FIVE_ONES, NAMED, QUALITIES
from dashboard.presets import windows
from dashboard.texts import speaker
from data.access.scope import Scope
from data.cases.rules import WALL
from data.clock import store_now
from data.filters import CaseFilter, from_query
from tests.signed_in import client_of, signed_in

ROW = re.compile(r'<tr><td><a href="/\?preset=7d&amp;(\w+)=(\w+)">([^<]+)</a></td>\s*'
                 r'<td class="doc__number">([\d,]+)</td><td class="doc__number">([\d,]+)</td>')


def of(real, access, **about):
    return client_of(real, signed_in(access, **about))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_part_is_named_and_what_is_not_built_says_so(real, access, lang):
    text, say = of(real, access).get(f"/modules?lang={lang}").text, speaker(lang)
    cards = [*FIVE_ONES, *NAMED, *QUALITIES]
    assert all(say(f"modules.{card.key}") in text for card in cards)
    assert text.count(say("modules.later")) == sum(not card.address for card in cards) > 0
    assert "13" in text


def test_the_links_of_what_stands_answer(real, access):
    client = of(real, access)
    for card in (*FIVE_ONES, *NAMED, *QUALITIES):
        if card.address:
            assert client.get(card.address, headers={"Accept": "text/html"}).status_code == 200, card


def test_the_figures_are_those_of_the_filter_that_the_link_opens(real, access, readers, demo_store):
    now = store_now(demo_store, readers.cases.reported_range()[1])
    rows = ROW.findall(of(real, access).get("/modules").text)
    assert [(kind, code) for kind, code, *_ in rows] == [
        *(("topic", code) for code in ("disputes", "security", "services", "city", "emergency")),
        *(("mechanisms", code) for code in
          ("command", "resources", "patrol", "mediation", "service", "enforcement"))]
    week = last_week(readers, now)
    shown = {code: int(n.replace(",", "")) for kind, code, _, n, _ in rows if kind == "mechanisms"}
    for code, n in shown.items():
        assert readers.cases.counts(from_query({"mechanisms": code}, default=week), now, WALL).reported == n
    assert sum(shown.values()) == readers.cases.counts(week, now, WALL).reported > 0


def last_week(readers, now):
    known = windows(now, ZoneInfo("Asia/Shanghai"), *readers.cases.reported_range())["7d"]
    return CaseFilter(since=known[0], until=known[1])


def test_a_scope_counts_its_own_cases_only(real, access):
    def reported(**about):
        return sum(int(n.replace(",", "")) for *_, n, _ in ROW.findall(
            of(real, access, **about).get("/modules").text))

    assert 0 < reported(scope=Scope(frozenset({"210202003"}))) < reported()
