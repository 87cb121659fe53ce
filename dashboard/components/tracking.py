"""现场跟踪: the line over the map while a force on its way to a case is followed."""

from __future__ import annotations

from dash import html

from dashboard.components.parts import button
from dashboard.texts import Say


def banner(say: Say) -> html.Div:
    """Filled and shown by the browser (assets/49-track.js)."""
    words = {"way": say("track.way", km="{km}", minutes="{minutes}"), "there": say("track.there"),
             "no-way": say("track.no_way"), "lost": say("track.lost"), "over": say("track.over"),
             "failed": say("track.failed"), "age": say("track.age", n="{n}")}
    return html.Div(
        [html.Strong(className="tracking__who"), html.Span(className="tracking__way"),
         html.Small(className="tracking__age"), button(say("track.end"), act="untrack")],
        id="wall-track", className="tracking", hidden=True, role="status",
        **{f"data-{name}": text for name, text in words.items()})
