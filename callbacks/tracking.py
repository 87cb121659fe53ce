"""现场跟踪: where a force is that was sent to a case, and its way there; asked by the address of a layer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from callbacks.map_query import known_only
from dashboard.format import missing
from data.cases.lifecycle import IN_HAND
from data.filters import FilterError
from data.resources.nearest import OFFICER_KMH, SPEEDS_KMH

#: Older positions are no place of now; as the layer of officers has it.
MAX_AGE: Final = timedelta(hours=8)
#: A way is looked for so far, in metres by road.
REACH_M: Final = 30_000.0
#: Nearer than this one is there.
THERE_M: Final = 60.0
_WHO: Final = re.compile(r"(officer|resource):([^\x00-\x1f\x7f]{1,80})")
_MAX_CASE: Final = 80


def track(args: Mapping[str, str], readers: Any, now: datetime) -> dict[str, Any]:
    """The way of a force to a case.

    ``is_over``: the case is not in hand (any more); the rest stands only where it is not. ``name``;
    ``at``: longitude and latitude of the force in WGS-84 degrees, None where it has no position of 8 hours;
    ``to``: of the case; ``metres`` by road, ``minutes`` (estimated as for the nearest forces) and ``line``
    along the roads, None where no road leads there within 30 km; ``is_there``; ``age_s`` of the position,
    None where nobody knows.

    Raises:
        FilterError: ``case`` or ``who`` is malformed.
        LookupError: no such case, or no such force, for who asks; or the case has no place.
    """
    known_only(args, "case", "who")
    case_no, who = args.get("case", ""), _WHO.fullmatch(args.get("who", ""))
    if not 0 < len(case_no) <= _MAX_CASE or not case_no.isprintable():
        raise FilterError(f"case must be a number of a case of 1..{_MAX_CASE} signs, got {case_no[:60]!r}")
    if who is None:
        raise FilterError(f"who must be officer:ID or resource:ID, got {args.get('who', '')[:60]!r}")
    case_ = readers.cases.case(case_no)
    if case_ is None:
        raise LookupError(f"case must be that of a case of yours, got {case_no[:60]!r}")
    if case_["state"] not in IN_HAND:
        return {"is_over": True}
    if missing(case_.get("lon")) or missing(case_.get("lat")):
        raise LookupError(f"case {case_no[:60]!r} has no place that could be told")
    force = _officer(who[2], readers, now) if who[1] == "officer" else _resource(who[2], readers)
    if force is None:
        raise LookupError(f"who must be a force of yours that moves, got {who[0][:60]!r}")
    return {"is_over": False, **_way(force, (float(case_["lon"]), float(case_["lat"])), readers)}


def _officer(code: str, readers: Any, now: datetime) -> dict[str, Any] | None:
    found = readers.patrol.positions(now, MAX_AGE)
    own = found[(found["officer_id"] == code) & (found["officer_id"] != "")]
    if not len(own):
        return None
    row = own.iloc[0]
    return {"name": row["name_masked"], "lon": row["lon"], "lat": row["lat"], "kmh": OFFICER_KMH,
            "age_s": max(0, int(row["age_s"]))}


def _resource(code: str, readers: Any) -> dict[str, Any] | None:
    found = readers.resources.all(SPEEDS_KMH)
    own = found[found["resource_id"] == code]
    if not len(own):
        return None
    row = own.iloc[0]
    return {"name": row["name"], "lon": row["lon"], "lat": row["lat"], "kmh": SPEEDS_KMH[row["kind"]],
            "age_s": None}


def _way(force: Mapping[str, Any], to: tuple[float, float], readers: Any) -> dict[str, Any]:
    told = {"name": None if missing(force["name"]) else str(force["name"]), "to": list(to),
            "age_s": force["age_s"], "at": None, "metres": None, "minutes": None, "line": None,
            "is_there": False}
    if pd.isna(force["lon"]) or pd.isna(force["lat"]):
        return told
    at = float(force["lon"]), float(force["lat"])
    found = readers.areas.network().way(*to, *at, reach_m=REACH_M)
    if found is None:
        return {**told, "at": list(at)}
    metres, line = found
    return {**told, "at": list(at), "metres": round(metres), "line": line, "is_there": metres <= THERE_M,
            "minutes": max(1, round(metres / (force["kmh"] * 1000 / 60)))}
