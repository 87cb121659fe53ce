"""Tables of accounts, sessions, screens and the audit log; local ones, never distributed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.tables import METADATA

_NO_CODES: Final = text("'{}'")

account = Table(
    "account",
    METADATA,
    Column("account_id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),  # lower case
    Column("display_name", Text),
    Column("roles", ARRAY(Text), nullable=False, server_default=_NO_CODES),
    Column("areas", ARRAY(Text), nullable=False, server_default=_NO_CODES),  # '*' is everything
    Column("departments", ARRAY(Text), nullable=False, server_default=_NO_CODES),
    Column("password_hash", Text),  # argon2id; NULL: no sign-in by password
    Column("password_at", DateTime(timezone=True)),
    Column("must_change", Boolean, nullable=False, server_default=text("false")),
    Column("totp_sealed", LargeBinary),  # the shared secret, sealed with the secret key
    Column("totp_since", DateTime(timezone=True)),  # NULL until a first code was right
    Column("totp_step", BigInteger),  # the last step used, which no code may repeat
    Column("oidc_issuer", Text),
    Column("oidc_subject", Text),
    Column("is_disabled", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("account_by_subject", "oidc_issuer", "oidc_subject", unique=True,
          postgresql_where=text("oidc_subject IS NOT NULL")),
)

session = Table(
    "session",
    METADATA,
    Column("session_hash", Text, primary_key=True),  # SHA-256 of the cookie, in hex
    Column("account_id", BigInteger,
           ForeignKey("account.account_id", ondelete="CASCADE")),  # NULL: not signed in
    Column("factors", ARRAY(Text), nullable=False, server_default=_NO_CODES),  # password, totp, oidc
    Column("csrf", Text, nullable=False),
    Column("content", JSONB, nullable=False, server_default=text("'{}'")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("address", Text),
    Index("session_by_account", "account_id"),
)

sign_in_failure = Table(
    "sign_in_failure",
    METADATA,
    Column("subject", Text, primary_key=True),  # account:NAME, address:IP, totp:NAME, token:IP
    Column("failures", Integer, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("locked_until", DateTime(timezone=True)),
)

display_token = Table(
    "display_token",
    METADATA,
    Column("token_id", BigInteger, Identity(), primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),  # SHA-256, in hex
    Column("name", Text, nullable=False),
    Column("areas", ARRAY(Text), nullable=False),
    Column("departments", ARRAY(Text), nullable=False, server_default=_NO_CODES),
    Column("pages", ARRAY(Text), nullable=False),
    Column("issued_by", BigInteger, ForeignKey("account.account_id")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("seen_at", DateTime(timezone=True)),
)

audit_log = Table(
    "audit_log",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3, … without gaps
    Column("at", DateTime(timezone=True), nullable=False),
    Column("account_id", BigInteger),  # no foreign key: the record outlives the account
    Column("account_name", Text, nullable=False),
    Column("address", Text),
    Column("action", Text, nullable=False),
    Column("object_kind", Text),
    Column("object_id", Text),
    Column("reason", Text),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'")),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("audit_log_by_at", "at"),
    Index("audit_log_by_account", "account_name", "at"),
)

#: Values of persons that no page reads; only `data.access.opening` does, on record.
person_detail = Table(
    "person_detail",
    METADATA,
    Column("kind", Text, primary_key=True),  # officer, reporter
    Column("person_id", Text, primary_key=True),  # officer_id; case_no of a reporter
    Column("street_code", Text, nullable=False),
    Column("name", Text),
    Column("phone", Text),
    Column("address", Text),
    Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
    Index("person_detail_by_street", "street_code"),
)
