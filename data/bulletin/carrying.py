"""How a letter reaches who subscribed: by mail, or by webhook."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from data.bulletin.mail_settings import MailServer

#: Seconds until a server must have answered.
TIMEOUT_S: Final = 20.0


class CarryError(RuntimeError):
    """A letter that did not arrive; the message says why, in words that may be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A published bulletin as it is sent.

    Attributes:
        ident: the same for the same bulletin and subscription, so that what comes twice is known.
        at: when it was published, aware.
        subject, text: in the language of the subscription.
        facts: what programs read: JSON values.
        files: name -> media type and bytes.
    """

    ident: str
    at: datetime
    subject: str
    text: str
    facts: Mapping[str, Any]
    files: Mapping[str, tuple[str, bytes]]


def mail(server: MailServer, target: str, letter: Letter) -> None:
    """Hand a letter in.

    Raises:
        CarryError: the server cannot be reached, or does not take it.
    """
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = letter.subject, server.sender, target
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.ident}@{server.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    for name, (kind, content) in letter.files.items():
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    try:
        with _opened(server) as session:
            if not server.is_tls and session.has_extn("starttls"):
                session.starttls(context=ssl.create_default_context())
                session.ehlo()
            if server.user:
                _sign_in(session, server)
            session.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise CarryError(f"{server.host}: {type(error).__name__}: {str(error)[:160]}") from error


def _opened(server: MailServer) -> smtplib.SMTP:
    if server.is_tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S,
                                context=ssl.create_default_context())
    session = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    session.ehlo()
    return session


def _sign_in(session: smtplib.SMTP, server: MailServer) -> None:
    """No password goes over a line that others can read."""
    if not isinstance(session.sock, ssl.SSLSocket):
        raise CarryError(f"{server.host} must offer STARTTLS before a password is sent, got none")
    session.login(server.user, server.password)


def hook(target: str, letter: Letter, *, key: bytes, hosts: tuple[str, ...], now: datetime) -> None:
    """Post a letter as JSON, signed in its head: ``X-Bulletin-Signature: t=<seconds>,sha256=<hex>``.

    Args:
        key: that the receiver holds as well.
        hosts: origins that may be told.
        now: outside time, aware.

    Raises:
        CarryError: the target may not be told, cannot be reached, or does not answer 2xx.
    """
    if origin(target) not in hosts:
        raise CarryError(f"webhook must go to one of GRID_WEBHOOK_HOSTS, got {origin(target)[:80]!r}")
    files = {name: {"type": kind, "base64": base64.b64encode(content).decode()}
             for name, (kind, content) in letter.files.items()}
    body = json.dumps({"id": letter.ident, "published_at": letter.at.isoformat(), "subject": letter.subject,
                       **letter.facts, "files": files}, ensure_ascii=False).encode()
    seconds = str(int(now.timestamp()))
    headers = {"Content-Type": "application/json; charset=utf-8",
               "X-Bulletin-Signature": f"t={seconds},sha256={signature(key, seconds, body)}"}
    try:
        with requests.Session() as session:
            session.trust_env = False  # neither proxies nor passwords of the surroundings
            answer = session.post(target, data=body, headers=headers, timeout=TIMEOUT_S,
                                  allow_redirects=False, stream=True)
    except requests.RequestException as error:
        raise CarryError(f"{origin(target)}: {type(error).__name__}") from error
    if not answer.ok or answer.is_redirect:
        raise CarryError(f"{origin(target)} must answer 2xx, got {answer.status_code}")


def signature(key: bytes, seconds: str, body: bytes) -> str:
    """What the receiver compares: HMAC-SHA256 (RFC 2104), in hexadecimal."""
    return hmac.new(key, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()


def origin(target: str) -> str:
    """Scheme, host and port of an address, as `GRID_WEBHOOK_HOSTS` writes them; '' where it is none."""
    try:
        parts = urlsplit(target)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{parts.scheme}://{host}{port}"
