"""Tables of alerts (预警): the rules, the alerts that stand or have ended, and the log of each.

An alert is the fold of its log, see `data.alerts.lifecycle`; the log only grows.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.tables import METADATA, cases

#: What the index of open cases holds; a statement that says it in these words uses the index.
OPEN_CASES: Final = "deleted_at IS NULL AND state NOT IN ('closed', 'rejected', 'cancelled')"
_NOTHING: Final = text("'{}'::jsonb")

alert_rule: Final = Table(
    "alert_rule",
    METADATA,
    Column("rule_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("color", Text, nullable=False),  # red, orange, yellow, blue
    Column("is_on", Boolean, nullable=False, server_default=text("true")),
    Column("threshold", Double),  # in the unit of the kind, see docs/alerts.md
    Column("window_s", Integer),
    Column("area_code", Text),  # prefix; NULL: everywhere
    Column("cat_code", Text),  # prefix; NULL: every category
    Column("roles", ARRAY(Text), nullable=False),  # roles of accounts that are told
    Column("updated_at", DateTime(timezone=True), nullable=False),  # outside time
    Column("updated_by", Text),
)

alert: Final = Table(
    "alert",
    METADATA,
    Column("street_code", Text, nullable=False),  # '' for the whole district
    Column("alert_id", BigInteger, Identity(), nullable=False),
    Column("rule_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("color", Text, nullable=False),
    Column("state", Text, nullable=False),  # open, confirmed, handling, cleared, false
    Column("community_code", Text),
    Column("grid_code", Text),
    Column("lon", Double),
    Column("lat", Double),
    # case, officer, grid, point, resource, home (a resource at the home of a person), feed, cluster
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("case_no", Text),
    Column("first_at", DateTime(timezone=True), nullable=False),  # the store's time, as all below
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("count", Integer, nullable=False, server_default=text("1")),  # fires merged into it
    Column("value", Double),
    Column("threshold", Double),
    Column("group_key", Text, nullable=False),  # alerts that are told as one line
    Column("roles", ARRAY(Text), nullable=False),
    Column("shelved_until", DateTime(timezone=True)),
    Column("details", JSONB, nullable=False, server_default=_NOTHING),
    Column("ended_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("street_code", "alert_id"),
    Index("alert_standing", "rule_id", "subject_type", "subject_id", unique=True,
          postgresql_where=text("ended_at IS NULL")),
    Index("alert_by_subject", "rule_id", "subject_id"),
    Index("alert_by_id", "alert_id"),
    Index("alert_by_first_at", "first_at"),
)

alert_event: Final = Table(
    "alert_event",
    METADATA,
    Column("street_code", Text, nullable=False),
    Column("alert_id", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("act", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("actor_id", Text),
    Column("note", Text),
    Column("details", JSONB, nullable=False, server_default=_NOTHING),
    PrimaryKeyConstraint("street_code", "alert_id", "seq"),
    Index("alert_event_by_at", "at"),
)

alert_subscription: Final = Table(
    "alert_subscription",
    METADATA,
    Column("account_id", BigInteger, ForeignKey("account.account_id", ondelete="CASCADE"), primary_key=True,
           autoincrement=False),
    Column("kinds", ARRAY(Text), nullable=False),  # of rules
    Column("colors", ARRAY(Text), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),  # the store's time
)

#: The rules look at open cases every few seconds.
CASE_OPEN: Final = Index("case_open_by_deadline", cases.c.deadline_at, postgresql_where=text(OPEN_CASES))
