"""Alerts on the wall in a real browser: one from its first to its last act, and a flood of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import create_app
from data.alerts.commands import notify
from data.alerts.reader import PAGE
from data.alerts.tables import alert, alert_event
from data.clock import store_now
from data.demo.build import build
from data.live.listener import Listener
from data.readers import build_readers
from data.settings import Settings
from tests.browser.mapping import Address, browser_page, serving, until
from tests.data.alerts.samples import add_alert
from tests.signed_in import access_of, signed_in
from tests.signed_in import now as moment

pytestmark = pytest.mark.browser
LINES = "document.querySelectorAll('#wall-alerts .row').length"
LOG = "[...document.querySelectorAll('#wall-side [data-act-done]')].map((e) => e.dataset.actDone).join()"
MARKS = "(mapRoom.state.specs.alerts?.layer?.[0]?.data || []).length"
TOTALS = ("[...document.querySelectorAll('#wall-alerts [data-total]')]"
          ".map((e) => Number(e.textContent.replace(/\\D/g, '')))")


@pytest.fixture(scope="module")
def district(module_store):
    build("zhongshan", 7, None, module_store)
    return module_store


@pytest.fixture(scope="module")
def now(district):
    return store_now(district, moment())


@pytest.fixture(scope="module")
def page(district, now):
    """One served wall that listens, and one page of it, opened while all is calm."""
    readers, access = build_readers(district, Settings()), access_of(district)
    readers.snapshot.start()
    app = create_app(Settings(), readers=readers, access=access)
    listener = Listener(district, app.live, wake=readers.snapshot.wake, now=lambda: now)
    listener.start()
    with serving(app.server) as address:
        base = Address(f"{address}/", signed_in(access))
        with browser_page(1280, 720, base) as opened:
            opened.goto(f"{base}?layers=areas,alerts&lang=en")
            until(opened, "Boolean(window.shell?.live.isStreaming() && shell.live.cursor())")
            until(opened, "Boolean(document.querySelector('#wall-alerts .quiet') && mapRoom.idle())")
            yield opened
            assert opened.faults == []
        listener.stop()
        readers.snapshot.stop()


def fired(store, now, number, **given):
    """An alert as the engine fires it: the listeners are told."""
    about = {"street": "210202003", "lon": 121.64, "lat": 38.91, "subject_type": "device", **given}
    made = add_alert(store, at=about.pop("at", now), subject=f"S{number}", **about)
    with store.engine.begin() as connection:
        row = connection.execute(sa.select(alert).where(alert.c.alert_id == made)).mappings().one()
        notify(connection, row)
    return made


def act(page, name, note=""):
    """Open the form of an act on the card, and do it."""
    page.locator(f"[data-do={name}] > summary").click(timeout=60_000)
    if note:
        page.locator(f"[data-do={name}] [data-text=note] input").fill(note)
    page.locator(f"[data-do={name}] .acts__go").click()


def test_an_alert_fires_and_is_confirmed_handled_and_cleared(page, district, now):
    assert page.evaluate(f"() => {LINES}") == 0
    number = fired(district, now, 0, kind="smoke", color="red", at=now - timedelta(minutes=14))
    until(page, f"{LINES} === 1", what="the alert on the wall")
    row = page.locator("#wall-alerts .row")
    assert "Smoke" in row.text_content()
    assert page.locator("#wall-alerts [data-age]").text_content() == "00:14"
    until(page, f"{MARKS} === 1", what="its mark on the map")
    row.click()
    until(page, f"{LOG} === 'fire'")
    for done, name in (("fire,confirm", "confirm"), ("fire,confirm,handle", "handle"),
                       ("fire,confirm,handle,clear", "clear")):
        act(page, name, "seen to")
        until(page, f"{LOG} === '{done}'", what=f"{name} in the log of the card")
    assert page.locator("#wall-side [data-state]").get_attribute("data-state") == "cleared"
    assert page.locator("#wall-side .acts").count() == 0, "nothing is left to do"
    until(page, f"{LINES} === 0", what="no line on the wall")
    with district.engine.connect() as connection:
        state = connection.execute(sa.select(alert.c.state).where(alert.c.alert_id == number)).scalar_one()
    assert state == "cleared"


def test_of_five_hundred_in_ten_minutes_the_list_is_bounded_and_nothing_is_lost(page, district, now):
    colors = ("red", "orange", "yellow", "blue")
    for number in range(1, 501):
        add_alert(district, at=now - timedelta(seconds=number), subject=f"F{number}",
                  color=colors[number % 4], street=f"21020200{number % 9 + 1}", kind=f"kind_{number % 3}",
                  subject_type="device", group_key=f"alone/{number}", lon=121.6 + number % 20 / 400,
                  lat=38.9 + number // 20 / 800)
    fired(district, now, 501, color="red", kind="manhole", at=now)
    until(page, f"{TOTALS}.reduce((a, b) => a + b, 0) === 501", what="all are counted")
    assert page.evaluate(f"() => {TOTALS}") == [126, 125, 125, 125]
    groups = page.locator("#wall-alerts .alerts__rows > *").count()
    assert 1 < groups <= 41
    assert page.locator("#wall-alerts .alerts__note").count() == 1
    first = page.locator("#wall-alerts .row").first
    assert "Manhole" in first.text_content(), "of the gravest the newest stands first"
    with district.engine.connect() as connection:
        held = connection.execute(sa.select(sa.func.count()).select_from(alert).where(
            alert.c.ended_at.is_(None))).scalar_one()
        told = connection.execute(sa.select(sa.func.count()).select_from(alert_event).where(
            alert_event.c.act == "fire")).scalar_one()
    assert (held, told) == (501, 502)
    page.locator("#wall-alerts summary").first.click(timeout=60_000)
    until(page, "document.querySelectorAll('#wall-alerts details[open] > .row').length > 2")
    page.locator("#wall-alerts details[open] > .alerts__open").click()
    listed = "document.querySelectorAll('#wall-side .alerts__all .row').length"
    until(page, f"{listed} > 2", what="the list of the group")
    group = int(re.search(r"(\d+) alerts", page.locator("#wall-side .card__name").text_content())[1])
    assert group > page.evaluate(listed) == PAGE, "there is a next page"
    act(page, "shelve", "one exercise")
    until(page, f"{TOTALS}.reduce((a, b) => a + b, 0) === {501 - group}", what="the whole group is put aside")
    page.evaluate("() => shell.clock.seek(new Date(shell.state.now.now).getTime() - 3600e3)")
    until(page, f"{LINES} === 0 && document.querySelector('#wall-alerts .quiet')", what="none an hour before")
    page.evaluate("() => shell.clock.live()")
    until(page, f"{TOTALS}.reduce((a, b) => a + b, 0) === {501 - group}", what="back to live")
