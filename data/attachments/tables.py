"""The table of attachments; the files themselves stand in a folder, by their content."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from data.tables import CURRENT_XID, METADATA

#: Photos may show people and homes: a screen never sees any.
attachment: Final = Table(
    "attachment",
    METADATA,
    Column("street_code", Text, nullable=False),
    Column("case_no", Text, nullable=False),
    Column("attachment_id", BigInteger, Identity(), nullable=False),
    Column("kind", Text, nullable=False),  # photo
    Column("content_hash", Text, nullable=False),  # SHA-256 of the kept file, in hex
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),  # pixels
    Column("height", Integer, nullable=False),
    Column("lon", Double),  # where the camera said that it was; NULL: it did not
    Column("lat", Double),
    Column("taken_at", DateTime(timezone=True)),  # as the camera's clock said
    Column("added_by", Text, nullable=False),  # name of the account
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("source_system", Text),
    Column("created_at", DateTime(timezone=True), server_default=text("now()")),
    Column("updated_at", DateTime(timezone=True), server_default=text("now()")),
    Column("deleted_at", DateTime(timezone=True)),
    Column("changed_xid", BigInteger, nullable=False, server_default=CURRENT_XID),
    PrimaryKeyConstraint("case_no", "street_code", "attachment_id"),
    Index("attachment_by_content", "content_hash"),
)
