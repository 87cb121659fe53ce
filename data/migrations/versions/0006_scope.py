"""Row-level security: what exists for a viewer is decided by the database as well.

The role grid_viewer reads what pages show and nothing else. Which rows there are for it stands in
two settings of the connection: grid.areas, codes with commas between them or '*', and
grid.departments, ids with commas; without the first nothing is visible. The owner of the tables
(import, snapshot, acts) is not restricted.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: A role belongs to the whole server: another database of it, or another process, may have made it already.
ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grid_viewer') THEN
    BEGIN
      CREATE ROLE grid_viewer NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END IF;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
     AND NOT EXISTS (SELECT FROM pg_auth_members WHERE roleid = 'grid_viewer'::regrole
                     AND member = current_user::regrole AND NOT admin_option) THEN
    GRANT grid_viewer TO CURRENT_USER;
  END IF;
END $$
"""
#: Asked once a query, each in a sub-select of its own: not once a row.
FUNCTIONS = (
    """CREATE FUNCTION grid_areas(digits integer) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(code), '{}') FROM unnest(string_to_array(
    current_setting('grid.areas', true), ',')) AS code WHERE length(code) = digits $$""",
    """CREATE FUNCTION grid_all_areas() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('grid.areas', true), '') = '*' $$""",
    """CREATE FUNCTION grid_departments() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_to_array(nullif(current_setting('grid.departments', true), ''), ','), '{}') $$""",
)
#: Read by pages; everything else, and every new table, is not granted until a migration does.
OPEN = ("meta", "label", "category", "channel", "department", "road", "base_feature")
RESTRICTED = ("case", "case_event", "officer", "gps_fix", "building", "resource", "area")

ALL_AREAS = "(SELECT grid_all_areas())"
ALL_DEPARTMENTS = "(SELECT cardinality(grid_departments()) = 0)"


def among(expression: str, digits: int) -> str:
    """A code of so many digits is one of the scope's."""
    return f"{expression} = ANY ((SELECT grid_areas({digits}))::text[])"


def begins(*columns: str) -> str:
    """A column begins with one of the scope's codes."""
    parts = [among(f"left({column}, {digits})", digits) for column in columns for digits in (6, 9, 12, 15)]
    return f"({ALL_AREAS} OR {' OR '.join(parts)})"


def partition() -> str:
    """By the codes of street, community and grid."""
    parts = (among("left(street_code, 6)", 6), among("street_code", 9), among("community_code", 12),
             among("grid_code", 15))
    return f"({ALL_AREAS} OR {' OR '.join(parts)})"


def of_departments(*columns: str) -> str:
    """A column names one of the scope's departments, where it has any."""
    parts = (f"{column} = ANY ((SELECT grid_departments())::text[])" for column in columns)
    return f"({ALL_DEPARTMENTS} OR {' OR '.join(parts)})"


EVERYTHING = f"({ALL_AREAS} AND {ALL_DEPARTMENTS})"
#: Table -> which rows of it exist. Cases and people that a policy asks for are restricted themselves.
POLICIES = {
    "case": f"{partition()} AND {of_departments('main_dept_id', 'first_dept_id')}",
    "case_event": f"""{EVERYTHING} OR EXISTS (SELECT FROM "case" AS own
        WHERE own.case_no = case_event.case_no AND own.street_code = case_event.street_code)""",
    "officer": f"{partition()} AND {of_departments('dept_id')}",
    "gps_fix": f"""{EVERYTHING} OR (street_code, officer_id) IN (SELECT own.street_code, own.officer_id
        FROM officer AS own)""",
    "building": partition(),
    "resource": f"{begins('area_code')} AND {of_departments('dept_id')}",
    "area": begins("area_code", "parent_code"),
}


def upgrade() -> None:
    """Role, grants, policies; a partition of the fixes is closed to all but the owner."""
    op.execute(ROLE)
    for function in FUNCTIONS:
        op.execute(function)
    op.execute("GRANT USAGE ON SCHEMA public TO grid_viewer")
    tables = ", ".join(f'"{name}"' for name in (*OPEN, *RESTRICTED))
    op.execute(f"GRANT SELECT ON {tables} TO grid_viewer")
    for table, inside in POLICIES.items():
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(sa.text(f'CREATE POLICY in_scope ON "{table}" FOR SELECT TO grid_viewer USING ({inside})'))
    for name in fix_partitions():
        op.execute(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY')


def fix_partitions() -> list[str]:
    """The tables that hold a day of fixes each."""
    return list(op.get_bind().scalars(sa.text(
        "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
        " WHERE inhparent = 'gps_fix'::regclass")))


def downgrade() -> None:
    """Take policies and grants back; the role stays, other databases may use it."""
    for name in fix_partitions():
        op.execute(f'ALTER TABLE "{name}" DISABLE ROW LEVEL SECURITY')
    for table in POLICIES:
        op.execute(f'DROP POLICY in_scope ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    tables = ", ".join(f'"{name}"' for name in (*OPEN, *RESTRICTED))
    op.execute(f"REVOKE SELECT ON {tables} FROM grid_viewer")
    op.execute("REVOKE USAGE ON SCHEMA public FROM grid_viewer")
    op.execute("DROP FUNCTION grid_areas(integer), grid_all_areas(), grid_departments()")
