"""Departments that are called to joint handling (会办) stand in the case, and see it.

Their codes are folded from the log: each act ``joint`` names one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

CALLED = """
UPDATE "case" AS c SET assist_dept_ids = called.depts
FROM (SELECT street_code, case_no, array_agg(DISTINCT to_dept ORDER BY to_dept) AS depts
      FROM case_event WHERE act = 'joint' AND to_dept IS NOT NULL GROUP BY street_code, case_no) AS called
WHERE c.street_code = called.street_code AND c.case_no = called.case_no
"""
#: The policy of cases before: street, community and grid, and two columns of departments.
BEFORE = """main_dept_id = ANY ((SELECT grid_departments())::text[])
  OR first_dept_id = ANY ((SELECT grid_departments())::text[])"""
AREAS = """((SELECT grid_all_areas()) OR left(street_code, 6) = ANY ((SELECT grid_areas(6))::text[])
  OR street_code = ANY ((SELECT grid_areas(9))::text[])
  OR community_code = ANY ((SELECT grid_areas(12))::text[])
  OR grid_code = ANY ((SELECT grid_areas(15))::text[]))"""


def upgrade() -> None:
    """The column, what older logs say of it, and the policy."""
    op.add_column("case", sa.Column("assist_dept_ids", sa.ARRAY(sa.Text)))
    op.execute(CALLED)
    _policy(f"{BEFORE} OR assist_dept_ids && (SELECT grid_departments())::text[]")


def downgrade() -> None:
    """The policy as it was, and no column."""
    _policy(BEFORE)
    op.drop_column("case", "assist_dept_ids")


def _policy(of_departments: str) -> None:
    op.execute(f'ALTER POLICY in_scope ON "case" USING ({AREAS}'
               f" AND ((SELECT cardinality(grid_departments()) = 0) OR {of_departments}))")
