"""Positions that moved, as a stream carries them: the columns of officers, with times and marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from data.live.positions import Position
from layers import columns as wire
from layers.officers import FRESH_S, LATE_S, UNKNOWN_HEADING


def encode_positions(found: Sequence[Position], *, whole: bool, sees_people: bool) -> bytes:
    """Write positions of officers; columns as of docs/columns.md.

    Columns: lon, lat, at_ms (uint32, milliseconds after ``meta.origin_s``, seconds of the epoch), heading
    (degrees from north, 999 unknown), area (index into ``meta.areas``: the grid where they are), role,
    mark (uint32: the same officer has the same one for up to an hour).

    Args:
        found: in any order; none gives empty columns.
        whole: these are all there are; others than these are no longer to be shown.
        sees_people: whether ids are told; without it ``meta.ids`` is null.
    """
    origin, body = _places(found)
    role, roles = wire.codes([one.role for one in found])
    area, areas = wire.codes([one.grid_code for one in found])
    body |= {
        "area": area,
        "role": role,
        "mark": np.array([one.mark for one in found], dtype=np.uint32),
    }
    return wire.encode(body, rows=len(found), meta={
        "kind": "positions", "selects": "officer", "whole": whole, "origin_s": origin, "roles": roles,
        "areas": areas, "ids": [one.officer_id for one in found] if sees_people else None,
        "fresh_s": FRESH_S, "late_s": LATE_S,
    })


def encode_vehicles(found: Sequence[Position], *, whole: bool) -> bytes:
    """Write positions of vehicles and teams: lon, lat, at_ms, heading as of `encode_positions`.

    Args:
        found: in any order; none gives empty columns.
        whole: these are all that have one; others stand where the layer of resources has them.
    """
    origin, body = _places(found)
    return wire.encode(body, rows=len(found), meta={
        "kind": "vehicles", "selects": "resource", "whole": whole, "origin_s": origin,
        "ids": [one.officer_id for one in found]})


def _places(found: Sequence[Position]) -> tuple[int, dict[str, npt.NDArray[Any]]]:
    """The second of the epoch from which ``at_ms`` counts, and the columns that say where and when."""
    origin = min((int(one.at.timestamp()) for one in found), default=0)
    at = np.array([one.at.timestamp() for one in found], dtype=np.float64)
    heading = np.array([UNKNOWN_HEADING if one.heading is None else one.heading % 360 for one in found])
    return origin, {
        "lon": wire.degrees([one.lon for one in found]),
        "lat": wire.degrees([one.lat for one in found]),
        "at_ms": np.rint((at - origin) * 1000).astype(np.uint32),
        "heading": heading.astype(np.uint16),
    }
