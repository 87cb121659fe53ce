"""The tables of the store, in the words of the data dictionary.

Conventions: text ids; aware timestamps; lon/lat are WGS-84 (CGCS2000) decimal
degrees as doubles; geometry is WKB in the same CRS; enumerations are lower-case
codes whose texts stand in ``label``. Every table that may grow carries
``street_code`` in its primary key, so that it can be distributed by it; cases
and their log carry the number before it, so that an import appends to the key.

``changed_xid`` is the transaction that last wrote the row. A reader that
remembers the oldest transaction still running at its last look, and asks for
rows at or above it, misses nothing that committed late; see `data.snapshot`.
A deletion is a tombstone (``deleted_at``), never a vanished row.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA: Final = MetaData()

#: The number of the writing transaction, set by the database on insert and by
#: `touched` on update.
CURRENT_XID: Final = text("(pg_current_xact_id()::text::bigint)")


def _text(name: str, *, required: bool = False) -> Column[str]:
    return Column(name, Text, nullable=not required)


def _at(name: str) -> Column[Any]:
    return Column(name, DateTime(timezone=True))


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def _tracked() -> tuple[Column[Any], ...]:
    """Columns of every table that the snapshot mirrors."""
    return (
        _text("source_system"),
        Column("created_at", DateTime(timezone=True), server_default=text("now()")),
        Column("updated_at", DateTime(timezone=True), server_default=text("now()")),
        _at("deleted_at"),
        Column("changed_xid", BigInteger, nullable=False, server_default=CURRENT_XID),
    )


meta = Table(
    "meta",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
)

label = Table(
    "label",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    _text("zh", required=True),
    _text("en", required=True),
    _count("sort"),
)

#: Themes of the wall (专题): a name, the part of the cases that it shows, the layers that suit it.
topic = Table(
    "topic",
    METADATA,
    Column("topic_code", Text, primary_key=True),
    _text("zh", required=True),
    _text("en", required=True),
    _count("sort"),
    Column("shown", JSONB, nullable=False),  # sets of a `data.filters.CaseFilter`, as in `to_store`
    Column("layers", ARRAY(Text), nullable=False),
)

area = Table(
    "area",
    METADATA,
    Column("area_code", Text, primary_key=True),
    _text("name", required=True),
    _text("level", required=True),  # district, street, community, grid
    _text("parent_code"),
    _text("street_code"),  # NULL for the district
    _text("grid_kind"),  # base, work, professional, unit, compound; NULL above the grid
    _text("professional_field"),  # work_safety, city_mgmt, hazard, care, attention
    Column("members", ARRAY(Text)),  # base grid codes of a work grid
    Column("area_m2", Double),
    Column("lon", Double),
    Column("lat", Double),
    Column("geometry", LargeBinary),
    Column("households", Integer),
    Column("residents", Integer),
    Column("floating", Integer),  # those of them registered elsewhere (流动人口); NULL unknown
    _text("chief_officer_id"),
    _flag("is_derived"),  # borders made by us, not surveyed
    _flag("is_synthetic"),
    _at("valid_from"),
    _at("valid_to"),
    *_tracked(),
    Index("area_by_changed_xid", "changed_xid"),
)

building = Table(
    "building",
    METADATA,
    _text("street_code", required=True),
    _text("building_id", required=True),
    _text("community_code"),
    _text("grid_code"),
    _text("name"),
    _text("address"),
    _text("kind"),  # residential, office, commercial, industrial, public, mixed
    Column("floors", Integer),
    Column("units", Integer),
    Column("height_m", Double),
    Column("built_year", Integer),
    Column("households", Integer),
    _text("chief_id"),
    _text("compound_id"),
    Column("lon", Double),
    Column("lat", Double),
    Column("footprint", LargeBinary),
    _flag("is_synthetic"),
    *_tracked(),
    PrimaryKeyConstraint("street_code", "building_id"),
)

road = Table(
    "road",
    METADATA,
    Column("road_id", Text, primary_key=True),
    _text("name"),
    _text("class_code", required=True),  # trunk, primary, secondary, tertiary, residential, lane
    _text("street_code"),
    _text("chief_id"),  # street chief (街长) or lane chief (巷长)
    Column("length_m", Double),
    Column("geometry", LargeBinary, nullable=False),
    _flag("is_synthetic"),
    *_tracked(),
)

base_feature = Table(
    "base_feature",
    METADATA,
    Column("feature_id", Text, primary_key=True),
    _text("kind", required=True),  # water, green
    _text("name"),
    Column("geometry", LargeBinary, nullable=False),
    _flag("is_synthetic"),
    *_tracked(),
)

category = Table(
    "category",
    METADATA,
    Column("cat_code", Text, primary_key=True),
    _text("kind", required=True),  # component, event, social
    _text("class_code", required=True),
    _text("class_name", required=True),
    _text("sub_code", required=True),
    _text("sub_name", required=True),
    _text("name_en"),
    _text("domain"),
    _text("mechanism"),
    Column("limit_value", Double),
    _text("limit_unit"),  # urgent_hour, work_hour, work_day, natural_day
    _text("first_dept_id"),
    _text("close_condition"),
    _flag("urgent_default"),
    *_tracked(),
)

channel = Table(
    "channel",
    METADATA,
    Column("channel_code", Text, primary_key=True),
    _text("name", required=True),
    _text("name_en"),
    _text("group_code", required=True),  # patrol, hotline, internet, device, internal, offline
    _text("sub_platform"),
    _text("origin_line"),
    *_tracked(),
)

department = Table(
    "department",
    METADATA,
    Column("dept_id", Text, primary_key=True),
    _text("name", required=True),
    _text("name_en"),
    _text("tier"),
    _text("kind"),
    _text("parent_id"),
    _text("area_code"),
    _flag("is_handler"),
    Column("lon", Double),
    Column("lat", Double),
    *_tracked(),
)

officer = Table(
    "officer",
    METADATA,
    _text("street_code", required=True),
    _text("officer_id", required=True),
    _text("community_code"),
    _text("grid_code"),
    _text("name_masked"),
    _text("role", required=True),
    Column("team_level", SmallInteger, nullable=False, server_default=text("0")),
    _text("post"),  # manager, police, publicity, information, service
    _text("dept_id"),
    _text("lead_officer_id"),
    _text("device_id"),
    _text("phone_masked"),
    _flag("on_duty"),
    _text("shift"),
    _flag("is_synthetic"),
    *_tracked(),
    Index("officer_by_changed_xid", "changed_xid"),
    PrimaryKeyConstraint("street_code", "officer_id"),
)

resource = Table(
    "resource",
    METADATA,
    _text("street_code", required=True),
    _text("resource_id", required=True),
    _text("kind", required=True),
    _text("force_class"),  # professional, mass
    _text("name", required=True),
    _text("dept_id"),
    _text("area_code"),
    Column("lon", Double),
    Column("lat", Double),
    Column("alt", Double), Column("heading", Double),  # metres, degrees clockwise from north
    _text("status"),  # idle, assigned, busy, offline
    Column("capacity", Integer),
    _text("stream_url"),
    _flag("is_synthetic"),
    *_tracked(),
    Index("resource_by_changed_xid", "changed_xid"),
    PrimaryKeyConstraint("street_code", "resource_id"),
)

cases = Table(
    "case",
    METADATA,
    _text("street_code", required=True),
    _text("case_no", required=True),
    Column("case_ref", BigInteger, Identity(), nullable=False),  # short handle on the wire
    _text("community_code"),
    _text("grid_code"),
    _text("title"),
    _text("description"),
    _text("cat_code"),
    _text("channel_code"),
    _text("nature"),
    Column("urgency", SmallInteger, nullable=False, server_default=text("1")),
    Column("lon", Double),
    Column("lat", Double),
    _text("address"),
    _text("building_id"),
    _text("reporter_kind"),
    _text("reporter_masked"),
    # ---- the fold of case_event (data.cases.fold) ----
    _text("state", required=True),
    Column("event_seq", Integer, nullable=False, server_default=text("0")),
    _text("level_now"),
    _text("level_closed"),
    _text("officer_id"),
    _text("main_dept_id"), _text("first_dept_id"),
    Column("assist_dept_ids", ARRAY(Text)),  # those called to joint handling (会办), sorted; NULL for none
    *(_at(f"{moment}_at") for moment in (
        "reported", "accepted", "filed", "dispatched", "first_feedback",
        "handled", "verified", "closed", "visited", "ended",
    )),
    _at("deadline_at"),
    _at("clock_stopped_at"),  # set while the clock stands (缓办, 延期待批)
    Column("stopped_s", BigInteger, nullable=False, server_default=text("0")),
    _count("rework_count"),
    _count("return_count"),
    _count("postpone_count"),
    _count("urge_count"),
    _flag("is_supervised"),
    _flag("is_joint"),
    _flag("is_whistle"),
    _flag("is_self_done"),
    _flag("is_forced_close"),
    Column("satisfaction", SmallInteger),
    # ---- facts about the record ----
    Column("limit_min", Integer),
    _flag("is_repeat"),
    _flag("is_typical"),
    Column("cause_tags", ARRAY(Text)),
    Column("quality_flags", ARRAY(Text)),
    _text("parent_case_no"),
    _text("similar_of"),
    _flag("is_synthetic"),
    _text("source_id"),
    Column("content_hash", BigInteger),
    *_tracked(),
    PrimaryKeyConstraint("case_no", "street_code"),
    Index("case_by_changed_xid", "changed_xid"),
    Index("case_by_reported_at", "reported_at"),
    Index("case_by_case_ref", "case_ref"),
    Index("case_by_source", "source_system", "source_id"),
)

case_event = Table(
    "case_event",
    METADATA,
    _text("street_code", required=True),
    _text("case_no", required=True),
    Column("seq", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    _text("act", required=True),
    _text("from_state"),
    _text("to_state", required=True),
    _text("actor_id"),
    _text("actor_role"),
    _text("actor_dept"),
    _text("to_dept"),
    _text("to_officer"),
    _text("to_level"),
    _at("deadline_at"),  # where the act sets or moves the deadline
    Column("score", SmallInteger),  # satisfaction of a visit
    _text("note"),
    PrimaryKeyConstraint("case_no", "street_code", "seq"),
    Index("case_event_by_reporter", "actor_id",
          postgresql_where=text("act = 'report' AND actor_id IS NOT NULL")),
)

gps_fix = Table(
    "gps_fix",
    METADATA,
    _text("street_code", required=True),
    _text("officer_id", required=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("speed_mps", Double),
    Column("heading", Double),  # degrees clockwise from north
    Column("accuracy_m", Double),
    Column("battery", SmallInteger),
    Column("valid", Boolean, nullable=False, server_default=text("true")),
    _text("grid_code"),
    PrimaryKeyConstraint("street_code", "officer_id", "at"),
    Index("gps_fix_by_at", "at", postgresql_using="brin",
          postgresql_with={"pages_per_range": 16, "autosummarize": "on"}),
    postgresql_partition_by="RANGE (at)",
)

import_run = Table(
    "import_run",
    METADATA,
    Column("run_id", BigInteger, Identity(), primary_key=True),
    _text("kind", required=True),
    _text("file_name", required=True),
    _at("started_at"), _at("finished_at"), Column("summary", JSONB),
)

import_reject = Table(
    "import_reject",
    METADATA,
    Column("run_id", BigInteger, primary_key=True),
    Column("row_no", BigInteger, primary_key=True),  # 1 = first data row of the file
    Column("field", Text, primary_key=True),
    _text("reason", required=True),
    _text("severity", required=True),  # rejected, flagged
    _text("source_id"),
    _text("got"),
    _text("expected"),
)
