"""Nearest free forces (最近力量) of a point: by road, with what was left out and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from data.resources.network import RoadNetwork

_CAR: Final = 25.0
_LIGHTS: Final = 40.0
_FOOT: Final = 5.0
#: Kinds that can be sent -> km/h by which their time is estimated: city traffic, with blue lights, an
#: e-bike, on foot. Assumptions of this product: the store knows no speeds of roads.
SPEEDS_KMH: Final[Mapping[str, float]] = {
    "police_car": _LIGHTS, "fire_engine": _LIGHTS, "ambulance": _LIGHTS, "patrol_car": _CAR,
    "stability_team": _CAR, "ebike": 18.0, "patrol_team": _FOOT, "redband": _FOOT, "volunteer_team": _FOOT,
}
#: Kinds whose positions come from devices: what can be sent, and what flies.
MOVING: Final = frozenset({*SPEEDS_KMH, "drone"})
#: Officers go on foot; one whose last position is older is not known to be there.
OFFICER_KMH: Final = _FOOT
FRESH: Final = timedelta(minutes=15)
REACH_M: Final = 5_000.0
SHOWN: Final = 8
#: So many of one kind are named, or the many would hide the few.
OF_A_KIND: Final = 2
COLUMNS: Final = ("what", "code", "kind", "name", "dept_id", "lon", "lat", "state", "speed_kmh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """What can be sent to a point.

    Attributes:
        forces: ``what`` (resource, officer), ``code``, ``kind`` (of resource, role of officer), ``name``,
            ``dept_id``, ``metres``, ``minutes``, ``fits`` (of the department that is asked for); those that
            fit first, then the soonest.
        busy: that can be sent but are assigned, busy or offline, or have a case in hand.
        unknown: whose state nobody told.
        beyond: free, but not within reach by road, or without a place.
    """

    forces: list[dict[str, Any]]
    busy: int
    unknown: int
    beyond: int


def able_resources(resources: pd.DataFrame) -> pd.DataFrame:
    """The resources that can be sent, with `COLUMNS`; ``state`` is NULL where nobody told it.

    Args:
        resources: columns of `data.resources.reader.ResourceReader.all`; not modified.
    """
    able = resources[resources["kind"].isin(list(SPEEDS_KMH))]
    named = able.rename(columns={"resource_id": "code", "status": "state"})
    return named.assign(what="resource", speed_kmh=able["kind"].map(SPEEDS_KMH))[[*COLUMNS]]


def able_officers(positions: pd.DataFrame, engaged: Collection[str]) -> pd.DataFrame:
    """The officers that can be sent, with `COLUMNS`: those whose id the viewer may know.

    Args:
        positions: columns of `data.patrol.reader.PatrolReader.positions`; not modified.
        engaged: ids of those with a case in hand.
    """
    known = positions[positions["officer_id"] != ""]
    state = np.where(known["officer_id"].isin(list(engaged)), "busy", "idle")
    named = pd.DataFrame(known).rename(columns={"officer_id": "code", "role": "kind", "name_masked": "name"})
    return named.assign(what="officer", dept_id=None, state=state, speed_kmh=OFFICER_KMH)[[*COLUMNS]]


def nearest(able: pd.DataFrame, network: RoadNetwork, lon: float, lat: float, *,
            dept_id: str | None = None, reach_m: float = REACH_M) -> Nearest:
    """The free forces of a point: those that fit, then the soonest of each kind.

    At most `OF_A_KIND` of a kind and `SHOWN` in all are named.

    Args:
        able: what can be sent, with `COLUMNS`; not modified.
        lon: of the point, EPSG:4326 degrees; so is ``lat``.
        dept_id: the department whose forces fit; None: none is preferred.
        reach_m: by road.
    """
    free = able[able["state"] == "idle"]
    unknown = int(able["state"].isna().sum())
    metres = network.metres(lon, lat, free[["lon", "lat"]].to_numpy(dtype=float), reach_m=reach_m)
    minutes = metres / (free["speed_kmh"].to_numpy(dtype=float) * 1000 / 60)
    fits = (free["dept_id"] == dept_id) & (dept_id is not None)
    found = free.assign(metres=metres, minutes=minutes, fits=fits)[np.isfinite(metres)]
    named = _named(found.sort_values(["minutes", "code"]))
    columns = ["what", "code", "kind", "name", "dept_id", "metres", "minutes", "fits"]
    rows = [{str(name): value for name, value in row.items()} for row in named[columns].to_dict("records")]
    return Nearest(forces=rows, busy=len(able) - len(free) - unknown, unknown=unknown,
                   beyond=len(free) - len(found))


def _named(found: pd.DataFrame) -> pd.DataFrame:
    """Of what is sorted by time: no kind gets its second before each other has its first."""
    nth = found.groupby("kind", dropna=False).cumcount()
    order = found.assign(nth=nth)[nth < OF_A_KIND]
    order = order.assign(round=order["nth"].where(~order["fits"], -1)).sort_values(
        ["round", "minutes", "code"]).head(SHOWN)
    return order.sort_values(["fits", "minutes", "code"], ascending=[False, True, True])
