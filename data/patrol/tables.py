"""Zones of the nets (六张网), points to be passed (必巡点), and where everybody stood in each half hour."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from data.tables import METADATA

#: 社会面、城乡社区、治安重点、单位内部、信息网络、科技.
NETS: Final = ("open_street", "community", "key_area", "unit", "network", "technology")

patrol_zone: Final = Table(
    "patrol_zone",
    METADATA,
    Column("street_code", Text, nullable=False),
    Column("zone_id", Text, nullable=False),
    Column("net", Text, nullable=False),  # NETS
    Column("name", Text, nullable=False),
    Column("area_code", Text, nullable=False),  # the smallest area that holds it
    Column("dept_id", Text),
    Column("geometry", LargeBinary, nullable=False),  # WKB, WGS-84
    Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
    Column("source_system", Text),
    PrimaryKeyConstraint("street_code", "zone_id"),
)

#: Passed when a sound position of one of the people of its plan, inside the hours, is within its radius.
patrol_point: Final = Table(
    "patrol_point",
    METADATA,
    Column("street_code", Text, nullable=False),
    Column("point_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("grid_code", Text, nullable=False),  # the base grid in which it lies
    Column("plan_code", Text, nullable=False),  # the grid whose people must pass: base, work or professional
    Column("lon", Double, nullable=False),  # WGS-84
    Column("lat", Double, nullable=False),
    Column("radius_m", Double, nullable=False),
    Column("from_min", Integer, nullable=False),  # minutes after local midnight, each day
    Column("until_min", Integer, nullable=False),
    Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
    Column("source_system", Text),
    PrimaryKeyConstraint("street_code", "point_id"),
    CheckConstraint("0 <= from_min AND from_min < until_min AND until_min <= 1440",
                    name="patrol_point_in_a_day"),
)

#: What a half hour of `gps_stand` is long.
STAND_S: Final = 1_800
#: The last valid fix of each officer in each half hour (``slot``, its beginning); the database keeps it with
#: ``gps_fix`` (migration 0023), nobody writes it. One row stands for some thirty.
gps_stand: Final = Table(
    "gps_stand",
    METADATA,
    Column("slot", DateTime(timezone=True), nullable=False),
    Column("street_code", Text, nullable=False),
    Column("officer_id", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("speed_mps", Double),
    Column("heading", Double),  # degrees clockwise from north
    Column("battery", SmallInteger),
    Column("grid_code", Text),
    PrimaryKeyConstraint("slot", "street_code", "officer_id"),
)
