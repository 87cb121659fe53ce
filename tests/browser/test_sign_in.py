"""Signing in and out by hand, in a real browser."""

import re

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe

from app import create_app
from data.readers import build_readers
from data.settings import Settings
from tests.browser.mapping import browser_page, serving, until
from tests.signed_in import access_of, an_account, now

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery staple"
WALL = "Boolean(window.shell?.state.view && document.querySelectorAll('#wall-kpis .tile').length === 6)"


@pytest.fixture(scope="module")
def doors(demo_store):
    """The address of the application, and the bundle behind it."""
    settings = Settings()
    readers, access = build_readers(demo_store, settings), access_of(demo_store, settings)
    readers.snapshot.refresh()
    with serving(create_app(settings, readers=readers, access=access).server) as address:
        yield f"{address}/", access
    readers.snapshot.stop()


def fill_in(page, account, password):
    page.locator("[name=name]").fill(account.name)
    page.locator("[name=password]").fill(password)
    page.locator("main button").first.click()


def enrolled(page):
    """Enrol the second factor that the page shows; the picture and the text are the same secret."""
    secret = page.locator(".doc__secret").text_content().replace(" ", "")
    assert page.locator(".doc__qr").evaluate("(image) => image.complete && image.naturalWidth > 30")
    page.locator("[name=code]").fill(pyotp.TOTP(secret).at(now()))
    page.get_by_role("button", name="Finish").click()
    return secret


def test_password_second_factor_wall_and_out_again(doors):
    base, access = doors
    account, password = an_account(access, roles=["leader"], password=PASSWORD)
    with browser_page(1280, 720) as page:
        page.goto(f"{base}?lang=en&preset=90d")
        assert page.url == f"{base}sign-in?next=%2F%3Flang%3Den%26preset%3D90d&lang=en"
        fill_in(page, account, password)
        enrolled(page)
        until(page, WALL)
        assert page.url.startswith(f"{base}?")
        assert "preset=90d" in page.url
        assert page.locator("a.head__who").text_content() == account.name
        assert page.evaluate("document.cookie") == "", "no script can read what signs in"
        page.locator("[data-act='sign-out']").click()
        page.wait_for_url(f"{base}sign-in?lang=en")
        for move in (page.go_back, page.reload, lambda: page.goto(f"{base}?preset=90d")):
            move()
            page.wait_for_url(re.compile(r"/sign-in"))
            assert page.locator("[name=password]").count() == 1
        assert page.faults == []
        assert [url for url in page.asked if not url.startswith((base, "data:", "blob:"))] == []


def test_a_wall_whose_session_ended_elsewhere_goes_to_the_sign_in_page(doors):
    base, access = doors
    account, password = an_account(access, roles=["operator"], password=PASSWORD)
    with browser_page(1280, 720) as page:
        page.goto(f"{base}?preset=90d")
        fill_in(page, account, password)
        until(page, WALL)
        access.sessions.end_all(account.account_id)
        page.wait_for_url(re.compile(r"/sign-in\?next=.*preset%3D90d"))
        fill_in(page, account, password)
        until(page, WALL)
        assert "preset=90d" in page.url


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_and_nothing_sticks_out(doors, width, height, lang):
    base, access = doors
    account, password = an_account(access, roles=["leader"], password=PASSWORD, must_change=True)
    found = {}

    def look(page, name, shows):
        page.locator(shows).wait_for()
        page.wait_for_load_state()
        faults = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        found[name] = [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in faults]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[f"{name} is wider by"] = max(0, wide)

    with browser_page(width, height) as page:
        page.goto(f"{base}sign-in?lang={lang}")
        look(page, "sign-in", "[name=name]")
        fill_in(page, account, password)
        look(page, "enrol", ".doc__qr")
        secret = page.locator(".doc__secret").text_content().replace(" ", "")
        page.locator("[name=code]").fill(pyotp.TOTP(secret).at(now()))
        page.locator("main button").first.click()
        look(page, "password", "[name=again]")
        for field, text in (("old", password), ("new", PASSWORD + "!"), ("again", PASSWORD + "!")):
            page.locator(f"[name={field}]").fill(text)
        page.locator("main button").first.click()
        until(page, WALL)
        page.goto(f"{base}account")
        look(page, "account", ".doc__facts")
        assert page.faults == []
    assert {key: value for key, value in found.items() if value} == {}
