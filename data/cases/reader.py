"""Reads cases for the screens, from the snapshot or, outside its window, from the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from data.access.scope import EVERYTHING, Scope
from data.cases import heat as heat_cells
from data.cases import points as case_points
from data.cases import pressing as pressing_cases
from data.cases import queries
from data.cases.breakdown import WHOLE, Sets, breakdown, crossed, decoded
from data.cases.counts import CaseCounts
from data.cases.daily import daily
from data.cases.facts import Clause
from data.cases.indicators import share
from data.cases.points import Box
from data.cases.pressing import Pressing
from data.cases.rules import COUNTERS, WALL
from data.filters import CaseFilter
from data.memo import Memo
from data.sql import Query

if TYPE_CHECKING:
    from data.access.seen import Asked
    from data.replay.moment import SnapshotAt
    from data.snapshot import Snapshot

#: Dimensions asked together in one pass, whichever of them is wanted; a grid lies in one street.
TOGETHER: Final = (("street", "grid"), ("channel",), ("category",))
#: The cheapest dimension, for when only the whole is wanted.
ONE: Final = (("channel",),)
_TOGETHER: Final = frozenset(name for one in TOGETHER for name in one)
#: Dimension -> the finer one that it is summed from, and how to get from code to code.
_CUTS: Final[Mapping[str, tuple[str, int]]] = {
    "category_kind": ("category", 1), "category_class": ("category", 3),
}
_KEPT_ANSWERS: Final = 128
#: Room around the cases when the map asks for heat without a box, degrees.
_MARGIN: Final = 0.002


class CaseReader:
    """Answers questions about the cases of one scope; safe to use from any thread.

    Every filter gets the reader's scope, whatever it said before.
    ``now`` is the instant the picture shows: nothing reported later is counted.
    It is taken to the second, so that what is asked together is answered once.
    """

    def __init__(self, store: Asked, snapshot: Snapshot | SnapshotAt, *, scope: Scope,
                 memo: Memo | None = None) -> None:
        self._store, self._snapshot, self._scope = store, snapshot, scope
        self._memo = memo or Memo(_KEPT_ANSWERS)

    def seen_in(self, scope: Scope, store: Asked) -> CaseReader:
        """The same reader for another scope, over a store that shows no more; answers are kept together."""
        return CaseReader(store, self._snapshot, scope=scope, memo=self._memo)

    # ---- state of the data ----

    @property
    def scope(self) -> Scope:
        """The part of the store that answers come from."""
        return self._scope

    @property
    def version(self) -> str:
        """Changes whenever an answer may have; another scope has other versions."""
        return self._of_scope(self._snapshot.version)

    @property
    def areas_version(self) -> str:
        """Changes only when areas may have; polygons are kept until then."""
        return self._of_scope(self._snapshot.places_version)

    @property
    def places_version(self) -> str:
        """The same for what is open to every scope."""
        return self._snapshot.places_version

    def _of_scope(self, version: str) -> str:
        """Without the count in it: how often something changed elsewhere is nobody's business."""
        if self._scope == EVERYTHING:
            return version
        return blake2b(f"{version} {self._scope.key}".encode(), digest_size=12).hexdigest()

    @property
    def refreshed_at(self) -> datetime | None:
        """When the content was last known to be that of the store."""
        return self._snapshot.refreshed_at

    def status(self) -> dict[str, Any]:
        """``version, refreshed_at, error, failed_since, hot_since`` (aware times or None)."""
        snapshot = self._snapshot
        return {"version": snapshot.version, "refreshed_at": snapshot.refreshed_at, "error": snapshot.error,
                "failed_since": snapshot.failed_since, "hot_since": snapshot.hot_since}

    def reach(self, since: datetime) -> datetime:
        """The earliest instant at or after ``since`` that can be looked back to; here any."""
        return since

    def reported_range(self) -> tuple[datetime, datetime] | None:
        """When the first and the last case were reported; None without cases."""
        has_all = self._snapshot.is_filled and self._snapshot.hot_since is None
        ask = self._snapshot.run if has_all else self._store.arrow
        found = self._kept(
            ("range",), lambda: ask(queries.reported_range(scope=self._scope)).to_pylist()[0])
        return (found["first_at"], found["last_at"]) if found["first_at"] else None

    # ---- counts ----

    def counts(self, filter_: CaseFilter, now: datetime,
               counters: tuple[str, ...] = COUNTERS) -> CaseCounts:
        """The counters of all cases of the filter; ``WALL`` is the quick set for tiles."""
        sets = TOGETHER if counters == WALL else ONE
        whole = self._breakdown(sets, filter_, _second(now), counters)[WHOLE]
        return CaseCounts(**{name: int(whole[name].iloc[0]) for name in counters})

    def counts_by(self, dimension: str, filter_: CaseFilter, now: datetime,
                  counters: tuple[str, ...] = WALL) -> pd.DataFrame:
        """Counts by code, most reported first: ``code`` ('' where a case has none) and the counters.

        Args:
            dimension: street, community, grid, channel, channel_group, category_kind,
                category_class, category, department, officer, state, urgency, nature or level_closed.
            filter_: which cases.
            now: the instant the picture shows.
            counters: which counters; those of the wall are counted by several dimensions at once.

        Raises:
            ValueError: an unknown dimension or counter.
        """
        now = _second(now)
        if dimension in _CUTS:
            finer, length = _CUTS[dimension]
            found = self.counts_by(finer, filter_, now, counters)
            return _summed(found, found["code"].str[:length])
        if dimension == "channel_group":
            found = self.counts_by("channel", filter_, now, counters)
            return _summed(found, found["code"].map(self._channel_groups()).fillna(""))
        sets = TOGETHER if counters == WALL and dimension in _TOGETHER else ((dimension,),)
        return self._breakdown(sets, filter_, now, counters)[dimension].copy()

    def crossed(self, dimensions: tuple[str, ...], filter_: CaseFilter, now: datetime,
                counters: tuple[str, ...], *, edges: Sequence[datetime] = ()) -> pd.DataFrame:
        """Counts by several dimensions at once, see `breakdown.crossed`.

        Args:
            dimensions: as of `counts_by`, and ``span``: the number of the span of ``edges`` in which a
                case was reported, from ``0``.
            filter_: which cases.
            now: the instant the picture shows.
            counters: which counters.
            edges: where one span ends and the next begins, ascending; none: all is span ``0``.

        Raises:
            ValueError: an unknown dimension or counter.
        """
        filter_, now, edges = self._own(filter_), _second(now), tuple(edges)

        def answer() -> pd.DataFrame:
            query = breakdown((dimensions,), filter_, now=now, counters=counters, edges=edges)
            return crossed(self._run(query, filter_.since), dimensions, counters)

        found: pd.DataFrame = self._kept(("crossed", dimensions, counters, filter_, now, edges), answer)
        return found.copy()

    def _breakdown(self, sets: Sets, filter_: CaseFilter, now: datetime,
                   counters: tuple[str, ...]) -> dict[str, pd.DataFrame]:
        filter_ = self._own(filter_)

        def answer() -> dict[str, pd.DataFrame]:
            query = breakdown(sets, filter_, now=now, counters=counters)
            return decoded(self._run(query, filter_.since), sets, counters)

        found: dict[str, pd.DataFrame] = self._kept(("by", sets, counters, filter_, now), answer)
        return found

    def _channel_groups(self) -> dict[str, str]:
        rows = self._kept(("channels",), lambda: self._snapshot_or_store(queries.channels()).to_pylist())
        return {row["channel_code"]: row["group_code"] for row in rows}

    def histogram(self, filter_: CaseFilter, bins: int = 96) -> pd.DataFrame:
        """Reported cases over the window: ``start`` (aware, UTC), ``reported``; one row per bin."""
        filter_ = self._own(filter_)
        query = queries.histogram(filter_, bins=bins)
        found = self._kept(("histogram", filter_, bins), lambda: self._run(query, filter_.since).to_pydict())
        reported = np.zeros(bins, dtype="int64")
        reported[np.asarray(found["bin"], dtype="int64")] = found["reported"]
        step = (filter_.until - filter_.since) / bins
        return pd.DataFrame({
            "start": pd.to_datetime([filter_.since + step * n for n in range(bins)], utc=True),
            "reported": reported,
        })

    def daily(self, filter_: CaseFilter) -> pd.DataFrame:
        """Reported cases by ``grid_code`` and ``day``, see `data.cases.daily`: ``cases``."""
        filter_ = self._own(filter_)
        return self._run(daily(filter_), filter_.since).to_pandas()

    def durations(self, filter_: CaseFilter, now: datetime) -> dict[str, float | None]:
        """``p50_h, p90_h`` of the handling time in natural hours; None where nothing was handled."""
        filter_ = self._own(filter_)
        row = self._run(queries.durations(filter_, now=_second(now)), filter_.since).to_pylist()[0]
        return {name: None if (value := row[f"{name[:3]}_s"]) is None else value / 3600
                for name in ("p50_h", "p90_h")}

    def asked(self, build: Callable[[CaseFilter, datetime], Query], filter_: CaseFilter, now: datetime, *,
              of_store: bool = False) -> pa.Table:
        """The answer to a question that others word: they are handed the filter within the scope.

        Args:
            of_store: it asks for columns that only the store holds.
        """
        filter_ = self._own(filter_)
        query = build(filter_, _second(now))
        return self._store.arrow(query) if of_store else self._run(query, filter_.since)

    def durations_by(self, dimension: str, filter_: CaseFilter, now: datetime) -> pd.DataFrame:
        """``code`` ('' for none), ``timed`` (cases), ``p50_h, p90_h`` (natural hours); see `durations`."""
        filter_ = self._own(filter_)
        query = queries.durations_by(dimension, filter_, now=_second(now))
        found = self._run(query, filter_.since).to_pandas()
        return found.assign(code=found["code"].fillna("").astype(str), p50_h=found["p50_s"] / 3600,
                            p90_h=found["p90_s"] / 3600)[["code", "timed", "p50_h", "p90_h"]]

    def extremes(self, filter_: CaseFilter, now: datetime) -> dict[str, Any]:
        """``longest_open_h`` (natural hours since acceptance, None where nothing is open),
        ``need_verify, verified, verification_rate`` of reports checked on site before acceptance.
        """
        filter_, now = self._own(filter_), _second(now)
        oldest = self._run(queries.longest_open(filter_, now=now), filter_.since)["accepted_at"][0].as_py()
        asked = self._store.arrow(queries.verifications(filter_, now=now)).to_pylist()[0]
        return {"longest_open_h": None if oldest is None else (now - oldest).total_seconds() / 3600,
                **asked, "verification_rate": share(asked["verified"], asked["need_verify"])}

    # ---- the map ----

    def point_count(self, filter_: CaseFilter, box: Box | None = None, *,
                    now: datetime | None = None) -> tuple[int, int]:
        """Cases of the filter, and how many of them have a place (in the box)."""
        filter_, now = self._own(filter_), _second(now or filter_.until)
        query = case_points.point_count(filter_, now=now, box=box)
        found = self._kept(("points", filter_, now, box), lambda: self._run(query, filter_.since).to_pylist())
        return found[0]["total"], found[0]["placed"]

    def points(self, filter_: CaseFilter, box: Box | None = None, limit: int = case_points.MAX_POINTS, *,
               now: datetime | None = None) -> pa.Table:
        """Placed cases of the filter in the box, at most ``limit``, then the newest ones.

        Columns: `points.COLUMNS` (lon, lat WGS-84 degrees; reported_at aware) and ``is_overdue``.
        """
        filter_, now = self._own(filter_), now or filter_.until
        _, placed = self.point_count(filter_, box, now=now)
        query = case_points.all_points(filter_, now=now, box=box) if placed <= limit \
            else case_points.points(filter_, now=now, box=box, limit=limit)
        return self._run(query, filter_.since)

    def chosen_points(self, filter_: CaseFilter, refs: Collection[int], box: Box | None = None, *,
                      now: datetime | None = None) -> pa.Table:
        """Those of some cases (``case_ref``) that `points` would give, in no order; same columns."""
        filter_ = self._own(filter_)
        return self._run(case_points.chosen_points(filter_, refs, now=now or filter_.until, box=box),
                         filter_.since)

    def heat(self, filter_: CaseFilter, *, box: Box | None = None, cell_m: float | None = None,
             zoom: float | None = None, now: datetime | None = None) -> pa.Table:
        """Weighted cells for the heat map: ``lon, lat`` (centres), ``weight`` (cases); at most 20,000.

        Cells are doubled in size until they are few enough, so the sum of weights
        is always the number of cases placed in the box. The size used stands in
        the table's schema metadata under ``cell_m``.

        Args:
            filter_: which cases.
            box: where; None for everywhere there are cases.
            cell_m: size of a cell in metres; None takes it from ``zoom``, else 100 m.
            zoom: zoom of the map.
            now: nothing reported later is counted; None for the end of the window.
        """
        filter_, box = self._own(filter_), box or self.extent()
        size = _cell_size(box, cell_m, zoom)
        query = heat_cells.heat(filter_, now=now or filter_.until, box=box, cell_m=size)
        cells = self._run(query, filter_.since)
        while cells.num_rows > heat_cells.MAX_CELLS:
            cells, size = heat_cells.coarser(cells), size * 2
        return heat_cells.centres(cells, box, size).replace_schema_metadata({"cell_m": f"{size:g}"})

    def extent(self) -> Box:
        """A box around the middle 99.8 % of the placed cases; the whole world without cases."""
        found = self._kept(("extent",), self._edges)
        if found["west"] is None:
            return Box(west=-180, south=-90, east=180, north=90)
        return Box(west=max(found["west"] - _MARGIN, -180), south=max(found["south"] - _MARGIN, -90),
                   east=min(found["east"] + _MARGIN, 180), north=min(found["north"] + _MARGIN, 90))

    def _edges(self, since: datetime | None = None) -> dict[str, float | None]:
        query = case_points.extent(scope=self._scope, since=since)
        return dict(self._snapshot_or_store(query).to_pylist()[0])

    # ---- single cases ----

    def listing(self, filter_: CaseFilter, now: datetime, order: str = "newest", limit: int = 50,
                offset: int = 0, *, only: str | None = None, officer_id: str | None = None,
                also: Clause | None = None) -> pd.DataFrame:
        """Lines of the list of cases: `queries.LISTED`, ``is_overdue, title, address``."""
        filter_ = self._own(filter_)
        query = queries.listing(filter_, now=_second(now), order=order, limit=limit, offset=offset,
                                only=only, officer_id=officer_id, also=also)
        lines = self._run(query, filter_.since).to_pandas()
        texts = self._store.arrow(queries.texts_of(lines["case_ref"], scope=self._scope)).to_pandas()
        return lines.merge(texts, on="case_ref", how="left")

    def pressing(self, filter_: CaseFilter, now: datetime, order: str, limit: int) -> Pressing:
        """Cases near or past their limit: how many, and the first of an order of `pressing.ORDERS`."""
        filter_, now = self._own(filter_), _second(now)
        query = pressing_cases.in_hand(filter_, now=now)
        held = self._kept(("pressing", filter_, now),
                          lambda: pressing_cases.handles(self._run_in_hand(query, filter_.since, now)))
        refs = pressing_cases.first_of(held, order, now=now, limit=limit)
        lines = self._lines(refs, filter_.since, now)
        overdue = int(held.is_overdue.sum())
        return Pressing(overdue=overdue, due_soon=len(held.ref) - overdue,
                        lines=pressing_cases.in_order(lines, refs, held))

    def case(self, case_no: str) -> dict[str, Any] | None:
        """Everything the store has about one case; None where there is none of that number."""
        return self._one(queries.one_case(case_no=case_no, scope=self._scope))

    def case_by_ref(self, case_ref: int) -> dict[str, Any] | None:
        """The case behind a handle that a point on the map carries."""
        return self._one(queries.one_case(case_ref=case_ref, scope=self._scope))

    def events(self, case_no: str) -> pd.DataFrame:
        """The trace of one case in order, columns of ``case_event``; no row for an unknown case."""
        return self._store.arrow(queries.events_of(case_no, scope=self._scope)).to_pandas()

    def _lines(self, refs: list[int], since: datetime,  # noqa: ARG002 - see replay
               now: datetime) -> list[dict[str, Any]]:  # noqa: ARG002
        """Lines of some cases in hand at ``now`` with their texts, in no order."""
        return self._store.arrow(pressing_cases.lines_of(refs, scope=self._scope)).to_pylist()

    def _one(self, query: Query) -> dict[str, Any] | None:
        rows = self._store.arrow(query).to_pylist()
        return rows[0] if rows else None

    # ---- choosing the engine ----

    def _own(self, filter_: CaseFilter) -> CaseFilter:
        """The filter within the reader's scope."""
        return filter_ if filter_.scope == self._scope else filter_.with_(scope=self._scope)

    def _run(self, query: Query, since: datetime) -> pa.Table:
        return self._snapshot.run(query) if self._snapshot.covers(since) else self._store.arrow(query)

    def _run_in_hand(self, query: Query, since: datetime, now: datetime) -> pa.Table:  # noqa: ARG002
        """`_run` of a question about cases in hand at ``now`` alone."""
        return self._run(query, since)

    def _snapshot_or_store(self, query: Query) -> pa.Table:
        return self._snapshot.run(query) if self._snapshot.is_filled else self._store.arrow(query)

    def _kept(self, question: tuple[Any, ...], answer: Any) -> Any:
        return self._memo.get((self._snapshot.version, self._scope.key, *question), answer)


def _second(now: datetime) -> datetime:
    return now.replace(microsecond=0)


def _cell_size(box: Box, cell_m: float | None, zoom: float | None) -> float:
    if cell_m is None:
        latitude = min(max((box.south + box.north) / 2, -85.0), 85.0)
        cell_m = 100.0 if zoom is None else heat_cells.cell_metres(zoom, latitude)
    return max(cell_m, heat_cells.smallest_cell(box))


def _summed(frame: pd.DataFrame, codes: pd.Series) -> pd.DataFrame:
    """The counters summed by code, largest first counter first, then by code."""
    summed = frame.assign(code=codes.astype(str)).groupby("code", as_index=False).sum()
    return summed.sort_values([summed.columns[1], "code"], ascending=[False, True], ignore_index=True)


