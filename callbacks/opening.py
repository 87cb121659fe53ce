"""POST /persons/open: one person unmasked, for a reason, on record; the answer is kept nowhere.

A route, not a callback: what it answers stands in the card until the card is drawn anew, in no
store of the page and in no cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from dash import Dash
from flask import Response, jsonify, request

from callbacks.desk import Desk
from callbacks.viewer import current_viewer
from dashboard.texts import LANGS, Say, speaker
from data.access.opening import OpeningError, PersonDetail

PATH: Final = "/persons/open"
MAX_BODY: Final = 4_096
#: What is shown of a person, in order.
SHOWN: Final = ("name", "phone", "address")
_FIELDS: Final = frozenset({"kind", "id", "reason", "lang"})
_STATUS: Final[Mapping[str, int]] = {"permission": 403, "unknown": 404, "reason": 400, "rate": 429}


def question(body: Any) -> dict[str, str]:
    """``kind, id, reason, lang`` of a request.

    Raises:
        ValueError: anything else, or no texts.
    """
    if not isinstance(body, Mapping) or set(body) != _FIELDS:
        raise ValueError(f"the body must be an object with {', '.join(sorted(_FIELDS))}; got {_told(body)}")
    for name, value in body.items():
        if not isinstance(value, str):
            raise ValueError(f"{name} must be a text, got {type(value).__name__}")
    if body["lang"] not in LANGS:
        raise ValueError(f"lang must be one of {', '.join(LANGS)}; got {body['lang'][:20]!r}")
    return dict(body)


def _told(body: Any) -> str:
    if not isinstance(body, Mapping):
        return type(body).__name__
    return ", ".join(sorted(str(key)[:20] for key in body)[:8])


def answer_of(found: PersonDetail, say: Say) -> dict[str, Any]:
    """What the card shows: lines of label and value, and that it is on record."""
    lines = [{"label": say(f"opening.{name}"), "value": getattr(found, name) or "—"} for name in SHOWN]
    return {"lines": lines, "said": say("opening.recorded", n=found.record)}


def register(app: Dash, *, desk: Desk, opening: Any, clock: Callable[[], datetime]) -> None:
    """Add the route.

    Args:
        desk: knows the language where a request names none.
        opening: as of `data.access.opening.Opening`.
        clock: the time of day outside, aware; the record is written by it.
    """

    @app.server.post(PATH)
    def open_person() -> Response:
        try:
            asked = question(request.get_json(silent=True))
        except ValueError as error:
            return _answer({"error": str(error)}, 400)
        say = speaker(asked["lang"] or desk.lang)
        try:
            found = opening.open(current_viewer(), asked["kind"], asked["id"], reason=asked["reason"],
                                 address=request.remote_addr, now=clock())
        except OpeningError as refused:
            body = {"error": str(refused), "said": say(f"opening.refused.{refused.why}")}
            return _answer(body, _STATUS[refused.why])
        return _answer(answer_of(found, say), 200)


def _answer(body: Mapping[str, Any], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
