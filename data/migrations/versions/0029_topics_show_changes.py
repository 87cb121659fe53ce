"""The themes show the latest changes as well."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every theme that names layers."""
    op.execute(sa.text("UPDATE topic SET layers = array_append(layers, 'changes')"
                       " WHERE cardinality(layers) > 0 AND NOT 'changes' = ANY(layers)"))


def downgrade() -> None:
    """As before."""
    op.execute(sa.text("UPDATE topic SET layers = array_remove(layers, 'changes')"))
