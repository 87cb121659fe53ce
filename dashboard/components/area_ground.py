"""Part of the grid card: the ground of an area, its things, its organisations, its mediation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import html

from dashboard.components.case_card import Tongue, select_button
from dashboard.components.parts import facts
from dashboard.format import missing, number
from dashboard.texts import maybe

#: A resource that is an organisation rather than a thing.
_UNITS: Final = frozenset({"partner_unit"})
#: Kinds of area below another, in the order in which the card counts them.
_PARTS: Final = ("street", "community", "base", "work", "professional", "compound", "unit")


def places_part(card: Mapping[str, Any], tongue: Tongue) -> html.Dl:
    """Size, buildings by kind, and what the area is divided into."""
    say, area, places = tongue.say, card["area"], card["places"]
    km2 = None if missing(area.get("area_m2")) else area["area_m2"] / 1e6
    kinds = " · ".join(
        f"{tongue.words.label('building_kind', row['kind'], tongue.lang)} {number(row['buildings'])}"
        for row in places["by_kind"]
    )
    return facts(
        [
            (say("card.area_m2"), None if km2 is None else f"{km2:.3f} km²"),
            (say("card.buildings"), f"{number(places['buildings'])} {say('unit.buildings')}".strip()),
            (say("card.kind"), kinds),
            (say("card.parts"), _parts(places["parts"], tongue)),
        ]
    )


def _parts(parts: Mapping[str, int], tongue: Tongue) -> str:
    """``街道 14 · 社区 105 · 基础网格 1,600``: what the area is divided into, empty for the smallest."""
    held = [name for name in _PARTS if name in parts]
    return " · ".join(f"{tongue.say(f'parts.{name}')} {number(parts[name])}" for name in held)


def things_part(card: Mapping[str, Any], tongue: Tongue) -> html.Div:
    """Resources by kind."""
    kinds: dict[str, tuple[list[int], list[str]]] = {}
    for row in card["things"]:
        if row["kind"] not in _UNITS:
            things, forces = kinds.setdefault(row["kind"], ([], []))
            things.append(row["things"])
            forces.append(maybe(tongue.say, f"force.{row['force_class']}", ""))
    tags = [
        html.Span(
            f"{tongue.words.label('resource_kind', kind, tongue.lang)} {number(sum(things))}",
            className="tag",
            title=" · ".join(name for name in forces if name),
        )
        for kind, (things, forces) in kinds.items()
    ]
    return html.Div(tags or "—", className="tags")


def organisations_part(card: Mapping[str, Any], tongue: Tongue) -> list[Any]:
    """Centres, departments, stations, units based here, and the sub-platforms of the district."""
    units = sum(row["things"] for row in card["things"] if row["kind"] in _UNITS)
    names = [
        html.Span(tongue.words.name("departments", row["dept_id"], tongue.lang), className="tag")
        for row in sorted(card["organisations"], key=lambda row: not str(row.get("kind")).endswith("_centre"))
    ]
    return [
        html.Div(names or "—", className="tags"),
        facts(
            [
                (tongue.say("card.units"), _units(card, units)),
                (tongue.say("card.platforms"), tongue.say("platforms")),
                (tongue.say("card.sections"), _sections(card, tongue)),
            ]
        ),
        *_platforms(card, tongue),
    ]


def _sections(card: Mapping[str, Any], tongue: Tongue) -> str:
    """The sections that share the office of a street's sub-centre; empty at other levels."""
    known = tongue.words.labels.get("street_section", {}) if card["area"]["level"] == "street" else {}
    return "、".join(word.name(tongue.lang) for word in known.values())


def _platforms(card: Mapping[str, Any], tongue: Tongue) -> list[Any]:
    """The eight sub-platforms of the district with the month's cases; other levels leave them out."""
    known = tongue.words.labels.get("sub_platform", {})
    if card["area"]["level"] != "district" or not known:
        return []
    counts = dict.fromkeys(known, 0)
    for row in card["events"]["channels"]:
        platform = tongue.words.platforms.get(row["code"])
        if platform in counts:
            counts[platform] += row["accepted"]
    tags = [
        html.Span(f"{word.name(tongue.lang)} {number(counts[code])}", className="tag")
        for code, word in known.items()
    ]
    say = tongue.say
    return [
        html.P(say("card.platforms.eight"), className="quiet"),
        html.Div(tags, className="tags"),
        html.P(say("card.platforms.unnamed"), className="quiet"),
    ]


def mediation_part(card: Mapping[str, Any], tongue: Tongue) -> list[Any]:
    """Where disputes are settled here, and how many of the month were; nothing where there is neither."""
    say, places = tongue.say, card["mediation"]["places"]
    disputes = card["mediation"]["disputes"]
    counts = None if disputes is None else say(
        "card.mediation.counts", **{name: number(disputes[name]) for name in ("accepted", "handled", "open")}
    )
    if not places and not (disputes and disputes["accepted"]):
        return []
    buttons = [
        html.Button(
            str(place["name"]),
            type="button",
            className="tag",
            **{"data-select": "resource", "data-code": str(place["resource_id"])},
        )
        for place in places
    ]
    rooms = any(place["kind"] == "mediation_room" for place in places)
    return [
        html.P(say("card.mediation.three"), className="quiet") if rooms else None,
        facts([(say("card.mediation.disputes"), counts)]),
        html.P(say("card.mediation.rooms"), className="quiet") if buttons else None,
        html.Div(buttons, className="tags"),
    ]


def _units(card: Mapping[str, Any], count: int) -> Any:
    """How many units are based here (驻区单位), and the first of them by name."""
    if not count:
        return None
    named: list[Any] = [f"{number(count)} "]
    for unit in card.get("units", ()):
        named += [" ", select_button("resource", str(unit["resource_id"]), str(unit["name"]))]
    return html.Span(named)
