"""Signing in: one factor after the other, each counted, each on record, each with a new cookie.

What is refused is refused in the same words and after the same work, whether the name is
unknown, the account is disabled or the password is wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal

from data.access.accounts import Account, AccountError, Accounts, account_name
from data.access.audit import Audit, Entry
from data.access.federated import admitted
from data.access.lockout import Lockout, Try
from data.access.oidc_settings import Provider
from data.access.passwords import BusyError, PasswordError, Passwords, check, plain
from data.access.seal import SealError
from data.access.sessions import Session, Sessions
from data.access.totp import Enrolment, SecondFactors

LOG: Final = logging.getLogger(__name__)
_MARK: Final = "enrolling"

Next = Literal["done", "totp", "enrol", "password", "refused", "locked", "busy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a try led to.

    Attributes:
        cookie: the new cookie's value; None where the old one stays as it is.
        next: ``done``; ``totp``, ``enrol`` or ``password`` (a new one) are still to be given;
            ``refused``; ``locked``; ``busy``: nothing was tried, come again in a moment.
        until: end of the lock, aware; only with ``locked``.
    """

    cookie: str | None = field(repr=False)
    next: Next
    until: datetime | None = None


class EnrolError(PermissionError):
    """No second factor can be enrolled here: nobody is signed in, or one is enrolled already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What signing in is made of."""

    accounts: Accounts
    passwords: Passwords
    sessions: Sessions
    seconds: SecondFactors
    lockout: Lockout
    audit: Audit
    provider: Provider | None = None


class SignIn:
    """Signing in and out of one store. Thread-safe."""

    def __init__(self, parts: Parts) -> None:
        self._its = parts

    def password(self, name: str, password: str, *, cookie: str | None, address: str,
                 now: datetime) -> Outcome:
        """Try a name and a password."""
        shown, subject = _subject(name)
        counted = self._its.lockout.count([f"address:{address}", f"account:{subject}"], now=now)
        if not counted.allowed:
            return _locked(counted)
        found = self._its.accounts.find(name)
        try:
            right = self._its.passwords.verify(found.password_hash if found else None, password)
            if right and found and not found.is_disabled:
                self._rehash(found, password)
        except BusyError:
            self._its.lockout.undone(counted)
            return Outcome(cookie=None, next="busy")
        if not right or found is None or found.is_disabled:
            return self._refused(counted, found.account_id if found else None, shown, address, now,
                                 factor="password")
        self._its.lockout.right(counted)
        return self._next(found, {"password"}, cookie, address, now)

    def code(self, code: str, *, cookie: str, address: str, now: datetime) -> Outcome:
        """Try a code of the second factor; the first right one ends its enrolment."""
        standing = self._its.sessions.find(cookie, now=now)
        if standing is None or standing.account_id is None or standing.name is None or not (
                standing.needs in {"totp", "enrol"} or (standing.viewer and not standing.has_totp)):
            return Outcome(cookie=None, next="refused")
        counted = self._its.lockout.count([f"address:{address}", f"totp:{standing.name}"], now=now)
        if not counted.allowed:
            return _locked(counted)
        holder = self._its.accounts.get(standing.account_id)
        try:
            right = self._its.seconds.use(standing.account_id, code, now=now,
                                          mark=standing.content.get(_MARK))
        except SealError as fault:
            LOG.error("the second factor of account %s cannot be read: %s", standing.account_id, fault)
            right = False
        if not right or holder is None or holder.is_disabled:
            return self._refused(counted, standing.account_id, standing.name, address, now, factor="totp")
        self._its.lockout.right(counted)
        if not standing.has_totp:
            self._note("totp_enrolled", holder, address, now)
        return self._next(holder, {*standing.factors, "totp"}, cookie, address, now)

    def enrol(self, *, cookie: str, now: datetime) -> Enrolment:
        """The secret of a new second factor, the same as long as the session lasts; `code` confirms it.

        Raises:
            EnrolError: nobody is signed in with this cookie, or a factor is enrolled already.
        """
        standing = self._its.sessions.find(cookie, now=now)
        if standing is None or standing.account_id is None or standing.name is None or not (
                standing.needs == "enrol" or standing.viewer):
            raise EnrolError("a second factor can be enrolled after a right password, got no such session")
        mark = standing.content.get(_MARK)
        try:
            begun = self._its.seconds.pending(standing.account_id, standing.name, mark)
        except SealError:
            begun = self._its.seconds.pending(standing.account_id, standing.name, None)
        if begun is None:
            raise EnrolError("a second factor can be enrolled where there is none, got one: have it reset")
        if begun.mark != mark:
            self._its.sessions.keep(cookie, {**standing.content, _MARK: begun.mark})
        return begun

    def change_password(self, old: str, new: str, *, cookie: str, address: str, now: datetime) -> Outcome:
        """The holder's own new password; all other sessions of the account end.

        Raises:
            data.access.passwords.PasswordError: the new one is against the rules.
        """
        standing = self._its.sessions.find(cookie, now=now)
        holder = self._its.accounts.get(standing.account_id) if standing and standing.account_id else None
        if standing is None or holder is None or not (standing.viewer or standing.needs == "password"):
            return Outcome(cookie=None, next="refused")
        check(new, holder.name)
        if plain(new) == plain(old):
            raise PasswordError("same", "a new password must differ from the old one")
        counted = self._its.lockout.count([f"address:{address}", f"account:{holder.name}"], now=now)
        if not counted.allowed:
            return _locked(counted)
        try:
            hashed = self._its.passwords.hash(new) if self._its.passwords.verify(
                holder.password_hash, old) else None
        except BusyError:
            self._its.lockout.undone(counted)
            return Outcome(cookie=None, next="busy")
        if hashed is None:
            return self._refused(counted, holder.account_id, holder.name, address, now, factor="password")
        self._its.lockout.right(counted)
        if not self._its.accounts.set_password(holder, hashed, now=now, address=address):
            return Outcome(cookie=None, next="refused")
        changed = self._its.sessions.start(now=now, address=address, account_id=holder.account_id,
                                           factors=standing.factors, replaces=cookie)
        return self._outcome(changed, now)

    def federated(self, issuer: str, subject: str, claims: Mapping[str, Any], *, cookie: str | None,
                  address: str, now: datetime) -> Outcome:
        """Sign in whom a single sign-on vouches for; claims were verified by `data.access.oidc`.

        Roles and areas follow the claims at every sign-in. Without a role nobody comes in.
        """
        counted = self._its.lockout.count([f"address:{address}"], now=now)
        if not counted.allowed:
            return _locked(counted)
        holder, why = admitted(self._its.accounts, self._its.provider, issuer, subject, claims,
                               address=address, now=now)
        if holder is None or why:
            return self._refused(counted, holder.account_id if holder else None,
                                 holder.name if holder else "single sign-on", address, now,
                                 factor="oidc", why=why)
        self._its.lockout.right(counted)
        vouched = bool(self._its.provider and self._its.provider.vouches(claims))
        return self._next(holder, {"oidc", "vouched"} if vouched else {"oidc"}, cookie, address, now)

    def federation_failed(self, why: str, *, address: str, now: datetime) -> Outcome:
        """Count and record an answer of a single sign-on that could not be believed."""
        counted = self._its.lockout.count([f"address:{address}"], now=now)
        if not counted.allowed:
            return _locked(counted)
        return self._refused(counted, None, "single sign-on", address, now, factor="oidc", why=why)

    def sign_out(self, *, cookie: str, address: str, now: datetime) -> None:
        """End the session of a cookie, on record where somebody was signed in with it."""
        standing = self._its.sessions.find(cookie, now=now)
        self._its.sessions.end(cookie)
        if standing and standing.name:
            self._record("sign_out", standing.account_id, standing.name, address, now)

    def sign_out_everywhere(self, *, cookie: str, address: str, now: datetime) -> int:
        """End all sessions of the account behind a cookie; returns how many."""
        standing = self._its.sessions.find(cookie, now=now)
        if standing is None or standing.account_id is None or standing.name is None:
            return 0
        ended = self._its.sessions.end_all(standing.account_id)
        self._record("sign_out", standing.account_id, standing.name, address, now, sessions=ended)
        return ended

    def _next(self, holder: Account, factors: Iterable[str], cookie: str | None, address: str,
              now: datetime) -> Outcome:
        given = frozenset(factors)
        fresh = self._its.sessions.start(now=now, address=address, account_id=holder.account_id,
                                         factors=given, replaces=cookie)
        still = self._its.accounts.get(holder.account_id)
        if still is None or still.changed_at != holder.changed_at:
            self._its.sessions.end(fresh)  # reset or changed while this was checked: try again
            return Outcome(cookie=None, next="refused")
        outcome = self._outcome(fresh, now)
        complete = outcome.next in {"done", "password"}
        self._note("sign_in" if complete else "sign_in_begun", holder, address, now, factors=sorted(given))
        return outcome

    def _outcome(self, cookie: str, now: datetime) -> Outcome:
        standing: Session | None = self._its.sessions.find(cookie, now=now)
        if standing is None:
            return Outcome(cookie=None, next="refused")
        needs: Any = standing.needs or "done"
        return Outcome(cookie=cookie, next=needs)

    def _refused(self, counted: Try, account_id: int | None, name: str, address: str, now: datetime,
                 **detail: Any) -> Outcome:
        self._record("sign_in_refused", account_id, name, address, now, **detail)
        if counted.locks:
            self._record("locked", account_id, name, address, now, **detail)
            return Outcome(cookie=None, next="locked", until=counted.until)
        return Outcome(cookie=None, next="refused")

    def _rehash(self, holder: Account, password: str) -> None:
        if holder.password_hash and self._its.passwords.is_outdated(holder.password_hash):
            self._its.accounts.rehash(holder.account_id, holder.password_hash,
                                      self._its.passwords.hash(password))

    def _note(self, action: str, holder: Account, address: str, now: datetime, **detail: Any) -> None:
        self._record(action, holder.account_id, holder.name, address, now, **detail)

    def _record(self, action: str, account_id: int | None, name: str, address: str, now: datetime,
                **detail: Any) -> None:
        self._its.audit.record(Entry(account_id=account_id, account_name=name, address=address,
                                     action=action, detail=detail), now=now)


def _subject(name: str) -> tuple[str, str]:
    """A name as it is recorded, and as it is counted; what can be no name is counted by its hash."""
    try:
        known = account_name(name)
    except AccountError:
        mark = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return f"~{mark}", f"~{mark}"
    return known, known


def _locked(counted: Try) -> Outcome:
    return Outcome(cookie=None, next="locked", until=counted.until)
