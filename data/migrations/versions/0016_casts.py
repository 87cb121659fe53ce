"""What desks send to walls. Nothing is granted to viewers: a wall is told its own cast by the server."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table."""
    op.create_table(
        "screen_cast",
        sa.Column("cast_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("token_id", sa.BigInteger, sa.ForeignKey("display_token.token_id"), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("cast_by", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Text),
    )
    op.create_index("screen_cast_by_token", "screen_cast", ["token_id", "cast_id"])


def downgrade() -> None:
    """The table goes."""
    op.drop_table("screen_cast")
