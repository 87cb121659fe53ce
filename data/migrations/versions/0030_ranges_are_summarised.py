"""Indexes by ranges know new rows by themselves: what is not summarised is read whole, a day at a time."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

#: Name, table and what else it is made with.
INDEXES = (("gps_fix_by_at", "gps_fix", {"pages_per_range": 16}), ("reading_by_at", "reading", {}))


def upgrade() -> None:
    """Made anew, which summarises what is there."""
    for name, table, options in INDEXES:
        op.drop_index(name, table)
        op.create_index(name, table, ["at"], postgresql_using="brin",
                        postgresql_with={**options, "autosummarize": "on"})


def downgrade() -> None:
    """As they were."""
    for name, table, options in INDEXES:
        op.drop_index(name, table)
        op.create_index(name, table, ["at"], postgresql_using="brin", postgresql_with=options)
