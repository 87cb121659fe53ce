"""People whom a single sign-on vouches for, and their accounts here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from data.access.accounts import Account, AccountError, Accounts, account_name
from data.access.oidc_settings import Provider
from data.access.roles import conflict
from data.access.scope import NOTHING, Scope
from data.access.viewer import Viewer

PROVIDER: Final = Viewer(account_id=None, name="single sign-on", roles=frozenset(), scope=NOTHING)
_MAX_SUBJECT: Final = 255


def admitted(accounts: Accounts, provider: Provider | None, issuer: str, subject: str,
             claims: Mapping[str, Any], *, address: str, now: datetime) -> tuple[Account | None, str]:
    """The account of a person with the roles that the claims give now, and why they must not come in.

    An account that loses its roles there loses them here, even though nobody comes in.

    Returns:
        The account, None where there is none; and the reason, empty where they may come in.
    """
    if provider is None or issuer != provider.issuer:
        return None, "issuer"
    if not subject or len(subject) > _MAX_SUBJECT or "\x00" in subject:
        return None, "subject"
    roles, scope = provider.roles_of(claims), provider.scope_of(claims)
    why = "conflict" if conflict(roles) else "" if roles else "role"
    granted = frozenset() if why else roles
    found = accounts.of_subject(issuer, subject)
    if found is None:
        return (None, why) if why else (_made(accounts, provider, subject, claims, granted, scope,
                                              address=address, now=now), "")
    if found.roles != granted or found.scope != scope:
        found = accounts.grant(found.name, roles=granted, scope=scope, by=PROVIDER, now=now, address=address)
    return found, "disabled" if found.is_disabled else why


def _made(accounts: Accounts, provider: Provider, subject: str, claims: Mapping[str, Any],
          roles: frozenset[str], scope: Scope, *, address: str, now: datetime) -> Account:
    """A new account; a name that somebody has is never taken over."""
    mark = sha256(f"{provider.issuer}|{subject}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    wanted = claims.get(provider.name_claim)
    names = [f"sso-{mark}"]
    with suppress(AccountError):  # what they are called there may be no name here
        names.insert(0, account_name(wanted if isinstance(wanted, str) else ""))
    for name in names:
        if accounts.find(name) is None:
            try:
                return accounts.add_federated(name, issuer=provider.issuer, subject=subject, roles=roles,
                                              scope=scope, now=now, address=address)
            except AccountError:
                if (other := accounts.of_subject(provider.issuer, subject)) is not None:
                    return other  # the same person signed in twice at once
    raise AccountError(f"name must be a new one, got {names!r}, which are taken")
