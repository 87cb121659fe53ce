"""POST /api/cases/<case_no>/photos and GET /photos/<hash>: photos go to a case and are shown with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote

from flask import Flask, Response, jsonify, request, send_file

from callbacks.desk import Desk
from callbacks.documents import lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.viewer import current_viewer
from dashboard.components.photos import Shown
from dashboard.texts import maybe, speaker
from data.access.roles import Permission
from data.attachments.photos import Sent, between_m, listed, seen
from data.uploads import limits
from data.uploads.refused import UploadError

PHOTO: Final = "/photos/<content_hash>"
ADD: Final = "/api/cases/<case_no>/photos"
#: A photo opened by itself is a picture and nothing else, whatever a browser would take it for.
POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"


def register(server: Flask, *, desk: Desk, permits: Permits, clock: Callable[[], datetime]) -> None:
    """Add both routes.

    Args:
        clock: the time of day outside, aware.
    """
    with permits.of(Permission.DISPATCH, max_body=limits.PHOTO_BYTES):
        server.add_url_rule(ADD, "photo_add", lambda case_no: _add(desk, case_no, clock()), methods=["POST"])
    with permits.of(Permission.VIEW_PEOPLE):
        server.add_url_rule(PHOTO, "photo", lambda content_hash: _show(desk, content_hash), methods=["GET"])


def _add(desk: Desk, case_no: str, now: datetime) -> Response:
    """The body is the file as it is; its name comes in a header."""
    found = desk.readers.cases.case(case_no)
    if found is None or desk.photos is None:
        return refuse(404, f"case_no must be that of a case of yours, got {case_no[:60]!r}")
    name = unquote(request.headers.get("X-File-Name", ""))[:120] or "photo"
    sent = Sent(case_no=case_no, street_code=found["street_code"], content=request.get_data(cache=False),
                name=name, address=request.remote_addr)
    try:
        content_hash = desk.photos.add(sent, viewer=current_viewer(), zone=desk.zone, now=now)
    except UploadError as refusal:
        return refused(refusal)
    answer = jsonify({"photo": content_hash})
    answer.status_code = 201
    return answer


def refused(refusal: UploadError) -> Response:
    """What is wrong with a file, for the machine and in the words of the reader."""
    say = speaker(lang_of_request())
    text = maybe(say, f"upload.{refusal.code}", say("upload.other"))
    answer = jsonify({"error": str(refusal), "code": refusal.code, "text": text})
    answer.status_code = 503 if refusal.code == "busy" else 422
    return answer


def _show(desk: Desk, content_hash: str) -> Response:
    path = desk.photos.file(content_hash) if desk.photos is not None else None
    if path is None or not seen(desk.readers, content_hash):
        return refuse(404, "photo must be one of a case of yours")
    answer = send_file(path, mimetype="image/jpeg", conditional=True, etag=content_hash)
    answer.headers["Cache-Control"] = "no-store"  # who sits here next may not be allowed to see it
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def photos_of(case_: Mapping[str, Any], desk: Desk) -> Shown | None:
    """What the card of a case shows of its photos; None for who neither sees nor adds any."""
    viewer = desk.viewer()
    sees, adds = viewer.may(Permission.VIEW_PEOPLE), viewer.may(Permission.DISPATCH)
    if desk.photos is None or not (sees or adds):
        return None
    found = listed(desk.readers, case_["case_no"]) if sees else []
    return Shown(
        case_no=case_["case_no"],
        photos=[(one, between_m(one.lon, one.lat, case_.get("lon"), case_.get("lat"))) for one in found],
        may_add=adds, may_see=sees,
    )
