"""网格卡片: an area's people, places, things, events, organisations, its team and its work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from dash import html

from dashboard.components.area_ground import mediation_part, organisations_part, places_part, things_part
from dashboard.components.area_people import people_part, team_part
from dashboard.components.case_card import Tongue, card_head
from dashboard.components.lists import case_list
from dashboard.components.parts import button, section, tile
from dashboard.format import moment, number, percent

MAX_CHILDREN: Final = 40
#: What the areas at the end of a grid's card are, by its kind.
_CHILDREN: Final[Mapping[str | None, str]] = {
    None: "card.compounds",
    "base": "card.compounds",
    "compound": "card.inside",
    "unit": "card.inside",
}
#: Tiles of the state of work: text, key, whether it is a rate.
_WORK: Final = (
    ("kpi.accepted", "accepted", False),
    ("kpi.open", "open", False),
    ("kpi.overdue", "overdue", False),
    ("kpi.closure_rate_handled", "closure_rate_handled", True),
    ("kpi.on_time_rate", "on_time_rate", True),
)


def area_card(card: Mapping[str, Any], *, now: datetime, tongue: Tongue,
              whistles: html.Section | None = None) -> list[Any]:
    """The card of an area of any level.

    Args:
        card: as of `data.areas.card.area_card`.
        whistles: who was called to the area, as of `dashboard.components.whistles`; None: nothing to see.
    """
    say, area = tongue.say, card["area"]
    return [
        card_head("area", area["name"], say),
        html.P(_level(area, tongue), className="quiet"),
        _switch(card["grid_kinds"], tongue),
        section(say("card.work"), _work(card, tongue)),
        section(say("element.people.long"), people_part(card, tongue), mark=say("element.people")),
        section(say("card.team.title"), team_part(card, tongue)),
        section(say("element.places.long"), places_part(card, tongue), mark=say("element.places")),
        section(say("element.things.long"), things_part(card, tongue), mark=say("element.things")),
        section(
            say("element.events.long"),
            _events(card, now, tongue),
            mark=f"{say('element.events')} {say('element.sentiment')}",
        ),
        _mediation(card, tongue),
        section(
            say("element.organisations.long"),
            organisations_part(card, tongue),
            mark=say("element.organisations"),
        ),
        section(say("card.patrol"), _patrol(card, tongue)),
        whistles,
        _children(card, tongue),
    ]


def _level(area: Mapping[str, Any], tongue: Tongue) -> str:
    kind = area.get("grid_kind")
    parts = [
        tongue.words.label("grid_kind", kind, tongue.lang)
        if kind
        else tongue.words.label("area_level", area["level"], tongue.lang),
        area["area_code"],
    ]
    if area.get("professional_field"):
        parts.append(tongue.words.label("professional_field", area["professional_field"], tongue.lang))
    if area.get("is_derived"):
        parts.append(tongue.say("card.derived"))
    if area.get("is_synthetic"):
        parts.append(tongue.say("flag.is_synthetic"))
    return " · ".join(parts)


def _mediation(card: Mapping[str, Any], tongue: Tongue) -> html.Section | None:
    body = mediation_part(card, tongue)
    return section(tongue.say("card.mediation"), body) if body else None


def _switch(kinds: Sequence[str], tongue: Tongue) -> html.Div:
    """Base, work, professional, … as far as the store has them: which grids the map draws."""
    return html.Div(
        [
            html.Button(
                tongue.say(f"gridkind.{kind}"),
                type="button",
                className="tag",
                role="radio",
                **{"aria-checked": "false", "data-view": "grids", "data-value": kind},
            )
            for kind in kinds
        ],
        className="tags",
        role="radiogroup",
        **{"aria-label": tongue.say("grids")},
    )


def _work(card: Mapping[str, Any], tongue: Tongue) -> html.Div:
    """The last 30 days in figures; nothing for grids that hold no cases of their own."""
    month, open_ = card["events"]["month"], card["events"]["open"]
    if not month:
        return html.Div(html.P("—", className="quiet"))
    found = {**month, "open": open_["open"], "overdue": open_["overdue"]}
    tiles = [
        tile(
            tongue.say(text),
            percent(found.get(key)) if is_rate else number(found.get(key)),
            class_name="tile--over" if key == "overdue" and found.get(key) else "",
            sign="◆" if key == "overdue" and found.get(key) else "",
        )
        for text, key, is_rate in _WORK
    ]
    tiles.append(tile(tongue.say("card.today"), number((card["events"]["day"] or {}).get("accepted"))))
    hints = ["card.work.window"]
    if card["is_on_ground"]:
        hints.append("card.on_ground")
    notes = [html.P(tongue.say(hint), className="quiet") for hint in hints]
    return html.Div([html.Div(tiles, className="tiles"), *notes])


def _events(card: Mapping[str, Any], now: datetime, tongue: Tongue) -> list[Any]:
    moods = [
        html.Span(
            f"{tongue.words.label('nature', row['nature'], tongue.lang)} {number(row['accepted'])}",
            className="tag",
        )
        for row in card["events"].get("natures", ())
    ]
    mood = [html.P(tongue.say("card.nature"), className="quiet"), html.Div(moods, className="tags")]
    return [
        *(mood if moods else []),
        html.P(tongue.say("card.open"), className="quiet"),
        *case_list(
            card["events"]["open_cases"], now=now, words=tongue.words, lang=tongue.lang, say=tongue.say
        ),
    ]


def _patrol(card: Mapping[str, Any], tongue: Tongue) -> html.Div:
    patrol, say = card["patrol"], tongue.say
    return html.Div(
        [
            tile(say("card.patrol.officers"), number(patrol["officers"])),
            tile(say("card.fixes"), number(patrol["fixes"])),
            tile(say("card.patrol.last"), moment(patrol["last_at"], tongue.zone)),
        ],
        className="tiles",
    )


def _children(card: Mapping[str, Any], tongue: Tongue) -> html.Section | None:
    children = card["children"]
    if not children:
        return None
    shown = [
        button(child["name"], class_name="tag", select="area", code=child["area_code"])
        for child in children[:MAX_CHILDREN]
    ]
    rest = len(children) - len(shown)
    kind = card["area"].get("grid_kind")
    title = "card.children" if card["area"]["level"] != "grid" else _CHILDREN.get(kind, "card.members")
    return section(
        tongue.say(title),
        html.Div(
            [*shown, html.Span(f"+{number(rest)}", className="tag")] if rest else shown, className="tags"
        ),
    )
