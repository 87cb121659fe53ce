"""Opens the harness page in a real Chromium and looks at the pixels of its map."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from callbacks.cookies import Jar
from data.clock import store_now
from data.live.listener import Listener
from data.readers import build_readers
from tests.browser import harness
from tests.signed_in import access_of, now, signed_in

CHROMIUM = "/usr/bin/chromium"
#: WebGL without a GPU.
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PATIENCE_S = 60


class KeptAlive(WSGIRequestHandler):
    """Connections stay open, as behind the product's own server: half the time of a page."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Not at all."""


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """A WSGI application on a free port; gives its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=KeptAlive)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def served() -> Iterator[str]:
    """The harness on a free port."""
    with serving(harness.create()) as address:
        yield address


class Address(str):
    """An address with the cookie of a viewer of it."""

    __slots__ = ("cookie",)

    def __new__(cls, address: str, cookie: str) -> Address:
        made = super().__new__(cls, address)
        made.cookie = cookie
        return made


def sign_in(context: BrowserContext, base: Address) -> None:
    """Give a browser the session of the viewer of an address."""
    context.add_cookies([{"name": Jar(secure=False).session, "value": base.cookie, "url": base,
                          "httpOnly": True, "sameSite": "Lax"}])


@contextmanager
def wall_over(store: Any, settings: Any, *, listens: bool = False) -> Iterator[Address]:
    """The whole application over a store on a free port, its snapshot kept up to date.

    The address carries the cookie of somebody who may see all of it.

    Args:
        listens: it hears the database at once, as when it is served.
    """
    readers, access = build_readers(store, settings), access_of(store, settings)
    readers.snapshot.start()
    app = create_app(settings, readers=readers, access=access)
    at = store_now(store, now())
    listener = Listener(store, app.live, wake=readers.snapshot.wake, now=lambda: at) if listens else None
    if listener:
        listener.start()
    try:
        with serving(app.server) as address:
            yield Address(f"{address}/", signed_in(access))
    finally:
        if listener:
            listener.stop()
        readers.snapshot.stop()


@contextmanager
def browser_page(width: int = 960, height: int = 600, base: str = "") -> Iterator[Page]:
    """A page that keeps what the console and the network said in ``page.faults`` and ``page.asked``.

    Args:
        base: an `Address` signs the browser in there.
    """
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        if isinstance(base, Address):
            sign_in(page.context, base)
        page.faults, page.asked = [], []
        page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("request", lambda asked: page.asked.append(asked.url))
        yield page
        browser.close()


def until(page: Page, expression: str, *, what: str = "") -> Any:
    """Wait until a JavaScript expression is true; the strict policy forbids Playwright's own waiting."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = page.evaluate(f"() => {{ return {expression}; }}")
        if found:
            return found
        page.wait_for_timeout(50)
    state = page.evaluate(
        "() => window.mapRoom ? JSON.stringify("
        "{failures: mapRoom.state.failures, waiting: mapRoom.state.waiting}) : 'no map here'"
    )
    raise AssertionError(f"not within {PATIENCE_S} s: {what or expression}; {state}")


def open_map(page: Page, base: str, layers: str) -> None:
    """Open the harness with some layers on and wait for the finished picture."""
    page.goto(f"{base}/?layers={layers}")
    settled(page)


def settled(page: Page) -> None:
    """Wait until nothing is on its way and the picture is drawn: the same pixels twice."""
    until(page, "Boolean(window.mapRoom && mapRoom.settled && mapRoom.settled() && mapRoom.state.rested)")
    before = None
    for _ in range(200):
        now = page.evaluate("() => mapRoom.settled() && mapRoom.pixels()")
        if now and now == before:
            return
        before = now
        page.wait_for_timeout(60)
    raise AssertionError(f"the picture never came to rest, last {before}")


def keep(page: Page, name: str) -> None:
    """Keep the pixels of this moment in the page under a name."""
    page.evaluate("(name) => { (window.kept ??= {})[name] = mapRoom.pixels(true); }", name)


def differing(page: Page, one: str, other: str) -> int:
    """How many pixels differ between two kept pictures."""
    return page.evaluate("([a, b]) => mapRoom.differing(kept[a], kept[b])", [one, other])
