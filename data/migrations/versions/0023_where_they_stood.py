"""Where everybody stood last in each half hour, so that a past moment need not read all fixes before it.

The database keeps it with the fixes themselves, whoever writes, corrects or takes them away.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None

ALL = "((SELECT grid_all_areas()) AND (SELECT cardinality(grid_departments()) = 0))"
OWN = """(street_code, officer_id) IN (SELECT own.street_code, own.officer_id FROM officer AS own)"""
SLOT = "date_bin('30 minutes', {at}, TIMESTAMPTZ '2000-01-01 00:00:00+00')"
SAID = ("at", "lon", "lat", "heading", "speed_mps", "battery", "grid_code")
KEY = "slot, street_code, officer_id"
#: The last sound fix of each officer and half hour among some fixes, in the order of the key:
#: two who write at once then wait for each other and never both.
LAST = (f"INSERT INTO gps_stand ({KEY}, {', '.join(SAID)})"
        f" SELECT DISTINCT ON (1, 2, 3) {SLOT.format(at='f.at')}, f.street_code, f.officer_id,"
        f" {', '.join(f'f.{name}' for name in SAID)} FROM {{fixes}} WHERE f.valid ORDER BY 1, 2, 3, f.at DESC"
        f" ON CONFLICT ({KEY}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in SAID)}"
        " WHERE excluded.at >= gps_stand.at")
ADD = f"""
CREATE FUNCTION gps_stand_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {LAST.format(fixes="added AS f")};
  RETURN NULL;
END $$
"""
#: All of a half hour is looked at anew where any fix of it went or changed.
AGAIN = f"""
CREATE FUNCTION gps_stand_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM gps_stand AS s USING (SELECT DISTINCT {SLOT.format(at="at")} AS slot, street_code, officer_id
    FROM gone) AS k
  WHERE s.slot = k.slot AND s.street_code = k.street_code AND s.officer_id = k.officer_id;
  {LAST.format(fixes=f'''(SELECT DISTINCT {SLOT.format(at="at")} AS slot, street_code, officer_id
    FROM gone) AS k JOIN gps_fix AS f ON f.street_code = k.street_code AND f.officer_id = k.officer_id
    AND f.at >= k.slot AND f.at < k.slot + interval '30 minutes' ''')};
  RETURN NULL;
END $$
"""
CHANGE = AGAIN.replace("gps_stand_again", "gps_stand_change").replace(
    "FROM gone", "FROM (SELECT * FROM gone UNION ALL SELECT * FROM added) AS either")
EMPTY = """
CREATE FUNCTION gps_stand_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE gps_stand;
  RETURN NULL;
END $$
"""
TRIGGERS = {
    "gps_stand_add": "AFTER INSERT ON gps_fix REFERENCING NEW TABLE AS added",
    "gps_stand_again": "AFTER DELETE ON gps_fix REFERENCING OLD TABLE AS gone",
    "gps_stand_change": "AFTER UPDATE ON gps_fix REFERENCING OLD TABLE AS gone NEW TABLE AS added",
    "gps_stand_empty": "AFTER TRUNCATE ON gps_fix",
}


def upgrade() -> None:
    """The table, what keeps it, what is known so far, and its row-level security."""
    op.create_table(
        "gps_stand",
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("officer_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        sa.Column("lat", sa.Double, nullable=False),
        sa.Column("speed_mps", sa.Double),
        sa.Column("heading", sa.Double),
        sa.Column("battery", sa.SmallInteger),
        sa.Column("grid_code", sa.Text),
        sa.PrimaryKeyConstraint("slot", "street_code", "officer_id"),
    )
    for function in (ADD, AGAIN, CHANGE, EMPTY):
        op.execute(sa.text(function))
    op.execute(sa.text(LAST.format(fixes="gps_fix AS f")))
    for name, when in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {when} FOR EACH STATEMENT EXECUTE FUNCTION {name}()")
    op.execute("GRANT SELECT ON gps_stand TO grid_viewer")
    op.execute("ALTER TABLE gps_stand ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY in_scope ON gps_stand FOR SELECT TO grid_viewer USING ({ALL} OR {OWN})")


def downgrade() -> None:
    """What keeps it goes, then the table."""
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON gps_fix")
        op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("gps_stand")
