"""Accounts (账号): who may sign in, with which roles and scope. Every change is on record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from data.access.audit import Entry, clean, record_in
from data.access.passwords import Passwords, check, generated
from data.access.roles import conflict
from data.access.scope import NOTHING, Scope
from data.access.tables import account, session, sign_in_failure
from data.access.viewer import Viewer
from data.engine import Store

_NAME: Final = re.compile(r"[a-z0-9_.-]{2,40}", re.ASCII)


class AccountError(ValueError):
    """An account that cannot be; the message names the field, the value got and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account, without anything secret but its hash, which is never shown.

    Attributes:
        password_hash: argon2id; None: no sign-in by password.
        has_totp: a second factor is enrolled.
        issuer, subject: who vouches for it at a single sign-on; None: nobody.
    """

    account_id: int
    name: str
    display_name: str | None
    roles: frozenset[str]
    scope: Scope
    must_change: bool
    has_totp: bool
    is_disabled: bool
    issuer: str | None
    subject: str | None
    created_at: datetime
    changed_at: datetime
    password_hash: str | None = field(repr=False)

    @property
    def viewer(self) -> Viewer:
        """The account as one who asks."""
        return Viewer(account_id=self.account_id, name=self.name, roles=self.roles, scope=self.scope)


def account_name(text: str) -> str:
    """A name as it is stored: compatibility forms are one, case does not matter.

    Raises:
        AccountError: it is no name.
    """
    name = unicodedata.normalize("NFKC", text[:200]).strip().casefold()
    if not _NAME.fullmatch(name):
        raise AccountError("name must be 2 to 40 of a-z, 0-9, '_', '.' and '-',"
                           f" got {clean(text, 60)!r}")
    return name


class Accounts:
    """The accounts of one store. Thread-safe."""

    def __init__(self, store: Store, passwords: Passwords) -> None:
        self._store, self._passwords = store, passwords

    def add(self, name: str, *, roles: Iterable[str] = (), scope: Scope = NOTHING, by: Viewer, now: datetime,
            password: str | None = None, must_change: bool = True, display_name: str | None = None,
            address: str | None = None) -> tuple[Account, str]:
        """Make an account; returns it with its password, which nobody can read again.

        Args:
            name: as `account_name` takes it.
            roles: of `data.access.roles.ROLES`, without conflict.
            scope: what exists for it; nothing unless said.
            by: who makes it, for the record.
            password: chosen by somebody; None generates one.
            must_change: the password has to be changed at the first sign-in.
            address: of the maker's machine, for the record.

        Raises:
            AccountError: the name is malformed or taken, or the roles cannot be held together.
            data.access.passwords.PasswordError: the chosen password is against the rules.
            data.access.passwords.BusyError: too many passwords are being hashed.
        """
        key = account_name(name)
        held = _roles(roles)
        secret = _chosen(password, key)
        hashed = self._passwords.hash(secret)
        values = {"name": key, "display_name": clean(display_name, 80) if display_name else None,
                  "roles": held, "areas": sorted(scope.areas), "departments": sorted(scope.departments),
                  "password_hash": hashed, "password_at": now, "must_change": must_change,
                  "created_at": now, "changed_at": now}
        return self._insert(values, by, address, now), secret

    def add_federated(self, name: str, *, issuer: str, subject: str, roles: Iterable[str], scope: Scope,
                      now: datetime, address: str | None) -> Account:
        """Make the account of a person whom a single sign-on vouches for; it has no password.

        Raises:
            AccountError: as of `add`; also where the subject has an account already.
        """
        values = {"name": account_name(name), "roles": _roles(roles), "areas": sorted(scope.areas),
                  "departments": sorted(scope.departments), "oidc_issuer": issuer, "oidc_subject": subject,
                  "created_at": now, "changed_at": now}
        by = Viewer(account_id=None, name="single sign-on", roles=frozenset(), scope=NOTHING)
        return self._insert(values, by, address, now)

    def find(self, name: str) -> Account | None:
        """The account of a name, in any spelling; None where there is none."""
        try:
            key = account_name(name)
        except AccountError:
            return None
        return self._one(account.c.name == key)

    def get(self, account_id: int) -> Account | None:
        """The account of a number; None where there is none."""
        return self._one(account.c.account_id == account_id)

    def of_subject(self, issuer: str, subject: str) -> Account | None:
        """The account that a single sign-on vouches for; None where there is none."""
        return self._one(account.c.oidc_issuer == issuer, account.c.oidc_subject == subject)

    def listing(self) -> list[Account]:
        """All accounts, by name."""
        with self._store.engine.connect() as connection:
            rows = connection.execute(sa.select(account).order_by(account.c.name)).mappings()
            return [account_of(row) for row in rows]

    def are_none(self) -> bool:
        """No account was ever made here."""
        with self._store.engine.connect() as connection:
            return connection.execute(sa.select(account.c.account_id).limit(1)).first() is None

    def grant(self, name: str, *, roles: Iterable[str] | None = None, scope: Scope | None = None, by: Viewer,
              now: datetime, address: str | None = None) -> Account:
        """Give roles or a scope in place of those held; what is None stays. It holds at once.

        Raises:
            AccountError: no such account, or the roles cannot be held together.
        """
        values: dict[str, Any] = {}
        if roles is not None:
            values["roles"] = _roles(roles)
        if scope is not None:
            values |= {"areas": sorted(scope.areas), "departments": sorted(scope.departments)}
        return self._change(name, values, "granted", by, address, now, detail=dict(values))

    def disable(self, name: str, *, by: Viewer, now: datetime, address: str | None = None) -> Account:
        """Shut an account out at once; its sessions end. Raises `AccountError` where there is none."""
        return self._change(name, {"is_disabled": True}, "account_disabled", by, address, now, ends=True)

    def enable(self, name: str, *, by: Viewer, now: datetime, address: str | None = None) -> Account:
        """Let an account in again, and unlock it. Raises `AccountError` where there is none."""
        return self._change(name, {"is_disabled": False}, "account_enabled", by, address, now, unlocks=True)

    def reset(self, name: str, *, by: Viewer, now: datetime,
              address: str | None = None) -> tuple[Account, str]:
        """A new generated password; the second factor goes, all sessions end, locks are lifted.

        Raises:
            AccountError: no such account.
            data.access.passwords.BusyError: too many passwords are being hashed.
        """
        secret = generated()
        values = {"password_hash": self._passwords.hash(secret), "password_at": now, "must_change": True,
                  "totp_sealed": None, "totp_since": None, "totp_step": None}
        return self._change(name, values, "account_reset", by, address, now, ends=True, unlocks=True), secret

    def set_password(self, holder: Account, hashed: str, *, now: datetime, address: str | None) -> bool:
        """The holder's own new password; all sessions end.

        False, and nothing is changed, where the account was reset since ``holder`` was read.
        """
        values = {"password_hash": hashed, "password_at": now, "must_change": False}
        try:
            self._change(holder.name, values, "password_changed", holder.viewer, address, now, ends=True,
                         only=account.c.password_hash == holder.password_hash)
        except AccountError:
            return False
        return True

    def rehash(self, account_id: int, old: str, new: str) -> None:
        """The same password under today's parameters, unless it was changed meanwhile."""
        with self._store.engine.begin() as connection:
            connection.execute(sa.update(account).values(password_hash=new).where(
                account.c.account_id == account_id, account.c.password_hash == old))

    def _one(self, *clauses: sa.ColumnElement[bool]) -> Account | None:
        with self._store.engine.connect() as connection:
            row = connection.execute(sa.select(account).where(*clauses)).mappings().first()
        return account_of(row) if row is not None else None

    def _insert(self, values: dict[str, Any], by: Viewer, address: str | None, now: datetime) -> Account:
        facts = {key: values[key] for key in ("roles", "areas", "departments")}
        try:
            with self._store.engine.begin() as connection:
                made = sa.insert(account).values(values).returning(account)
                row = connection.execute(made).mappings().one()
                record_in(connection, _entry(by, address, "account_added", values["name"], facts), now=now)
        except IntegrityError as error:
            raise AccountError(f"name must be a new one, got {values['name']!r}, which is taken") from error
        return account_of(row)

    def _change(self, name: str, values: dict[str, Any], action: str, by: Viewer, address: str | None,
                now: datetime, *, detail: Mapping[str, Any] | None = None, ends: bool = False,
                unlocks: bool = False,
                only: sa.ColumnElement[bool] | None = None) -> Account:
        """One change and its record in one transaction."""
        key = account_name(name)
        with self._store.engine.begin() as connection:
            row = connection.execute(
                sa.update(account).values(**values, changed_at=now)
                .where(account.c.name == key, sa.true() if only is None else only)
                .returning(account)).mappings().first()
            if row is None:
                raise AccountError(f"name must be that of an account, got {key!r}")
            if ends:
                connection.execute(sa.delete(session).where(session.c.account_id == row["account_id"]))
            if unlocks:
                connection.execute(sa.delete(sign_in_failure).where(
                    sign_in_failure.c.subject.in_([f"account:{key}", f"totp:{key}"])))
            record_in(connection, _entry(by, address, action, key, detail or {}), now=now)
        return account_of(row)


def account_of(row: Mapping[Any, Any]) -> Account:
    """An account out of its row."""
    return Account(
        scope=Scope(frozenset(row["areas"]), frozenset(row["departments"])), roles=frozenset(row["roles"]),
        has_totp=row["totp_since"] is not None, issuer=row["oidc_issuer"], subject=row["oidc_subject"],
        **{key: row[key] for key in ("account_id", "name", "display_name", "must_change", "is_disabled",
                                     "created_at", "changed_at", "password_hash")})


def _roles(roles: Iterable[str]) -> list[str]:
    held = sorted(set(roles))
    if fault := conflict(held):
        raise AccountError(fault)
    return held


def _chosen(password: str | None, name: str) -> str:
    if password is None:
        return generated()
    check(password, name)
    return password


def _entry(by: Viewer, address: str | None, action: str, name: str, detail: Mapping[str, Any]) -> Entry:
    return Entry(account_id=by.account_id, account_name=by.name, address=address, action=action,
                 object_kind="account", object_id=name, detail=detail)
