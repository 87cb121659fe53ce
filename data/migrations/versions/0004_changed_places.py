"""What changed in areas, officers and resources is found by an index.

The snapshot looks every second or two; without the indexes it read all of the
three tables each time.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MIRRORED = ("area", "officer", "resource")


def upgrade() -> None:
    """One index each."""
    for table in MIRRORED:
        op.create_index(f"{table}_by_changed_xid", table, ["changed_xid"], if_not_exists=True)


def downgrade() -> None:
    """Whole tables are read again."""
    for table in MIRRORED:
        op.drop_index(f"{table}_by_changed_xid", table)
