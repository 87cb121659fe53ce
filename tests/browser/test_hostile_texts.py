"""Texts that want to be markup: in every field that pages show, seen in cards, lists, labels, tooltips."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from data import tables
from data.demo.build import build
from data.settings import Settings
from tests.browser.mapping import browser_page, settled, until, wall_over

pytestmark = pytest.mark.browser

HOSTILE = (
    '"><img src=x onerror="window.hurt=1"><script>window.hurt=1</script><svg/onload=window.hurt=1>'
    "<a href=javascript:window.hurt=1>go</a>{{constructor.constructor('window.hurt=1')()}}${window.hurt=1}"
    "<iframe srcdoc='<script>parent.hurt=1</script>'></iframe>'-window.hurt=1-'"
)
#: Every column whose text somebody outside may have written.
WRITTEN = {
    tables.area: ("name",),
    tables.building: ("name", "address"),
    tables.road: ("name",),
    tables.base_feature: ("name",),
    tables.category: ("class_name", "sub_name", "name_en", "close_condition"),
    tables.channel: ("name", "name_en"),
    tables.department: ("name", "name_en"),
    tables.officer: ("name_masked", "phone_masked"),
    tables.resource: ("name",),
    tables.cases: ("title", "description", "address", "reporter_masked"),
    tables.case_event: ("note",),
    tables.label: ("zh", "en"),
}
WATCH = """window.violations = []; document.addEventListener('securitypolicyviolation',
  (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));"""
#: Elements that only our hostile text would make.
GROWN = "img[src='x'], iframe, svg[onload], a[href^='javascript:'], [onerror]"


@pytest.fixture(scope="module")
def hostile_store(module_store):
    build("zhongshan", 7, None, module_store)
    with module_store.engine.begin() as connection:
        for table, columns in WRITTEN.items():
            values = {table.c[name]: HOSTILE for name in columns}
            if "changed_xid" in table.c:
                values[table.c.changed_xid] = tables.CURRENT_XID
            connection.execute(sa.update(table).values(values))
    return module_store


@pytest.fixture(scope="module")
def base(hostile_store):
    with wall_over(hostile_store, Settings()) as address:
        yield address


@pytest.fixture
def page(base):
    with browser_page(1280, 720, base) as opened:
        opened.add_init_script(WATCH)
        yield opened


def first(store, column, *where):
    with store.engine.connect() as connection:
        return connection.execute(sa.select(column).where(*where).order_by(column)).scalars().first()


def untouched(page):
    """Nothing ran, nothing grew, the policy had nothing to refuse."""
    assert page.evaluate("window.hurt") is None
    assert page.evaluate("window.violations") == []
    assert page.evaluate(f'document.querySelectorAll("{GROWN}").length') == 0
    assert page.faults == []


SELECTIONS = {
    "area": lambda store: first(store, tables.area.c.area_code, tables.area.c.level == "grid"),
    "case": lambda store: first(store, tables.cases.c.case_no),
    "officer": lambda store: first(store, tables.officer.c.officer_id),
    "resource": lambda store: first(store, tables.resource.c.resource_id),
    "building": lambda store: first(store, tables.building.c.building_id),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", SELECTIONS)
def test_a_card_shows_hostile_texts_as_texts(page, base, hostile_store, kind, lang):
    code = SELECTIONS[kind](hostile_store)
    assert code
    page.goto(f"{base}?layers=areas&lang={lang}&sel={kind}:{code}")
    until(page, "document.querySelector('#wall-side')?.textContent.includes('window.hurt=1')")
    until(page, "Boolean(window.shell && shell.state.view)")
    untouched(page)


def test_the_whole_map_with_its_labels_and_tooltips(page, base):
    page.goto(f"{base}?preset=30d")
    settled(page)
    box = page.locator("#map-canvas").bounding_box()
    middle = box["y"] + box["height"] * 0.5
    page.mouse.move(box["x"] + box["width"] * 0.35, middle)
    page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=20)
    until(page, "(mapRoom.state.hover?.title || '').includes('window.hurt')", what="a hostile tooltip")
    untouched(page)


def test_lists_search_and_popovers(page, base):
    page.goto(f"{base}?layers=areas&preset=30d")
    until(page, "document.querySelectorAll('#wall-side .row').length > 0")
    for pop in page.evaluate("[...document.querySelectorAll('[data-pop]')].map((one) => one.dataset.pop)"):
        page.locator(f"[data-pop='{pop}']").first.click(timeout=60_000)
        page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("onerror")
    until(page, "document.querySelectorAll('#wall-results [data-select]').length > 0")
    page.keyboard.press("Escape")
    page.locator("[data-act=table]").first.click(timeout=60_000)
    until(page, "document.querySelectorAll('.grid tbody [data-select=case]').length > 0")
    untouched(page)
