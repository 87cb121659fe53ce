"""Tables of the evaluation: the weights of the composite index, as they were and are."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Date, DateTime, Double, Identity, Table, Text

from data.tables import METADATA

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
