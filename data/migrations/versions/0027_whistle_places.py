"""Whistles have a place on the map and an end; those of cases stand where their cases do."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

COLUMNS = (("lon", sa.Double), ("lat", sa.Double), ("ended_at", sa.DateTime(timezone=True)),
           ("ended_by", sa.Text))


def upgrade() -> None:
    """The columns; viewers may read them as they may the rest of the row, see 0025."""
    for name, kind in COLUMNS:
        op.add_column("whistle", sa.Column(name, kind))
    op.execute("""
        UPDATE whistle SET lon = place.lon, lat = place.lat FROM "case" AS place
        WHERE place.case_no = whistle.case_no""")


def downgrade() -> None:
    """The columns go."""
    for name, _ in reversed(COLUMNS):
        op.drop_column("whistle", name)
