"""The five themes: rows of the store that narrow page, title and layers; mechanisms as tags."""

import pytest
import sqlalchemy as sa

from dashboard import ids
from dashboard.view import from_store as view_from_store
from data.filters import from_store
from data.tables import category, topic
from data.vocabulary import read_vocabulary
from tests.callbacks.conftest import Page

THEMES = {"disputes": "矛盾调处", "security": "治安防控", "services": "公共服务", "city": "城市管理",
          "emergency": "应急指挥"}
YEAR = {"since": "2019-01-01T00:00:00+08:00", "until": "2019-06-01T00:00:00+08:00"}


@pytest.fixture(scope="module")
def words(demo_store):
    return read_vocabulary(demo_store)


def test_the_five_themes_stand_in_the_store_in_their_order(words):
    assert {code: one.word.zh for code, one in words.topics.items()} == THEMES


@pytest.mark.parametrize("code", THEMES)
def test_a_theme_opens_with_its_part_and_its_layers(wall, client, words, code):
    page = Page(wall, client, f"http://localhost/?topic={code}")
    held = page.values[ids.FILTER, "data"]
    assert {name: held[name] for name in held if name not in {"since", "until"}} == {
        name: sorted(codes) for name, codes in words.topics[code].shown.items()}
    layers = view_from_store(page.values[ids.VIEW, "data"]).layers
    assert {key for key, is_on in layers.items() if is_on} == set(words.topics[code].layers)


def test_what_the_address_says_goes_before_the_theme(wall, client):
    page = Page(wall, client, "http://localhost/?topic=city&domains=safety&layers=areas")
    assert page.values[ids.FILTER, "data"]["domains"] == ["safety"]
    assert page.values[ids.VIEW, "data"]["layers"]["cases"] is False


def test_a_theme_that_is_none_opens_the_whole_and_says_why(client):
    answer = client.get("/_dash-layout", headers={"Referer": "http://localhost/?topic=no<b>"})
    text = answer.get_data(as_text=True)
    assert "topic must be one of disputes, security, services, city, emergency; got 'no" in text


@pytest.mark.parametrize("field", ["domain", "mechanism"])
def test_parts_by_the_row_of_the_category_sum_to_the_whole(readers, demo_store, field):
    with demo_store.engine.connect() as connection:
        rows = connection.execute(sa.select(category.c.cat_code, category.c[field])).all()
    whole = from_store(YEAR)

    def counted(**about):
        return readers.cases.histogram(whole.with_(**about), bins=1)["reported"].sum()

    parts = {}
    for code in {found for _, found in rows}:
        mine = frozenset(cat for cat, found in rows if found == code)
        parts[code] = counted(**{f"{field}s": frozenset({code})})
        assert parts[code] == counted(categories=mine), code
    assert sum(parts.values()) == counted() > 0
    assert counted(**{f"{field}s": frozenset(parts)}) == counted()
    assert counted(**{f"{field}s": frozenset({"none"})}) == 0


def test_a_changed_row_changes_the_theme_and_no_program(store):
    with store.engine.begin() as connection:
        connection.execute(sa.update(topic).where(topic.c.topic_code == "city")
                           .values(shown={"domains": ["city", "safety"]}, zh="城市运行"))
    found = read_vocabulary(store).topics["city"]
    assert (found.word.zh, found.shown) == ("城市运行", {"domains": ["city", "safety"]})


def test_the_card_of_a_case_carries_its_mechanism_as_a_tag(page, readers):
    of_it, now = from_store({**YEAR, "mechanisms": ["mediation"]}), readers.cases.reported_range()[1]
    number = str(readers.cases.listing(of_it, now, "newest", 1, 0)["case_no"].iloc[0])
    answer = page.ask(f"{ids.SIDE}.tree", shell_selection={"kind": "case", "code": number})
    told = answer.get_data(as_text=True).replace(" ", "")
    assert '"data-filter":"mechanisms"' in told
    assert '"data-code":"mediation"' in told

