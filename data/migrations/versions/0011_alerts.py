"""Alerts: rules as rows, what stands or has ended, and its log, which only grows.

Viewers read alerts of their scope as far as they see what they are about. Open cases get an index
by deadline: the rules look at them every few seconds.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0013"
branch_labels = None
depends_on = None

OPEN_CASES = "deleted_at IS NULL AND state NOT IN ('closed', 'rejected', 'cancelled')"

#: rule_id and kind, color, threshold, window in seconds, category, roles that are told.
DESK, STREET, UNITS = (["operator", "leader"], ["operator", "leader", "street_op"],
                       ["operator", "leader", "street_op", "dept_op"])
HOUR, DAY = 3600, 86_400
RULES: tuple[tuple[str, str, float | None, int | None, str | None, list[str]], ...] = (
    ("case_urgent", "red", 3, DAY, None, UNITS),
    ("case_due_soon", "yellow", 2, None, None, UNITS),  # hours before the limit
    ("case_overdue", "orange", 0, DAY, None, UNITS),  # minutes after the limit
    ("case_130", "orange", None, DAY, None, UNITS),
    ("case_rework", "orange", 2, None, None, UNITS),
    ("case_repeat", "orange", 3, 30 * DAY, None, UNITS),
    ("case_surge", "orange", 3, 28 * DAY, None, STREET),  # standard deviations; days before
    ("case_cluster", "orange", 0.01, None, None, STREET),  # p-value
    ("officer_sos", "red", None, HOUR, None, STREET),
    ("officer_offline", "yellow", None, 900, None, STREET),
    ("officer_still", "yellow", 50, 1200, None, STREET),  # metres
    ("officer_out", "yellow", 100, 600, None, STREET),  # metres
    ("grid_unmanned", "yellow", None, 1800, None, STREET),
    ("camera_silent", "blue", None, None, None, STREET),
    ("feed_silent", "orange", None, None, None, DESK),
)

ALL = "(SELECT grid_all_areas())"
NO_DEPARTMENTS = "(SELECT cardinality(grid_departments()) = 0)"
#: What belongs to no street is seen by who sees a whole district.
DISTRICT = "(street_code = '' AND (SELECT cardinality(grid_areas(6)) > 0))"
PLACED = " OR ".join((
    ALL, DISTRICT, "left(street_code, 6) = ANY ((SELECT grid_areas(6))::text[])",
    "street_code = ANY ((SELECT grid_areas(9))::text[])",
    "community_code = ANY ((SELECT grid_areas(12))::text[])",
    "grid_code = ANY ((SELECT grid_areas(15))::text[])"))
#: Where departments restrict: what is about a case or a person of theirs.
OWN = f"""{NO_DEPARTMENTS} OR EXISTS (SELECT FROM "case" AS own
    WHERE own.case_no = alert.case_no AND own.street_code = alert.street_code)
  OR (subject_type = 'officer' AND EXISTS (SELECT FROM officer AS own
    WHERE own.officer_id = alert.subject_id AND own.street_code = alert.street_code))"""
FOLLOWS = f"""({ALL} AND {NO_DEPARTMENTS}) OR EXISTS (SELECT FROM alert AS own
    WHERE own.alert_id = alert_event.alert_id AND own.street_code = alert_event.street_code)"""


def upgrade() -> None:
    """Tables, rules, row-level security, the index."""
    _rules()
    _alerts()
    _events()
    op.execute("GRANT SELECT ON alert, alert_event, alert_rule TO grid_viewer")
    for table, inside in (("alert", f"({PLACED}) AND ({OWN})"), ("alert_event", FOLLOWS)):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY in_scope ON {table} FOR SELECT TO grid_viewer USING ({inside})")
    op.create_index("case_open_by_deadline", "case", ["deadline_at"], postgresql_where=sa.text(OPEN_CASES))


def downgrade() -> None:
    """Alerts and their log go."""
    op.drop_index("case_open_by_deadline", "case")
    for table in ("alert_event", "alert", "alert_rule"):
        op.drop_table(table)


def _at(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


def _details() -> sa.Column[Any]:
    return sa.Column("details", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"))


def _texts(*names: str, required: bool) -> tuple[sa.Column[Any], ...]:
    return tuple(sa.Column(name, sa.Text, nullable=not required) for name in names)


def _rules() -> None:
    table = op.create_table(
        "alert_rule",
        sa.Column("rule_id", sa.Text, primary_key=True),
        *_texts("kind", "color", required=True),
        sa.Column("is_on", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("threshold", sa.Double),
        sa.Column("window_s", sa.Integer),
        *_texts("area_code", "cat_code", required=False),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        _at("updated_at", required=True),
        *_texts("updated_by", required=False),
    )
    rows = [dict(zip(("rule_id", "color", "threshold", "window_s", "cat_code", "roles"), rule, strict=True))
            for rule in RULES]
    op.execute(sa.insert(table).values(
        [{**row, "kind": row["rule_id"], "updated_at": sa.func.now()} for row in rows]))


def _alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("alert_id", sa.BigInteger, sa.Identity(), nullable=False),
        *_texts("rule_id", "kind", "color", "state", required=True),
        *_texts("community_code", "grid_code", required=False),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        *_texts("subject_type", "subject_id", required=True),
        *_texts("case_no", required=False),
        _at("first_at", required=True),
        _at("last_at", required=True),
        sa.Column("count", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("value", sa.Double),
        sa.Column("threshold", sa.Double),
        *_texts("group_key", required=True),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        _at("shelved_until"),
        _details(),
        _at("ended_at"),
        sa.PrimaryKeyConstraint("street_code", "alert_id"),
    )
    op.create_index("alert_standing", "alert", ["rule_id", "subject_type", "subject_id"], unique=True,
                    postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("alert_by_subject", "alert", ["rule_id", "subject_id"])
    op.create_index("alert_by_id", "alert", ["alert_id"])
    op.create_index("alert_by_first_at", "alert", ["first_at"])


def _events() -> None:
    op.create_table(
        "alert_event",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("alert_id", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        _at("at", required=True),
        *_texts("act", required=True),
        *_texts("from_state", required=False),
        *_texts("to_state", "actor_role", required=True),
        *_texts("actor_id", "note", required=False),
        _details(),
        sa.PrimaryKeyConstraint("street_code", "alert_id", "seq"),
    )
    op.create_index("alert_event_by_at", "alert_event", ["at"])
