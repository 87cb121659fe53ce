"""画面: the picture of a camera, or why there is none; the browser says since when it is lost."""

from __future__ import annotations

from typing import Final

from dash import html

from dashboard.components.parts import section
from dashboard.texts import Say
from data.resources.streams import Stream

#: What the browser says of a picture.
SAID: Final = ("waiting", "live", "lost", "never", "paused", "hls")


def stream_section(picture: Stream | str | None, say: Say) -> html.Section | None:
    """The frame that the browser plays a stream in, see assets/47-streams.js; None for no picture.

    Args:
        picture: as of `callbacks.streams.picture_of`.
    """
    if picture is None:
        return None
    if isinstance(picture, str):
        return section(say("stream.title"), html.P(say(f"stream.no.{picture}"), className="quiet"))
    words = {f"data-{word}": say(f"stream.{word}", at="{at}") for word in SAID}
    return section(say("stream.title"), html.Div(className="stream", **{
        "data-stream": picture.url, "data-stream-kind": picture.kind, **words}))
