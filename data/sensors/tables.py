"""What sensors read (读数): appended, never changed.

The key is also the way in: of one sensor and kind the last reading is one look, a span one range, however
many millions there are. Those of a day are found by the time.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, DateTime, Double, Index, PrimaryKeyConstraint, Table, Text

from data.tables import METADATA

reading: Final = Table(
    "reading",
    METADATA,
    Column("street_code", Text, nullable=False),
    Column("resource_id", Text, nullable=False),  # the sensor
    Column("kind", Text, nullable=False),  # of `data.sensors.kinds.MEASURES`
    Column("at", DateTime(timezone=True), nullable=False),
    Column("value", Double, nullable=False),  # in the unit of the kind
    PrimaryKeyConstraint("street_code", "resource_id", "kind", "at"),
    # rows come about in the order of time
    Index("reading_by_at", "at", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
)
