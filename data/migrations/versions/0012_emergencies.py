"""Emergencies with tasks, sign-ups and their log, and whistles. Nothing is granted to viewers.

What somebody may see of them is told by readers of their own, see data/emergency.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0018"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def _number(name, *, foreign=None, empty=False):
    key = [sa.ForeignKey(foreign)] if foreign else []
    return sa.Column(name, sa.BigInteger, *key, nullable=empty)


def _text(name, *, empty=False):
    return sa.Column(name, sa.Text, nullable=empty)


def _own(name):
    return sa.Column(name, sa.BigInteger, sa.Identity(), primary_key=True)


def upgrade() -> None:
    """The tables; the log of emergencies cannot be changed."""
    op.create_table(
        "emergency", _own("emergency_id"), _text("kind"), _text("title"), _text("message"),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("started_at", _WHEN, nullable=False), _text("started_by"),
        sa.Column("ended_at", _WHEN), _text("ended_by", empty=True))
    op.create_index("emergency_running", "emergency", ["emergency_id"],
                    postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "emergency_task", _own("task_id"), _number("emergency_id", foreign="emergency.emergency_id"),
        _text("area_code"), sa.Column("capacity", sa.Integer, nullable=False))
    op.create_index("emergency_task_by_emergency", "emergency_task", ["emergency_id"])
    op.create_table(
        "task_signup", _number("task_id", foreign="emergency_task.task_id"), _text("member"),
        sa.Column("at", _WHEN, nullable=False), _text("signed_by"), sa.Column("withdrawn_at", _WHEN),
        sa.PrimaryKeyConstraint("task_id", "member"))
    op.create_table(
        "emergency_event", _own("event_id"), _number("emergency_id", foreign="emergency.emergency_id"),
        _number("task_id", foreign="emergency_task.task_id", empty=True),
        sa.Column("at", _WHEN, nullable=False), _text("act"), _text("actor"), _text("member", empty=True),
        _text("note", empty=True))
    op.create_index("emergency_event_by_emergency", "emergency_event", ["emergency_id", "event_id"])
    op.execute("""
        CREATE FUNCTION emergency_event_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'emergency_event only grows'; END $$""")
    op.execute("""
        CREATE TRIGGER emergency_event_no_change BEFORE UPDATE OR DELETE ON emergency_event
        FOR EACH ROW EXECUTE FUNCTION emergency_event_only_grows()""")
    op.create_table(
        "whistle", _own("whistle_id"), _text("area_code"), _text("case_no", empty=True), _text("place"),
        _text("message"), sa.Column("due_minutes", sa.Integer, nullable=False),
        sa.Column("at", _WHEN, nullable=False), _text("called_by"))
    op.create_index("whistle_by_case", "whistle", ["case_no"])
    op.create_table(
        "whistle_call", _number("whistle_id", foreign="whistle.whistle_id"), _text("dept_id"),
        sa.Column("answered_at", _WHEN), _text("answered_by", empty=True),
        sa.Column("arrived_at", _WHEN), _text("arrived_by", empty=True),
        sa.PrimaryKeyConstraint("whistle_id", "dept_id"))


def downgrade() -> None:
    """The tables go."""
    for table in ("whistle_call", "whistle", "emergency_event", "task_signup", "emergency_task", "emergency"):
        op.drop_table(table)
    op.execute("DROP FUNCTION emergency_event_only_grows()")
