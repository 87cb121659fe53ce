"""What the wall says while an emergency is under way in the areas of who looks at it."""

from __future__ import annotations

from dash import html

from dashboard.components.parts import button
from dashboard.texts import Say
from data.access.viewer import Viewer


def banner(viewer: Viewer | None, say: Say) -> html.Div:
    """A line that the stream fills and shows.

    Of several under way people choose one; a screen shows the newest.
    People may turn the wall to the emergency and open the tasks from it; a screen turns by itself.
    """
    is_screen = viewer is not None and viewer.is_screen
    pick = html.Select(className="emergency__pick", hidden=True, **{"aria-label": say("emergency.pick")})
    links = [button(say("emergency.layout"), class_name="emergency__open", title=say("emergency.layout.help"),
                    act="emergency-layout", back=say("emergency.layout.back"), on=say("emergency.layout")),
             html.A(say("emergency.banner.open"), href="/emergency", className="emergency__open")]
    return html.Div(
        [html.Strong(className="emergency__text"), *([] if is_screen else [pick, *links])],
        className="emergency", hidden=True, role="alert",
        **{"data-emergency": say("emergency.banner", title="{title}"),
           "data-more": say("emergency.more", n="{n}"), "data-failed": say("emergency.end.failed"),
           **({"data-turns": "1"} if is_screen else {})},
    )
