"""English texts of wall displays that nobody touches."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "kiosk.next": "Next: {name}",
    "kiosk.held": "Rotation paused",
    "kiosk.pause": "Pause or resume the rotation",
    "kiosk.away": "No answer from the server since {time}; what is shown is of that time",
    "kiosk.ended": "This wall display was revoked or has expired; ask the security administrator.",
    "release.new": "A new version is in place; open the page anew",
    "release.open": "Open anew",
    "gl.lost": "The graphics context was lost; drawing anew",
    "gl.given_up": "The graphics context was lost several times; check graphics card and browser",
}
