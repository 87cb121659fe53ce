"""The single sign-on that the settings name: who vouches, and what their claims mean here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from data.access.roles import ROLES
from data.access.scope import NOTHING, Scope, ScopeError

_REQUIRED: Final = frozenset({"issuer", "client_id", "roles"})
_TEXTS: Final = frozenset({"issuer", "client_id", "roles_claim", "areas_claim", "departments_claim",
                           "name_claim", "label"})
_KNOWN: Final = _REQUIRED | _TEXTS | {"areas", "scopes", "second_factor"}
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class ProviderError(ValueError):
    """A single sign-on that cannot be; the message names the field, the value got and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who vouches, and what the claims mean.

    Attributes:
        issuer: address as its documents write it; https, or this machine.
        client_id, client_secret: ours there; no secret: a public client, PKCE alone.
        roles_claim: claim with the person's groups; a dotted name leads into objects.
        roles: group -> role of ours; what stands not in it gives nothing.
        areas_claim: claim with area codes, or words of `areas`; empty: nobody gets an area by claim.
        areas: word -> area code or ``*``.
        departments_claim: claim with department ids; empty: departments do not restrict.
        name_claim: claim that becomes the account's name where it is free and fits.
        scopes: asked for beside ``openid``.
        second_factor: values of the claim ``amr`` by which a second factor of theirs counts as ours.
        label: on the button of the sign-in page.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    roles_claim: str = "groups"
    roles: Mapping[str, str] = field(default_factory=dict)
    areas_claim: str = ""
    areas: Mapping[str, str] = field(default_factory=dict)
    departments_claim: str = ""
    name_claim: str = "preferred_username"
    scopes: tuple[str, ...] = ("profile",)
    second_factor: tuple[str, ...] = ()
    label: str = "SSO"

    def roles_of(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Our roles of a person; unknown groups give nothing."""
        return frozenset(self.roles[word] for word in _words(claims, self.roles_claim) if word in self.roles)

    def scope_of(self, claims: Mapping[str, Any]) -> Scope:
        """The scope of a person; what is no area of ours is no area, no known one is nothing.

        ``*`` must be mapped to: a claim cannot say it by itself. Where departments restrict and
        none fits, the scope is nothing.
        """
        areas: set[str] = set()
        for word in _words(claims, self.areas_claim) if self.areas_claim else ():
            code = self.areas.get(word, word if word != "*" else "")
            try:
                areas |= Scope(frozenset({code})).areas
            except ScopeError:
                continue  # a word of theirs that means nothing here
        departments = frozenset(
            word for word in (_words(claims, self.departments_claim) if self.departments_claim else ())
            if re.fullmatch(r"[A-Za-z0-9_\-]{1,40}", word))
        if not areas or (self.departments_claim and not departments):
            return NOTHING
        return Scope(frozenset({"*"}) if "*" in areas else frozenset(areas), departments)

    def vouches(self, claims: Mapping[str, Any]) -> bool:
        """A second factor was asked for there, and that counts here."""
        given = claims.get("amr")
        return isinstance(given, list) and any(word in self.second_factor for word in given)


def parse_provider(text: str, secret: str | None) -> Provider | None:
    """The provider out of the setting's JSON; None where it is empty.

    Raises:
        ProviderError: it cannot be; the secret is never repeated.
    """
    if not text:
        return None
    try:
        given = json.loads(text)
    except ValueError:
        raise ProviderError("must be a JSON object, got something else") from None
    if not isinstance(given, dict) or not set(given) >= _REQUIRED or set(given) - _KNOWN:
        got = sorted(given) if isinstance(given, dict) else type(given).__name__
        raise ProviderError(f"must be a JSON object with {', '.join(sorted(_REQUIRED))} and perhaps"
                            f" {', '.join(sorted(_KNOWN - _REQUIRED))}, got {str(got)[:200]}")
    for key in sorted(_TEXTS & set(given)):
        if not isinstance(given[key], str) or not given[key]:
            raise ProviderError(f"{key} must be a text, got {type(given[key]).__name__}")
    _check_address(given["issuer"])
    _check_mapping("roles", given["roles"])
    _check_mapping("areas", given.get("areas", {}))
    for group, role in given["roles"].items():
        if role not in ROLES:
            raise ProviderError(f"roles[{group[:40]!r}] must be one of {', '.join(ROLES)}; got {role[:40]!r}")
    for word, code in given.get("areas", {}).items():
        try:
            Scope(frozenset({code}))
        except ScopeError as error:
            raise ProviderError(f"areas[{word[:40]!r}]: {error}") from None
    lists = {key: tuple(_list(key, given[key])) for key in ("scopes", "second_factor") if key in given}
    return Provider(**{**given, **lists}, client_secret=secret)


def _check_address(issuer: str) -> None:
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ProviderError(f"issuer must be an https:// address, got {issuer[:80]!r}")
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ProviderError(f"issuer must be an address without query and user, got {parts.hostname!r}")


def _check_mapping(key: str, given: Any) -> None:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ProviderError(f"{key} must be an object of texts, got {str(given)[:80]}")


def _list(key: str, given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise ProviderError(f"{key} must be a list of texts, got {str(given)[:80]}")
    return given


def _words(claims: Mapping[str, Any], path: str) -> list[str]:
    """The texts of a claim: one, or a list of them; at most 200, none where it is anything else."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    items = [found] if isinstance(found, str) else found
    return [item for item in items[:200] if isinstance(item, str)] if isinstance(items, list) else []
