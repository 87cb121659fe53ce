"""What is written elsewhere appears on the open wall by itself; nothing else moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from app import create_app
from data.cases.commands import perform, report
from data.clock import store_now
from data.demo.build import build
from data.live.listener import FIXES, Listener
from data.readers import build_readers
from data.resources.writer import State, put_states
from data.settings import Settings
from data.tables import cases, gps_fix, resource
from tests.browser.mapping import Address, browser_page, serving, until
from tests.signed_in import access_of, now, signed_in

pytestmark = pytest.mark.browser
ACCEPTED = "document.querySelector('[data-kpi=accepted] .tile__value').textContent"
CAMERA = "JSON.stringify(mapRoom.state.camera)"


@dataclass
class Wall:
    """A served application that listens, over a demo district of its own."""

    store: Any
    address: Address
    now: datetime
    listener: Listener

    def accept(self, count: int = 1) -> None:
        for _ in range(count):
            at = self.now - timedelta(hours=1)
            case_no = report(self.store, {"street_code": "210202001", "cat_code": "E0101"}, at=at)
            perform(self.store, case_no, "accept", at=at, actor_role="operator")


@pytest.fixture(scope="module")
def wall(module_store: Any) -> Iterator[Wall]:
    build("zhongshan", 7, None, module_store)
    readers, access = build_readers(module_store, Settings()), access_of(module_store)
    readers.snapshot.start()
    app = create_app(Settings(), readers=readers, access=access)
    moment = store_now(module_store, now())
    listener = Listener(module_store, app.live, wake=readers.snapshot.wake, now=lambda: moment)
    listener.start()
    with serving(app.server) as address:
        yield Wall(module_store, Address(f"{address}/", signed_in(access)), moment, listener)
        listener.stop()
        readers.snapshot.stop()


@pytest.fixture
def page(wall: Wall) -> Iterator[Any]:
    with browser_page(1280, 720, wall.address) as opened:
        opened.goto(f"{wall.address}?layers=areas,officers")
        until(opened, "document.querySelectorAll('#wall-kpis .tile').length === 6")
        until(opened, "Boolean(window.shell?.live.isStreaming() && shell.live.cursor() && shell.state.view)")
        until(opened, "Boolean(mapRoom.content('officers') && mapRoom.idle())")
        opened.evaluate("() => { window.sameDocument = true; }")
        yield opened
        assert opened.faults == []


def number(page: Any) -> int:
    return int(page.evaluate(f"() => {ACCEPTED}").replace(",", ""))


def until_number(page: Any, wanted: int) -> None:
    until(page, f"{ACCEPTED}.replace(',', '') === '{wanted}'")


def test_a_report_appears_and_the_camera_stays(wall: Wall, page: Any) -> None:
    page.evaluate("() => mapRoom.setCamera({lon: 121.66, lat: 38.91, zoom: 13.3})")
    camera = page.evaluate(f"() => {CAMERA}")
    before = number(page)
    wall.accept(3)
    until_number(page, before + 3)
    wall.accept()
    until_number(page, before + 4)
    assert page.evaluate(f"() => {CAMERA}") == camera
    assert page.evaluate("() => window.sameDocument")
    asked = [url.split("/api/")[1].split("?")[0] for url in page.asked if "/api/" in url]
    assert asked.count("live") <= 2, "once more where the map went"
    assert {"delta", "status"}.isdisjoint(asked), "who has a stream asks for nothing"


def test_a_case_that_changes_gets_a_ring_where_the_filter_shows_it(wall: Wall, page: Any) -> None:
    page.evaluate("() => { mapRoom.toggle('changes', true);"
                  " mapRoom.setCamera({lon: 121.66, lat: 38.91, zoom: 14}); }")
    until(page, "mapRoom.idle() && !mapRoom.state.resting")

    def reported(category: str) -> int:
        case_no = report(wall.store, {"street_code": "210202001", "cat_code": category, "lon": 121.662,
                                      "lat": 38.9105}, at=wall.now - timedelta(minutes=1))
        found = wall.store.arrow(sa.select(cases.c.case_ref).where(cases.c.case_no == case_no))
        return int(found["case_ref"][0].as_py())

    def has(ref: int) -> str:
        return f"mapRoom.content('changes')?.refs.has({ref})"

    ours, other = reported("E0101"), reported("E0201")
    until(page, f"{has(ours)} && {has(other)}")
    x, y = page.evaluate("() => mapRoom.state.deck.getViewports()[0].project([121.662, 38.9105])")
    until(page, f"mapRoom.ringAt({x}, {y})")
    page.evaluate("() => shell.patchFilter({categories: ['E0101']})")
    until(page, f"{has(ours)} && !{has(other)}")
    until(page, "mapRoom.idle()")
    box = page.locator("#map-canvas").bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)
    until(page, "mapRoom.state.selection?.kind === 'case'")
    page.evaluate("(at) => shell.clock.seek(at)", (wall.now - timedelta(hours=2)).timestamp() * 1000)
    until(page, f"!{has(ours)}")
    page.evaluate("() => shell.clock.live()")


def test_what_was_missed_while_the_stream_was_cut_comes_after(wall: Wall, page: Any) -> None:
    before = number(page)
    for address in ("**/api/live*", "**/api/delta*"):
        page.route(address, lambda route: route.abort())
    page.evaluate("() => shell.live.hangUp()")
    until(page, "document.querySelector('#wall-badge').classList.contains('badge--stale')")
    wall.accept(2)
    assert number(page) == before, "the last picture is kept"
    for address in ("**/api/live*", "**/api/delta*"):
        page.unroute(address)
    until_number(page, before + 2)
    until(page, "shell.live.isStreaming() && document.querySelector('#wall-badge.badge--live')")
    wall.accept()
    until_number(page, before + 3)
    page.faults.clear()  # the browser says aloud what was cut


def test_an_officer_moves_without_a_question(wall: Wall, page: Any) -> None:
    who = page.evaluate("() => mapRoom.content('officers').meta.ids[0]")
    query = sa.select(gps_fix.c.street_code).where(gps_fix.c.officer_id == who).limit(1)
    street = wall.store.arrow(query)["street_code"][0].as_py()
    asked = len(page.asked)
    wall.store.append("gps_fix", pa.table({
        "street_code": [street], "officer_id": [who], "at": [wall.now + timedelta(seconds=1)],
        "lon": [121.6543217], "lat": [38.9]}))
    with wall.store.engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_notify(FIXES, json.dumps(
            {"street_codes": [street], "count": 1}))))
    until(page, f"(() => {{ const {{columns, meta}} = mapRoom.content('officers');"
                f" return columns.lon[meta.ids.indexOf('{who}')] === 1216543217; }})()")
    assert [url for url in page.asked[asked:] if "/columns/" in url] == []


def test_a_vehicle_drives_without_a_question(wall: Wall, page: Any) -> None:
    page.evaluate("() => mapRoom.toggle('resources', true)")
    until(page, "Boolean(mapRoom.content('resources') && mapRoom.idle())")
    with wall.store.engine.connect() as connection:
        street, who, lon, lat = connection.execute(sa.select(
            resource.c.street_code, resource.c.resource_id, resource.c.lon, resource.c.lat).where(
            resource.c.kind == "police_car", resource.c.lon.is_not(None)).limit(1)).one()
    asked = len(page.asked)
    put_states(wall.store, [State(street, who, wall.now, None, lon + 0.001, lat, 90.0)])
    until(page, f"(() => {{ const {{columns, meta}} = mapRoom.content('resources');"
                f" const at = meta.ids.indexOf('{who}'), {{lon, heading}} = columns;"
                f" return lon[at] === {round((lon + 0.001) * 1e7)} && heading[at] === 90; }})()")
    assert [url for url in page.asked[asked:] if "/columns/resources" in url] == []


def test_a_force_is_followed_to_its_case_and_the_address_keeps_it(wall: Wall, page: Any) -> None:
    found = wall.store.arrow(sa.select(cases.c.case_no).where(
        cases.c.state == "handling", cases.c.lon.is_not(None), cases.c.officer_id.is_not(None)).limit(1))
    cars = wall.store.arrow(sa.select(resource.c.resource_id).where(resource.c.kind == "police_car").limit(1))
    number, car = found["case_no"][0].as_py(), cars["resource_id"][0].as_py()
    shown = "getComputedStyle(document.getElementById('wall-track')).display !== 'none'"
    way = "document.querySelector('.tracking__way').textContent"
    page.goto(f"{wall.address}?lang=en&sel=case:{number}&follow={number},resource:{car}")
    until(page, f"Boolean(document.getElementById('wall-track')) && {shown} && / km to go/.test({way})")
    page.evaluate("() => mapRoom.toggle('reach', false)")  # the way stands by itself
    until(page, """(() => {
      const sheet = document.querySelector('.map-sheet--track');
      const {data} = sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height);
      return data.some((value) => value > 0);
    })()""")
    assert f"follow={number}%2Cresource%3A{car}" in page.evaluate("() => location.search")
    page.evaluate("() => document.querySelector('.tracking [data-act=untrack]').click()")
    until(page, f"!({shown}) && !location.search.includes('follow=')")
    until(page, "Boolean(document.querySelector('#wall-side [data-act=track]'))")
    page.evaluate("() => document.querySelector('#wall-side [data-act=track]').click()")
    until(page, f"{shown} && location.search.includes('officer%3A')")


def test_the_history_of_dash_does_not_grow(page: Any) -> None:
    page.evaluate("""() => { for (let i = 0; i < 120; i++)
      window.dash_clientside.set_props("shell-data-version", {data: "try-" + i}); }""")
    until(page, "window.dash_stores[0].getState().history.past.length <= 20")
    until(page, "mapRoom.idle()")


def test_a_page_without_a_place_asks_instead(wall: Wall, page: Any) -> None:
    page.route("**/api/live*", lambda route: route.fulfill(status=503, json={"error": "taken"}))
    page.evaluate("() => shell.live.hangUp()")
    before = number(page)
    wall.accept()
    until_number(page, before + 1)
    assert not page.evaluate("() => shell.live.isStreaming()")
    assert page.evaluate("() => document.querySelector('#wall-badge').className") == "badge badge--live"
    page.faults.clear()
