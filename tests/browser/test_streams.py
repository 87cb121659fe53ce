"""Pictures of cameras in their card: played from a configured host, and lost ones say so."""

import base64
import re

import pytest
import sqlalchemy as sa
from flask import Flask, Response

from data.demo.build import build
from data.settings import Settings
from data.tables import resource
from tests.browser.mapping import browser_page, serving, until, wall_over

pytestmark = pytest.mark.browser
IS = "document.querySelector('#wall-side video')?.dataset.is"
NOTE = "document.querySelector('#wall-side .stream__note').textContent"
HLS = "application/vnd.apple.mpegurl"
#: A second of a moving picture, made by the browser itself.
RECORD = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 64, height: 36});
  const pen = canvas.getContext("2d"), parts = [];
  const recorder = new MediaRecorder(canvas.captureStream(20), {mimeType: "video/webm"});
  recorder.ondataavailable = ({data}) => parts.push(data);
  const over = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  for (let i = 0; i < 24; i++) {
    pen.fillStyle = i % 2 ? "#fff" : "#048"; pen.fillRect(i, 0, 20, 36);
    await new Promise((next) => setTimeout(next, 50));
  }
  recorder.stop();
  await over;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""


class Platform:
    """A video platform that can be switched off."""

    def __init__(self):
        self.film, self.is_on, self.asked = b"", True, 0
        self.app = Flask(__name__)
        self.app.add_url_rule("/<name>", view_func=self.answer)

    def answer(self, name):
        self.asked += 1
        return Response(self.film, mimetype="video/webm") if self.is_on else Response(status=503)


@pytest.fixture(scope="module")
def platform():
    return Platform()


@pytest.fixture(scope="module")
def base(module_store, platform):
    build("zhongshan", 7, None, module_store)
    with serving(platform.app) as video:
        urls = {"camera-0001": f"{video}/1.webm", "camera-0002": "http://elsewhere.example/1.webm",
                "camera-0003": f"{video}/3.m3u8"}
        with module_store.engine.begin() as connection:
            for code, url in urls.items():
                connection.execute(sa.update(resource).values(stream_url=url).where(
                    resource.c.resource_id == code))
        with wall_over(module_store, Settings(stream_hosts=(video,))) as address:
            yield address


def test_a_picture_plays_is_kept_over_changes_and_says_when_it_is_lost(base, platform):
    with browser_page(1280, 720, base) as page:
        page.goto("about:blank")
        platform.film = base64.b64decode(page.evaluate(RECORD))
        page.goto(f"{base}?lang=en&sel=resource:camera-0001")
        until(page, f"{IS} === 'live'")
        assert page.evaluate(f"() => {NOTE}") == "Picture is coming in"
        page.evaluate("() => { document.querySelector('#wall-side video').dataset.mark = 'same'; }")
        page.evaluate("() => window.dash_clientside.set_props('shell-acted', {data: 99})")
        until(page, "document.querySelector('#wall-side video')?.dataset.mark === 'same'")
        platform.is_on = False
        page.evaluate("() => document.querySelector('#wall-side video').load()")
        until(page, f"{IS} === 'lost'")
        assert re.search(r"Picture lost, last seen \d\d-\d\d \d\d:\d\d:\d\d;", page.evaluate(f"() => {NOTE}"))
        platform.is_on = True
        until(page, f"{IS} === 'live'", what="it connects again by itself")


def test_what_cannot_be_played_says_why(base):
    with browser_page(1280, 720, base) as page:
        page.goto(f"{base}?lang=en&sel=resource:camera-0002")
        until(page, "document.querySelector('#wall-side')?.textContent.includes('not of a configured')")
        assert page.evaluate("() => document.querySelector('#wall-side video')") is None
        page.evaluate("() => window.shell.select('resource', 'camera-0003')")
        until(page, f"['hls', 'never'].includes({IS})", what="no HLS here, or nothing behind the address")
        plays = page.evaluate(f"() => document.createElement('video').canPlayType('{HLS}')")
        assert page.evaluate(f"() => {IS}") == ("never" if plays else "hls")
        assert not [url for url in page.asked if "elsewhere" in url]
