"""The whole wall over the demo district in a real browser: what a viewer does by hand."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from dashboard.components.header import DESK_PAGES, PAGES
from data.settings import Settings
from tests.browser.mapping import browser_page, sign_in, until, wall_over

pytestmark = pytest.mark.browser
ROWS = "document.querySelectorAll('#wall-side .row').length"
#: The map's own layers are tested elsewhere; a light map keeps these tests quick.
LIGHT = "layers=areas"
BRUSH_SPY = """() => { window.brushed = []; const old = mapRoom.brush;
  mapRoom.brush = (brush) => { window.brushed.push(brush); old(brush); }; }"""
OUTSIDE = """() => [...document.querySelectorAll('.head *, .side > *, .tools > *, .foot > *')].filter((e) => {
  const b = e.getBoundingClientRect();
  return b.width && !e.closest('.search__panel, .unseen')
    && (b.right > innerWidth + 1 || b.bottom > innerHeight + 1 || b.left < -1);
}).map((e) => e.className)"""
SMALL = """() => [...document.querySelectorAll('.page *')].filter((e) =>
  [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length
  && !e.closest('.map, svg, .unseen') && parseFloat(getComputedStyle(e).fontSize) < 15.9)
  .map((e) => e.className + ' ' + getComputedStyle(e).fontSize)"""


@pytest.fixture(scope="module")
def base(demo_store):
    with wall_over(demo_store, Settings()) as address:
        yield address


@pytest.fixture
def page(base):
    with browser_page(1280, 720, base) as opened:
        yield opened
        assert opened.faults == []


def start(page, base, query=""):
    page.goto(f"{base}?{LIGHT}&{query}")
    until(page, "document.querySelectorAll('#wall-kpis .tile').length === 6")
    until(page, "Boolean(window.shell && shell.state.view && shell.timeline.data())")


def query(page):
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def kpi(page, key):
    return page.evaluate(
        '(key) => document.querySelector(`[data-kpi="${key}"] .tile__value`).textContent', key
    )


def click(page, selector, nth=0):
    """A click by the mouse, where the viewer sees the thing."""
    page.locator(selector).nth(nth).click(timeout=60_000)


def test_it_opens_with_data_and_asks_nobody_else(page, base):
    start(page, base)
    until(page, f"{ROWS} > 3")
    links = len([*PAGES, *DESK_PAGES])
    assert page.locator("nav[aria-label] a").count() == links, "only pages that exist are links"
    assert [url for url in page.asked if not url.startswith((base, "data:", "blob:"))] == []


def test_clicks_alone_lead_from_the_district_to_a_case(page, base):
    start(page, base, "sel=area:210202")
    for length in (9, 12, 15):
        child = '#wall-side .card__part [data-select=area][data-code^="210202"]'
        until(page, f"document.querySelector('{child}')?.dataset.code.length === {length}")
        click(page, child)
        until(page, f"shell.state.view.area && shell.state.view.area.length === {length}")
        until(page, f"document.querySelectorAll('#wall-crumbs [data-scope]').length === {(length - 3) // 3}")
    click(page, "#wall-crumbs [data-scope]", 1)
    until(page, "shell.state.view.area.length === 9")
    click(page, "#wall-side [data-select=case]")
    until(page, "document.querySelectorAll('#wall-side .step').length > 1")
    assert query(page)["sel"].startswith("case:")


def test_a_bar_filters_everything_and_one_button_clears(page, base):
    start(page, base, "preset=30d")
    before = kpi(page, "accepted")
    click(page, "#wall-channels .barrow")
    until(page, "shell.state.filter.channels && shell.state.filter.channels.length === 1")
    until(page, f"document.querySelector('[data-kpi=accepted] .tile__value').textContent !== '{before}'")
    assert "channels" in query(page)
    click(page, "[data-act=clear]")
    until(page, f"document.querySelector('[data-kpi=accepted] .tile__value').textContent === '{before}'")
    assert "channels" not in query(page)


def test_a_bar_of_a_plotly_chart_filters_too(page, base):
    start(page, base, "preset=30d")
    bar = "#wall-categories-graph .barlayer .point path"
    until(page, f"document.querySelectorAll('{bar}').length > 3")
    box = page.locator(bar).first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    until(page, "shell.state.filter.categories && shell.state.filter.categories.length === 1")


def test_pressing_cases_are_shown_in_the_order_chosen(page, base):
    start(page, base)
    first = "document.querySelector('#wall-side .row')?.dataset.code"
    until(page, f"{first} !== undefined")
    click(page, "[data-pressing=oldest]")
    until(page, "document.querySelector('[data-pressing=oldest]').getAttribute('aria-checked') === 'true'")
    until(page, "document.querySelector('#wall-side .row__time')?.classList.contains('lamp--over')")


def test_check_boxes_filter_and_show_what_is_chosen(page, base):
    start(page, base)
    click(page, "[data-pop=states]")
    click(page, '[data-filter=states][data-code="handling"]')
    until(page, "(shell.state.filter.states || []).join() === 'handling'")
    until(
        page,
        "document.querySelector('[data-filter=states][data-code=handling]').ariaChecked === 'true'",
    )
    until(page, "document.querySelector('[data-count=states]').textContent === '1'")


def test_the_brush_draws_live_and_settles_on_release(page, base):
    start(page, base, "preset=30d")
    page.evaluate(BRUSH_SPY)
    box = page.locator("#wall-histogram-canvas").bounding_box()
    before, whole = kpi(page, "accepted"), page.evaluate("() => shell.state.filter.since")
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20, steps=4)
    assert page.evaluate("() => window.brushed.length") > 0, "the map hears of it while the hand moves"
    assert page.evaluate("() => shell.state.filter.since") == whole, "the server does not"
    page.mouse.up()
    until(page, f"document.querySelector('[data-kpi=accepted] .tile__value').textContent !== '{before}'")
    found = query(page)
    assert found["since"] > whole
    assert found["preset"] == "30d"


def test_the_scale_of_the_classes_is_a_click_away_and_the_legend_says_what_it_counts(page, base):
    start(page, base)
    until(page, "document.querySelector('[data-legend=areas]')?.textContent.includes('近7天上报')")
    edges = (
        "[...document.querySelectorAll('[data-legend=areas] .ramp__label')].map((e) => e.textContent).join()"
    )
    fixed = page.evaluate(f"() => {edges}")
    assert fixed == "0,1,2,4,8,≥16"
    click(page, "#wall-legend [data-value=adaptive]")
    until(page, f"{edges} !== '{fixed}'")
    until(page, "document.activeElement.dataset.value === 'adaptive'")
    until(page, "document.activeElement.ariaChecked === 'true'")
    assert query(page)["scale"] == "adaptive"


def test_words_about_the_window_follow_the_brush(page, base):
    start(page, base, "preset=30d")
    until(page, "document.querySelector('[data-panel=kpis] h2').textContent.includes('近30天上报')")
    page.evaluate(
        "() => { const {since, until} = shell.timeline.data();"
        " const half = new Date((Date.parse(since) + Date.parse(until)) / 2).toISOString().slice(0, 19);"
        " shell.window(since, half + '+00:00'); }"
    )
    for panel in ("kpis", "channels", "categories", "streets"):
        head = f"document.querySelector('[data-panel={panel}] h2').textContent"
        until(page, f"{head}.includes('所选时段') && !{head}.includes('近30天')")
    legend = "(document.querySelector('[data-legend=areas]')?.textContent || '近30天')"  # it is made anew
    until(page, f"!{legend}.includes('近30天')")
    click(page, "#wall-channels .barrow")
    until(page, "document.querySelector('[data-panel=kpis] h2').textContent.includes('已筛选')")
    until(page, f"{legend}.includes('已筛选')")


def test_the_address_reproduces_the_view(page, base):
    start(page, base, "preset=90d&area=210202008&measure=overdue&mode=2d&states=closed&sel=area:210202008")
    until(page, "document.querySelector('#wall-side .card__name')")
    name, accepted = page.locator("#wall-side .card__name").text_content(), kpi(page, "accepted")
    page.goto(page.url)
    until(page, "document.querySelector('#wall-side .card__name')")
    until(page, f"document.querySelector('[data-kpi=accepted] .tile__value')?.textContent === '{accepted}'")
    assert page.locator("#wall-side .card__name").text_content() == name
    assert query(page)["measure"] == "overdue"


def test_what_is_selected_is_marked_on_the_map_whichever_layers_are_on(page, base):
    start(page, base)
    until(page, f"{ROWS} > 1")
    assert page.locator(".map-pin").is_hidden()
    click(page, "#wall-side [data-select=case]")
    until(page, "document.querySelector('.map-pin') && !document.querySelector('.map-pin').hidden")
    page.keyboard.press("Escape")
    until(page, "document.querySelector('.map-pin').hidden")


def test_the_map_is_one_stop_of_the_tab_key(page, base):
    start(page, base)
    until(page, "document.getElementById('map-deck').tabIndex === -1")
    page.locator("#map-canvas").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "map-compass"


def test_a_question_mark_tells_the_keys_and_escape_closes(page, base):
    start(page, base)
    page.keyboard.press("?")
    until(page, "document.querySelector('[data-pop=keys]').parentElement.open")
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('[data-pop=keys]').parentElement.open")


def test_going_back_restores_what_was_selected(page, base):
    start(page, base)
    until(page, f"{ROWS} > 1")
    click(page, "#wall-side [data-select=case]")
    until(page, "shell.state.selection?.kind === 'case'")
    until(page, "new URLSearchParams(location.search).has('sel')")
    page.go_back()
    until(page, "shell.state.selection === null")


def test_english_is_a_click_away_and_complete(page, base):
    start(page, base)
    with page.expect_navigation():
        click(page, "[data-act=lang]")
    until(page, "document.querySelector('[data-kpi=accepted] .tile__label')?.textContent === 'Accepted'")
    assert query(page)["lang"] == "en"


def test_slash_searches_and_enter_opens_the_first_hit(page, base):
    start(page, base)
    page.keyboard.press("/")
    page.keyboard.type("桂林街道")
    until(page, "document.querySelectorAll('#wall-results [data-select]').length > 0")
    page.keyboard.press("Enter")
    until(page, "shell.state.selection?.kind === 'area'")
    until(page, "document.querySelector('#wall-side .card__name')?.textContent === '桂林街道'")


def test_the_table_sorts_and_leads_to_a_case(page, base):
    start(page, base)
    click(page, "[data-act=table]")
    until(page, "document.querySelectorAll('.grid tbody tr').length > 5")
    click(page, ".grid th [data-order=deadline]")
    until(page, "document.querySelector('.grid th[aria-sort] [data-order]')?.dataset.order === 'deadline'")
    click(page, ".grid tbody [data-select=case]")
    until(page, "shell.state.selection?.kind === 'case'")


def test_two_viewers_do_not_disturb_each_other(page, base):
    start(page, base)
    other = page.context.browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    sign_in(other.context, base)
    start(other, base)
    click(page, "#wall-channels .barrow")
    until(page, "(shell.state.filter.channels || []).length === 1")
    click(other, "[data-preset='90d']")
    until(other, "shell.state.view.preset === '90d'")
    until(other, "new URLSearchParams(location.search).get('preset') === '90d'")
    assert "channels" not in query(other)
    assert query(page)["preset"] == "7d"
    other.context.close()


def test_a_failed_refresh_keeps_the_picture_and_says_since_when(page, base):
    start(page, base)
    until(page, "document.querySelector('#wall-badge').classList.contains('badge--live')")
    before = kpi(page, "accepted")
    page.route("**/api/live*", lambda route: route.abort())
    page.route("**/api/delta*", lambda route: route.abort())
    page.evaluate("shell.live.hangUp()")
    until(page, "document.querySelector('#wall-badge').classList.contains('badge--stale')")
    assert re.search(r"数据截至 \d\d:\d\d, 更新失败", page.locator("#wall-badge").text_content())
    assert kpi(page, "accepted") == before
    page.unroute("**/api/live*")
    page.unroute("**/api/delta*")
    until(page, "document.querySelector('#wall-badge').classList.contains('badge--live')")
    page.faults.clear()


def test_a_page_that_never_hears_anything_says_so(page, base):
    page.route("**/api/live*", lambda route: route.abort())
    page.route("**/api/delta*", lambda route: route.abort())
    start(page, base)
    until(page, "document.querySelector('#wall-badge').classList.contains('badge--stale')")
    assert re.search(r"数据截至 \d\d:\d\d, 更新失败", page.locator("#wall-badge").text_content())
    page.faults.clear()


def serious_faults(page):
    """What axe calls critical or serious, with the first elements that have it."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return {
        fault["id"]: [node["html"][:160] for node in fault["nodes"][:3]]
        for fault in found
        if fault["impact"] in ("critical", "serious")
    }


@pytest.mark.parametrize(
    "address",
    ["", "sel=area:210202001001001&lang=en", "theme=light", "layers=basemap,areas,heat,cases,resources"],
)
def test_axe_finds_nothing_serious(page, base, address):
    start(page, base, address)
    until(page, "document.querySelectorAll('#wall-side .row, #wall-side .card__name').length > 0")
    assert not serious_faults(page)


#: A card -> where the store has one of its kind.
CARDS = {
    "case": 'SELECT case_no FROM "case" ORDER BY reported_at DESC LIMIT 1',
    "officer": "SELECT officer_id FROM officer ORDER BY officer_id LIMIT 1",
    "resource": "SELECT resource_id FROM resource ORDER BY resource_id LIMIT 1",
    "building": "SELECT building_id FROM building ORDER BY building_id LIMIT 1",
}


@pytest.mark.parametrize("kind", sorted(CARDS))
def test_axe_finds_nothing_serious_in_a_card(page, base, demo_store, kind):
    code = demo_store.arrow(CARDS[kind]).column(0)[0].as_py()
    start(page, base, f"sel={kind}:{code}")
    until(page, "document.querySelector('#wall-side .card__name')")
    assert not serious_faults(page)


OPENED = {
    "table": ("[data-act=table]", "document.querySelectorAll('.grid tbody tr').length > 5"),
    "areas table": ("[data-act=table]", "document.querySelectorAll('.grid tbody tr').length > 5"),
    **{
        name: (f"[data-pop={name}]", f"document.querySelector('[data-pop={name}]').parentElement.open")
        for name in ("time", "areas", "categories", "departments", "layers", "measure", "grids", "keys")
    },
}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious_in_what_opens(page, base, theme):
    start(page, base, f"theme={theme}")
    found = {}
    for name, (opener, opened) in OPENED.items():
        click(page, opener)
        if name == "areas table":
            click(page, "[data-table=areas]")
            until(page, "document.querySelector('[data-table=areas][aria-pressed=true]')")
        until(page, opened)
        if name == "categories":
            click(page, "[data-tree=categories] .tree__open")
            until(page, "document.querySelectorAll('[data-tree=categories] .tree__below .check').length > 3")
        found[name] = serious_faults(page)
        page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("街道")
    until(page, "document.querySelectorAll('#wall-results [data-select]').length > 0")
    found["search"] = serious_faults(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 1080), (4400, 1600)])
def test_everything_fits_the_wall(page, base, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    start(page, base)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    outside = page.evaluate(OUTSIDE)
    assert outside == []


def test_wall_text_is_16_pixels_at_1080p(page, base):
    page.set_viewport_size({"width": 1920, "height": 1080})
    start(page, base)
    small = page.evaluate(SMALL)
    assert small == []
