"""Raster tiles by setting: the server fetches them, so that the page asks nobody but its own server."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from dash import Dash, Input, Output
from flask import Response, jsonify

from callbacks.desk import Desk
from dashboard import ids
from dashboard.view import from_store
from layers.legend import localised
from layers.raster import RasterSource, raster_layer
from layers.spec import Spec

LOG: Final = logging.getLogger(__name__)
TIMEOUT_S: Final = 10
MAX_BYTES: Final = 2_000_000
#: The source has no picture there: sea, or outside its land.
NO_TILE: Final = frozenset({204, 404, 410})


def register(app: Dash, *, desk: Desk) -> None:
    """The spec of the raster layer and the route that hands tiles through."""

    @app.callback(
        output={"spec": Output(ids.layer_spec("raster"), "data")},
        inputs={"scope": Input(ids.MAP_SCOPE, "data")},
        prevent_initial_call=True,  # the page brings the first spec with it
    )
    def tell(scope: Any) -> dict[str, Any]:
        return {"spec": raster_spec(desk.tiles, from_store(scope).lang)}

    @app.server.get("/tiles/<key>/<int:z>/<int:x>/<int:y>")
    def tile(key: str, z: int, x: int, y: int) -> Response:
        source = next((one for one in desk.tiles if one.key == key), None)
        if source is None or not tile_exists(z, x, y, max_zoom=source.max_zoom):
            return _refuse(404, f"no such tile: {key[:40]}/{z}/{x}/{y}")
        try:
            return _fetched(tile_url(source.url, z, x, y))
        except HTTPError as error:
            if error.code in NO_TILE:
                return _cached(Response(status=204))
            return _failed(key, z, x, y, error)
        except (OSError, HTTPException) as error:
            return _failed(key, z, x, y, error)


def raster_spec(tiles: Sequence[Any], lang: str) -> Spec:
    """The spec of the configured sources in one language; without any, one without a layer."""
    found = raster_layer(sources(tiles))
    return {**found, "legend": localised(found["legend"], lang)} if found["legend"] else found


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


def tile_url(template: str, z: int, x: int, y: int) -> str:
    """The address of one tile at its source, XYZ or WMTS alike."""
    return template.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))


def tile_exists(z: int, x: int, y: int, *, max_zoom: int) -> bool:
    """Whether the numbers name a tile of the world at a level that the source has."""
    return 0 <= z <= max_zoom and 0 <= x < 2**z and 0 <= y < 2**z


def _fetched(url: str) -> Response:
    with urlopen(Request(url, headers={"User-Agent": "map-room"}), timeout=TIMEOUT_S) as answer:  # noqa: S310 - the address is the operator's setting
        if answer.status in NO_TILE:
            return _cached(Response(status=204))
        kind = answer.headers.get_content_type()
        body = answer.read(MAX_BYTES + 1)
    if not kind.startswith("image/") or len(body) > MAX_BYTES:
        return _refuse(
            502, f"the source answered {kind} of {len(body)} bytes; expected a picture of at most {MAX_BYTES}"
        )
    return _cached(Response(body, mimetype=kind))


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def _failed(key: str, z: int, x: int, y: int, error: Exception) -> Response:
    """The address stays out of log and answer: it may carry the operator's key."""
    LOG.warning("tile %s/%s/%s/%s: %s", key, z, x, y, error)
    return _refuse(502, f"the source of tiles {key[:40]!r} did not answer")


def _refuse(status: int, message: str) -> Response:
    response = jsonify({"error": message})
    response.status_code = status
    return response
