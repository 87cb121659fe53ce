"""A small district with two officers, and a device of the first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
import shapely
import sqlalchemy as sa

from data.access.viewer import CONSOLE
from data.devices.devices import Device, Devices
from data.engine import Store
from data.tables import gps_fix

NOW = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
STREET, OFFICER, OTHER = "510108001", "W0001", "W0002"
GRID = f"{STREET}001001"


def fill(store: Store) -> None:
    """One grid of about a kilometre and two officers of it."""
    store.append("area", pa.table({
        "area_code": [GRID], "name": ["grid"], "level": ["grid"], "grid_kind": ["base"],
        "parent_code": [GRID[:12]], "street_code": [STREET],
        "geometry": pa.array([shapely.to_wkb(shapely.box(104.10, 30.66, 104.11, 30.67))], pa.binary())}))
    store.append("officer", pa.table({
        "street_code": [STREET, STREET], "officer_id": [OFFICER, OTHER], "role": ["grid_officer"] * 2}))


def stored(store: Store) -> list[dict[str, Any]]:
    """All positions, by officer and time."""
    query = sa.select(gps_fix).order_by(gps_fix.c.officer_id, gps_fix.c.at)
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


@pytest.fixture
def district(store: Store) -> Store:
    fill(store)
    return store


@pytest.fixture
def devices(district: Store) -> Devices:
    return Devices(district)


@pytest.fixture
def device(devices: Devices) -> Device:
    _, token = devices.issue(OFFICER, name="PDA 17", issued_by=CONSOLE, now=NOW)
    found = devices.find(token, now=NOW)
    assert found is not None
    return found
