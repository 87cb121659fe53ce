"""Single sign-on (单点登录) by OpenID Connect: the code flow with PKCE and nonce.

Nothing that an answer says is believed before its signature, issuer, audience, times and nonce
were checked; state, nonce and verifier stand in the session and are used once.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from data.access.oidc_settings import LOOPBACK, Provider
from data.access.sessions import Sessions
from data.access.sign_in import Outcome, SignIn

LOG: Final = logging.getLogger(__name__)
#: Only signatures that need a private key of the provider's.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
TIMEOUT_S: Final = (3.05, 7)
MAX_ANSWER: Final = 512 * 1024
LEEWAY_S: Final = 60
#: How long somebody may take at the provider's pages.
PATIENCE: Final = timedelta(minutes=10)
_KNOWN_FOR: Final = timedelta(minutes=10)
_KEPT: Final = "oidc"


class OidcError(PermissionError):
    """An answer that is not believed.

    Attributes:
        why: one word for the record.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Where the provider answers, as its own document says."""

    authorization: str
    token: str
    keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-on under way: where to send the browser, and what to remember of it."""

    url: str
    kept: Mapping[str, str] = field(repr=False)


Fetch = Callable[[str], Any]


def fetch(url: str) -> Any:
    """The JSON at an address; no redirect is followed.

    Raises:
        OidcError: no answer, not 200, too large, or no JSON.
    """
    try:
        with requests.get(url, timeout=TIMEOUT_S, allow_redirects=False, stream=True,
                          headers={"Accept": "application/json"}) as answer:
            body = answer.raw.read(MAX_ANSWER + 1, decode_content=True)
            if answer.status_code != 200 or len(body) > MAX_ANSWER:
                raise OidcError("provider", f"the provider must answer 200 with at most {MAX_ANSWER} bytes,"
                                            f" got {answer.status_code} at {_place(url)}")
            return requests.compat.json.loads(body)
    except (requests.RequestException, OSError, ValueError) as error:
        if isinstance(error, OidcError):
            raise
        raise OidcError("provider", f"the provider must answer with JSON at {_place(url)}, got"
                                    f" {type(error).__name__}") from error


def discover(provider: Provider, fetch_: Fetch = fetch) -> Metadata:
    """The provider's addresses out of its own document.

    Raises:
        OidcError: it cannot be had, is that of another issuer, or names addresses without TLS.
    """
    found = fetch_(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if not isinstance(found, dict) or found.get("issuer") != provider.issuer:
        got = str(found.get("issuer"))[:80] if isinstance(found, dict) else type(found).__name__
        raise OidcError("issuer", f"issuer must be {provider.issuer}, got {got!r}")
    places = {}
    for key, name in (("authorization", "authorization_endpoint"), ("token", "token_endpoint"),
                      ("keys", "jwks_uri")):
        url = found.get(name)
        if not isinstance(url, str) or not (url.startswith("https://") or (
                provider.issuer.startswith("http://") and urlsplit(url).scheme == "http"
                and urlsplit(url).hostname in LOOPBACK)):
            raise OidcError("provider", f"{name} must be an https:// address, got {str(url)[:80]!r}")
        places[key] = url
    return Metadata(**places)


def begin(provider: Provider, metadata: Metadata, *, redirect_uri: str, now: datetime) -> Begun:
    """Where the browser goes, with a new state, nonce and PKCE challenge."""
    state, nonce, verifier = (secrets.token_urlsafe(32), secrets.token_urlsafe(32),
                              secrets.token_urlsafe(48))
    url, _ = _client(provider, redirect_uri).create_authorization_url(
        metadata.authorization, state=state, nonce=nonce, code_verifier=verifier)
    return Begun(url=url, kept={"state": state, "nonce": nonce, "verifier": verifier,
                                "redirect_uri": redirect_uri, "at": now.isoformat()})


def code_of(provider: Provider, kept: Any, args: Mapping[str, str], *, now: datetime) -> str:
    """The code of an answer that fits what was begun in this session.

    Raises:
        OidcError: nothing was begun, too long ago, another state, another issuer, or a refusal.
    """
    if not isinstance(kept, Mapping) or not all(isinstance(value, str) for value in kept.values()):
        raise OidcError("state", "the answer must belong to a sign-on that this session began, got none")
    if now - datetime.fromisoformat(kept["at"]) > PATIENCE:
        raise OidcError("late", f"the answer must come within {PATIENCE}, got a later one")
    if not compare_digest(args.get("state", "").encode("utf-8", "replace"), kept["state"].encode()):
        raise OidcError("state", "state must be the one of this session, got another one")
    if args.get("iss", provider.issuer) != provider.issuer:
        raise OidcError("issuer", f"iss must be {provider.issuer}, got {args['iss'][:80]!r}")
    if "error" in args or not args.get("code"):
        raise OidcError("denied", f"code must be given, got the error {args.get('error', '')[:40]!r}")
    return args["code"]


def tokens_for(provider: Provider, metadata: Metadata, code: str, kept: Mapping[str, str]) -> str:
    """The id token for a code.

    Raises:
        OidcError: the provider refuses, cannot be reached, or gives none.
    """
    client = _client(provider, kept["redirect_uri"])
    client.max_redirects = 0
    try:
        given = client.fetch_token(metadata.token, code=code, code_verifier=kept["verifier"],
                                   grant_type="authorization_code", timeout=TIMEOUT_S)
    except (AuthlibBaseError, requests.RequestException, ValueError) as error:
        raise OidcError("code", f"the provider must give a token for the code, got {type(error).__name__}"
                        ) from error
    finally:
        client.close()
    token = given.get("id_token") if isinstance(given, Mapping) else None
    if not isinstance(token, str) or len(token) > MAX_ANSWER:
        raise OidcError("token", "the provider must give an id_token, got none")
    return token


def claims_of(provider: Provider, token: str, keys: Any, *, nonce: str, now: datetime) -> dict[str, Any]:
    """The claims of an id token that holds.

    Raises:
        OidcError: signature, algorithm, issuer, audience, times, subject or nonce do not.
    """
    try:
        known = KeySet.import_key_set(keys)
        claims = dict(jwt.decode(token, known, algorithms=list(ALGORITHMS)).claims)
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=LEEWAY_S, iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.client_id}, sub={"essential": True},
            exp={"essential": True}, iat={"essential": True},
            nonce={"essential": True, "value": nonce}).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise OidcError("token", f"the id_token must be signed by the provider for us and now, got"
                                 f" {type(error).__name__}") from error
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.client_id:
        raise OidcError("token", "azp must be our client where the id_token has several audiences")
    if not isinstance(claims["sub"], str) or not isinstance(claims["nonce"], str):
        raise OidcError("token", "sub and nonce must be texts")
    return claims


class Federation:
    """One provider's sign-on over the sessions of one store. Thread-safe."""

    def __init__(self, provider: Provider, sessions: Sessions, sign_in: SignIn, *,
                 fetch_: Fetch = fetch) -> None:
        self._provider, self._sessions, self._sign_in, self._fetch = provider, sessions, sign_in, fetch_
        self._known: tuple[datetime, Metadata] | None = None

    @property
    def label(self) -> str:
        """What stands on its button."""
        return self._provider.label

    def begin(self, *, cookie: str | None, redirect_uri: str, address: str,
              now: datetime) -> tuple[str, str]:
        """Begin: the new cookie, and the address to send the browser to.

        Raises:
            OidcError: the provider cannot be reached or is not the one of the settings.
        """
        begun = begin(self._provider, self._metadata(now), redirect_uri=redirect_uri, now=now)
        fresh = self._sessions.start(now=now, address=address, replaces=cookie,
                                     content={_KEPT: dict(begun.kept)})
        return fresh, begun.url

    def finish(self, args: Mapping[str, str], *, cookie: str | None, address: str,
               now: datetime) -> Outcome:
        """Judge the answer that the browser brings back: its query, with the session's cookie.

        Every failure is counted for the address, recorded and refused in the same way.
        """
        kept: Any = None
        if cookie and self._sessions.find(cookie, now=now):
            kept = self._sessions.take(cookie, _KEPT)
        try:
            code = code_of(self._provider, kept, args, now=now)
            metadata = self._metadata(now)
            token = tokens_for(self._provider, metadata, code, kept)
            claims = claims_of(self._provider, token, self._fetch(metadata.keys), nonce=kept["nonce"],
                               now=now)
        except OidcError as error:
            LOG.warning("single sign-on refused: %s", error)
            return self._sign_in.federation_failed(error.why, address=address, now=now)
        return self._sign_in.federated(self._provider.issuer, claims["sub"], claims, cookie=cookie,
                                       address=address, now=now)

    def _metadata(self, now: datetime) -> Metadata:
        known = self._known
        if known is None or abs(now - known[0]) > _KNOWN_FOR:
            known = (now, discover(self._provider, self._fetch))
            self._known = known
        return known[1]


def _client(provider: Provider, redirect_uri: str) -> OAuth2Session:
    how = "client_secret_basic" if provider.client_secret else "none"
    scopes = " ".join(("openid", *(scope for scope in provider.scopes if scope != "openid")))
    return OAuth2Session(provider.client_id, provider.client_secret, scope=scopes, redirect_uri=redirect_uri,
                         token_endpoint_auth_method=how, code_challenge_method="S256")


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"[:120]
