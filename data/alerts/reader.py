"""Reads alerts for the screens: a bounded, ordered board, one card, and marks for the map."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from data.access.scope import Scope
from data.alerts import queries
from data.alerts.groups import Choice, Group
from data.alerts.lifecycle import STATES

if TYPE_CHECKING:
    from data.access.seen import Asked

#: More new alerts than this within `FLOOD_SPAN` are a flood: they are told by kind and street.
FLOOD: Final = 50
FLOOD_SPAN: Final = timedelta(minutes=10)
#: Lines of a board, and alerts that one of its groups shows.
LINES: Final = 40
MEMBERS: Final = 8
#: Marks on the map at once, the gravest first.
MARKS: Final = 500
#: Alerts on a page of a group or of the list of all.
PAGE: Final = 50
COLORS: Final = ("red", "orange", "yellow", "blue")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a board: an alert, or several that are told as one.

    Attributes:
        color: the gravest of its alerts.
        count: alerts behind the line.
        fires: how often their conditions were found to hold.
        oldest: when the first of them fired; newest: when one last did. Aware.
        members: rows of the gravest and newest of them, `MEMBERS` at most.
    """

    color: str
    count: int
    fires: int
    oldest: datetime
    newest: datetime
    members: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is in hand at a moment, for those who are told.

    Attributes:
        totals: alerts not ended and not shelved, by colour; every colour is there.
        shelved: those put aside for a while, which stand in no line.
        is_flood: more than `FLOOD` fired within `FLOOD_SPAN`; lines are then of kind and street.
        lines: red first, then the newest; `LINES` at most.
        left_out: alerts in no line, for there are more than fit; counted in ``totals``.
        evaluated_at: when the rules were last evaluated, the store's time, whatever moment was asked for;
            None: never.
        fault: why the last evaluation failed; None: it did not.
    """

    totals: Mapping[str, int]
    shelved: int
    is_flood: bool
    lines: tuple[Line, ...]
    left_out: int
    evaluated_at: datetime | None = None
    fault: str | None = None

    @property
    def total(self) -> int:
        """All that is in hand."""
        return sum(self.totals.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of the alerts in hand of a group, or of all.

    Attributes:
        totals, states: alerts in hand by colour and by state; what there is none of is not named.
        oldest: when the first of them fired; newest: when one last did; None: there is none.
        upto: the greatest number among them; 0: there is none.
        page: the page shown, from 1, at most ``pages``.
        pages: how many there are, at least 1.
        rows: of this page, the gravest and newest first.
    """

    totals: Mapping[str, int]
    states: Mapping[str, int]
    oldest: datetime | None
    newest: datetime | None
    upto: int
    page: int
    pages: int
    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        """All of them, on whatever page."""
        return sum(self.totals.values())


class AlertReader:
    """Answers questions about the alerts of one scope; safe to use from any thread.

    ``told`` names the roles of who asks: alerts for other roles do not exist for them.
    """

    def __init__(self, store: Asked, *, scope: Scope) -> None:
        self._store, self._scope = store, scope

    def seen_in(self, scope: Scope, store: Asked) -> AlertReader:
        """The same reader for another scope, over a store that shows no more."""
        return AlertReader(store, scope=scope)

    def board(self, now: datetime, told: Collection[str]) -> Board:
        """What is in hand at ``now`` (aware), red first, then the newest."""
        query = queries.totals(now, now - FLOOD_SPAN, told, scope=self._scope)
        counted = self._store.arrow(query).to_pylist()
        totals = {color: sum(row["held"] for row in counted if row["color"] == color) for color in COLORS}
        is_flood = sum(row["fresh"] for row in counted) > FLOOD
        lines = self._lines(now, told, by_kind=is_flood) if any(totals.values()) else ()
        return Board(
            totals=totals, shelved=sum(row["shelved"] for row in counted), is_flood=is_flood, lines=lines,
            left_out=sum(totals.values()) - sum(line.count for line in lines), **self._evaluation())

    def _evaluation(self) -> dict[str, Any]:
        rows = self._store.arrow(queries.evaluation()).to_pylist()
        found = rows[0] if rows else {"evaluated_at": None, "fault": None}
        at = found["evaluated_at"]
        return {**found, "evaluated_at": datetime.fromisoformat(at) if at else None}

    def _lines(self, now: datetime, told: Collection[str], *, by_kind: bool) -> tuple[Line, ...]:
        query = queries.lines(now, told, by_kind=by_kind, most=(LINES, MEMBERS), scope=self._scope)
        rows = self._store.arrow(query).to_pylist()
        return tuple(_line(list(members)) for _, members in groupby(rows, key=lambda row: row["place"]))

    def alert(self, alert_id: int, told: Collection[str]) -> dict[str, Any] | None:
        """One alert, ended or not; None where there is none of that number for who asks."""
        rows = self._store.arrow(queries.one(alert_id, told, scope=self._scope)).to_pylist()
        return rows[0] if rows else None

    def listing(self, now: datetime, told: Collection[str], group: Group | Choice | None,
                page: int) -> Listing:
        """A page of what is in hand at ``now`` (aware); beyond the last page the last.

        Args:
            group: None for all alerts.
            page: from 1.
        """
        summed = self._store.arrow(queries.sums(now, told, group, scope=self._scope)).to_pylist()
        totals = {color: n for color in COLORS
                  if (n := sum(row["held"] for row in summed if row["color"] == color))}
        states = {state: n for state in STATES
                  if (n := sum(row["held"] for row in summed if row["state"] == state))}
        pages = max(1, -(-sum(totals.values()) // PAGE))
        page = min(max(1, page), pages)
        query = queries.members(now, told, group, offset=(page - 1) * PAGE, most=PAGE, scope=self._scope)
        return Listing(
            totals=totals, states=states, page=page, pages=pages,
            oldest=min((row["oldest"] for row in summed), default=None),
            newest=max((row["newest"] for row in summed), default=None),
            upto=max((row["upto"] for row in summed), default=0),
            rows=tuple(self._store.arrow(query).to_pylist()) if summed else ())

    def events(self, alert_id: int) -> list[dict[str, Any]]:
        """The log of an alert in order; none where there is no such alert inside the scope."""
        return self._store.arrow(queries.events(alert_id, scope=self._scope)).to_pylist()

    def points(self, now: datetime, told: Collection[str]) -> pd.DataFrame:
        """``grid_code, points``: what alerts in hand at ``now`` (aware) weigh; grids without any lack."""
        return self._store.arrow(queries.points(now, told, scope=self._scope)).to_pandas()

    def marks(self, now: datetime, told: Collection[str]) -> pd.DataFrame:
        """Alerts in hand that have a place, the gravest and newest `MARKS` of them.

        Columns: alert_id, kind, color, street_code, grid_code, subject_type, subject_id, case_no, lon, lat
        (WGS-84 degrees), last_at, the names of `data.alerts.queries`, and ``placed``: how many there are.
        """
        return self._store.arrow(queries.marks(now, told, MARKS, scope=self._scope)).to_pandas()


def _line(members: list[dict[str, Any]]) -> Line:
    first = members[0]
    return Line(color=COLORS[first["gravest"]], count=first["held"], fires=first["fires"],
                oldest=first["oldest"], newest=first["newest"], members=tuple(members))
