"""The first tables: areas, people, cases and their log, fixes, resources."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def instant(name):
    """An aware moment, perhaps unknown."""
    return sa.Column(name, sa.DateTime(timezone=True))


def flag(name):
    """False unless said."""
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def count(name):
    """None yet."""
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def tracked():
    """Columns of every table that the snapshot mirrors."""
    writer = sa.text("(pg_current_xact_id()::text::bigint)")
    now = sa.text("now()")
    return (
        sa.Column("source_system", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now),
        instant("deleted_at"),
        sa.Column("changed_xid", sa.BigInteger, server_default=writer, nullable=False),
    )


def places() -> None:
    """Areas and what stands in them."""
    op.create_table(
        "area",
        sa.Column("area_code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("parent_code", sa.Text),
        sa.Column("street_code", sa.Text),
        sa.Column("grid_kind", sa.Text),
        sa.Column("professional_field", sa.Text),
        sa.Column("members", sa.ARRAY(sa.Text())),
        sa.Column("area_m2", sa.Double),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        sa.Column("geometry", sa.LargeBinary),
        sa.Column("households", sa.Integer),
        sa.Column("residents", sa.Integer),
        sa.Column("chief_officer_id", sa.Text),
        flag("is_derived"),
        flag("is_synthetic"),
        instant("valid_from"),
        instant("valid_to"),
        *tracked(),
        sa.PrimaryKeyConstraint("area_code"),
    )
    op.create_table(
        "building",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("building_id", sa.Text, nullable=False),
        sa.Column("community_code", sa.Text),
        sa.Column("grid_code", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("floors", sa.Integer),
        sa.Column("units", sa.Integer),
        sa.Column("height_m", sa.Double),
        sa.Column("built_year", sa.Integer),
        sa.Column("households", sa.Integer),
        sa.Column("chief_id", sa.Text),
        sa.Column("compound_id", sa.Text),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        sa.Column("footprint", sa.LargeBinary),
        flag("is_synthetic"),
        *tracked(),
        sa.PrimaryKeyConstraint("street_code", "building_id"),
    )
    op.create_table(
        "road",
        sa.Column("road_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("class_code", sa.Text, nullable=False),
        sa.Column("street_code", sa.Text),
        sa.Column("chief_id", sa.Text),
        sa.Column("length_m", sa.Double),
        sa.Column("geometry", sa.LargeBinary, nullable=False),
        flag("is_synthetic"),
        *tracked(),
        sa.PrimaryKeyConstraint("road_id"),
    )
    op.create_table(
        "base_feature",
        sa.Column("feature_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("geometry", sa.LargeBinary, nullable=False),
        flag("is_synthetic"),
        *tracked(),
        sa.PrimaryKeyConstraint("feature_id"),
    )


def people() -> None:
    """Who works, with what, and where they were."""
    op.create_table(
        "department",
        sa.Column("dept_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text),
        sa.Column("tier", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("parent_id", sa.Text),
        sa.Column("area_code", sa.Text),
        flag("is_handler"),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        *tracked(),
        sa.PrimaryKeyConstraint("dept_id"),
    )
    op.create_table(
        "officer",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("officer_id", sa.Text, nullable=False),
        sa.Column("community_code", sa.Text),
        sa.Column("grid_code", sa.Text),
        sa.Column("name_masked", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("team_level", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("post", sa.Text),
        sa.Column("dept_id", sa.Text),
        sa.Column("lead_officer_id", sa.Text),
        sa.Column("device_id", sa.Text),
        sa.Column("phone_masked", sa.Text),
        flag("on_duty"),
        sa.Column("shift", sa.Text),
        flag("is_synthetic"),
        *tracked(),
        sa.PrimaryKeyConstraint("street_code", "officer_id"),
    )
    op.create_table(
        "resource",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("force_class", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dept_id", sa.Text),
        sa.Column("area_code", sa.Text),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        sa.Column("alt", sa.Double),
        sa.Column("status", sa.Text),
        sa.Column("capacity", sa.Integer),
        sa.Column("stream_url", sa.Text),
        flag("is_synthetic"),
        *tracked(),
        sa.PrimaryKeyConstraint("street_code", "resource_id"),
    )
    op.create_table(
        "gps_fix",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("officer_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        sa.Column("lat", sa.Double, nullable=False),
        sa.Column("speed_mps", sa.Double),
        sa.Column("heading", sa.Double),
        sa.Column("accuracy_m", sa.Double),
        sa.Column("battery", sa.SmallInteger),
        sa.Column("valid", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("grid_code", sa.Text),
        sa.PrimaryKeyConstraint("street_code", "officer_id", "at"),
        postgresql_partition_by="RANGE (at)",
    )


def cases() -> None:
    """Cases, their log, and how they are told apart."""
    op.create_table(
        "case",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("case_no", sa.Text, nullable=False),
        sa.Column("case_ref", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("community_code", sa.Text),
        sa.Column("grid_code", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("cat_code", sa.Text),
        sa.Column("channel_code", sa.Text),
        sa.Column("nature", sa.Text),
        sa.Column("urgency", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        sa.Column("address", sa.Text),
        sa.Column("building_id", sa.Text),
        sa.Column("reporter_kind", sa.Text),
        sa.Column("reporter_masked", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        count("event_seq"),
        sa.Column("level_now", sa.Text),
        sa.Column("level_closed", sa.Text),
        sa.Column("officer_id", sa.Text),
        sa.Column("main_dept_id", sa.Text),
        sa.Column("first_dept_id", sa.Text),
        instant("reported_at"),
        instant("accepted_at"),
        instant("filed_at"),
        instant("dispatched_at"),
        instant("first_feedback_at"),
        instant("handled_at"),
        instant("verified_at"),
        instant("closed_at"),
        instant("visited_at"),
        instant("ended_at"),
        instant("deadline_at"),
        instant("clock_stopped_at"),
        sa.Column("stopped_s", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        count("rework_count"),
        count("return_count"),
        count("postpone_count"),
        count("urge_count"),
        flag("is_supervised"),
        flag("is_joint"),
        flag("is_whistle"),
        flag("is_self_done"),
        flag("is_forced_close"),
        sa.Column("satisfaction", sa.SmallInteger),
        sa.Column("limit_min", sa.Integer),
        flag("is_repeat"),
        flag("is_typical"),
        sa.Column("cause_tags", sa.ARRAY(sa.Text())),
        sa.Column("quality_flags", sa.ARRAY(sa.Text())),
        sa.Column("parent_case_no", sa.Text),
        sa.Column("similar_of", sa.Text),
        flag("is_synthetic"),
        sa.Column("source_id", sa.Text),
        sa.Column("content_hash", sa.BigInteger),
        *tracked(),
        sa.PrimaryKeyConstraint("street_code", "case_no"),
    )
    op.create_index("case_by_case_no", "case", ["case_no"])
    op.create_index("case_by_case_ref", "case", ["case_ref"])
    op.create_index("case_by_changed_xid", "case", ["changed_xid"])
    op.create_index("case_by_reported_at", "case", ["reported_at"])
    op.create_index("case_by_source", "case", ["source_system", "source_id"])
    op.create_table(
        "case_event",
        sa.Column("street_code", sa.Text, nullable=False),
        sa.Column("case_no", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("actor_id", sa.Text),
        sa.Column("actor_role", sa.Text),
        sa.Column("actor_dept", sa.Text),
        sa.Column("to_dept", sa.Text),
        sa.Column("to_officer", sa.Text),
        sa.Column("to_level", sa.Text),
        instant("deadline_at"),
        sa.Column("score", sa.SmallInteger),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("street_code", "case_no", "seq"),
    )
    op.create_table(
        "category",
        sa.Column("cat_code", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("class_code", sa.Text, nullable=False),
        sa.Column("class_name", sa.Text, nullable=False),
        sa.Column("sub_code", sa.Text, nullable=False),
        sa.Column("sub_name", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text),
        sa.Column("domain", sa.Text),
        sa.Column("mechanism", sa.Text),
        sa.Column("limit_value", sa.Double),
        sa.Column("limit_unit", sa.Text),
        sa.Column("first_dept_id", sa.Text),
        sa.Column("close_condition", sa.Text),
        flag("urgent_default"),
        *tracked(),
        sa.PrimaryKeyConstraint("cat_code"),
    )
    op.create_table(
        "channel",
        sa.Column("channel_code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text),
        sa.Column("group_code", sa.Text, nullable=False),
        sa.Column("sub_platform", sa.Text),
        sa.Column("origin_line", sa.Text),
        *tracked(),
        sa.PrimaryKeyConstraint("channel_code"),
    )


def rest() -> None:
    """What the store knows of itself and of its imports."""
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "label",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        count("sort"),
        sa.PrimaryKeyConstraint("kind", "code"),
    )
    op.create_table(
        "import_run",
        sa.Column("run_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        instant("started_at"),
        instant("finished_at"),
        sa.Column("summary", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "import_reject",
        sa.Column("run_id", sa.BigInteger, nullable=False),
        sa.Column("row_no", sa.BigInteger, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text),
        sa.Column("got", sa.Text),
        sa.Column("expected", sa.Text),
        sa.PrimaryKeyConstraint("run_id", "row_no", "field"),
    )


def upgrade() -> None:
    """Make every table."""
    places()
    people()
    cases()
    rest()


def downgrade() -> None:
    """Drop every table."""
    for name in (
        "road", "resource", "officer", "meta", "label", "import_run",
        "import_reject", "gps_fix", "department", "channel", "category", "case_event",
        "case", "building", "base_feature", "area",
    ):
        op.drop_table(name)
