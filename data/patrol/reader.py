"""Reads officers, their last positions and their trails for the screens."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from data.access.scope import Scope
from data.cases.points import Box
from data.memo import Memo
from data.patrol import queries
from data.patrol import tape as tapes
from data.patrol.tables import STAND_S

if TYPE_CHECKING:
    from data.access.seen import Asked

#: A position older than this is not shown as "now"; see `AGE_OFFLINE_S` for offline.
MAX_AGE: Final = timedelta(minutes=30)
AGE_OFFLINE_S: Final = 15 * 60.0
DAY: Final = timedelta(hours=24)
#: Speeds above are jumps of the receiver, not of the officer (an e-bike rides 6 m/s).
JUMP_MPS: Final = 8.0
#: Members of one team that a card names.
MAX_TEAM: Final = 60
#: Apart so many seconds a trail still tells where somebody walked.
LONGEST_STEP_S: Final = 240
EARTH_M: Final = 6_371_008.8
_KEPT_ANSWERS: Final = 32
_TIERS: Final = {1: "t1", 2: "t2", 3: "t3", 0: "t0"}


class PatrolReader:
    """Answers questions about forces on the ground of one scope; safe to use from any thread."""

    def __init__(self, store: Asked, *, scope: Scope, memo: Memo | None = None) -> None:
        self._store, self._scope, self._memo = store, scope, memo or Memo(_KEPT_ANSWERS)

    def seen_in(self, scope: Scope, store: Asked) -> PatrolReader:
        """The same reader for another scope, over a store that shows no more."""
        return PatrolReader(store, scope=scope, memo=self._memo)

    def positions(self, now: datetime, max_age: timedelta = MAX_AGE) -> pd.DataFrame:
        """The last fix of every officer not older than ``max_age`` at ``now``; lon, lat in WGS-84 degrees.

        Columns: officer_id, lon, lat, heading (degrees from north, NaN unknown), speed_mps, battery,
        at, age_s, role, team_level, name_masked, post, street_code, grid_code (where they are),
        own_grid_code (where they belong), is_offline (no fix for 15 minutes). Without sight of
        people officer_id is '', name_masked and own_grid_code are None.
        """
        key = (self._scope.key, now.replace(microsecond=0), max_age)
        return self._memo.get(key, lambda: self._positions(now, max_age))

    def _positions(self, now: datetime, max_age: timedelta) -> pd.DataFrame:
        frame = self._store.arrow(queries.positions(now - max_age, now, scope=self._scope)).to_pandas()
        age_s = (now - frame["at"]).dt.total_seconds()
        return frame.assign(age_s=age_s, is_offline=age_s > AGE_OFFLINE_S,
                            heading=frame["heading"].astype(float))

    def hours_by_grid(self, since: datetime, until: datetime) -> dict[str, float]:
        """Hours of patrol in ``[since, until)`` by grid, to the half hour: where each officer was at its end.

        Empty without fixes.
        """
        found = self._store.arrow(queries.half_hours(since, until, scope=self._scope)).to_pylist()
        return {row["grid_code"]: row["slots"] * STAND_S / 3_600 for row in found}

    def presence(self, since: datetime, until: datetime, zone: ZoneInfo) -> pd.DataFrame:
        """Half hours of patrol in ``[since, until)`` by grid and hour of the local day.

        Returns:
            ``grid_code, hour`` (0..23), ``slots`` (half hours at whose end an officer was there), ``first,
            last`` (beginning of the first and of the last of them, aware); in no order, empty without fixes.
        """
        query = queries.half_hours_by_clock(since, until, zone.key, scope=self._scope)
        return self._store.arrow(query).to_pandas()

    def trails(self, now: datetime, minutes: float, officers: Iterable[str] | None = None,
               box: Box | None = None, *, step_s: int = 0) -> pa.Table:
        """``officer_id, at, lon, lat`` of the last ``minutes``, ordered by officer and time.

        Without sight of people the ids are pseudonyms of this one answer.

        Args:
            step_s: 0: every fix; else the last of each so many seconds.

        Raises:
            ValueError: ``minutes`` outside 0..1440, or ``step_s`` outside 0..`LONGEST_STEP_S`.
        """
        if not 0 <= step_s <= LONGEST_STEP_S:
            raise ValueError(f"step_s must be 0 to {LONGEST_STEP_S}, got {step_s!r}")
        if not 0 < minutes <= 1440:
            raise ValueError(f"minutes must be over 0 and at most 1440, got {minutes!r}")
        wanted = None if officers is None else sorted(officers)
        since = now - timedelta(minutes=minutes)
        return self._store.arrow(queries.trails(since, now, wanted, box, scope=self._scope,
                                                salt=secrets.token_hex(8), step_s=step_s))

    def tape(self, since: datetime, until: datetime, *, step_s: int = 0, box: Box | None = None) -> pa.Table:
        """The movements of ``[since, until]``: columns and order as of `data.patrol.tape.tape`.

        Args:
            step_s: 0: every fix; else one for each so many seconds.
            box: only officers seen inside; None: all.

        Raises:
            ValueError: ``since`` is not before ``until``, or the span is longer than
                `data.patrol.tape.longest_span_s` allows.
        """
        span, longest = (until - since).total_seconds(), tapes.longest_span_s(step_s)
        if not 0 < span <= longest:
            raise ValueError(f"a span must be over 0 and at most {longest} s with a step of {step_s} s,"
                             f" got {span:g} s")
        return self._store.arrow(tapes.tape(since, until, step_s, box, scope=self._scope,
                                            salt=secrets.token_hex(8)))

    def officer(self, officer_id: str, now: datetime) -> dict[str, Any] | None:
        """A person with the track of the last 24 hours; None where there is none of that id.

        ``track`` (arrow: at, lon, lat, speed_mps, heading, accuracy_m, battery, valid, grid_code),
        ``fixes``, ``distance_m`` (over valid fixes, jumps left out), ``last`` (last fix or None),
        ``age_s`` of that fix, ``mean_speed_mps`` and ``hours`` between first and last fix.
        """
        found = self._store.arrow(queries.one_officer(officer_id, scope=self._scope)).to_pylist()
        if not found:
            return None
        person = found[0]
        query = queries.track(officer_id, person["street_code"], now - DAY, now, scope=self._scope)
        track = self._store.arrow(query)
        last = track.slice(track.num_rows - 1).to_pylist()[0] if track.num_rows else None
        hours = (last["at"] - track["at"][0].as_py()).total_seconds() / 3600 if last else 0.0
        distance = distance_m(track)
        return {**person, "track": track, "fixes": track.num_rows, "distance_m": distance, "last": last,
                "age_s": (now - last["at"]).total_seconds() if last else None, "hours": hours,
                "mean_speed_mps": distance / (hours * 3600) if hours else None}

    def names(self, officer_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Id -> masked name and own grid ('' for none), of those people of the scope that there are."""
        rows = self._store.arrow(queries.names(set(officer_ids), scope=self._scope)).to_pylist()
        return {row["officer_id"]: (row["name_masked"] or "", row["grid_code"] or "") for row in rows}

    def team(self, officer_id: str, lead_id: str | None) -> dict[str, Any]:
        """The team (1+N) that a person leads or belongs to: ``lead`` (id or None) and ``members`` by tier.

        Args:
            lead_id: who leads the person; None where nobody does.
        """
        lead = lead_id or officer_id
        members = self._store.arrow(queries.team_of(lead, MAX_TEAM, scope=self._scope)).to_pylist()
        return {"lead": lead if members else None, "members": members}

    def reported(self, officer_id: str, now: datetime, limit: int) -> dict[str, Any]:
        """What a person found: ``reports`` (how many) and ``cases``, lines of the newest of them."""
        counted = self._store.arrow(queries.reported_count(officer_id, now, scope=self._scope))
        count = counted.to_pylist()[0]["reports"]
        if not count:
            return {"reports": 0, "cases": []}
        lines = self._store.arrow(queries.reported_by(officer_id, now, limit, scope=self._scope)).to_pandas()
        return {"reports": count, "cases": lines.to_dict("records")}

    def on_duty(self, area_code: str | None = None) -> dict[str, dict[str, int | None]]:
        """``{"on", "all"}`` by tier (``t1, t2, t3``, of 0 the specialist officers: ``t0``) and by force
        (``professional, mass``).
        """
        by_tier = self._store.arrow(queries.duty_by_tier(area_code, scope=self._scope))
        by_force = self._store.arrow(queries.duty_by_force(area_code, scope=self._scope))
        tiers = {row["team_level"]: row for row in by_tier.to_pylist()}
        forces = {row["force_class"]: row for row in by_force.to_pylist()}
        found = {key: tiers.get(tier) for tier, key in _TIERS.items()}
        found |= {key: forces.get(key) for key in ("professional", "mass")}
        return {key: {"on": row["on"] if row else 0, "all": row["all"] if row else 0}
                for key, row in found.items()}


def distance_m(track: pa.Table) -> float:
    """Length of a track over the ground in metres: valid fixes, steps faster than `JUMP_MPS` left out."""
    frame = track.select(["at", "lon", "lat", "valid"]).to_pandas()
    frame = frame[frame["valid"].astype(bool)]
    if len(frame) < 2:
        return 0.0
    lon, lat = np.radians(frame["lon"].to_numpy()), np.radians(frame["lat"].to_numpy())
    half = (np.sin(np.diff(lat) / 2) ** 2
            + np.cos(lat[1:]) * np.cos(lat[:-1]) * np.sin(np.diff(lon) / 2) ** 2)
    steps = 2 * EARTH_M * np.arcsin(np.sqrt(half))
    seconds = np.diff(frame["at"].to_numpy()).astype("timedelta64[ms]").astype(float) / 1000
    return float(steps[steps <= JUMP_MPS * np.maximum(seconds, 1.0)].sum())
