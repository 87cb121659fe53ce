"""A desk sends its view to a wall: the wall goes there by itself, says who sent it, and comes back."""

import re

import pytest

from callbacks.cookies import Jar
from data.access.scope import EVERYTHING
from data.access.viewer import CONSOLE
from data.settings import Settings
from tests.browser.mapping import browser_page, until, wall_over
from tests.signed_in import access_of, now

pytestmark = pytest.mark.browser
READY = "Boolean(window.shell?.state.view && window.mapRoom?.state.drawn > 0 && shell.live.isStreaming())"
BANNER = "document.querySelector('.cast')"
STREET = "210202003"


def a_wall(page, base, store):
    """A page that shows the map by the token of a display, as the desk's browser shows its own."""
    _, token = access_of(store).tokens.issue("值班大厅", EVERYTHING, ["/", "/modules"], issued_by=CONSOLE,
                                             expires_at=None, now=now())
    context = page.context.browser.new_context(viewport={"width": 1920, "height": 1080})
    context.add_cookies([{"name": Jar(secure=False).screen, "value": token, "url": base}])
    wall = context.new_page()
    wall.faults = []
    wall.on("pageerror", lambda error: wall.faults.append(str(error)))
    wall.goto(f"{base}?lang=zh&layers=areas&kiosk=1&every=5&tour=areas")
    until(wall, READY)
    return wall


def test_a_wall_goes_where_it_is_sent_and_back(demo_store):
    with wall_over(demo_store, Settings()) as base, browser_page(1920, 1080, base) as desk:
        wall = a_wall(desk, base, demo_store)
        wall.evaluate("() => { window.before = true; }")
        desk.goto(f"{base}?lang=zh&layers=areas&area={STREET}&sel=area:{STREET}&at=2019-05-01T12:00:00%2B08:00")
        until(desk, READY)
        desk.locator("[data-pop=cast]").click()
        until(desk, "document.querySelector('.casts__wall') !== null")
        row = desk.locator(".casts__wall", has_text="值班大厅").last
        row.locator("[data-minutes='15']").click()
        until(desk, "document.querySelector('.casts__said')?.textContent.includes('已投送')")

        until(wall, f"shell.state.view.area === '{STREET}' && {BANNER} && !{BANNER}.hidden")
        assert wall.evaluate("shell.state.selection") == {"kind": "area", "code": STREET}
        assert wall.evaluate("shell.clock.text(shell.clock.at)") == "2019-05-01T04:00:00Z"
        said = wall.locator(".cast__text").text_content()
        assert re.fullmatch(r"t-\w+ 于 \d\d:\d\d 投送 · 剩余 1[45]:\d\d", said), said
        held = wall.evaluate("document.querySelector('.kiosk__seconds').textContent")
        until(wall, f"!{BANNER}.textContent.includes('{said[-5:]}')")
        assert wall.evaluate("document.querySelector('.kiosk__seconds').textContent") == held

        desk.locator(".casts__wall", has_text="值班大厅").last.locator("[data-act=cast-end]").click()
        until(wall, f"{BANNER}.hidden && !shell.clock.away() && !shell.isCast()")
        until(wall, f"document.querySelector('.kiosk__seconds').textContent !== '{held}'")
        assert wall.evaluate("window.before"), "the wall was never left"
        assert (wall.faults, desk.faults) == ([], [])

        there = f"{base.rstrip('/')}/modules?kiosk=1&every=300&lang=zh"
        wall.goto(there)
        until(wall, "document.querySelector('.tour')?.textContent.includes('下一画面')")
        row.locator("[data-minutes='15']").click()
        wall.wait_for_url(f"{base.rstrip('/')}/?*")
        until(wall, f"{BANNER} && !{BANNER}.hidden && shell.state.view?.area === '{STREET}'")
        row.locator("[data-act=cast-end]").click()
        wall.wait_for_url(there)
        assert (wall.faults, desk.faults) == ([], [])
