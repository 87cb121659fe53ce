"""Acts upon a case by hand, from its card."""

import pytest
import sqlalchemy as sa

from data.demo.build import build
from data.settings import Settings
from data.tables import case_event, cases
from tests.browser.mapping import browser_page, until, wall_over

pytestmark = pytest.mark.browser
SAID = "document.querySelector('[data-acts-said]')?.textContent"


@pytest.fixture(scope="module")
def base(module_store):
    build("zhongshan", 7, None, module_store)
    with wall_over(module_store, Settings()) as address:
        yield address


@pytest.fixture
def page(base):
    with browser_page(1280, 720, base) as opened:
        yield opened


def one_in(store, state):
    found = sa.select(cases.c.case_no).where(cases.c.state == state).order_by(cases.c.case_no).limit(1)
    with store.engine.connect() as connection:
        return connection.execute(found).scalar_one()


def acts_of(store, number):
    with store.engine.connect() as connection:
        return connection.execute(sa.select(case_event.c.act).where(
            case_event.c.case_no == number).order_by(case_event.c.seq)).scalars().all()


def opened(page, base, number):
    page.goto(f"{base}?layers=areas&lang=en&sel=case:{number}")
    until(page, "Boolean(window.shell?.state.view && document.querySelector('.acts'))")


def test_an_act_is_done_from_the_card_and_stands_in_its_trace(page, base, module_store):
    number = one_in(module_store, "handling")
    before = acts_of(module_store, number)
    opened(page, base, number)
    steps = page.locator("#wall-side .step").count()
    page.locator("[data-do=urge] > summary").click(timeout=60_000)
    page.locator("[data-do=urge] input").fill("the third call today")
    page.locator("[data-do=urge] .acts__go").click()
    until(page, f"{SAID} === 'Recorded'")
    until(page, f"document.querySelectorAll('#wall-side .step').length === {steps + 1}")
    assert "the third call today" in page.locator("#wall-side .step").last.text_content()
    assert acts_of(module_store, number) == [*before, "urge"]
    assert page.faults == []


def test_a_reason_that_is_missing_is_asked_for(page, base, module_store):
    number = one_in(module_store, "handling")
    before = acts_of(module_store, number)
    opened(page, base, number)
    page.locator("[data-do=supervise] > summary").click(timeout=60_000)
    page.locator("[data-do=supervise] .acts__go").click()
    until(page, f"{SAID}.startsWith('Something is missing')")
    assert acts_of(module_store, number) == before


def test_a_force_is_drafted_into_the_dispatch_and_sent(page, base, module_store):
    number = one_in(module_store, "filed")
    opened(page, base, number)
    first = page.locator(".forces__one:has([data-select=resource])").first
    first.locator("[data-act=draft]").click(timeout=60_000)
    name = first.locator("[data-select=resource]").text_content()
    form = page.locator("[data-do=dispatch]")
    assert name in form.locator("input").input_value()
    dept = first.locator("[data-act=draft]").get_attribute("data-dept")
    assert form.locator("[data-field=dept]").input_value() == dept
    assert "dispatch" not in acts_of(module_store, number), "a draft is read before it is sent"
    form.locator(".acts__go").click()
    until(page, f"{SAID} === 'Recorded'")
    assert acts_of(module_store, number)[-1] == "dispatch"
    assert name in page.locator("#wall-side .step").last.text_content()
    assert page.faults == []


def test_a_right_click_asks_for_the_forces_of_that_place(page, base):
    page.goto(f"{base}?lang=en&mode=2d")
    until(page, "Boolean(window.mapRoom && mapRoom.state.rested && mapRoom.state.placed)")
    page.mouse.click(620, 300, button="right")
    until(page, "document.querySelector('#wall-side [data-reach]')")
    until(page, "(mapRoom.content('reach')?.features || []).length > 0")
    said = page.evaluate("() => document.querySelector('#wall-side [data-reach]').dataset.reach")
    drawn = page.evaluate("() => mapRoom.content('reach').point")
    assert ",".join(f"{one:.6f}" for one in drawn) == said
    assert f"sel=place:{said}" in page.evaluate("() => location.search").replace("%2C", ",")
    page.locator("#wall-side .card__close").click()
    until(page, "mapRoom.state.point === null")
    assert page.faults == []
