"""Devices that send positions of officers, each known by a token of which only the hash is kept.

Nothing is granted to viewers: no page about the district reads it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table."""
    op.create_table(
        "device",
        sa.Column("device_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("officer_id", sa.Text, nullable=False),
        sa.Column("crs", sa.Text, nullable=False, server_default=sa.text("'wgs84'")),
        sa.Column("issued_by", sa.BigInteger, sa.ForeignKey("account.account_id")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.Column("refused", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("last_fault", sa.Text),
    )
    op.create_index("device_by_officer", "device", ["street_code", "officer_id"])


def downgrade() -> None:
    """The table goes, and with it every token."""
    op.drop_table("device")
