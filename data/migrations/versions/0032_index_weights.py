"""Weights of the composite index with the day from which they are valid. Nothing is granted to viewers."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table, to which rows can only be added."""
    op.create_table(
        "index_weights",
        sa.Column("weights_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("on_time", sa.Double, nullable=False),
        sa.Column("closure", sa.Double, nullable=False),
        sa.Column("rework", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """The table goes."""
    op.drop_table("index_weights")
