"""A whistle from the card of an area: called, seen on the map, answered on another screen, ended."""

import pytest

from data.settings import Settings
from tests.browser.mapping import browser_page, until, wall_over

pytestmark = pytest.mark.browser
READY = "Boolean(window.shell?.state.view && window.mapRoom?.state.drawn > 0 && shell.live.isStreaming())"
MARKS = """[].concat(mapRoom.state.specs.whistles?.layer || []).flatMap((one) => one.data || [])
  .map((one) => one.select.code)"""
STATES = "[...document.querySelectorAll('.whistle [data-state]')].map((one) => one.dataset.state).join()"


def test_who_is_called_answers_elsewhere_and_every_open_card_follows(demo_store):
    street = demo_store.arrow("SELECT area_code, name FROM area WHERE level = 'street' ORDER BY 1 LIMIT 1")
    code, name = street["area_code"][0].as_py(), street["name"][0].as_py()
    with wall_over(demo_store, Settings(), listens=True) as base, browser_page(1920, 1080, base) as wall:
        wall.goto(f"{base}?lang=zh&layers=areas,whistles&sel=area:{code}")
        until(wall, READY)
        form = wall.locator("[data-do=blow]")
        form.locator("summary").click()
        assert form.get_by_label("地点").input_value() == name
        form.get_by_label("事由").fill("内涝会商")
        boxes = form.locator("[data-many=departments] input")
        called = [boxes.nth(place).get_attribute("data-code") for place in (0, 1)]
        for place in (0, 1):
            boxes.nth(place).check()
        form.locator("[data-act=do]").click()
        until(wall, f"{STATES} === 'waits,waits'")
        until(wall, f"{MARKS}.includes({code!r})", what="its mark stands on the map")

        other = wall.context.browser.new_context(storage_state=wall.context.storage_state()).new_page()
        other.goto(f"{base}whistles?lang=zh")
        other.locator("[data-whistle]").first.wait_for()
        for _ in called:
            other.get_by_role("button", name="到场", exact=True).first.click()
        until(wall, f"{STATES} === 'there,there'")
        until(wall, f"!{MARKS}.includes({code!r})", what="everybody has come")
        wall.locator("[data-do=end] [data-act=do]").click()
        until(wall, "!document.querySelector('[data-do=end]')")
        assert wall.faults == []
