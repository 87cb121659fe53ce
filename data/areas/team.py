"""The team of an area: tiers, posts, the four levels of staff, the chain of responsibility."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from data.access.scope import Scope
from data.areas import queries
from data.areas.holding import Holding
from data.sql import Query

Ask = Callable[[Query], list[dict[str, Any]]]

#: 1+2+N staffing (S2:23): chief or level-1 officer, auxiliary police, others.
AUX_POLICE_WANTED: Final = 2
#: The five posts (五员).
POSTS: Final = ("manager", "police", "publicity", "information", "service")
#: The four levels of staff (S2:45), from the street down.
TIERS: Final = ("street_centre", "community_chief", "full_time", "informant")
LISTED: Final = 8


def sums(team: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """People (``all``) and those on duty (``on``, None: not known) by tier (1, 2, 3, 0 = professional),
    by post, by role.
    """
    def summed(key: str) -> dict[Any, dict[str, int | None]]:
        found: dict[Any, dict[str, Any]] = {}
        for row in team:
            entry = found.setdefault(row[key], {"all": 0, "on": 0})
            entry["all"] += row["people"]
            entry["on"] = None if None in (entry["on"], row["on_duty"]) else entry["on"] + row["on_duty"]
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


def tiers(holding: Holding, ask: Ask, scope: Scope) -> list[dict[str, Any]]:
    """The four levels of staff: ``tier, people, first`` (a person or None), the street's first.

    Levels above the area are those of its street and community.
    """
    found = {row["tier"]: row for row in ask(queries.staff_tiers(holding, scope=scope))}
    ids = [row["first_id"] for row in found.values()]
    told = ids and scope.sight.sees_people
    people = {row["officer_id"]: row for row in (ask(queries.people_named(ids, scope=scope)) if told else [])}
    return [{"tier": tier, "people": found[tier]["people"] if tier in found else 0,
             "first": people.get(found[tier]["first_id"]) if tier in found else None} for tier in TIERS]


def chief(area: dict[str, Any], ask: Ask, scope: Scope) -> dict[str, Any] | None:
    """The chief named in the area's row, else a grid chief that belongs to it."""
    named = area["chief_officer_id"]
    found = ask(queries.people_named([named], scope=scope)) if named else []
    if not found and area["level"] in {"community", "grid"}:
        found = ask(queries.chiefs_of(area["area_code"], 1, scope=scope))
    return found[0] if found else None


def chain(holding: Holding, ask: Ask, scope: Scope) -> dict[str, Any]:
    """The chain of responsibility: community committee, grid chief, chiefs of buildings."""
    code = holding.home
    if len(code) < 12:
        return {"community_chiefs": [], "grid_chiefs": [], "building_chiefs": []}
    counted = ask(queries.building_chiefs(holding, LISTED, scope=scope))
    numbers = {row["chief_id"]: row["buildings"] for row in counted}
    chiefs = ask(queries.people_named([*numbers], scope=scope)) if numbers else []
    if not scope.sight.sees_people:
        chiefs = chiefs[:1]  # the office is held, and nobody told by name
    return {
        "community_chiefs": ask(queries.chiefs_of(code[:12], 2, scope=scope)),
        "grid_chiefs": ask(queries.chiefs_of(code, 2, scope=scope)) if len(code) == 15 else [],
        "building_chiefs": [{**person, "buildings": numbers.get(person["officer_id"])} for person in chiefs],
    }
