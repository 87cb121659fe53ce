"""Raster tiles by setting: the server fetches them, so that the page asks nobody but its own server."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen

from dash import Dash, Input, Output
from flask import Response, jsonify

from dashboard import ids
from layers.raster import RasterSource, raster_layer

LOG: Final = logging.getLogger(__name__)
TIMEOUT_S: Final = 10
MAX_BYTES: Final = 2_000_000


def register(app: Dash, *, settings: Any) -> None:
    """The spec of the raster layer and the route that hands tiles through."""
    tiles = tuple(getattr(settings, "tiles", ()) or ())

    @app.callback(
        output={"spec": Output(ids.layer_spec("raster"), "data")},
        inputs={"_scope": Input(ids.MAP_SCOPE, "data")},
    )
    def tell(_scope: Any) -> dict[str, Any]:
        return {"spec": raster_layer(sources(tiles))}

    @app.server.get("/tiles/<key>/<int:z>/<int:x>/<int:y>")
    def tile(key: str, z: int, x: int, y: int) -> Response:
        source = next((one for one in tiles if one.key == key), None)
        if source is None or not tile_exists(z, x, y, max_zoom=source.max_zoom):
            return _refuse(404, f"no such tile: {key[:40]}/{z}/{x}/{y}")
        try:
            return _fetched(source.url.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)))
        except (URLError, TimeoutError) as error:
            LOG.warning("tile %s/%s/%s/%s: %s", key, z, x, y, error)
            return _refuse(502, f"the source of tiles {key[:40]!r} did not answer")


def sources(tiles: Sequence[Any]) -> list[RasterSource]:
    """The configured sources as the browser sees them: behind our own route."""
    return [
        RasterSource(
            name=one.name,
            url=f"/tiles/{one.key}/{{z}}/{{x}}/{{y}}",
            attribution=one.attribution or one.name,
            max_zoom=one.max_zoom,
        )
        for one in tiles
    ]


def tile_exists(z: int, x: int, y: int, *, max_zoom: int) -> bool:
    """Whether the numbers name a tile of the world at a level that the source has."""
    return 0 <= z <= max_zoom and 0 <= x < 2**z and 0 <= y < 2**z


def _fetched(url: str) -> Response:
    with urlopen(Request(url, headers={"User-Agent": "map-room"}), timeout=TIMEOUT_S) as answer:  # noqa: S310 - the address is the operator's setting
        kind = answer.headers.get_content_type()
        body = answer.read(MAX_BYTES + 1)
    if not kind.startswith("image/") or len(body) > MAX_BYTES:
        return _refuse(
            502, f"the source answered {kind} of {len(body)} bytes; expected a picture of at most {MAX_BYTES}"
        )
    response = Response(body, mimetype=kind)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def _refuse(status: int, message: str) -> Response:
    response = jsonify({"error": message})
    response.status_code = status
    return response
