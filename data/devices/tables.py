"""The table of devices; a local one, never distributed, and read by no page."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    text,
)

from data.tables import METADATA

device: Final = Table(
    "device",
    METADATA,
    Column("device_id", BigInteger, Identity(), primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),  # SHA-256, in hex
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default=text("'officer'")),  # or that of a sensor
    Column("street_code", Text, nullable=False),  # with officer_id: whose positions it sends
    Column("officer_id", Text),  # of an officer's device
    Column("resource_id", Text),  # of a sensor: the thing that it measures for
    Column("crs", Text, nullable=False, server_default=text("'wgs84'")),  # wgs84, gcj02, bd09
    Column("issued_by", BigInteger, ForeignKey("account.account_id")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("seen_at", DateTime(timezone=True)),  # outside time, to a minute
    Column("refused", BigInteger, nullable=False, server_default=text("0")),  # positions that could not be
    Column("last_fault", Text),  # what was wrong with the last of them
    CheckConstraint("(officer_id IS NULL) <> (resource_id IS NULL)", name="device_sends_for_one"),
    Index("device_by_officer", "street_code", "officer_id"),
)
