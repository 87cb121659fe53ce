"""Sensors with their readings, points that officers must pass, and the rules about both.

A device sends for an officer or for a sensor, which is a resource. Readings are read where their
sensor is, points where their grid is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0012"
branch_labels = None
depends_on = None

ALL = "((SELECT grid_all_areas()) AND (SELECT cardinality(grid_departments()) = 0))"
OWN = ("EXISTS (SELECT FROM resource AS own WHERE own.street_code = reading.street_code"
       " AND own.resource_id = reading.resource_id)")
POINTS = " OR ".join(("(SELECT grid_all_areas())", *(
    f"left(grid_code, {digits}) = ANY ((SELECT grid_areas({digits}))::text[])" for digits in (6, 9, 12, 15))))
STREET, HOUR = ["operator", "leader", "street_op"], 3600
#: kind, color, threshold, window in seconds.
RULES: tuple[tuple[str, str, float | None, int | None], ...] = (
    ("smoke", "red", 0.5, 24 * HOUR),  # dB/m
    ("manhole", "orange", 15, 24 * HOUR),  # degrees
    ("water", "orange", 0.01, 12 * HOUR),  # cubic metres
    ("sensor_silent", "blue", None, 6 * HOUR),
    ("officer_missed", "yellow", None, 12 * HOUR),
)

LABELS = (("smoke", "烟感探测器", "Smoke detector"), ("manhole", "智能井盖", "Manhole sensor"),
          ("water_meter", "智能水表", "Water meter"))


def upgrade() -> None:
    """Tables, row-level security, rules."""
    op.add_column("device", sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("'officer'")))
    op.add_column("device", sa.Column("resource_id", sa.Text))
    op.alter_column("device", "officer_id", nullable=True)
    op.create_check_constraint("device_sends_for_one", "device",
                               "(officer_id IS NULL) <> (resource_id IS NULL)")
    op.create_table(
        "reading",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("street_code", "resource_id", "kind")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("street_code", "resource_id", "kind", "at"),
    )
    op.create_index("reading_by_at", "reading", ["at"], postgresql_using="brin")
    op.create_table(
        "patrol_point",
        *(sa.Column(name, sa.Text, nullable=False) for name in (
            "street_code", "point_id", "name", "grid_code", "plan_code")),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("lon", "lat", "radius_m")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("from_min", "until_min")),
        sa.Column("is_synthetic", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("source_system", sa.Text),
        sa.PrimaryKeyConstraint("street_code", "point_id"),
        sa.CheckConstraint("0 <= from_min AND from_min < until_min AND until_min <= 1440",
                           name="patrol_point_in_a_day"),
    )
    for table, inside in (("reading", f"{ALL} OR {OWN}"), ("patrol_point", POINTS)):
        op.execute(f"GRANT SELECT ON {table} TO grid_viewer")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY in_scope ON {table} FOR SELECT TO grid_viewer USING ({inside})")
    _labels()
    rule = sa.table("alert_rule", *(sa.column(name) for name in ("rule_id", "kind", "color")),
                    sa.column("threshold", sa.Double), sa.column("window_s", sa.Integer),
                    sa.column("roles", sa.ARRAY(sa.Text)),
                    sa.column("updated_at", sa.DateTime(timezone=True)))
    op.execute(sa.insert(rule).values([
        {"rule_id": kind, "kind": kind, "color": color, "threshold": threshold, "window_s": window_s,
         "roles": STREET, "updated_at": sa.func.now()} for kind, color, threshold, window_s in RULES]))


def _labels() -> None:
    """Words for the kinds of sensors, where there are words for kinds of resources."""
    rows = ", ".join(f"('{code}', '{zh}', '{en}', {sort})" for sort, (code, zh, en) in enumerate(LABELS, 100))
    op.execute("INSERT INTO label (kind, code, zh, en, sort) SELECT 'resource_kind', new.* FROM"
               f" (VALUES {rows}) AS new (code, zh, en, sort)"
               " WHERE EXISTS (SELECT FROM label WHERE kind = 'resource_kind') ON CONFLICT DO NOTHING")


def downgrade() -> None:
    """Readings, points, and the devices of sensors go; so do the rules."""
    kinds = ", ".join(f"'{kind}'" for kind, *_ in RULES)
    op.execute(f"DELETE FROM alert_rule WHERE kind IN ({kinds})")
    op.drop_table("patrol_point")
    op.drop_table("reading")
    op.execute("DELETE FROM device WHERE officer_id IS NULL")
    op.drop_constraint("device_sends_for_one", "device", type_="check")
    op.alter_column("device", "officer_id", nullable=False)
    op.drop_column("device", "resource_id")
    op.drop_column("device", "kind")
