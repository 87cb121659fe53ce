"""A person opened from a card: with a reason, on record, for this view only."""

import pytest
import sqlalchemy as sa

from data import tables
from data.access import tables as access_tables
from data.settings import Settings
from tests.browser.mapping import browser_page, until, wall_over

pytestmark = pytest.mark.browser
SAID = "document.querySelector('.opening__said').textContent"


@pytest.fixture(scope="module")
def base(demo_store):
    with wall_over(demo_store, Settings()) as address:
        yield address


@pytest.fixture
def page(base):
    with browser_page(1280, 720, base) as opened:
        yield opened


def known(store):
    """An officer whose details the store has: id, name, phone."""
    people, details = tables.officer.c, access_tables.person_detail.c
    found = sa.select(people.officer_id, details.name, details.phone).join(
        access_tables.person_detail, (details.kind == "officer") & (details.person_id == people.officer_id))
    with store.engine.connect() as connection:
        return connection.execute(found.where(details.phone.is_not(None)).limit(1)).one()


def test_a_reason_opens_a_person_and_the_next_card_forgets(page, base, demo_store):
    officer, name, phone = known(demo_store)
    page.goto(f"{base}?layers=areas&lang=en&sel=officer:{officer}")
    until(page, "Boolean(window.shell?.state.view && document.querySelector('.opening'))")
    assert phone not in page.content(), "masked until it is opened"
    page.locator(".opening summary").click(timeout=60_000)
    page.locator(".opening input").fill("asks about a case of his")
    page.locator(".opening__go").click()
    until(page, f"{SAID}.includes('{phone}')")
    assert name in page.locator(".opening__said").text_content()
    page.locator("#wall-side [data-act=close]").click()
    until(page, "!document.querySelector('.opening')")
    assert phone not in page.content()
    assert page.faults == []
    log = access_tables.audit_log.c
    with demo_store.engine.connect() as connection:
        reasons = connection.execute(sa.select(log.reason).where(
            log.action == "person_opened", log.object_id == officer)).scalars().all()
    assert "asks about a case of his" in reasons


def test_without_a_reason_nothing_is_opened(page, base, demo_store):
    officer, _name, phone = known(demo_store)
    page.goto(f"{base}?layers=areas&lang=en&sel=officer:{officer}")
    until(page, "Boolean(window.shell?.state.view && document.querySelector('.opening'))")
    page.locator(".opening summary").click(timeout=60_000)
    page.locator(".opening input").press("Enter")
    until(page, f"{SAID}.length > 5")
    assert phone not in page.content()
