"""Themes of the wall (专题) as rows: a name, the part of the cases it shows, the layers that suit it.

Open to every scope like categories: they say nothing about any place.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

_BASE = ("basemap", "areas", "labels")
_ROWS = (
    ("disputes", "矛盾调处", "Disputes", {"domains": ["dispute", "justice"]},
     ("cases", "officers", "chiefs")),
    ("security", "治安防控", "Public security", {"domains": ["safety"]},
     ("cases", "officers", "traces", "resources")),
    ("services", "公共服务", "Public services", {"domains": ["service", "elderly", "self_gov", "census"]},
     ("cases", "resources", "buildings")),
    ("city", "城市管理", "City management", {"domains": ["city"]}, ("cases", "heat", "officers")),
    ("emergency", "应急指挥", "Emergency command", {"urgencies": ["3"]},
     ("cases", "officers", "traces", "resources", "clusters")),
)


def upgrade() -> None:
    """The table with the five themes of the source."""
    made = op.create_table(
        "topic",
        sa.Column("topic_code", sa.Text, primary_key=True),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("sort", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("shown", JSONB, nullable=False),
        sa.Column("layers", sa.ARRAY(sa.Text), nullable=False),
    )
    op.bulk_insert(made, [
        {"topic_code": code, "zh": zh, "en": en, "sort": sort, "shown": shown, "layers": [*_BASE, *layers]}
        for sort, (code, zh, en, shown, layers) in enumerate(_ROWS)])


def downgrade() -> None:
    """The table goes."""
    op.drop_table("topic")
