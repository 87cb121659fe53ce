"""The clock of the wall in a real browser: put back, stepped, played and back to now."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from data.settings import Settings
from tests.browser.mapping import browser_page, until, wall_over

pytestmark = pytest.mark.browser
LIGHT = "layers=areas,officers"
MOMENT = "2019-05-10T10:00:00+08:00"
AT = "at=2019-05-10T10:00:00%2B08:00"
HEADER = "x-clock-at"
OBEYING = re.compile(r"/columns/|_dash-update-component")

CUT = """() => [...document.querySelectorAll('.transport, .transport *')].filter((e) =>
  e.getClientRects().length && !e.closest('.unseen, .pop__panel') && e.clientWidth
  && e.scrollWidth > e.clientWidth + 1).map((e) => e.outerHTML.slice(0, 90))"""
ROOM = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const clock = box('.transport'), bars = box('.histogram'), foot = box('.foot');
  return [clock.right <= bars.left, clock.bottom <= foot.bottom, bars.width > foot.width * 0.3]; }"""


@pytest.fixture(scope="module")
def base(demo_store):
    with wall_over(demo_store, Settings()) as address:
        yield address


@pytest.fixture
def page(base):
    with browser_page(1280, 720, base) as opened:
        opened.told = []
        opened.on("request", lambda asked: opened.told.append((asked.url, asked.headers.get(HEADER)))
                  if OBEYING.search(asked.url) else None)
        yield opened
        assert opened.faults == []


def start(page, base, query="", layers=LIGHT):
    page.goto(f"{base}?{layers}&{query}")
    until(page, "document.querySelectorAll('#wall-kpis .tile').length === 6")
    until(page, "Boolean(window.shell && shell.state.now && shell.timeline.data() && shell.clock.status)")


def accepted(page):
    return int(page.locator('[data-kpi="accepted"] .tile__value').text_content().replace(",", ""))


def click(page, selector):
    page.locator(selector).first.click(timeout=60_000)


def moment(page):
    return page.evaluate("() => shell.clock.text(shell.clock.at)")


def at_of(page):
    return parse_qs(urlsplit(page.url).query).get("at")


def test_a_link_with_a_moment_opens_the_past_and_asks_for_nothing_else(page, base):
    start(page, base, AT)
    until(page, "document.querySelector('#wall-badge').classList.contains('badge--replay')")
    assert page.locator("#wall-badge").text_content().endswith("05-10 10:00:00")
    assert at_of(page) == [MOMENT]
    until(page, "mapRoom.settled()")
    assert page.told
    assert {header for _, header in page.told} == {"2019-05-10T02:00:00Z"}
    past = accepted(page)
    span = f"since=2019-05-03T10:00:00+08:00&until={MOMENT}".replace("+", "%2B")
    page.goto(f"{base}?{LIGHT}&preset=custom&{span}")
    until(page, "document.querySelectorAll('#wall-kpis .tile').length === 6")
    assert 0 < past <= accepted(page), "nothing that was accepted later"


def test_a_moment_that_cannot_be_shown_opens_now_and_says_why(page, base):
    start(page, base, "at=2030-01-01T00:00:00Z")
    assert "2030-01-01" in page.locator("#wall-failure").text_content()
    assert page.evaluate("() => shell.clock.mode") == "live"
    assert {header for _, header in page.told} == {None}


def test_back_to_live_asks_for_now_again(page, base):
    start(page, base)
    until(page, "mapRoom.settled()")
    live = accepted(page)
    click(page, "[data-act=step-back]")
    until(page, "shell.clock.mode === 'paused'")
    assert moment(page) == "2019-05-11T15:59:00Z", "a step is what one second plays"
    page.keyboard.press("Escape")
    page.evaluate("() => shell.clock.seek(Date.parse('2019-05-09T00:00:00+08:00'))")
    until(page, f"Number(document.querySelector('[data-kpi=accepted] .tile__value').textContent) < {live}")
    assert page.evaluate("() => shell.state.now.now") == "2019-05-09T00:00:00+08:00"
    page.evaluate("() => shell.clock.seek(0)")  # before all there is: the first moment that can be shown
    until(page, "document.querySelector('[data-kpi=accepted] .tile__value').textContent.length <= 1")
    assert page.evaluate("() => shell.state.now.now === shell.state.now.first")
    assert page.locator("#wall-failure").text_content() == ""
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("l")
    until(page, f"Number(document.querySelector('[data-kpi=accepted] .tile__value').textContent) === {live}")
    assert at_of(page) is None
    assert page.evaluate("() => shell.clock.mode") == "live"
    until(page, "mapRoom.settled()")
    assert page.told[-1][1] is None
    assert page.locator("#wall-badge").get_attribute("class") == "badge badge--live"


def test_it_plays_moves_the_officers_and_stops(page, base):
    start(page, base, AT)
    until(page, "mapRoom.settled()")
    page.keyboard.press("Space")
    until(page, "shell.motion.content() && shell.motion.content().n > 10")
    first = page.evaluate("() => [shell.clock.at, Array.from(shell.motion.content().columns.lon)]")
    until(page, f"shell.clock.at > {first[0] + 60_000}")
    until(page, "shell.clock.told > Date.parse('2019-05-10T10:00:00+08:00')", what="the figures follow")
    later = page.evaluate("() => Array.from(shell.motion.content().columns.lon)")
    assert later != first[1]
    page.keyboard.press("Space")
    until(page, "shell.clock.mode === 'paused' && !shell.motion.content() && mapRoom.settled()")
    stopped = moment(page)
    assert page.told[-1][1] == stopped, "the picture is that of the moment at which it stopped"
    motions = [(url, header) for url, header in page.told if "/columns/motion" in url]
    assert motions
    for url, header in motions:
        assert parse_qs(urlsplit(url).query)["until"] == [header], "a piece says the moment it ends at"
    assert page.evaluate("() => mapRoom.state.failures") == {}


def test_an_officer_is_between_two_fixes_and_not_where_nobody_knows(page, base):
    start(page, base)
    found = page.evaluate("""() => {
      const piece = {step: 0, cursor: new Uint32Array(2), content: {n: 2, columns: {
        start: Uint32Array.from([0, 3, 4]), lon: Int32Array.from([1000, 2000, 9000, 500]),
        lat: Int32Array.from([0, 0, 0, 7]), second: Int32Array.from([-10, 10, 1000, 50]),
        area: Uint8Array.from([0, 1, 1, 0]), role: Uint8Array.from([0, 0])},
        meta: {origin: 100, gap_s: 600, ids: ["a", "b"], areas: ["x", "y"], roles: [""],
          fresh_s: 300, late_s: 1800}}};
      return [0, 40, 60, 5].map((t) => {
        const {n, columns, meta} = shell.motion.place(piece, (100 + t) * 1000);
        return [n, Array.from(columns.lon), Array.from(columns.age), meta.ids]; });
    }""")
    assert found == [
        [1, [1500], [10], ["a"]],
        [1, [2000], [30], ["a"]],  # the next fix is too far away to be walked to
        [2, [2000, 500], [50, 10], ["a", "b"]],
        [1, [1750], [15], ["a"]],  # back again
    ]


def test_live_positions_are_walked_to(page, base):
    start(page, base)
    until(page, "mapRoom.settled() && mapRoom.content('officers')")
    page.evaluate("""() => {
      mapRoom.software = false; /* as with a GPU */
      const held = mapRoom.content("officers"), {columns} = held;
      const lon = columns.lon.map((one, i) => one + (i ? 900 : 90000));
      window.next = {...held, columns: {...columns, lon}};
      window.before = columns.lon;
      mapRoom.put('officers', 'officers', window.next);
      window.first = shell.motion.content().columns.lon;
    }""")
    assert page.evaluate("() => first[0] === next.columns.lon[0]"), "what is far jumps"
    assert page.evaluate("() => first[1] >= before[1] && first[1] < before[1] + 900"), "what is near walks"
    until(page, "!shell.motion.content() && mapRoom.content('officers') === next")


def test_the_playhead_is_dragged_and_has_keys(page, base):
    start(page, base)
    until(page, "!document.querySelector('#wall-playhead').hidden")
    box, bars = (page.locator(one).bounding_box() for one in ("#wall-playhead", "#wall-histogram-canvas"))
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(bars["x"] + bars["width"] / 2, box["y"] + 4, steps=4)
    page.mouse.up()
    until(page, "shell.clock.mode === 'paused'")
    until(page, "shell.clock.told === Math.floor(shell.clock.at / 1000) * 1000")
    middle = page.evaluate("""() => { const {context} = shell.state;
      return (Date.parse(context.since) + Date.parse(context.until)) / 2; }""")
    assert abs(page.evaluate("() => shell.clock.at") - middle) < 3_600_000
    before = page.evaluate("() => shell.clock.at")
    page.keyboard.press("ArrowLeft")
    until(page, f"shell.clock.at < {before}")
    step = page.evaluate("() => shell.timeline.data().step_s * 1000")
    assert page.evaluate("() => shell.clock.at") == pytest.approx(before - step, abs=1000)
    assert page.locator("#wall-playhead").get_attribute("aria-valuetext").startswith("05-0")


def test_speed_is_chosen_and_steps_follow_it(page, base):
    start(page, base, AT)
    for value in ("300", "3600"):  # one in the middle as well: nothing lies over the list
        click(page, "[data-pop=speed]")
        click(page, f'[data-act=speed][data-value="{value}"]')
        until(page, "!document.querySelector('.pop[open]')")
    assert page.locator("#wall-speed").text_content() == "3600×"
    page.keyboard.press(".")
    assert moment(page) == "2019-05-10T03:00:00Z"
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press(",")
    page.keyboard.press(",")
    assert moment(page) == "2019-05-10T01:00:00Z"


def test_the_selected_officer_can_be_followed(page, base):
    start(page, base, AT)
    until(page, "mapRoom.settled() && mapRoom.content('officers')")
    assert page.locator("[data-act=follow]").is_hidden()
    who = page.evaluate("() => mapRoom.content('officers').meta.ids[0]")
    page.evaluate("(who) => shell.select('officer', who)", who)
    until(page, "!document.querySelector('[data-act=follow]').hidden")
    page.evaluate("() => mapRoom.setCamera({lon: 121.7, lat: 38.95, zoom: 15})")
    click(page, "[data-act=follow]")
    click(page, "[data-act=play]")
    near = f"""(() => {{ const c = shell.motion.content(), i = c ? c.meta.ids.indexOf({json.dumps(who)}) : -1;
      return i >= 0 && Math.abs(c.columns.lon[i] * 1e-7 - mapRoom.state.camera.longitude) < 0.005; }})()"""
    until(page, near, what="the map follows")
    click(page, "[data-act=play]")


@pytest.mark.parametrize(("lang", "width", "height"),
                         [("zh", 1920, 1080), ("en", 1920, 1080), ("en", 3840, 1080)])
def test_the_clock_fits_and_is_accessible(base, lang, width, height):
    with browser_page(width, height, base) as page:
        start(page, base, f"{AT}&lang={lang}", layers="layers=areas")
        assert page.evaluate(CUT) == []
        assert page.evaluate(ROOM) == [True, True, True]
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found
                if one["impact"] in ("critical", "serious")] == []
        assert page.faults == []
