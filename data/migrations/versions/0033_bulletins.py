"""Half-monthly bulletins: contents, versions, subscriptions, deliveries. Nothing is granted to viewers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOTHING = sa.text("'{}'::jsonb")


def upgrade() -> None:
    """The tables."""
    op.create_table(
        "bulletin_content",
        sa.Column("content_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("reckoned_at", TIME, nullable=False),
    )
    op.create_table(
        "bulletin",
        sa.Column("bulletin_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("content_id", sa.BigInteger, sa.ForeignKey("bulletin_content.content_id"), nullable=False),
        sa.Column("texts", JSONB, nullable=False, server_default=NOTHING),
        sa.Column("hashes", JSONB, nullable=False, server_default=NOTHING),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.UniqueConstraint("period", "version"),
    )
    op.create_table(
        "bulletin_subscription",
        sa.Column("subscription_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("lang", sa.Text, nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
    )
    op.create_table(
        "bulletin_delivery",
        sa.Column("bulletin_id", sa.BigInteger, sa.ForeignKey("bulletin.bulletin_id"), primary_key=True),
        sa.Column("subscription_id", sa.BigInteger,
                  sa.ForeignKey("bulletin_subscription.subscription_id"), primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("due_at", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("fault", sa.Text, nullable=False, server_default=sa.text("''")),
    )
    op.create_index("bulletin_delivery_due", "bulletin_delivery", ["due_at"],
                    postgresql_where=sa.text("due_at IS NOT NULL"))


def downgrade() -> None:
    """The tables go."""
    for table in ("bulletin_delivery", "bulletin_subscription", "bulletin", "bulletin_content"):
        op.drop_table(table)
