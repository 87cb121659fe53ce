"""Zones of the nets of prevention (六张网): who patrols where, by kind of net."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, LargeBinary, PrimaryKeyConstraint, Table, Text, text

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
