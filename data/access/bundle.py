"""All that decides who may see and do what, in one bundle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from data.access.accounts import Accounts
from data.access.audit import Audit
from data.access.lockout import Lockout
from data.access.oidc import Federation
from data.access.opening import Opening
from data.access.passwords import Passwords
from data.access.seal import Sealer
from data.access.sessions import Sessions
from data.access.sign_in import Parts, SignIn
from data.access.tokens import Tokens
from data.access.totp import SecondFactors
from data.devices.devices import Devices
from data.engine import Store
from data.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the guard and the pages of accounts, screens and records are handed.

    Attributes:
        federation: the single sign-on; None where the settings name none.
    """

    accounts: Accounts
    sessions: Sessions
    sign_in: SignIn
    lockout: Lockout
    audit: Audit
    tokens: Tokens
    opening: Opening
    devices: Devices
    federation: Federation | None = None


#: So long a served session is believed without a look; a click on the wall is eight requests.
FRESH_FOR: Final = timedelta(milliseconds=500)


def build_access(store: Store, settings: Settings, key: bytes, *,
                 fresh_for: timedelta = timedelta(0)) -> Access:
    """The bundle over a store.

    Args:
        key: the secret key, as of `data.access.secret_key`.
        fresh_for: see `Sessions`.
    """
    passwords, audit = Passwords(), Audit(store)
    accounts = Accounts(store, passwords)
    sessions = Sessions(store, idle=timedelta(minutes=settings.session_idle_min),
                        absolute=timedelta(hours=settings.session_max_h), fresh_for=fresh_for)
    lockout = Lockout(store)
    sign_in = SignIn(Parts(accounts=accounts, passwords=passwords, sessions=sessions, audit=audit,
                           seconds=SecondFactors(store, Sealer(key)), lockout=lockout,
                           provider=settings.oidc))
    federation = Federation(settings.oidc, sessions, sign_in) if settings.oidc else None
    return Access(accounts=accounts, sessions=sessions, sign_in=sign_in, lockout=lockout, audit=audit,
                  tokens=Tokens(store), opening=Opening(store, audit), devices=Devices(store),
                  federation=federation)
