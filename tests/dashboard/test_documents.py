"""Plain documents: whatever is shown is text, and nothing runs."""

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from dashboard.documents import LINKS, document, links_for
from dashboard.texts import speaker
from data.access.roles import Permission

TEMPLATES = sorted((Path(__file__).parents[2] / "dashboard" / "templates").glob("*.html"))
#: Scripts of our own: on displays, on the page of one's tasks, and what draws the charts of the analytics.
OWN = ('{% if tour %}<script src="/assets/63-tour.js" defer>', '<script src="/assets/64-tasks.js" defer>',
       '<script src="/_dash-component-suites/plotly/package_data/plotly.min.js" defer>',
       '<script src="/assets/23-looks.js" defer>', '<script src="/assets/65-figures.js" defer>')
HOSTILE = '<img src=x onerror="alert(1)">\'"&'


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_texts_are_shown_as_texts(lang):
    page = document("base.html", say=speaker(lang), lang=lang, account=HOSTILE, csrf=HOSTILE, product=HOSTILE,
                    links=links_for(lambda _permission: True), here="/")
    assert "<img" not in page
    assert page.count("&lt;img") == 3
    assert 'aria-current="page"' in page


def test_what_a_template_asks_for_must_be_there():
    with pytest.raises(UndefinedError):
        document("base.html", say=speaker("zh"), lang="zh", links=[object()])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_carries_a_script_a_style_or_trusts_a_text(path):
    text = path.read_text(encoding="utf-8")
    for own in OWN:
        text = text.replace(own, "")
    assert not re.search(r"<script|\sstyle=|\son\w+=|\|\s*safe|autoescape|https?://", text)


def test_links_are_those_that_may_be_opened():
    found = links_for(lambda permission: permission is Permission.VIEW)
    assert [link.path for link in found] == [
        "/", "/analytics", "/bulletins", "/modules", "/feeds", "/emergency", "/whistles", "/tasks"]
    assert len({link.path for link in LINKS}) == len(LINKS)
