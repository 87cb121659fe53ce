"""Raster tiles by setting, in a real browser: drawn, switched off, and never asked of anybody but us."""

import pytest

from data.settings import Settings
from tests.browser.mapping import browser_page, differing, keep, settled, sign_in, until, wall_over
from tests.tile_source import tile_source

pytestmark = pytest.mark.browser


@pytest.fixture
def page():
    with browser_page(1280, 720) as opened:
        yield opened
        assert opened.faults == []


def start(page, base, query):
    sign_in(page.context, base)
    answer = page.goto(f"{base}?mode=2d&{query}")
    until(page, "Boolean(window.mapRoom?.settled?.() && window.shell?.state.view)")
    settled(page)
    return answer


@pytest.mark.parametrize(("door", "colour"), [("xyz", (200, 40, 160)), ("wmts", (40, 200, 60))])
def test_tiles_are_drawn_below_the_base_map_and_come_from_our_own_server(page, demo_store, door, colour):
    with tile_source() as source, wall_over(demo_store, Settings(tiles=(source.layer(door),))) as base:
        answer = start(page, base, "layers=basemap,raster")
        assert source.asked, "the source is asked by our server"
        assert {one[0] for one in source.asked} == {door}
        keep(page, "on")
        shown = page.evaluate(
            """([r, g, b]) => { const {data} = mapRoom.pixels(true); let n = 0;
            for (let i = 0; i < data.length; i += 4) n += Math.abs(data[i] - r) + Math.abs(data[i + 1] - g)
              + Math.abs(data[i + 2] - b) < 110;
            return n; }""",
            colour,
        )
        assert shown > 0.3 * 1280 * 720
        until(page, f"document.querySelector('[data-legend=raster]')?.textContent.includes('© {door}')")
        page.locator("[data-pop=layers]").click()
        page.locator("[data-layer=raster]").click()
        until(page, "!mapRoom.isShown('raster')")
        settled(page)
        keep(page, "off")
        assert differing(page, "on", "off") > 0.5 * 1280 * 720
        assert page.evaluate("() => JSON.stringify(mapRoom.state.failures)") == "{}"
        assert [url for url in page.asked if not url.startswith((base, "data:", "blob:"))] == []
        assert "127.0.0.1" not in answer.headers["content-security-policy"]


def test_a_layer_that_is_off_asks_for_no_tile(page, demo_store):
    with tile_source() as source, wall_over(demo_store, Settings(tiles=(source.layer("xyz"),))) as base:
        start(page, base, "layers=basemap")
        page.evaluate("() => mapRoom.zoom(1)")
        until(page, "!mapRoom.state.resting")
        settled(page)
        assert source.asked == []
        assert page.locator("[data-layer=raster]").count() == 1


def test_without_the_setting_there_is_no_switch_and_nobody_is_asked(page, demo_store):
    with wall_over(demo_store, Settings()) as base:
        answer = start(page, base, "layers=basemap,raster")
        assert page.locator("[data-layer=raster]").count() == 0
        assert page.locator("[data-layer=basemap]").count() == 1
        assert [url for url in page.asked if not url.startswith((base, "data:", "blob:"))] == []
        assert [url for url in page.asked if "/tiles/" in url] == []
        policy = answer.headers["content-security-policy"]
        assert "http" not in policy
        assert "*" not in policy
