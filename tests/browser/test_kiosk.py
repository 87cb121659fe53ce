"""A wall display that nobody touches: it goes on by itself and brings itself back."""

import json
from contextlib import contextmanager

import pytest

from data.settings import Settings
from tests.browser.mapping import browser_page, until, wall_over

pytestmark = pytest.mark.browser
AREA = "new URLSearchParams(location.search).get('area')"
READY = "Boolean(window.shell?.state.view && window.mapRoom?.state.drawn > 0)"
MARK = "() => { window.before = true; }"
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def base(demo_store):
    with wall_over(demo_store, Settings()) as address:
        yield address


@pytest.fixture
def page(base):
    with browser_page(1920, 1080, base) as opened:
        yield opened


def start(page, base, query="kiosk=1"):
    page.goto(f"{base}?layers=areas&{query}")
    until(page, READY)


@contextmanager
def opened_anew(page):
    """The document comes once more because of what happens inside."""
    with page.expect_event("load", timeout=PATIENCE_MS):
        yield
    until(page, READY)
    assert page.evaluate("window.before") is None


def answer(page, release):
    """From now on another release is served."""
    page.route("**/api/release", lambda route: route.fulfill(
        status=200, content_type="application/json", body=json.dumps({"release": release})))


def test_it_goes_from_area_to_area_without_leaving_the_document(page, base):
    start(page, base, "kiosk=1&every=5&tour=areas")
    page.evaluate(MARK)
    assert page.locator(".kiosk__seconds").text_content() in {"5", "4", "3", "2", "1"}
    until(page, f"{AREA} !== null")
    first = page.evaluate(AREA)
    until(page, f"{AREA} !== '{first}' && {AREA} !== null")
    assert page.evaluate("window.before"), "the wall is never left"
    assert page.evaluate("history.length") <= 2, "weeks of stops must not pile up"
    assert "kiosk=1" in page.url
    assert page.faults == []


def test_the_ring_can_be_held(page, base):
    start(page, base, "kiosk=1&every=5&tour=areas&lang=en")
    page.locator(".kiosk").click()
    until(page, "document.querySelector('.kiosk__next').textContent === 'Rotation paused'")
    assert page.locator(".kiosk").get_attribute("aria-pressed") == "true"


def test_nothing_to_press_is_shown_and_the_pointer_hides(page, base):
    start(page, base)
    shown = page.evaluate("""[...document.querySelectorAll('.btn, .search, .presets button')]
        .filter((e) => e.getClientRects().length).map((e) => e.className)""")
    assert shown == []
    assert page.evaluate("document.querySelector('.kiosk')") is None, "one stop needs no countdown"
    page.mouse.move(600, 400)
    until(page, "document.documentElement.classList.contains('is-still')")
    page.mouse.move(620, 400)
    until(page, "!document.documentElement.classList.contains('is-still')")


def test_it_opens_anew_when_the_server_is_back_and_not_before(page, base):
    start(page, base)
    page.evaluate(MARK)
    page.route("**/api/release", lambda route: route.abort())
    page.evaluate("performance.clearResourceTimings()")
    until(page, "performance.getEntriesByName(location.origin + '/api/release').length > 0")
    assert page.evaluate("window.before"), "while nobody answers the picture stays"
    with opened_anew(page):
        page.unroute("**/api/release")


def test_a_new_release_is_taken_by_a_display_and_offered_to_a_person(page, base):
    start(page, base)
    page.evaluate(MARK)
    with opened_anew(page):
        answer(page, "another")
    page.unroute("**/api/release")
    start(page, base, "kiosk=0&lang=en")
    until(page, "performance.getEntriesByName(location.origin + '/api/release').length > 0")
    page.evaluate(MARK)
    answer(page, "a third one")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until(page, "document.querySelector('#recovery-note')?.textContent.includes('new version')")
    with opened_anew(page):
        page.locator("#recovery-note button").click()


def test_a_lost_graphics_context_comes_back_with_the_same_view(page, base):
    start(page, base, "kiosk=1&mode=2d")
    page.evaluate(MARK)
    with opened_anew(page):
        page.evaluate("""() => document.querySelector('#map-canvas canvas').getContext('webgl2')
            .getExtension('WEBGL_lose_context').loseContext()""")
    assert "mode=2d" in page.url
    until(page, "mapRoom.settled() && mapRoom.pixels()?.lit > 0")


def test_a_display_that_was_revoked_says_so_and_asks_for_no_password(page, base):
    start(page, base)
    page.context.clear_cookies()
    until(page, "document.querySelector('[data-kiosk-ended]')?.hidden === false")
    assert "/sign-in" not in page.url
