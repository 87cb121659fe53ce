"""Photos of cases: what is known of each; the files stand beside the store.

Read by viewers as far as they see the case itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

ALL = "((SELECT grid_all_areas()) AND (SELECT cardinality(grid_departments()) = 0))"
OWN = ('EXISTS (SELECT FROM "case" AS own WHERE own.case_no = attachment.case_no'
       " AND own.street_code = attachment.street_code)")


def upgrade() -> None:
    """The table, and its row-level security."""
    op.create_table(
        "attachment",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("case_no", sa.Text, nullable=False),
        sa.Column("attachment_id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_system", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("changed_xid", sa.BigInteger, nullable=False,
                  server_default=sa.text("(pg_current_xact_id()::text::bigint)")),
        sa.PrimaryKeyConstraint("case_no", "street_code", "attachment_id"),
    )
    op.create_index("attachment_by_content", "attachment", ["content_hash"])
    op.execute("GRANT SELECT ON attachment TO grid_viewer")
    op.execute("ALTER TABLE attachment ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY in_scope ON attachment FOR SELECT TO grid_viewer USING ({ALL} OR {OWN})")


def downgrade() -> None:
    """The table goes; the files stay where they are."""
    op.drop_table("attachment")
