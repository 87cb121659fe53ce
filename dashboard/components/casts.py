"""Casts (投屏) on the page: the tool of a desk, and what a wall says of who sent what it shows."""

from __future__ import annotations

from typing import Final

from dash import html

from dashboard.components.parts import popover
from dashboard.texts import Say
from data.access.roles import Permission
from data.access.viewer import Viewer

#: How long a wall may be taken, in minutes.
MINUTES: Final = (5, 15, 60)
_WORDS: Final = ("send", "end", "none", "failed", "refused", "busy", "free", "sent", "minutes")


def tool(viewer: Viewer | None, say: Say) -> html.Details | None:
    """The list of walls, which grows when it is opened; None where the viewer sends nothing."""
    if viewer is None or viewer.is_screen or not viewer.may(Permission.DISPATCH):
        return None
    words = {f"data-{word}": say(f"cast.{word}", n="{n}", by="{by}", time="{time}") for word in _WORDS}
    body = html.Div(
        html.P(say("cast.loading"), className="quiet"), className="casts",
        **{"data-casts": ",".join(str(n) for n in MINUTES), **words, "aria-live": "polite"},
    )
    return popover(html.Span(say("cast"), title=say("cast.help")), body, class_name="pop--left", key="cast")


def banner(viewer: Viewer | None, say: Say) -> html.Div | None:
    """What a wall says while it shows what was sent to it; None for people."""
    if viewer is None or not viewer.is_screen:
        return None
    return html.Div(
        html.Span(className="cast__text"), className="cast", hidden=True, role="status",
        **{"data-cast": say("cast.banner", by="{by}", time="{time}", left="{left}")},
    )
