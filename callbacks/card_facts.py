"""What the cards of cases and people need beside their rows: names, the levels above, the team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from callbacks.desk import Desk
from data.exchange.departments import CITY_CENTRE, OPERATION_CENTRE
from data.vocabulary import Vocabulary

#: Cases that an officer's card lists, of those in hand and of those reported.
OFFICERS_CASES: Final = 12


def area_name(code: Any, desk: Desk) -> str:
    """Community and grid of an area, without the steps above; empty where nobody knows it."""
    path = desk.readers.areas.path(code) if isinstance(code, str) and code else []
    near = [step for step in path if step["level"] in {"community", "grid"}]
    return " ▸ ".join(str(step["name"]) for step in near or path)


def person_name(officer_id: Any, desk: Desk) -> str:
    """The masked name of a person; empty where nobody knows them."""
    if not isinstance(officer_id, str) or not officer_id:
        return ""
    found = desk.readers.patrol.officer(officer_id, desk.now())
    return str(found["name_masked"]) if found and found.get("name_masked") else ""


def case_facts(case_: Mapping[str, Any], events: Sequence[Mapping[str, Any]], desk: Desk, words: Vocabulary,
               lang: str) -> dict[str, Any]:
    """The case with the names of its grid, unit grid, people, and of the levels above the district.

    Args:
        case_: a row of ``case``.
        events: its rows of ``case_event``.
    """
    city = desk.readers.areas.city()
    city_name = (city.get("name_en") if lang == "en" else None) or city.get("name") or ""
    finder = next((event.get("actor_id") for event in events if event["act"] == "report"), None)
    finder_name = person_name(finder, desk)  # people of the grids are named, the id of a citizen stays here
    return {
        **case_,
        "grid_name": area_name(case_.get("grid_code"), desk),
        "officer_name": person_name(case_.get("officer_id"), desk),
        "finder_id": finder if finder_name else None,
        "finder_name": finder_name,
        "unit": desk.readers.areas.unit_at(case_.get("lon"), case_.get("lat")),
        "city": f"{city_name} {_centre(CITY_CENTRE, words, lang)}".strip(),
        "centre": _centre(OPERATION_CENTRE, words, lang),
    }


def _centre(code: str, words: Vocabulary, lang: str) -> str:
    """The name of a centre of command; what it is called in general where the store has none of its own."""
    own = code in words.departments
    return words.name("departments", code, lang) if own else words.label("dept_kind", code, lang)


def officer_facts(officer: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """``officer`` (with the names of grid and lead), ``team`` and ``reported`` of their card."""
    own, lead = str(officer["officer_id"]), officer.get("lead_officer_id")
    named = {
        **officer,
        "grid_name": area_name(officer.get("grid_code"), desk),
        "lead_name": person_name(lead, desk),
    }
    team = desk.readers.patrol.team(own, lead)
    team["lead_name"] = named["name_masked"] if team["lead"] == own else named["lead_name"]
    reported = desk.readers.patrol.reported(own, desk.now(), OFFICERS_CASES)
    return {"officer": named, "team": team, "reported": reported}
