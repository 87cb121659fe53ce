"""Row-level security for emergencies and whistles, behind the predicates of their readers."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ALL = "(SELECT grid_all_areas())"
NO_DEPARTMENTS = "(SELECT cardinality(grid_departments()) = 0)"
LEVELS = (6, 9, 12, 15)
INSIDE = " OR ".join((ALL, *(f"left(area_code, {digits}) = ANY ((SELECT grid_areas({digits}))::text[])"
                             for digits in LEVELS)))
#: The scope lies in the area: its people are called.
AROUND = " OR ".join(
    f"EXISTS (SELECT FROM unnest((SELECT grid_areas({digits}))) AS own WHERE starts_with(own, area_code))"
    for digits in LEVELS)
#: Asked as the owner: the calls of a whistle follow it, so that the whistle cannot ask for them in turn.
CALLED = """CREATE FUNCTION grid_is_called(number bigint) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM whistle_call AS call
    WHERE call.whistle_id = number AND call.dept_id = ANY (grid_departments())) $$"""


def _of(table: str, key: str, own: str) -> str:
    return f"EXISTS (SELECT FROM {own} AS own WHERE own.{key} = {table}.{key})"


POLICIES = {
    "emergency_task": f"{INSIDE} OR {AROUND}",
    "emergency": _of("emergency", "emergency_id", "emergency_task"),
    "task_signup": _of("task_signup", "task_id", "emergency_task"),
    "emergency_event": _of("emergency_event", "emergency_id", "emergency_task"),
    "whistle": f"({INSIDE}) AND ({NO_DEPARTMENTS} OR grid_is_called(whistle_id))",
    "whistle_call": _of("whistle_call", "whistle_id", "whistle"),
}


def upgrade() -> None:
    """Viewers may read what their scope lets them."""
    op.execute(CALLED)
    for table, inside in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY in_scope ON {table} FOR SELECT TO grid_viewer USING ({inside})")
        op.execute(f"GRANT SELECT ON {table} TO grid_viewer")


def downgrade() -> None:
    """Nothing is granted any more."""
    for table in reversed(POLICIES):
        op.execute(f"REVOKE SELECT ON {table} FROM grid_viewer")
        op.execute(f"DROP POLICY in_scope ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION grid_is_called(bigint)")
