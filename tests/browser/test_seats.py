"""The same wall from another centre: taken in the head, held by the address, named in every question."""

from urllib.parse import unquote

import pytest

from data.settings import Settings
from tests.browser.mapping import browser_page, until, wall_over

pytestmark = pytest.mark.browser
READY = "Boolean(window.shell?.state.view && window.mapRoom?.state.drawn > 0)"
TITLE = "document.querySelector('.head__name')?.textContent"
STREET = "street:210202003"


def test_a_street_is_taken_kept_and_left_again(demo_store):
    with wall_over(demo_store, Settings()) as base, browser_page(1920, 1080, base) as page:
        page.goto(f"{base}?lang=zh&layers=areas")
        until(page, READY)
        page.locator(".seats__open").click()
        until(page, "document.querySelectorAll('.seats__panel [data-act=seat]').length > 10")
        named = {}
        page.on("request", lambda asked: named.update({asked.url: asked.headers.get("x-seat")}))
        page.locator(f"[data-value='{STREET}']").click()
        until(page, f"{READY} && {TITLE}?.includes('分中心') && shell.live.isStreaming()")
        assert f"seat={STREET}" in page.url
        assert {seat for url, seat in named.items()
                if "_dash-update-component" in url or "/columns/" in url} == {STREET}
        assert page.locator("#wall-crumbs .crumb").first.text_content() == "桂林街道"
        page.reload()
        until(page, f"{READY} && {TITLE}?.includes('桂林街道')")
        page.locator(".seats__open").click()
        until(page, "document.querySelector('.seats__panel [aria-checked=true]') !== null")
        page.locator(".seats__panel [data-value='']").click()
        until(page, f"{READY} && {TITLE} === '中山区社会治理指挥中心'")
        assert "seat=" not in page.url
        assert any(f"/api/live?seat={STREET}" in unquote(url) for url in named)
        assert page.faults == []


def test_a_theme_narrows_until_it_is_left_and_filters_are_cleared_within_it(demo_store):
    sets = "Object.keys(shell.state.filter).filter((name) => shell.SETS.includes(name)).join()"
    with wall_over(demo_store, Settings()) as base, browser_page(1920, 1080, base) as page:
        page.goto(f"{base}?lang=zh&layers=areas")
        until(page, READY)
        page.locator("[data-pop=topic]").click()
        page.locator("[data-act=topic][data-value=city]").click()
        until(page, f"{READY} && document.querySelector('.head__topic')?.textContent === '城市管理'")
        assert "topic=city" in page.url
        page.locator("[data-pop=mechanisms]").click()
        page.locator("[data-filter=mechanisms][data-code=command]").click()
        until(page, f"{sets} === 'domains,mechanisms'")
        until(page, "document.querySelector('#wall-words').textContent.includes('指挥协调大统筹')")
        page.locator("[data-act=clear]").click()
        until(page, f"{sets} === 'domains'")
        page.locator("[data-pop=topic]").click()
        page.locator("[data-act=topic][data-value='']").click()
        until(page, f"{READY} && {sets} === '' && !document.querySelector('.head__topic')")
        assert "topic=" not in page.url
        assert page.faults == []
