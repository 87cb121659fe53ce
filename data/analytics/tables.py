"""Tables of the evaluation: weights of the composite index, notes on days, answers of surveys."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)

from data.tables import METADATA


def _kept() -> tuple[Column[Any], ...]:
    """Who said it and when (time outside), and who took it back."""
    return (
        Column("set_at", DateTime(timezone=True), nullable=False),
        Column("set_by", Text, nullable=False),  # name of the account
        Column("withdrawn_at", DateTime(timezone=True)),
        Column("withdrawn_by", Text),
    )


#: Rows are only added: what was valid on a day stays so.
index_weights: Final = Table(
    "index_weights", METADATA,
    Column("weights_id", BigInteger, Identity(), primary_key=True),
    Column("valid_from", Date, nullable=False),  # local day; the newest row of a day is the one
    Column("on_time", Double, nullable=False),
    Column("closure", Double, nullable=False),
    Column("rework", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),  # time outside
    Column("set_by", Text, nullable=False),  # name of the account
)
#: What a local day was like; rows are added and withdrawn, never changed.
day_note: Final = Table(
    "day_note", METADATA,
    Column("note_id", BigInteger, Identity(), primary_key=True),
    Column("day", Date, nullable=False),
    Column("text", Text, nullable=False),
    *_kept(),
    Index("day_note_by_day", "day"),
)
#: Answers of a survey held on a local day; rows are added and withdrawn, never changed.
survey: Final = Table(
    "survey", METADATA,
    Column("survey_id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("area_code", Text),  # NULL: the whole district
    Column("asked", Integer, nullable=False),
    Column("agreed", Integer, nullable=False),
    Column("about", Text, nullable=False),
    *_kept(),
    CheckConstraint("asked > 0 AND agreed BETWEEN 0 AND asked", name="survey_counts"),
    Index("survey_by_day", "day"),
)
