"""What has to stand before anybody is served: a secret key, and in a demo one administrator."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from data import meta
from data.access.accounts import Accounts
from data.access.passwords import Passwords
from data.access.scope import EVERYTHING
from data.access.secret_key import secret_key
from data.access.viewer import CONSOLE
from data.engine import Store, open_store
from data.settings import Settings

ADMINISTRATOR: Final = "admin"
ROLES: Final = ("system_admin", "leader")


def key_of(store: Store, settings: Settings) -> bytes:
    """The secret key for a store; a demo store makes its own.

    Raises:
        data.access.secret_file.SecretFileError: it is missing, weak or not kept safely.
    """
    return secret_key(settings, synthetic=meta.get(store, "synthetic") is not None)


def first_start(settings: Settings, now: datetime) -> list[str]:
    """Look after key and administrator; lines to be printed, once, and never kept.

    An administrator is made only in a demo store without any account; elsewhere the operator
    makes the first one.

    Raises:
        data.access.secret_file.SecretFileError: the key is missing, weak or not kept safely.
    """
    store = open_store(settings)
    try:
        key_of(store, settings)
        accounts = Accounts(store, Passwords())
        if not accounts.are_none():
            return []
        if meta.get(store, "synthetic") is None:
            return ["There is no account yet: python app.py user add NAME --role system_admin"]
        made, password = accounts.add(ADMINISTRATOR, roles=ROLES, scope=EVERYTHING, must_change=False,
                                      by=CONSOLE, now=now)
        return [f"Administrator: {made.name}  password: {password}"]
    finally:
        store.close()
