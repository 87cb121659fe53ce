"""What the wall says while an emergency is under way in the areas of who looks at it."""

from __future__ import annotations

from dash import html

from dashboard.texts import Say
from data.access.viewer import Viewer


def banner(viewer: Viewer | None, say: Say) -> html.Div:
    """A line that the stream fills and shows; people may open the tasks from it, screens may not."""
    link = html.A(say("emergency.banner.open"), href="/emergency", className="emergency__open")
    return html.Div(
        [html.Strong(className="emergency__text"), None if viewer is not None and viewer.is_screen else link],
        className="emergency", hidden=True, role="alert",
        **{"data-emergency": say("emergency.banner", title="{title}"),
           "data-more": say("emergency.more", n="{n}")},
    )
