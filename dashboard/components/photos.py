"""照片: the photos of a case, each with when it was taken and how far from the case's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from dash import html

from dashboard.components.parts import button, section
from dashboard.format import moment
from dashboard.texts import Say

#: What the page takes; the server looks at the content.
ACCEPTED: Final = "image/jpeg,image/png,image/webp"
#: Nearer than this, the camera's own error is larger.
AT_PLACE_M: Final = 30


class Photo(Protocol):
    """A photo as the card needs it."""

    content_hash: str
    width: int
    height: int
    taken_at: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Photos of a case for one viewer.

    Attributes:
        photos: each with the metres between camera and case, None where not known.
        may_add: the viewer may send further ones.
        may_see: without it there are none to be shown, which is not the same as none.
    """

    case_no: str
    photos: Sequence[tuple[Any, float | None]]
    may_add: bool
    may_see: bool


def photo_section(shown: Shown, *, zone: ZoneInfo, say: Say) -> html.Section:
    """Thumbnails that open the whole photo, and the button that adds one."""
    parts: list[Any] = []
    if shown.photos:
        parts.append(html.Ul([_photo(photo, away, place, zone, say)
                              for place, (photo, away) in enumerate(shown.photos, 1)], className="photos"))
    elif shown.may_see:
        parts.append(html.P(say("photo.none"), className="quiet"))
    if shown.may_add:
        parts.append(html.P([
            button(say("photo.add"), class_name="btn", act="add-photo", case=shown.case_no, accept=ACCEPTED,
                   sending=say("photo.sending"), sent=say("photo.sent"),
                   large=say("upload.size"), failed=say("photo.failed")),
            html.Span("", className="photos__state", role="status", **{"data-photo-state": ""}),
        ], className="photos__add"))
    return section(say("photo.title"), parts)


def _photo(photo: Photo, away: float | None, place: int, zone: ZoneInfo, say: Say) -> html.Li:
    taken = moment(photo.taken_at, zone, year=True) if photo.taken_at else ""
    notes = [note for note in (taken, distance(away, say)) if note]
    address = f"/photos/{photo.content_hash}"
    return html.Li([
        html.A(
            html.Img(src=address, alt=" · ".join([say("photo.of", n=place), *notes]), width=str(photo.width),
                     height=str(photo.height), className="photos__picture"),
            href=address, target="_blank", rel="noopener", className="photos__open"),
        html.Small(" · ".join(notes)) if notes else None,
    ], className="photos__one")


def distance(away_m: float | None, say: Say) -> str:
    """How far the camera was from the case's place, in words; empty where nobody knows."""
    if away_m is None:
        return ""
    if away_m < AT_PLACE_M:
        return say("photo.here")
    if away_m < 1000:
        return say("photo.away.m", n=f"{round(away_m, -1):.0f}")
    return say("photo.away.km", n=f"{away_m / 1000:.1f}")
