"""The case that the source tells of: sewage at 学士街33号 in Zhongshan, reported on the web board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.demo.ground import Ground
from data.demo.intake import CATEGORIES, Intake, channel_codes
from data.demo.profiles import Profile

STREET: Final = "210202010"
ADDRESS: Final = "学士街33号"
TITLE: Final = "学士街33号楼内污水横流、臭气熏天"
DESCRIPTION: Final = "学士街33号楼内污水横流、臭气熏天,请疏通楼前的下水道水井。"
REPORTER: Final = "李*"
REPORTED: Final = np.datetime64("2019-04-08T01:12:00", "us")  # UTC
CATEGORY: Final = "E0404"
CHANNEL: Final = "web"
#: Position in data.demo.intake.LEVELS: a department of the district cleared the drain.
LEVEL: Final = 3


class Site(NamedTuple):
    """Where the example stands: positions in the ground's grids and buildings, and in the channels."""

    grid: int
    building: int
    channel: int
    lon: float
    lat: float


def find_site(profile: Profile, ground: Ground) -> Site | None:
    """The building of that address, or the first of its street; None in a district without that street."""
    if STREET not in set(ground.street_codes) or CHANNEL not in profile.channels:
        return None
    street = int(np.flatnonzero(ground.street_codes == STREET)[0])
    grids = np.flatnonzero((ground.street == street) & (ground.building_count > 0))
    if not grids.size:
        return None
    named = np.flatnonzero(ground.building_address == ADDRESS)
    building = int(named[0]) if named.size else int(ground.building_first[grids[0]])
    grid = int(np.searchsorted(ground.building_first, building, side="right") - 1)
    return Site(grid, building, channel_codes(profile).index(CHANNEL),
                float(ground.building_lon[building]), float(ground.building_lat[building]))


def put_example(intake: Intake, site: Site) -> tuple[Intake, int | None]:
    """Replace the next case after the example's time by the example; gives its row too.

    A demo that ends before that time stays as it is, and the row is None.
    """
    row = int(np.searchsorted(intake.reported, REPORTED))
    if row >= intake.reported.size:
        return intake, None
    columns: dict[str, Any] = {field.name: getattr(intake, field.name).copy() for field in fields(Intake)}
    columns["source"][columns["source"] == row] = -1
    own = {"reported": REPORTED, "category": [item.cat_code for item in CATEGORIES].index(CATEGORY),
           "channel": site.channel, "grid": site.grid, "building": site.building, "level": LEVEL,
           "source": -1, "lon": site.lon, "lat": site.lat}
    for name, value in own.items():
        columns[name][row] = value
    return Intake(**columns), row


def tell_example(told: Mapping[str, pa.Array], row: int) -> dict[str, pa.Array]:
    """The readable columns with the example's own words in its row."""
    words = {"title": TITLE, "description": DESCRIPTION, "address": ADDRESS, "nature": "complaint",
             "reporter_kind": "citizen", "reporter_masked": REPORTER}
    size = len(told["title"])
    here = pa.array(np.arange(size) == row)
    return {name: pc.if_else(here, words[name], column) if name in words else column
            for name, column in told.items()}


def name_building(buildings: gpd.GeoDataFrame, building_id: str) -> gpd.GeoDataFrame:
    """The buildings, one of them with the example's address."""
    here = buildings["building_id"] == building_id
    return buildings.assign(address=buildings["address"].mask(here, ADDRESS),
                            name=buildings["name"].mask(here, f"{ADDRESS}楼"))
