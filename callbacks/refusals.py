"""How a request is refused: a document for who opens a page, JSON for all else."""

from __future__ import annotations

import logging
from typing import Final

from flask import Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from callbacks.documents import allowed, answer
from callbacks.first_page import FIRST, chosen
from dashboard.documents import LINKS

LOG: Final = logging.getLogger(__name__)
#: What a person is told in a document of its own; everything else is for machines.
_DOCUMENTS: Final = {400: "400", 403: "403", 404: "404", 413: "413", 429: "429", 500: "500"}


def refuse(status: int, message: str, *, wait: int = 0, reason: str = "") -> Response:
    """The answer to a request that is not served.

    Args:
        message: for the machine: names what came and what is expected.
        wait: seconds after which it may be asked again.
        reason: which text a person reads, where it is another than that of the status.
    """
    if is_read_by_a_person() and status in _DOCUMENTS:
        response = answer("refused.html", status=status, reason=reason or _DOCUMENTS[status], wait=wait,
                          home=home())
    else:
        response = jsonify({"error": message})
        response.status_code = status
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def is_read_by_a_person() -> bool:
    """Whether the answer is shown as a page, by what the browser says, else by what is accepted."""
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("Accept", "")


def home() -> str:
    """The page that the viewer of the request opens first: as chosen, else the first that they may."""
    viewer = g.get("viewer")
    if viewer is None:
        return "/sign-in"
    if viewer.is_screen:
        return min(viewer.pages, default="/")
    may_open = [link.path for link in LINKS if allowed(viewer, link.permission)]
    wanted = FIRST[chosen(viewer)]
    return wanted if wanted in may_open else next(iter(may_open), "/account")


def http_error(error: HTTPException) -> Response:
    """What Flask refuses, in our form."""
    return refuse(error.code or 500, error.description or error.name)


def unexpected(error: Exception) -> Response:
    """A failure: the log says why, the answer does not."""
    shown = request.path if "id" in request.args else request.full_path  # a device writes its token there
    LOG.exception("%s %s failed", request.method, shown[:200], exc_info=error)
    return refuse(500, "the server failed; the log says why")
