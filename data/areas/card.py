"""The grid card (网格卡片): people, places, things, events, organisations of one area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from data.areas import queries, team
from data.areas.holding import Holding
from data.areas.spots import Frame, counts_in
from data.areas.team import LISTED, Ask, staffing
from data.cases.counts import CaseCounts
from data.cases.indicators import rates
from data.cases.reader import CaseReader
from data.cases.rules import WALL
from data.filters import MAX_CODES, CaseFilter

#: Households of a base grid by the standard (GB/T 34300, 300-500).
SIZE_RANGE: Final = (300, 500)
#: How far back the card looks for cases that are still open, and for those of the month.
OPEN_WITHIN: Final = timedelta(days=365)
MONTH: Final = timedelta(days=30)
DAY: Final = timedelta(hours=24)
#: Resources that settle disputes, those where floating residents report themselves, units based here.
MEDIATION: Final = ("mediation_room", "court_yard", "mediation_point")
DESKS: Final = ("population_desk",)
UNITS: Final = ("partner_unit",)
#: Prefix of the categories of disputes (矛盾纠纷).
DISPUTES: Final = "S07"

__all__ = ["area_card", "staffing"]


def area_card(area: dict[str, Any], now: datetime, *, ask: Ask, frame: Frame, cases: CaseReader,
              holding: Holding, children: Sequence[tuple[str, str]], parts: Mapping[str, int],
              grid_kinds: Sequence[str]) -> dict[str, Any]:
    """Everything the side panel shows about one area at ``now``.

    Args:
        area: a row of `queries.one_area`.
        now: the instant the picture shows.
        ask: answers a query with rows; ``frame`` with a table.
        cases: counts cases; its scope holds for everything on the card.
        holding: what belongs to the area.
        children: code and name of the areas one level below, or of which it is made.
        parts: how many streets, communities and grids of each kind it has.
        grid_kinds: kinds of grid that the map can draw.

    Returns:
        ``area``; ``people`` (households, residents, size: over/under/ok or None above
        the grid, desks: where floating residents report themselves); ``places`` (buildings by
        kind, sums, parts); ``things`` (resources by kind); ``events`` (day, month, open:
        counters; open_cases; natures and channels of the month); ``mediation`` (places,
        disputes of the month); ``organisations``; ``units`` (驻区单位); ``team`` (by_tier,
        by_post, by_role); ``tiers`` (four levels of staff); ``chief`` (a person or None);
        ``chain`` (community_chiefs, grid_chiefs, building_chiefs); ``staffing`` (1+2+N check);
        ``patrol``; ``children``; ``home``, the area of the partition that it is or lies in; ``is_on_ground``,
        whether its cases are those that lie on it; ``grid_kinds``.
    """
    scope = cases.scope
    staff = ask(queries.team_sums(holding, scope=scope))
    kinds = ask(queries.building_sums(holding, scope=scope))

    def things(of: Sequence[str]) -> list[dict[str, Any]]:
        return ask(queries.things_of(holding, of, LISTED, scope=scope))

    places = {"buildings": sum(row["buildings"] for row in kinds), "by_kind": kinds, "parts": dict(parts)}
    return {
        "area": area,
        "people": {**_people(area, kinds), "desks": things(DESKS)},
        "places": places,
        "things": ask(queries.thing_sums(holding, scope=scope)),
        "events": _events(holding, now, cases, frame),
        "mediation": {"places": things(MEDIATION), "disputes": _disputes(holding, now, cases)},
        "organisations": ask(queries.organisations(holding.home)),
        "units": things(UNITS),
        "team": team.sums(staff),
        "tiers": team.tiers(holding, ask, scope),
        "chief": team.chief(area, ask, scope),
        "chain": team.chain(holding, ask, scope),
        "staffing": staffing(staff, grids=_grids(area, holding, parts)),
        "patrol": ask(queries.patrol_today(holding, now - DAY, now, scope=scope))[0],
        "children": [{"area_code": child, "name": name} for child, name in children],
        "home": holding.home,
        "is_on_ground": holding.polygon is not None,
        "grid_kinds": [*grid_kinds],
    }


def _grids(area: dict[str, Any], holding: Holding, parts: Mapping[str, int]) -> int | None:
    """Base grids that the 1+2+N check counts; None where it does not apply."""
    if holding.kind is not None:
        return len(holding.grids) if holding.kind == "work" else None
    return {"grid": 1, "community": parts.get("base", 0)}.get(area["level"])


def _people(area: dict[str, Any], kinds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    households = area["households"]
    size = None
    if area["level"] == "grid" and area["grid_kind"] in (None, "base") and households is not None:
        size = "under" if households < SIZE_RANGE[0] else "over" if households > SIZE_RANGE[1] else "ok"
    return {"households": households, "residents": area["residents"],
            "size": size, "households_in_buildings": int(sum(row["households"] for row in kinds))}


def _windows(now: datetime, cases: CaseReader) -> dict[str, CaseFilter]:
    until = now + timedelta(seconds=1)
    return {name: CaseFilter(since=cases.reach(now - back), until=until, scope=cases.scope)
            for name, back in (("day", DAY), ("month", MONTH), ("open", OPEN_WITHIN))}


def _of(filter_: CaseFilter, holding: Holding) -> list[CaseFilter]:
    """The filter once for each handful of the area's codes that one filter may hold."""
    codes = sorted(holding.areas())
    return [filter_.with_(areas=frozenset(codes[first:first + MAX_CODES]))
            for first in range(0, len(codes), MAX_CODES)]


def _summed(filters: Sequence[CaseFilter], now: datetime, cases: CaseReader) -> dict[str, Any]:
    counted = [cases.counts(filter_, now, WALL) for filter_ in filters]
    found = {name: sum(getattr(one, name) for one in counted) for name in WALL}
    return CaseCounts(**found).to_dict()


def _by(dimension: str, filters: Sequence[CaseFilter], now: datetime, cases: CaseReader
        ) -> list[dict[str, Any]]:
    """``code, accepted`` of a dimension, most first."""
    found = pd.concat([cases.counts_by(dimension, filter_, now)[["code", "accepted"]] for filter_ in filters])
    sums = found[found["code"].astype(str) != ""].groupby("code")["accepted"].sum()
    rows = [{"code": str(code), "accepted": int(count)} for code, count in sums.items()]
    return sorted(rows, key=lambda row: (-row["accepted"], row["code"]))


def _events(holding: Holding, now: datetime, cases: CaseReader, frame: Frame) -> dict[str, Any]:
    """State of work: counters and rates of 24 hours and of 30 days, and the most pressing open cases."""
    windows = _windows(now, cases)
    if holding.polygon is not None:
        counted = {name: _on_ground(holding, filter_, now, frame) for name, filter_ in windows.items()}
        lists: dict[str, Any] = {"open_cases": [], "natures": [], "channels": []}
    elif not holding.areas():
        return {"day": None, "month": None, "open": None, "open_cases": [], "natures": [], "channels": []}
    else:
        own = {name: _of(filter_, holding) for name, filter_ in windows.items()}
        counted = {name: _summed(filters, now, cases) for name, filters in own.items()}
        lists = {"open_cases": _open_cases(own["open"], now, cases),
                 "natures": [{"nature": row["code"], "accepted": row["accepted"]}
                             for row in _by("nature", own["month"], now, cases)],
                 "channels": _by("channel", own["month"], now, cases)}
    return {"day": {**counted["day"], **rates(counted["day"])},
            "month": {**counted["month"], **rates(counted["month"])}, "open": counted["open"], **lists}


def _on_ground(holding: Holding, filter_: CaseFilter, now: datetime, frame: Frame) -> dict[str, Any]:
    row = counts_in([holding.polygon], [holding.code], frame, filter_, now).iloc[0]
    return {name: int(row[name]) for name in WALL}


def _open_cases(filters: Sequence[CaseFilter], now: datetime, cases: CaseReader) -> list[dict[str, Any]]:
    """The open cases whose deadline is nearest or longest past."""
    lines: list[dict[str, Any]] = []
    for filter_ in filters:
        listed = cases.listing(filter_, now, order="deadline", limit=LISTED, only="open")
        lines += [{str(name): value for name, value in row.items()} for row in listed.to_dict("records")]
    lines.sort(key=lambda row: (pd.isna(row["deadline_at"]), row["deadline_at"]
                                if not pd.isna(row["deadline_at"]) else now))
    return lines[:LISTED]


def _disputes(holding: Holding, now: datetime, cases: CaseReader) -> dict[str, Any] | None:
    """Counters of the month's disputes; None where cases are not assigned to the area."""
    if holding.polygon is not None or not holding.areas():
        return None
    month = _windows(now, cases)["month"].with_(categories=frozenset({DISPUTES}))
    return _summed(_of(month, holding), now, cases)
