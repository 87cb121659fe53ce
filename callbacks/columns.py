"""GET /columns/<layer>: the data of the map's layers, with an ETag."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from dash import Dash
from flask import Response, jsonify, request

from callbacks.desk import Desk
from callbacks.map_data import ANSWERS, STILL
from data.filters import FilterError
from data.memo import Memo

#: Smaller answers are not worth packing.
PACK_FROM: Final = 2_000
#: Eight addresses or so for each scope.
KEPT_ANSWERS: Final = 128


class Answers:
    """The data of the layers with their versions; what never moves is packed once."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._still = desk, Memo(KEPT_ANSWERS)

    def tag(self, layer: str, args: dict[str, str]) -> str:
        """The version of an answer."""
        return etag(layer, args, self._desk.readers, self._desk.now())

    def packed(self, layer: str, args: dict[str, str], tag: str) -> tuple[bytes, str]:
        """The body and its media type.

        Raises:
            FilterError: the arguments cannot be understood.
            LookupError: what is asked for is not there.
        """
        def fresh() -> tuple[bytes, str]:
            return pack(ANSWERS[layer](args, self._desk.readers, self._desk.now()))

        return self._still.get((tag,), fresh) if layer in STILL else fresh()

    def rehearse(self, address: str) -> None:
        """Make an answer before it is asked for.

        Args:
            address: as the browser would ask, ``/columns/areas?level=grid``.
        """
        parts = urlsplit(address)
        layer, args = parts.path.rsplit("/", 1)[-1], dict(parse_qsl(parts.query))
        self.packed(layer, args, self.tag(layer, args))


def register(app: Dash, *, answers: Answers) -> None:
    """Add the route."""

    @app.server.get("/columns/<layer>")
    def columns(layer: str) -> Response:
        if layer not in ANSWERS:
            return _refuse(404, f"layer must be one of {', '.join(ANSWERS)}; got {layer[:40]!r}")
        args = request.args.to_dict()
        tag = answers.tag(layer, args)
        if tag in request.if_none_match:
            return _signed(Response(status=304), tag)
        try:
            packed, kind = answers.packed(layer, args, tag)
        except FilterError as error:
            return _refuse(400, str(error))
        except LookupError as error:
            return _refuse(404, str(error.args[0]))
        return _signed(_answer(packed, kind), tag)


def etag(layer: str, args: dict[str, str], readers: Any, now: datetime) -> str:
    """Changes when the answer may have: with question, data, the minute of the clock, and who asks."""
    version = (
        readers.cases.areas_version if layer in STILL else (readers.cases.version, now.strftime("%Y%m%d%H%M"))
    )
    question = json.dumps([layer, sorted(args.items()), version, readers.scope.key], default=str)
    return blake2b(question.encode(), digest_size=12).hexdigest()


def pack(answer: Any) -> tuple[bytes, str]:
    """The body and its media type; larger bodies are compressed with gzip."""
    if isinstance(answer, bytes):
        body, kind = answer, "application/octet-stream"
    else:
        text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        body, kind = text.encode(), "application/json"
    return (gzip.compress(body, 1) if len(body) > PACK_FROM else body), kind


def _answer(packed: bytes, kind: str) -> Response:
    is_packed = packed[:2] == b"\x1f\x8b"
    if is_packed and "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(gzip.decompress(packed), mimetype=kind)
    response = Response(packed, mimetype=kind)
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _signed(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"  # ask each time, answer 304
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _refuse(status: int, message: str) -> Response:
    response = jsonify({"error": message})
    response.status_code = status
    return response
