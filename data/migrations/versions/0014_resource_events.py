"""Resources in time: where they were, in which state, and where they head.

Read by viewers as far as they see the resource itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0016"
branch_labels = None
depends_on = None

ALL = "((SELECT grid_all_areas()) AND (SELECT cardinality(grid_departments()) = 0))"
OWN = ("EXISTS (SELECT FROM resource AS own WHERE own.street_code = resource_event.street_code"
       " AND own.resource_id = resource_event.resource_id)")


def upgrade() -> None:
    """The table with its row-level security, and the heading of now."""
    op.add_column("resource", sa.Column("heading", sa.Double))
    op.create_table(
        "resource_event",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        sa.Column("heading", sa.Double),
        sa.PrimaryKeyConstraint("street_code", "resource_id", "at"),
    )
    op.execute("GRANT SELECT ON resource_event TO grid_viewer")
    op.execute("ALTER TABLE resource_event ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY in_scope ON resource_event FOR SELECT TO grid_viewer USING ({ALL} OR {OWN})")


def downgrade() -> None:
    """The history goes."""
    op.drop_table("resource_event")
    op.drop_column("resource", "heading")
