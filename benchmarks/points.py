"""The map in a real browser without a GPU: bytes, frames, and the way from a filter to the picture.

A frame counts when its pixels are read back. The plain way draws the same wall
with plotly: `choroplethmap`, `densitymap` and `scattermap` from JSON.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlencode

import plotly
import plotly.graph_objects as go
from flask import Flask, Response, send_file
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from benchmarks.city import SIZES, City, grow, open_city, settings
from benchmarks.measure import rest, say
from benchmarks.signed_in import entry
from data.filters import CaseFilter
from layers import areas as area_layers
from layers import cases as case_layers

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
#: The default wall and the heat, as the reference picture has them.
WALL: Final = ("basemap", "areas", "heat", "traces", "officers", "resources", "labels")
POINTS: Final = 20_000
#: The window of both ways; the plain one sends every case of it.
DAYS: Final = timedelta(days=90)
PATIENCE_S: Final = 120
#: A page is opened so often, each time in a new browser; the median counts.
OPENINGS: Final = 3
READY: Final = """keys => Boolean(window.mapRoom?.settled?.() && keys.every((key) =>
  (mapRoom.state.deck?.layerManager?.getLayers() || []).some((layer) =>
    layer.id.split("-")[0] === key && layer.props.visible)) && mapRoom.pixels()?.lit > 0)"""
CHANGE: Final = """async ([name, value, patience]) => {
  const {state} = mapRoom, before = [state.specs.areas, state.specs.heat], began = performance.now();
  shell.patchFilter({[name]: value});
  while (state.specs.areas === before[0] || state.specs.heat === before[1] || !mapRoom.settled()) {
    if (performance.now() - began > patience * 1000) throw new Error("the picture never came");
    await new Promise((done) => setTimeout(done, 8));
  }
  mapRoom.frameMs();
  return performance.now() - began;
}"""
PLAIN_PAGE: Final = """<!doctype html><meta charset="utf-8"><body style="margin:0"><div id="g"></div>
<script src="/plotly.js"></script><script>
fetch("/figure").then((answer) => answer.json())
  .then((figure) => Plotly.newPlot("g", figure.data, figure.layout)).then(() => { window.drawn = true; });
</script>"""
PLAIN_FRAME: Final = """async () => {
  const map = document.getElementById("g")._fullLayout.map._subplot.map, gl = map.painter.context.gl;
  const began = performance.now();
  map._render(performance.now());
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  return performance.now() - began;
}"""


def run(profile: str = "city", sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """``bytes_per_point, frame_ratio_plain``; of all sizes the slowest ``wall_frame_ms`` and
    ``filter_to_picture_ms``; ``first_map_s`` of the load set; growth.
    """
    with open_city(profile) as city:
        found: dict[str, Any] = {"bytes_per_point": bytes_per_point(city)}
        say(str(found))
        held = cases_held(city)
        growth = {str(held): wall(city)}
        say(f"{held} cases {growth[str(held)]}")
        found["plain_frame_ms"] = plain_frame_ms(city)
        for size in sizes if profile == "city" else ():
            if abs(size - held) <= held / 5:
                continue
            grown = grow(city, size)
            growth[str(grown)] = wall(city)
            say(f"{grown} cases {growth[str(grown)]}")
            if grown < held:
                city.readers.snapshot.refresh()
    found |= {
        name: max(step[name] for step in growth.values())
        for name in ("wall_frame_ms", "filter_to_picture_ms")
    }
    found["first_map_s"] = growth[str(held)]["first_map_s"]
    found["frame_ratio_plain"] = round(found["plain_frame_ms"] / growth[str(held)]["wall_frame_ms"], 1)
    return {**found, "cases": held, "growth": growth}


def cases_held(city: City) -> int:
    """How many cases the snapshot holds."""
    first, last = city.readers.cases.reported_range() or (city.now, city.now)
    whole = CaseFilter(since=first, until=last + timedelta(seconds=1))
    return int(city.readers.cases.point_count(whole, now=city.now)[0])


def bytes_per_point(city: City) -> float:
    """Bytes on the wire of one case point before compression, header and dictionaries included."""
    window = CaseFilter(since=city.now - DAYS, until=city.now)
    rows = city.readers.cases.points(window, None, POINTS, now=city.now).to_pandas()
    sent = case_layers.encode_points(rows, origin_s=int(window.since.timestamp()), total=len(rows))
    return round(len(sent) / max(1, len(rows)), 2)


def wall(city: City) -> dict[str, float]:
    """Frame, filter change and first map of the whole default wall at 1280 x 720."""
    chosen = replace(settings(), port=0)
    doors = entry(city.store, chosen)
    app = create_app(chosen, readers=city.readers, access=doors.access, rehearsed=True)  # as it is served
    with served(app.server) as base, ExitStack() as browsers:
        firsts = []
        for number in range(OPENINGS):
            browsers.close()
            page = browsers.enter_context(page_of())
            doors.sign_in(page.context, base)
            rest()
            begun = time.perf_counter()
            page.goto(f"{base}/?{window(city, number)}&layers={','.join(WALL)}", wait_until="commit")
            wait(page, READY, [*WALL])
            firsts.append(time.perf_counter() - begun)
        frames = [page.evaluate("() => mapRoom.frameMs()") for _ in range(9)]
        changes = [
            page.evaluate(CHANGE, [name, value, PATIENCE_S])
            for name, value in (
                ("urgencies", ["1"]),
                ("urgencies", []),
                ("categories", ["E"]),
                ("categories", []),
                ("urgencies", ["1", "2"]),
            )
        ]
        failures = page.evaluate("() => mapRoom.state.failures")
        assert not failures, failures
        return {
            "wall_frame_ms": round(median(frames)),
            "filter_to_picture_ms": round(median(changes)),
            "first_map_s": round(median(firsts), 2),
            "detail": page.evaluate("() => mapRoom.state.detail"),
        }


def window(city: City, number: int) -> str:
    """90 days that nobody asked about before, as an address names them: no answer is kept from another."""
    until = city.now - timedelta(minutes=number)
    return urlencode({"preset": "custom", "since": (until - DAYS).isoformat(), "until": until.isoformat()})


def plain_frame_ms(city: City) -> int:
    """One frame of the same wall drawn by plotly from JSON."""
    app = Flask(__name__)
    figure = plain_figure(city)
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    app.add_url_rule("/", "page", lambda: PLAIN_PAGE)
    app.add_url_rule("/figure", "figure", lambda: Response(figure, mimetype="application/json"))
    app.add_url_rule("/plotly.js", "script", lambda: send_file(script))
    with served(app) as base, page_of() as page:
        page.goto(base, wait_until="commit")
        wait(page, "() => Boolean(window.drawn)", None)
        page.evaluate(PLAIN_FRAME)
        return round(median(page.evaluate(PLAIN_FRAME) for _ in range(9)))


def plain_figure(city: City) -> str:
    """Grids by count, density of the cases, officers: what a plain dashboard would send."""
    grids = city.readers.areas.geometry("grid")
    window = CaseFilter(since=city.now - DAYS, until=city.now)
    counted = city.readers.cases.counts_by("grid", window, city.now).set_index("code")["accepted"]
    shapes = area_layers.area_shapes(grids)
    rows = city.readers.cases.points(window, now=city.now).to_pandas()
    people = city.readers.patrol.positions(city.now)
    west, south, east, north = grids.total_bounds
    figure = go.Figure(
        [
            go.Choroplethmap(
                geojson=shapes,
                featureidkey="properties.code",
                locations=grids["area_code"],
                z=counted.reindex(grids["area_code"], fill_value=0),
            ),
            go.Densitymap(lon=rows["lon"], lat=rows["lat"], radius=12),
            go.Scattermap(lon=people["lon"], lat=people["lat"], mode="markers"),
        ]
    )
    figure.update_layout(
        width=1280,
        height=720,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        map={
            "style": "white-bg",
            "zoom": 10.6,
            "center": {"lon": (west + east) / 2, "lat": (south + north) / 2},
        },
    )
    return str(json.dumps(json.loads(figure.to_json())))


class KeptAlive(WSGIRequestHandler):
    """Connections stay open and nothing is logged, as behind the product's own server."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Not at all."""


@contextmanager
def served(server: Flask) -> Iterator[str]:
    """A Flask app on a free port."""
    running = make_server("127.0.0.1", 0, server, threaded=True, request_handler=KeptAlive)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        thread.join()


@contextmanager
def page_of() -> Iterator[Page]:
    """A fresh Chromium with software GL at 1280 x 720."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page(viewport={"width": 1280, "height": 720})
        browser.close()


def wait(page: Page, expression: str, argument: Any) -> None:
    """Until an expression is true; the strict policy forbids Playwright's own waiting."""
    end = time.perf_counter() + PATIENCE_S
    while not page.evaluate(expression, argument):
        if time.perf_counter() > end:
            raise TimeoutError(f"not within {PATIENCE_S} s: {expression[:80]}")
        page.wait_for_timeout(30)
