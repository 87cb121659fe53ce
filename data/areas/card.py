"""The grid card (网格卡片): people, places, things, events, organisations of one area."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from data.areas import queries
from data.cases.indicators import rates
from data.cases.reader import CaseReader
from data.cases.rules import WALL
from data.filters import CaseFilter
from data.sql import Query

#: Households of a base grid by the standard (GB/T 34300, 300-500).
SIZE_RANGE: Final = (300, 500)
#: 1+2+N staffing (S2:23): chief or level-1 officer, auxiliary police, others.
AUX_POLICE_WANTED: Final = 2
#: The five posts (五员).
POSTS: Final = ("manager", "police", "publicity", "information", "service")
#: How far back the card looks for cases that are still open, and for those of the month.
OPEN_WITHIN: Final = timedelta(days=365)
MONTH: Final = timedelta(days=30)
DAY: Final = timedelta(hours=24)
_LISTED: Final = 8

Ask = Callable[[Query], list[dict[str, Any]]]


def area_card(area: dict[str, Any], now: datetime, *, ask: Ask, cases: CaseReader,
              children: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Everything the side panel shows about one area at ``now``.

    Args:
        area: a row of `queries.one_area`.
        now: the instant the picture shows.
        ask: answers a query with rows.
        cases: counts cases.
        children: code and name of the areas one level below.

    Returns:
        ``area``; ``people`` (households, residents, size: over/under/ok or None above the
        grid); ``places`` (buildings by kind, sums); ``things`` (resources by kind);
        ``events`` (day, month, open: counters; open_cases; natures of the month);
        ``organisations``; ``units`` (驻区单位); ``team`` (by_tier, by_post, roles);
        ``chief`` (a person or None); ``chain`` (community_chiefs, grid_chiefs,
        building_chiefs); ``staffing`` (1+2+N check); ``patrol``; ``children``.
    """
    code = area["area_code"]
    team = ask(queries.team_sums(code))
    kinds = ask(queries.building_sums(code))
    return {
        "area": area,
        "people": _people(area, kinds),
        "places": {"buildings": sum(row["buildings"] for row in kinds), "by_kind": kinds},
        "things": ask(queries.thing_sums(code)),
        "events": _events(code, now, cases),
        "organisations": ask(queries.organisations(code)),
        "units": ask(queries.resident_units(code, _LISTED)),
        "team": _team(team),
        "chief": _chief(area, ask),
        "chain": _chain(area, ask),
        "staffing": staffing(team, grids=_grids(area, children)),
        "patrol": ask(queries.patrol_today(code, now - DAY, now))[0],
        "children": [{"area_code": child, "name": name} for child, name in children],
    }


def _grids(area: dict[str, Any], children: Sequence[tuple[str, str]]) -> int | None:
    if area["level"] == "grid":
        return 1
    return len(children) if area["level"] == "community" else None


def _people(area: dict[str, Any], kinds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    households = area["households"]
    size = None
    if area["level"] == "grid" and households is not None:
        size = "under" if households < SIZE_RANGE[0] else "over" if households > SIZE_RANGE[1] else "ok"
    return {"households": households, "residents": area["residents"], "size": size,
            "households_in_buildings": int(sum(row["households"] for row in kinds))}


def _team(team: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """People and those on duty by tier (1, 2, 3, 0 = professional), by post, by role."""
    def summed(key: str) -> dict[Any, dict[str, int]]:
        found: dict[Any, dict[str, int]] = {}
        for row in team:
            entry = found.setdefault(row[key], {"all": 0, "on": 0})
            entry["all"] += row["people"]
            entry["on"] += row["on_duty"]
        return found

    posts = summed("post")
    return {"by_tier": summed("team_level"), "by_role": summed("role"),
            "by_post": {post: posts.get(post, {"all": 0, "on": 0}) for post in POSTS}}


def staffing(team: Sequence[dict[str, Any]], *, grids: int | None) -> dict[str, Any]:
    """The 1+2+N check: per grid one level-1 officer, two auxiliary police, and some others.

    ``ok`` is None where it does not apply (streets, the district).
    """
    one = sum(row["people"] for row in team if row["role"] == "grid_officer")
    two = sum(row["people"] for row in team if row["role"] == "aux_police")
    others = sum(row["people"] for row in team if row["team_level"] in {2, 3})
    ok = None if grids is None else one >= grids and two >= AUX_POLICE_WANTED * grids and others > 0
    return {"one": one, "two": two, "n": others, "grids": grids, "ok": ok}


def _chief(area: dict[str, Any], ask: Ask) -> dict[str, Any] | None:
    """The chief named in the area's row, else a grid chief that belongs to it."""
    named = area["chief_officer_id"]
    found = ask(queries.people_named([named])) if named else []
    if not found and area["level"] in {"community", "grid"}:
        found = ask(queries.chiefs_of(area["area_code"], 1))
    return found[0] if found else None


def _chain(area: dict[str, Any], ask: Ask) -> dict[str, Any]:
    """The chain of responsibility: community committee, grid chief, chiefs of buildings."""
    code = area["area_code"]
    if not code.isdigit() or len(code) < 12:
        return {"community_chiefs": [], "grid_chiefs": [], "building_chiefs": []}
    counted = ask(queries.building_chiefs(code, _LISTED))
    numbers = {row["chief_id"]: row["buildings"] for row in counted}
    chiefs = ask(queries.people_named([*numbers])) if numbers else []
    return {
        "community_chiefs": ask(queries.chiefs_of(code[:12], 2)),
        "grid_chiefs": ask(queries.chiefs_of(code, 2)) if len(code) == 15 else [],
        "building_chiefs": [{**chief, "buildings": numbers[chief["officer_id"]]} for chief in chiefs],
    }


def _events(code: str, now: datetime, cases: CaseReader) -> dict[str, Any]:
    """State of work: counters and rates of 24 hours and of 30 days, and the most pressing open cases."""
    if not code.isdigit():
        return {"day": None, "month": None, "open": None, "open_cases": [], "natures": []}
    areas = frozenset({code})
    until = now + timedelta(seconds=1)
    windows = {name: CaseFilter(since=now - back, until=until, areas=areas)
               for name, back in (("day", DAY), ("month", MONTH), ("open", OPEN_WITHIN))}
    counted = {name: cases.counts(filter_, now, WALL).to_dict() for name, filter_ in windows.items()}
    listed = cases.listing(windows["open"], now, order="deadline", limit=_LISTED, only="open")
    natures = cases.counts_by("nature", windows["month"], now).to_dict("records")
    return {"day": {**counted["day"], **rates(counted["day"])},
            "month": {**counted["month"], **rates(counted["month"])},
            "open": counted["open"], "open_cases": listed.to_dict("records"),
            "natures": [{"nature": row["code"], "accepted": row["accepted"]}
                        for row in natures if row["code"]]}
