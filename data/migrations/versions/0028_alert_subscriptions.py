"""Which alerts people chose to be told of. Nothing is granted to viewers: the server tells each their own."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table."""
    op.create_table(
        "alert_subscription",
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("account.account_id", ondelete="CASCADE"),
                  primary_key=True, autoincrement=False),
        sa.Column("kinds", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("colors", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """The table goes."""
    op.drop_table("alert_subscription")
