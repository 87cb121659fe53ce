"""A server that takes mail, and one that takes webhooks, on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Box:
    """What arrived.

    Attributes:
        refusals: how many of the next letters are refused.
    """

    address: str = ""
    refusals: int = 0
    letters: list[Any] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refusals:
            self.refusals -= 1
            return "451 not now"
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 taken"

    def mails(self) -> list[EmailMessage]:
        return [letter for _, letter in self.letters]


@contextmanager
def mail_server() -> Iterator[Box]:
    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.address = f"127.0.0.1:{port}"
    yield box
    controller.stop()


@contextmanager
def hook_server() -> Iterator[Box]:
    box = Box()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if box.refusals:
                box.refusals -= 1
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            else:
                box.letters.append((self.path, dict(self.headers), body))
                self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    box.address = f"http://127.0.0.1:{server.server_port}"
    yield box
    server.shutdown()
    thread.join()
    server.server_close()
