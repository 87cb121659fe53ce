"""Tables of emergencies and whistles; no viewer's question reads them but through their own readers."""

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
    Table,
    Text,
    text,
)

from data.tables import METADATA

emergency: Final = Table(
    "emergency", METADATA,
    Column("emergency_id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),  # who is called; none: everybody, or people by name
    Column("started_at", DateTime(timezone=True), nullable=False),  # store time, as all of these
    Column("started_by", Text, nullable=False),  # name of the account
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_by", Text),
    Column("by_name", Boolean, nullable=False, server_default=text("false")),  # some are called by name
    Index("emergency_running", "emergency_id", postgresql_where=text("ended_at IS NULL")),
)
#: People who are called by name.
emergency_called: Final = Table(
    "emergency_called", METADATA,
    Column("emergency_id", BigInteger, ForeignKey("emergency.emergency_id"), primary_key=True),
    Column("account_id", BigInteger, primary_key=True),  # no foreign key: the record outlives the account
    Column("name", Text, nullable=False),  # of the account, as it was
)
#: One for each area that is called.
emergency_task: Final = Table(
    "emergency_task", METADATA,
    Column("task_id", BigInteger, Identity(), primary_key=True),
    Column("emergency_id", BigInteger, ForeignKey("emergency.emergency_id"), nullable=False),
    Column("area_code", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Index("emergency_task_by_emergency", "emergency_id"),
)
task_signup: Final = Table(
    "task_signup", METADATA,
    Column("task_id", BigInteger, ForeignKey("emergency_task.task_id"), primary_key=True),
    Column("member", Text, primary_key=True),  # name of an account, or of a person as said by an operator
    Column("at", DateTime(timezone=True), nullable=False),
    Column("signed_by", Text, nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
)
#: Only added to: publish, sign_up, withdraw, report, end.
emergency_event: Final = Table(
    "emergency_event", METADATA,
    Column("event_id", BigInteger, Identity(), primary_key=True),
    Column("emergency_id", BigInteger, ForeignKey("emergency.emergency_id"), nullable=False),
    Column("task_id", BigInteger, ForeignKey("emergency_task.task_id")),  # NULL: of the whole
    Column("at", DateTime(timezone=True), nullable=False),
    Column("act", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("member", Text),
    Column("note", Text),
    Index("emergency_event_by_emergency", "emergency_id", "event_id"),
)
whistle: Final = Table(
    "whistle", METADATA,
    Column("whistle_id", BigInteger, Identity(), primary_key=True),
    Column("area_code", Text, nullable=False),
    Column("case_no", Text),
    Column("place", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("due_minutes", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("called_by", Text, nullable=False),
    Column("lon", Double),  # WGS-84 degrees of the place; NULL: nobody said
    Column("lat", Double),
    Column("ended_at", DateTime(timezone=True)),  # the street called it off, or said that it is done
    Column("ended_by", Text),
    Index("whistle_by_case", "case_no"),
)
whistle_call: Final = Table(
    "whistle_call", METADATA,
    Column("whistle_id", BigInteger, ForeignKey("whistle.whistle_id"), primary_key=True),
    Column("dept_id", Text, primary_key=True),
    Column("answered_at", DateTime(timezone=True)),
    Column("answered_by", Text),
    Column("arrived_at", DateTime(timezone=True)),
    Column("arrived_by", Text),
)
