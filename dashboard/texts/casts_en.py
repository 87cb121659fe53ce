"""English texts of views that desks send to walls."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "cast": "Cast",
    "cast.help": "Send this view (area, selection, filter, moment) to a wall",
    "cast.loading": "Reading the walls …",
    "cast.none": "No wall of your scope; displays are issued by the security administrator",
    "cast.minutes": "{n} min",
    "cast.send": "Send",
    "cast.end": "Take back",
    "cast.sent": "Sent, until {time}",
    "cast.busy": "{by}, until {time}",
    "cast.free": "free",
    "cast.refused": "Not sent: the wall may not show this view",
    "cast.failed": "The cast failed",
    "cast.banner": "Sent by {by} at {time} · {left} left",
}
