"""Zones of the six nets of prevention, each read where its area is."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0014"
branch_labels = None
depends_on = None

CODES = " OR ".join(f"left(area_code, {digits}) = ANY ((SELECT grid_areas({digits}))::text[])"
                    for digits in (6, 9, 12, 15))
AREAS = f"((SELECT grid_all_areas()) OR {CODES})"
DEPARTMENTS = ("((SELECT cardinality(grid_departments()) = 0)"
               " OR dept_id = ANY ((SELECT grid_departments())::text[]))")


def upgrade() -> None:
    """The table and its row-level security."""
    op.create_table(
        "patrol_zone",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("zone_id", sa.Text, nullable=False),
        sa.Column("net", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("area_code", sa.Text, nullable=False),
        sa.Column("dept_id", sa.Text),
        sa.Column("geometry", sa.LargeBinary, nullable=False),
        sa.Column("is_synthetic", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("source_system", sa.Text),
        sa.PrimaryKeyConstraint("street_code", "zone_id"),
    )
    op.execute("GRANT SELECT ON patrol_zone TO grid_viewer")
    op.execute("ALTER TABLE patrol_zone ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY in_scope ON patrol_zone FOR SELECT TO grid_viewer"
               f" USING ({AREAS} AND {DEPARTMENTS})")


def downgrade() -> None:
    """The zones go."""
    op.drop_table("patrol_zone")
