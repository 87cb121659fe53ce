"""A provider of single sign-on on this machine, which lies when it is told to."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from data.access.oidc_settings import Provider
from tests.data.access.accounts_of import NOW

ROLES = {"leaders": "leader", "desk": "operator", "sys": "system_admin", "audit": "audit_admin"}
KEY = RSAKey.generate_key(2048, parameters={"kid": "one"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "one"})


@dataclass
class Sso:
    """The provider, what it asserts, and what it was asked."""

    base: str
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-17", "groups": ["desk"],
                                                            "areas": ["510108"],
                                                            "preferred_username": "Zhang.San"})
    key: Any = field(default_factory=lambda: KEY)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    metadata: dict[str, Any] = field(default_factory=dict)
    token_status: int = 200
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def provider(self, **about: Any) -> Provider:
        return Provider(**{"issuer": self.base, "client_id": "map", "client_secret": "hush", "roles": ROLES,
                           "areas_claim": "areas", **about})

    def agree(self, url: str) -> dict[str, str]:
        """The person signs in there; the query that their browser brings back."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = secrets.token_hex(8)
        self.codes[code] = sent
        return {"code": code, "state": sent["state"], "iss": self.base}

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        sent = self.codes.pop(form["code"])
        proof = unpadded(sha256(form["code_verifier"].encode()).digest())
        assert (sent["code_challenge_method"], sent["code_challenge"]) == ("S256", proof)
        moment = int(NOW.timestamp())
        claims = {"iss": self.base, "aud": "map", "iat": moment, "exp": moment + 300, "nonce": sent["nonce"],
                  **self.claims}
        said = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "at", "token_type": "Bearer", "id_token": self.signed(said)}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.key is None:  # unsigned; or HS256 with the public key for a shared secret
            begun = f"{unpadded(json.dumps(self.header).encode())}.{unpadded(json.dumps(claims).encode())}"
            mark = hmac.digest(KEY.as_pem(private=False), begun.encode(), "sha256")
            return f"{begun}.{unpadded(mark) if self.header['alg'] == 'HS256' else ''}"
        return jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])


def unpadded(part: bytes) -> str:
    """A part of a token."""
    return urlsafe_b64encode(part).rstrip(b"=").decode()


@contextmanager
def sso() -> Iterator[Sso]:
    """A running provider."""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                here = running.base
                return self.say({"issuer": here, "authorization_endpoint": f"{here}/authorize",
                                 "token_endpoint": f"{here}/token", "jwks_uri": f"{here}/keys",
                                 **running.metadata})
            if self.path == "/keys":
                return self.say({"keys": [KEY.as_dict(private=False)]})
            return self.say({"error": "none"}, 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            running.asked.append({**form, "authorization": self.headers.get("Authorization", "")})
            if running.token_status != 200 or form["code"] not in running.codes:
                return self.say({"error": "invalid_grant"}, 400)
            return self.say(running.token(form))

        def say(self, answer: Any, status: int = 200) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Sso(base=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
