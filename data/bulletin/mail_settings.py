"""The server that takes mail, as settings name it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from data.access import secret_file

#: What an address of mail looks like; hosts may be names of an own network.
ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})", re.ASCII)
_PORTS: Final = {"smtp": 25, "smtps": 465}


class MailServerError(ValueError):
    """A server that cannot be; the message names the setting, what came and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in.

    Attributes:
        is_tls: TLS from the first byte; else STARTTLS where the server offers it.
        user: who signs in; empty: nobody does.
        sender: address that mail comes from.
    """

    host: str
    port: int
    is_tls: bool
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


def parse_mail_server(text: str, password: str, sender: str) -> MailServer | None:
    """The server of the settings GRID_SMTP, GRID_SMTP_PASSWORD and GRID_MAIL_FROM; None: there is none.

    Raises:
        MailServerError: one of them cannot be, or one lacks.
        data.access.secret_file.SecretFileError: a file that others can read, or none.
    """
    if not text:
        if password or sender:
            raise MailServerError("GRID_SMTP must be set beside GRID_SMTP_PASSWORD or GRID_MAIL_FROM,"
                                  " got nothing")
        return None
    expected = "GRID_SMTP must be smtp[s]://[USER@]HOST[:PORT]"
    try:
        parts = urlsplit(text)
        port, host = parts.port or _PORTS.get(parts.scheme, 0), parts.hostname or ""
    except ValueError as error:
        raise MailServerError(f"{expected}, got something else: {error}") from None
    if parts.scheme not in _PORTS or not host or parts.password or parts.path not in {"", "/"}:
        raise MailServerError(f"{expected}, got one of {parts.scheme[:20]!r} with host {host[:60]!r}")
    if not ADDRESS.fullmatch(sender):
        raise MailServerError(f"GRID_MAIL_FROM must be an address such as wall@district.example,"
                              f" got {sender[:60]!r}")
    if password.startswith("file:"):
        password = secret_file.read(Path(password.removeprefix("file:")).expanduser(), "GRID_SMTP_PASSWORD")
    if bool(password) != bool(parts.username):
        raise MailServerError("GRID_SMTP_PASSWORD must be set where GRID_SMTP names a user, and only there")
    return MailServer(host=host, port=port, is_tls=parts.scheme == "smtps", sender=sender,
                      user=unquote(parts.username or ""), password=password)
