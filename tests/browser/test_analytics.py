"""The leader's page by hand: charts drawn without anybody else's server, drilled by mouse and by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from data.settings import Settings
from tests.browser.mapping import Address, browser_page, until, wall_over

pytestmark = pytest.mark.browser
TOLD = ("critical", "serious")


@pytest.fixture(scope="module")
def base(demo_store: Any) -> Iterator[Address]:
    with wall_over(demo_store, Settings()) as address:
        yield address


def at(base: Address, path: str) -> str:
    return base.rstrip("/") + path


def assert_whole(page: Any, base: Address) -> None:
    """Nothing sticks out, nobody else was asked, nothing failed, nobody is shut out."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), "nothing sticks out"
    assert page.faults == []
    assert all(asked.startswith((base.rstrip("/"), "data:", "blob:")) for asked in page.asked)
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in TOLD] == []


@pytest.mark.parametrize(("path", "charts", "size"), [
    ("/analytics", 7, (1920, 1080)), ("/analytics", 7, (390, 844)), ("/analytics/causes", 3, (1920, 1080)),
], ids=["desk", "phone", "causes"])
def test_the_page_is_whole_and_asks_nobody_else(
        base: Address, path: str, charts: int, size: tuple[int, int]) -> None:
    with browser_page(*size, base) as page:
        page.goto(at(base, f"{path}?period=2019-04"))
        for number in range(charts):
            page.evaluate(f"document.querySelectorAll('.figure')[{number}].scrollIntoView()")
            until(page, f"document.querySelectorAll('.figure')[{number}].classList.contains('is-drawn')")
        assert_whole(page, base)


@pytest.mark.parametrize(("path", "shown"), [
    ("/analytics/space?period=2019-04", ".space__map"), ("/analytics/paths?period=2019-04", ".paths__map"),
    ("/analytics/compare?period=2019-04&with_area=210202010", ".compare"),
    ("/analytics/posts?period=2019-04&lang=en", "[data-post=closer]"), ("/analytics/notes", ".doc__form"),
    ("/analytics/coverage?period=2019-05-H1", ".coverage__clock"),
    ("/analytics/surveys", ".doc__form"), ("/analytics/weights", ".doc__form"), ("/bulletins", ".bul__make")])
def test_pages_without_charts_are_whole_on_desk_and_phone(base: Address, path: str, shown: str) -> None:
    for size in ((1920, 1080), (390, 844)):
        with browser_page(*size, base) as page:
            page.goto(at(base, path))
            page.wait_for_selector(shown)
            assert_whole(page, base)


@pytest.mark.parametrize("format_", ["svg", "png"])
def test_a_chart_is_saved_as_a_file(base: Address, format_: str) -> None:
    with browser_page(1920, 1080, base) as page:
        page.goto(at(base, "/analytics?period=2019-04"))
        page.locator(".figure").first.scroll_into_view_if_needed()
        button = page.locator(f".figure__file[data-format={format_}]").first
        button.wait_for(state="visible")
        with page.expect_download() as saved:
            button.click()
        found = Path(saved.value.path()).read_bytes()
        assert saved.value.suggested_filename == f"funnel.{format_}"
        assert found.startswith(b"<svg" if format_ == "svg" else b"\x89PNG")
        assert page.faults == []


def test_a_click_on_the_map_on_a_point_and_on_a_number_drills(base: Address) -> None:
    with browser_page(1920, 1080, base) as page:
        page.goto(at(base, "/analytics?period=2019-04"))
        page.locator(".ana__map a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("by=community&.*areas="))
        page.locator(".figure").first.scroll_into_view_if_needed()
        until(page, "document.querySelector('.ana__figures .figure.is-drawn .main-svg')")
        point = page.locator(".figure.is-drawn .scatterlayer .point").first.bounding_box()
        page.mouse.click(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
        page.wait_for_url(re.compile("by=grid"))
        page.locator(".ana__table td a", has_text="÷").first.click()
        page.wait_for_url(re.compile("/analytics/cases"))
        page.locator(".sys__one a").first.click()
        page.wait_for_url(re.compile(r"/\?sel=case"), wait_until="commit")


def test_a_chart_that_fails_says_so_and_the_others_stand(base: Address) -> None:
    with browser_page(1920, 1080, base) as page:
        page.route("**/analytics/figures?*figure=trend*", lambda route: route.fulfill(status=500, body="{}"))
        page.goto(at(base, "/analytics?period=2019-04"))
        page.locator(".figure").first.scroll_into_view_if_needed()
        until(page, "document.querySelector('.figure.is-failed')?.textContent.length > 5")
        until(page, "document.querySelector('.figure.is-drawn')")
        assert page.locator(".figure.is-failed").count() == 1
