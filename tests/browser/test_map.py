"""The map in a real browser: what counts is pixels read back, clicks and what the stores get."""

import re

import pytest

from layers.keys import KEYS
from tests.browser.mapping import browser_page, differing, keep, open_map, served, settled, until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def base():
    with served() as address:
        yield address


@pytest.fixture
def page():
    with browser_page() as opened:
        yield opened
        assert opened.faults == []


def at(page, lon: float, lat: float) -> list[float]:
    return page.evaluate(
        "([lon, lat]) => mapRoom.state.deck.getViewports()[0].project([lon, lat])", [lon, lat]
    )


@pytest.mark.parametrize("key", [key for key in KEYS if key not in {"raster", "changes"}])
def test_every_layer_draws_something(page, base, key):
    open_map(page, base, key)
    if key == "buildings":
        page.evaluate("() => mapRoom.setCamera({lon: 104.12, lat: 30.67, zoom: 15.2})")
        settled(page)
    keep(page, "on")
    page.evaluate("(key) => mapRoom.toggle(key, false)", key)
    settled(page)
    keep(page, "off")
    assert differing(page, "on", "off") > 200
    assert page.evaluate("() => mapRoom.pixels().lit") == 0, "something of it is still there"
    assert page.evaluate("() => JSON.stringify(mapRoom.state.failures)") == "{}"


def test_changes_draw_rings_over_the_map_while_they_are_shown(page, base):
    inked = """(() => {
      const sheet = document.querySelector('.map-sheet--changes');
      const {data} = sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height);
      let n = 0;
      for (let i = 3; i < data.length; i += 4) n += data[i] > 0;
      return n;
    })()"""
    open_map(page, base, "changes")
    drawn = page.evaluate("() => mapRoom.state.drawn")
    page.evaluate("() => mapRoom.changed(Array.from({length: 200}, (_, i) => i + 1))")
    until(page, f"{inked} > 5000")
    assert page.evaluate("() => mapRoom.state.drawn") == drawn, "the map itself is not drawn for it"
    before = page.evaluate(f"() => {inked}")
    page.evaluate("() => mapRoom.setCamera({lon: 104.12, lat: 30.67, zoom: 14})")
    until(page, f"{inked} !== {before}", what="the rings go with the camera")
    page.evaluate("() => mapRoom.toggle('changes', false)")
    until(page, f"{inked} === 0")


def test_nothing_is_asked_of_anybody_else(page, base):
    open_map(page, base, ",".join(KEYS))
    assert [url for url in page.asked if not url.startswith((base, "data:", "blob:"))] == []


def test_a_click_on_an_area_selects_one_level_below(page, base):
    open_map(page, base, "areas")
    x, y = at(page, 104.12, 30.67)
    page.mouse.click(x, y)
    found = until(page, "window.written['shell-selection']")
    assert found["kind"] == "area"
    assert len(found["code"]) == 9
    page.evaluate("(code) => mapRoom.view({area: code, mode: '2d', layers: {}})", found["code"])
    page.mouse.click(x, y)
    deeper = until(
        page, "window.written['shell-selection'].code.length === 12 && window.written['shell-selection']"
    )
    assert deeper["code"].startswith(found["code"])


def test_a_click_on_a_road_selects_who_answers_for_it(page, base):
    open_map(page, base, "chiefs")
    road = until(
        page,
        """(() => {
          const {width, height} = mapRoom.state.deck;
          const [viewport] = mapRoom.state.deck.getViewports();
          for (const {geometry, properties} of mapRoom.content("chiefs")?.features || []) {
            const line = geometry.type === "LineString" ? geometry.coordinates : geometry.coordinates[0];
            const [x, y] = viewport.project(line[Math.floor(line.length / 2)]);
            if (x > 60 && y > 60 && x < width - 60 && y < height - 60) return {x, y};
          }
        })()""",
    )
    page.mouse.click(road["x"], road["y"])
    found = until(page, "window.written['shell-selection']")
    assert found["kind"] == "officer"
    chiefs = page.evaluate("() => mapRoom.content('chiefs').features.map((one) => one.properties.chief)")
    assert found["code"] in chiefs


def test_a_scan_that_runs_is_looked_at_again_and_its_clusters_are_told(page, base):
    open_map(page, base, "clusters")
    page.evaluate("""() => {
      const spec = structuredClone(mapRoom.state.specs.clusters);
      spec.layer[0].data["@@geojson"] += "?slow=1";
      mapRoom.state.told = [];
      mapRoom.on("note", () => mapRoom.state.told.push(mapRoom.state.notes.clusters));
      mapRoom.draw(spec, "clusters");
    }""")
    until(page, "mapRoom.state.told.length >= 2")
    assert page.evaluate("() => mapRoom.state.told") == ["扫描中 40%", "4,321 件案件中有 2 处聚集"]
    settled(page)
    keep(page, "done")
    asked = len([url for url in page.asked if "/columns/clusters" in url])
    # the same spec told again asks nothing, and the picture stays
    page.evaluate("() => mapRoom.draw(structuredClone(mapRoom.state.specs.clusters), 'clusters')")
    settled(page)
    keep(page, "again")
    assert differing(page, "done", "again") == 0
    assert len([url for url in page.asked if "/columns/clusters" in url]) == asked

    feature = page.evaluate("() => mapRoom.content('clusters').features[1].properties")
    x, y = at(page, feature["lon"], feature["lat"])
    page.mouse.move(x, y)
    assert until(page, "document.querySelector('.map-tip:not([hidden])')?.textContent") == feature["title"]
    page.mouse.click(x, y)
    assert until(page, "window.written['shell-selection']") == {"kind": "area", "code": feature["code"]}


def test_a_click_on_a_case_asks_for_its_number(page, base):
    open_map(page, base, "cases")
    page.evaluate("() => mapRoom.setCamera({lon: 104.12, lat: 30.67, zoom: 16})")
    settled(page)
    lon, lat, ref = page.evaluate("""() => {
      const {columns, n} = mapRoom.content("cases");
      let best = 0, least = 9;
      for (let i = 0; i < n; i++) {
        const far = Math.hypot(columns.lon[i] * 1e-7 - 104.12, columns.lat[i] * 1e-7 - 30.67);
        if (far < least) { least = far; best = i; }
      }
      return [columns.lon[best] * 1e-7, columns.lat[best] * 1e-7, columns.case_ref[best]];
    }""")
    page.mouse.click(*at(page, lon, lat))
    found = until(page, "window.written['shell-selection']")
    assert found == {"kind": "case", "code": f"CASE-{ref}"}


def test_clicks_arrive_though_frames_are_slow(page, base):
    open_map(page, base, "areas")
    page.evaluate("""() => mapRoom.state.deck.setProps({
      onBeforeRender: () => { const end = performance.now() + 700; while (performance.now() < end); }})""")
    x, y = at(page, 104.12, 30.67)
    for count in range(1, 4):
        page.mouse.click(x + 40 * count, y)
        until(page, f"(mapRoom.state.clicks || 0) >= {count}", what=f"click {count}")


def test_the_camera_survives_a_refresh(page, base):
    open_map(page, base, "areas,basemap")
    page.evaluate("() => mapRoom.setCamera({lon: 104.11, lat: 30.66, zoom: 13.5, pitch: 20, bearing: 30})")
    page.evaluate("() => mapRoom.select({kind: 'area', code: '510108006'})")
    settled(page)
    keep(page, "before")
    page.evaluate(
        "async () => { const specs = await (await fetch('/specs')).json();"
        " Object.entries(specs).forEach(([key, spec]) => mapRoom.draw(spec, key)); }"
    )
    settled(page)
    keep(page, "after")
    camera = page.evaluate("() => mapRoom.state.camera")
    assert (camera["longitude"], camera["zoom"], camera["bearing"]) == (104.11, 13.5, 30)
    assert page.evaluate("() => mapRoom.state.selection.code") == "510108006"
    assert differing(page, "before", "after") == 0


def test_the_gpu_filter_equals_the_subset_sent_anew(page, base):
    open_map(page, base, "cases")
    keep(page, "all")
    since = "2026-11-22T08:30:00+00:00"
    page.evaluate("(since) => mapRoom.brush({since, until: null, categories: ['E01']})", since)
    settled(page)
    keep(page, "filtered")
    assert differing(page, "all", "filtered") > 1000
    page.evaluate(
        """(since) => {
      const spec = structuredClone(mapRoom.state.specs.cases);
      spec.layer[0].data["@@columns"] = "/columns/cases?category=E01&since=" + encodeURIComponent(since);
      mapRoom.brush(null);
      mapRoom.draw(spec, "cases");
    }""",
        since,
    )
    until(page, "mapRoom.content('cases').meta.categories.length === 2")
    settled(page)
    keep(page, "sent")
    assert differing(page, "filtered", "sent") == 0


def test_two_and_three_dimensions_are_one_map(page, base):
    open_map(page, base, "areas,officers")
    keep(page, "flat")
    page.evaluate("() => mapRoom.setMode('3d')")
    until(page, "mapRoom.state.rise === 1 && mapRoom.state.camera.pitch > 40")
    settled(page)
    keep(page, "high")
    assert differing(page, "flat", "high") > 5000
    page.evaluate("() => mapRoom.setMode('2d')")
    until(page, "mapRoom.state.rise === 0 && mapRoom.state.camera.pitch === 0")
    page.evaluate("() => mapRoom.home()")
    until(page, "mapRoom.state.camera.bearing === 0 && !mapRoom.state.goal")
    settled(page)
    keep(page, "again")
    assert differing(page, "flat", "again") < 0.02 * 960 * 600


def test_a_layer_that_fails_says_so_and_keeps_the_last_picture(page, base):
    open_map(page, base, "cases")
    keep(page, "before")
    page.route(
        re.compile("broken=1"),
        lambda route: route.fulfill(
            status=503, body='{"error": "the store does not answer"}', content_type="application/json"
        ),
    )
    page.evaluate("""() => {
      const spec = structuredClone(mapRoom.state.specs.cases);
      spec.layer[0].data["@@columns"] = "/columns/cases?broken=1";
      mapRoom.draw(spec, "cases");
    }""")
    until(page, "document.getElementById('map-canvas').dataset.failures.includes('does not answer')")
    assert "does not answer" in page.text_content("#map-failure")
    keep(page, "after")
    assert differing(page, "before", "after") == 0
    page.faults.clear()  # the browser itself reports the 503


def test_arrows_move_and_turn_the_map(page, base):
    open_map(page, base, "basemap")
    page.focus("#map-canvas")
    before = page.evaluate("() => mapRoom.state.camera")
    page.keyboard.press("ArrowRight")
    until(page, f"mapRoom.state.camera.longitude > {before['longitude']} + 0.001")
    page.keyboard.press("Shift+ArrowLeft")
    until(page, "mapRoom.state.camera.bearing < -10")
    assert "m" in page.text_content(".map-scale")
