"""A source of raster tiles on this machine: XYZ and WMTS (key-value pairs, as 天地图 has it)."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from data.settings import TileLayer

KEY = "secret-key"
WMTS = (
    "/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    f"&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={KEY}"
)


def png(colour: tuple[int, int, int], size: int = 256) -> bytes:
    """A picture of one colour."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = (b"\0" + bytes(colour) * size) * size
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


PICTURES = {"/xyz": png((200, 40, 160)), "/wmts": png((40, 200, 60))}


class TileSource:
    """The running source; ``asked`` holds ``(door, z, x, y)`` of every tile asked for."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[tuple[str, int, int, int]] = []

    def layer(self, door: str, *, url: str = "") -> TileLayer:
        template = {"xyz": "/xyz/{z}/{x}/{y}.png", "wmts": WMTS}.get(door, url)
        return TileLayer(key=door, name=door, url=self.address + template, attribution=f"© {door}")


class _Handler(BaseHTTPRequestHandler):
    source: TileSource

    def do_GET(self) -> None:
        found = urlsplit(self.path)
        if found.path == "/page/0/0/0":
            return self._answer(200, "text/html", b"<p>sign in</p>")
        if found.path == "/wmts":
            query = {name: values[0] for name, values in parse_qs(found.query).items()}
            if query.get("tk") != KEY or query.get("REQUEST") != "GetTile":
                return self._answer(403, "text/plain", b"no")
            place = [query[name] for name in ("TILEMATRIX", "TILECOL", "TILEROW")]
        else:
            place = found.path.removesuffix(".png").split("/")[2:]
        door = "/" + found.path.split("/")[1]
        if door not in PICTURES:
            return self._answer(500, "text/plain", b"broken")
        z, x, y = map(int, place)
        self.source.asked.append((door.strip("/"), z, x, y))
        if z == 1:
            return self._answer(404, "text/plain", b"sea")
        return self._answer(200, "image/png", PICTURES[door])

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_about: object) -> None:
        """Silent: the tests look at ``asked``."""


@contextmanager
def tile_source() -> Iterator[TileSource]:
    """A source on a free port of this machine."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.source = TileSource(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield handler.source
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
