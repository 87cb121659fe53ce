"""What desks send to walls: every cast is a row, which is only ever ended."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Table, Text

from data.tables import METADATA

#: At most one of a wall has not ended; no viewer's question reads it.
screen_cast: Final = Table(
    "screen_cast",
    METADATA,
    Column("cast_id", BigInteger, Identity(), primary_key=True),
    Column("token_id", BigInteger, ForeignKey("display_token.token_id"), nullable=False),
    Column("address", Text, nullable=False),  # the query of the page that the wall shows
    Column("cast_by", Text, nullable=False),  # name of the account
    Column("at", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),  # before its time: by somebody, or by the next cast
    Column("ended_by", Text),
    Index("screen_cast_by_token", "token_id", "cast_id"),
)
