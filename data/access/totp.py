"""Second factors (动态口令): codes of 30 seconds as of RFC 6238, each used once.

A secret stands in the store sealed. It counts as enrolled (``totp_since``) after a first right code.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final

import pyotp
import sqlalchemy as sa

from data.access.seal import Sealer
from data.access.tables import account
from data.engine import Store

STEP_S: Final = 30
DIGITS: Final = 6
#: Steps before and after now that are right too, for clocks that are a little off.
WINDOW: Final = 1
ISSUER: Final = "Map Room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A secret that waits for its first code.

    Attributes:
        secret: base32, for typing by hand.
        uri: ``otpauth://…`` for the picture.
        mark: tells this secret from another one without telling it.
    """

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    mark: str


def step_of(now: datetime) -> int:
    """The number of the half minute of an aware moment."""
    return int(now.timestamp()) // STEP_S


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step that a code belongs to, the newest within the window; None: it is wrong.

    Every step is compared, in the same time whether right or wrong.
    """
    given = unicodedata.normalize("NFKC", code).replace(" ", "").encode()
    found: int | None = None
    clock = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    for step in range(step_of(now) - WINDOW, step_of(now) + WINDOW + 1):
        if compare_digest(clock.generate_otp(step).encode(), given):
            found = step
    return found


def enrolment(secret: str, name: str) -> Enrolment:
    """What an authenticator is told."""
    uri = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(name=name, issuer_name=ISSUER)
    return Enrolment(secret=secret, uri=uri, mark=sha256(secret.encode()).hexdigest()[:16])


class SecondFactors:
    """The second factors of one store. Thread-safe."""

    def __init__(self, store: Store, sealer: Sealer) -> None:
        self._store, self._sealer = store, sealer

    def pending(self, account_id: int, name: str, mark: str | None) -> Enrolment | None:
        """The secret being enrolled by whoever knows its mark, else a new one in its place.

        So nobody is shown a secret that somebody else began with.

        Returns:
            None where the account has an enrolled factor already.

        Raises:
            data.access.seal.SealError: the one that waits was sealed with another key.
        """
        with self._store.engine.begin() as connection:
            row = connection.execute(
                sa.select(account.c.totp_sealed, account.c.totp_since)
                .where(account.c.account_id == account_id).with_for_update()).first()
            if row is None or row.totp_since is not None:
                return None
            if row.totp_sealed is not None and mark:
                begun = enrolment(self._sealer.open(row.totp_sealed, owner=account_id), name)
                if compare_digest(begun.mark, mark):
                    return begun
            fresh = enrolment(pyotp.random_base32(32), name)
            connection.execute(
                sa.update(account).where(account.c.account_id == account_id)
                .values(totp_sealed=self._sealer.seal(fresh.secret, owner=account_id), totp_step=None))
        return fresh

    def use(self, account_id: int, code: str, *, mark: str | None, now: datetime) -> bool:
        """Whether a code is right now and was not used; it is used from here on.

        A secret that waits becomes enrolled, if the mark is its own.

        Raises:
            data.access.seal.SealError: the secret was sealed with another key.
        """
        with self._store.engine.connect() as connection:
            row = connection.execute(
                sa.select(account.c.totp_sealed, account.c.totp_since)
                .where(account.c.account_id == account_id)).first()
        if row is None or row.totp_sealed is None:
            return False
        secret = self._sealer.open(row.totp_sealed, owner=account_id)
        waits = row.totp_since is None
        if waits and not compare_digest(enrolment(secret, "").mark, mark or ""):
            return False
        step = matching_step(secret, code, now)
        if step is None:
            return False
        unused = sa.or_(account.c.totp_step.is_(None), account.c.totp_step < step)
        with self._store.engine.begin() as connection:
            used = connection.execute(
                sa.update(account).values(totp_step=step, totp_since=now if waits else account.c.totp_since)
                .where(account.c.account_id == account_id, unused, account.c.totp_sealed == row.totp_sealed)
                .returning(account.c.account_id)).first()
        return used is not None
