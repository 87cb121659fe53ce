"""Part of the officer card: the team that a level-1 officer leads (1+N), and what a person reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from dash import html

from dashboard.components.case_card import Tongue, select_button
from dashboard.components.lists import case_list
from dashboard.components.parts import facts
from dashboard.format import number

#: Role of a person -> level of staff (四级管理体制).
_STAFF_TIER: Final[Mapping[str, str]] = {
    "grid_officer": "full_time",
    "informant": "informant",
    "dispatcher": "street_centre",
    "verifier": "street_centre",
}


def staff_tier(officer: Mapping[str, Any]) -> str | None:
    """The level of staff of a person; None for those outside the four levels."""
    role, street = officer.get("role"), str(officer.get("street_code") or "")
    if role == "grid_chief":
        return None if officer.get("grid_code") else "community_chief"
    found = _STAFF_TIER.get(str(role))
    if role == "leader":
        found = "street_centre"
    return None if found == "street_centre" and len(street) != 9 else found


def crew(team: Mapping[str, Any], own: str, tongue: Tongue) -> list[Any]:
    """The lead, and the members by tier; the person of the card is marked.

    Args:
        team: as of `data.patrol.reader.PatrolReader.team`, with ``lead_name``.
        own: id of the person whose card it is.
    """
    say = tongue.say
    if not team["members"]:
        return [html.P(say("card.crew.alone"), className="quiet")]
    lead = str(team["lead"])
    lines = [(say("card.crew.lead"), _named(lead, team.get("lead_name") or lead, lead == own))]
    for tier, members in _by_tier(team["members"]).items():
        names = [
            _named(str(one["officer_id"]), _title(one, tongue), one["officer_id"] == own) for one in members
        ]
        parts = [part for name in names for part in (name, " ")][:-1]
        label = tongue.words.label("team_level", str(tier), tongue.lang)
        lines.append((f"{label} ({number(len(members))})", html.Span(parts)))
    return [facts(lines)]


def _by_tier(members: Sequence[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    """Members by tier: 2, 3, and last the professional force."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    for tier in (1, 2, 3, 0):
        own = [one for one in members if one["team_level"] == tier]
        if own:
            found[tier] = own
    return found


def _title(member: Mapping[str, Any], tongue: Tongue) -> str:
    role = tongue.words.label("role", member.get("role"), tongue.lang)
    return f"{member.get('name_masked') or member['officer_id']} {role}"


def _named(officer_id: str, name: str, is_own: bool) -> Any:
    """A person: a button, or a mark for the one whose card it is."""
    return html.Span(name, className="tag tag--ok") if is_own else select_button("officer", officer_id, name)


def found(reported: Mapping[str, Any], *, now: datetime, tongue: Tongue) -> list[Any]:
    """Cases that the person reported, the newest first, and how many in all."""
    say = tongue.say
    if not reported["reports"]:
        return [html.P(say("card.found.none"), className="quiet")]
    return [
        html.P(say("card.found.count", n=number(reported["reports"])), className="quiet"),
        *case_list(reported["cases"], now=now, words=tongue.words, lang=tongue.lang, say=say),
    ]
