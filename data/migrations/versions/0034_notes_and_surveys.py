"""Notes on days, and answers of surveys. Nothing is granted to viewers."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _kept() -> tuple[sa.Column, ...]:
    """Who said it and when, and who took it back."""
    return (sa.Column("set_at", TIME, nullable=False), sa.Column("set_by", sa.Text, nullable=False),
            sa.Column("withdrawn_at", TIME), sa.Column("withdrawn_by", sa.Text))


def upgrade() -> None:
    """The tables, to which rows can only be added."""
    op.create_table(
        "day_note",
        sa.Column("note_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        *_kept(),
    )
    op.create_index("day_note_by_day", "day_note", ["day"])
    op.create_table(
        "survey",
        sa.Column("survey_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("area_code", sa.Text),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("agreed", sa.Integer, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        *_kept(),
        sa.CheckConstraint("asked > 0 AND agreed BETWEEN 0 AND asked", name="survey_counts"),
    )
    op.create_index("survey_by_day", "survey", ["day"])


def downgrade() -> None:
    """The tables go."""
    op.drop_table("survey")
    op.drop_table("day_note")
