"""Tables of bulletins: what was reckoned, every version of each bulletin, who gets it, and what was sent."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.tables import METADATA

_NOTHING: Final = text("'{}'::jsonb")

#: As of `data.bulletin.content`, as the text that files are made of; never changed.
bulletin_content: Final = Table(
    "bulletin_content", METADATA,
    Column("content_id", BigInteger, Identity(), primary_key=True),
    Column("period", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("reckoned_at", DateTime(timezone=True), nullable=False),  # the store's time
)
#: Rows are only added; the newest version of a period is the bulletin as it stands.
bulletin: Final = Table(
    "bulletin", METADATA,
    Column("bulletin_id", BigInteger, Identity(), primary_key=True),
    Column("period", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),  # draft, reviewed, published
    Column("act", Text, nullable=False),  # what made this version of the one before
    Column("content_id", BigInteger, ForeignKey("bulletin_content.content_id"), nullable=False),
    Column("texts", JSONB, nullable=False, server_default=_NOTHING),  # block -> text; none: as computed
    Column("hashes", JSONB, nullable=False, server_default=_NOTHING),  # of published: file -> SHA-256
    Column("at", DateTime(timezone=True), nullable=False),  # time outside
    Column("by_name", Text, nullable=False),  # of the account; empty: made on schedule
    UniqueConstraint("period", "version"),
)
bulletin_subscription: Final = Table(
    "bulletin_subscription", METADATA,
    Column("subscription_id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),  # email, webhook
    Column("target", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("is_on", Boolean, nullable=False, server_default=text("true")),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by_name", Text, nullable=False),
)
#: One for each published bulletin and subscription: what is to be sent, and how it went.
bulletin_delivery: Final = Table(
    "bulletin_delivery", METADATA,
    Column("bulletin_id", BigInteger, ForeignKey("bulletin.bulletin_id"), primary_key=True),
    Column("subscription_id", BigInteger, ForeignKey("bulletin_subscription.subscription_id"),
           primary_key=True),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("due_at", DateTime(timezone=True)),  # of the next try, time outside; NULL: none any more
    Column("sent_at", DateTime(timezone=True)),
    Column("fault", Text, nullable=False, server_default=text("''")),  # of the last try
    Index("bulletin_delivery_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
)
