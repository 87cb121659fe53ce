"""Floating residents of areas, and who reported a case found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index."""
    op.add_column("area", sa.Column("floating", sa.Integer))
    op.create_index("case_event_by_reporter", "case_event", ["actor_id"],
                    postgresql_where=sa.text("act = 'report' AND actor_id IS NOT NULL"))


def downgrade() -> None:
    """Drop both."""
    op.drop_index("case_event_by_reporter", "case_event")
    op.drop_column("area", "floating")
