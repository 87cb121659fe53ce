"""Where resources were and in which state (资源状态史): appended, never changed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, DateTime, Double, PrimaryKeyConstraint, Table, Text

from data.tables import METADATA

#: A row holds from its moment until the next one of the same resource; NULL is not known.
resource_event: Final = Table(
    "resource_event",
    METADATA,
    Column("street_code", Text, nullable=False),
    Column("resource_id", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("status", Text),  # idle, assigned, busy, offline
    Column("lon", Double),
    Column("lat", Double),
    Column("heading", Double),  # degrees clockwise from north
    PrimaryKeyConstraint("street_code", "resource_id", "at"),
)
