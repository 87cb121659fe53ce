"""Cases and their log are keyed by case number, then street: imports append instead of scattering.

A file of cases rises with its numbers, not with the streets they lie in. With
the street first, every row of an import went to another page of the key; with
the number first the keys grow at their end. The number alone is looked up by
the same key, so the index for that goes.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEYS = {"case": ("street_code", "case_no"), "case_event": ("street_code", "case_no", "seq")}
NUMBER_FIRST = {"case": ("case_no", "street_code"), "case_event": ("case_no", "street_code", "seq")}


def rekey(keys):
    """Give each table another primary key over the same columns."""
    for table, columns in keys.items():
        op.drop_constraint(f"{table}_pkey", table, type_="primary")
        op.create_primary_key(f"{table}_pkey", table, list(columns))


def upgrade() -> None:
    """Number first; the index on the number alone is part of the key now."""
    rekey(NUMBER_FIRST)
    op.drop_index("case_by_case_no", "case")


def downgrade() -> None:
    """Street first, and an index on the number."""
    op.create_index("case_by_case_no", "case", ["case_no"])
    rekey(KEYS)
