"""Fixes by time: they come in its order, so that a small index tells where those of a moment lie."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index, on every day there is; later days get it with the rest of the table."""
    op.create_index("gps_fix_by_at", "gps_fix", ["at"], postgresql_using="brin",
                    postgresql_with={"pages_per_range": 16})


def downgrade() -> None:
    """The index goes."""
    op.drop_index("gps_fix_by_at", "gps_fix")
