"""Emergencies that call people by name: who is called, and that nobody else is told."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ALL = "(SELECT grid_all_areas())"
LEVELS = (6, 9, 12, 15)
INSIDE = " OR ".join((ALL, *(f"left(area_code, {digits}) = ANY ((SELECT grid_areas({digits}))::text[])"
                             for digits in LEVELS)))
#: The scope lies in the area: its people are called.
AROUND = " OR ".join(
    f"EXISTS (SELECT FROM unnest((SELECT grid_areas({digits}))) AS own WHERE starts_with(own, area_code))"
    for digits in LEVELS)
#: Asked as the owner: who is told of tasks cannot ask for the emergency, which is told by its tasks.
TOLD = """CREATE FUNCTION grid_is_told(number bigint) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM emergency AS one WHERE one.emergency_id = number AND (
    NOT one.by_name
    OR one.roles && string_to_array(current_setting('grid.roles', true), ',')
    OR EXISTS (SELECT FROM emergency_called AS call WHERE call.emergency_id = number
               AND call.account_id::text = current_setting('grid.account', true)))) $$"""
#: Leading it, where the area lies inside.
LED = f"coalesce(current_setting('grid.leads', true), '') = 'yes' AND ({INSIDE})"
OWN = "account_id::text = current_setting('grid.account', true)"


def upgrade() -> None:
    """The table, and policies that know who is called."""
    op.add_column("emergency", sa.Column("by_name", sa.Boolean, nullable=False,
                                         server_default=sa.text("false")))
    op.create_table(
        "emergency_called",
        sa.Column("emergency_id", sa.BigInteger, sa.ForeignKey("emergency.emergency_id")),
        sa.Column("account_id", sa.BigInteger), sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("emergency_id", "account_id"))
    op.execute("ALTER TABLE emergency_called ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY in_scope ON emergency_called FOR SELECT TO grid_viewer USING ({OWN})")
    op.execute("GRANT SELECT ON emergency_called TO grid_viewer")
    op.execute(TOLD)
    _policy(f"({INSIDE} OR {AROUND}) AND (grid_is_told(emergency_id) OR ({LED}))")


def downgrade() -> None:
    """Whoever an area concerns is told again."""
    _policy(f"{INSIDE} OR {AROUND}")
    op.execute("DROP FUNCTION grid_is_told(bigint)")
    op.drop_table("emergency_called")
    op.drop_column("emergency", "by_name")


def _policy(inside: str) -> None:
    op.execute("DROP POLICY in_scope ON emergency_task")
    op.execute(f"CREATE POLICY in_scope ON emergency_task FOR SELECT TO grid_viewer USING ({inside})")
