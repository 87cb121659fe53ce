"""网格卡片: an area's people, places, things, events, organisations, its team and its work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from dash import html

from dashboard.components.case_card import Tongue, card_head, select_button
from dashboard.components.lists import case_list
from dashboard.components.parts import button, facts, section, tile
from dashboard.format import missing, moment, number, percent
from dashboard.texts import maybe

MAX_CHILDREN: Final = 40
_TIERS: Final = (1, 2, 3, 0)
#: Tiles of the state of work: text, key, whether it is a rate.
_WORK: Final = (
    ("kpi.accepted", "accepted", False),
    ("kpi.open", "open", False),
    ("kpi.overdue", "overdue", False),
    ("kpi.closure_rate_handled", "closure_rate_handled", True),
    ("kpi.on_time_rate", "on_time_rate", True),
)
#: A resource that is an organisation rather than a thing.
_UNITS: Final = frozenset({"partner_unit"})


def area_card(card: Mapping[str, Any], *, now: datetime, tongue: Tongue) -> list[Any]:
    """The card of an area of any level.

    Args:
        card: as of `data.areas.card.area_card`.
    """
    say, area = tongue.say, card["area"]
    return [
        card_head("area", area["name"], say),
        html.P(_level(area, tongue), className="quiet"),
        _switch(tongue),
        section(say("card.work"), _work(card, tongue)),
        section(say("element.people.long"), _people(card, tongue), mark=say("element.people")),
        section(say("card.team.title"), _team(card, tongue)),
        section(say("element.places.long"), _places(card, tongue), mark=say("element.places")),
        section(say("element.things.long"), _things(card, tongue), mark=say("element.things")),
        section(
            say("element.events.long"),
            _events(card, now, tongue),
            mark=f"{say('element.events')} {say('element.sentiment')}",
        ),
        section(
            say("element.organisations.long"), _organisations(card, tongue), mark=say("element.organisations")
        ),
        section(say("card.patrol"), _patrol(card, tongue)),
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


def _switch(tongue: Tongue) -> html.Div:
    """Base, work, professional: which grids the map draws."""
    return html.Div(
        [
            html.Button(
                tongue.say(f"gridkind.{kind}"),
                type="button",
                className="tag",
                role="radio",
                **{"aria-checked": "false", "data-view": "grids", "data-value": kind},
            )
            for kind in ("base", "work", "professional")
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
    return html.Div(
        [html.Div(tiles, className="tiles"), html.P(tongue.say("card.work.window"), className="quiet")]
    )


def _people(card: Mapping[str, Any], tongue: Tongue) -> list[Any]:
    people, say = card["people"], tongue.say
    size = people.get("size")
    mark = (
        None
        if size is None
        else html.Span(say(f"card.size.{size}"), className=f"tag tag--{'ok' if size == 'ok' else 'warn'}")
    )
    return [
        facts(
            [
                (say("card.residents"), f"{number(people['residents'])} {say('unit.persons')}".strip()),
                (
                    say("card.households"),
                    html.Span([f"{number(people['households'])} {say('unit.households')} ", mark])
                    if not missing(people["households"])
                    else None,
                ),
                (say("card.size"), None if size is None else say(f"card.size.{size}")),
            ]
        )
    ]


def _person(person: Mapping[str, Any]) -> html.Button:
    return select_button(
        "officer", str(person["officer_id"]), str(person.get("name_masked") or person["officer_id"])
    )


def _joined(people: Sequence[Mapping[str, Any]]) -> list[Any]:
    found: list[Any] = []
    for person in people:
        found += ["、" if found else "", _person(person)]
    return found or ["—"]


def _team(card: Mapping[str, Any], tongue: Tongue) -> list[Any]:
    """Chief, 1+2+N check, five posts, tiers (1+N), chain of responsibility."""
    say, team, staffing = tongue.say, card["team"], card["staffing"]
    chief = card["chief"]
    level = card["area"]["level"]
    lines: list[tuple[str, Any]] = [
        (
            say("card.chief" if level in {"grid", "community"} else "card.head"),
            _person(chief)
            if chief
            else html.Span(say("card.nochief"), className="tag tag--over")
            if level == "grid"
            else None,
        ),
        (say("card.staffing"), _staffing(staffing, tongue)),
    ]
    lines += [(say(f"forces.t{tier}"), _on_of(team["by_tier"].get(tier))) for tier in _TIERS]
    return [
        facts(lines),
        html.P(say("card.posts"), className="quiet"),
        html.Div(
            [
                html.Span(
                    f"{say(f'post.{post}')} {number(found['all'])}",
                    className="tag tag--ok" if found["all"] else "tag",
                )
                for post, found in team["by_post"].items()
            ],
            className="tags",
        ),
        _chain(card["chain"], tongue),
    ]


def _staffing(staffing: Mapping[str, Any], tongue: Tongue) -> html.Span:
    ok = staffing["ok"]
    text = f"{number(staffing['one'])} + {number(staffing['two'])} + {number(staffing['n'])} "
    mark = (
        []
        if ok is None
        else [
            html.Span(
                tongue.say("card.staffing.ok" if ok else "card.staffing.short"),
                className=f"tag tag--{'ok' if ok else 'warn'}",
            )
        ]
    )
    return html.Span([text, *mark])


def _on_of(found: Mapping[str, int] | None) -> str | None:
    return None if not found or not found["all"] else f"{number(found['on'])} / {number(found['all'])}"


def _chain(chain: Mapping[str, Any], tongue: Tongue) -> html.Div | None:
    """居委会 – 网格长 – 楼栋长."""
    if not any(chain.values()):
        return None
    say = tongue.say
    return html.Div(
        [
            html.P(say("card.chain"), className="quiet"),
            facts(
                [
                    (say("chain.community_chiefs"), _joined(chain["community_chiefs"])),
                    (say("chain.grid_chiefs"), _joined(chain["grid_chiefs"])),
                    (say("chain.building_chiefs"), _joined(chain["building_chiefs"])),
                ]
            ),
        ]
    )


def _places(card: Mapping[str, Any], tongue: Tongue) -> html.Dl:
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
        ]
    )


def _things(card: Mapping[str, Any], tongue: Tongue) -> html.Div:
    tags = [
        html.Span(
            f"{tongue.words.label('resource_kind', row['kind'], tongue.lang)} {number(row['things'])}",
            className="tag",
            title=maybe(tongue.say, f"force.{row['force_class']}", ""),
        )
        for row in card["things"]
        if row["kind"] not in _UNITS
    ]
    return html.Div(tags or "—", className="tags")


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


def _organisations(card: Mapping[str, Any], tongue: Tongue) -> list[Any]:
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
            ]
        ),
    ]


def _units(card: Mapping[str, Any], count: int) -> Any:
    """How many units are based here (驻区单位), and the first of them by name."""
    if not count:
        return None
    named: list[Any] = [f"{number(count)} "]
    for unit in card.get("units", ()):
        named += [" ", select_button("resource", str(unit["resource_id"]), str(unit["name"]))]
    return html.Span(named)


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
    return section(
        tongue.say("card.children"),
        html.Div(
            [*shown, html.Span(f"+{number(rest)}", className="tag")] if rest else shown, className="tags"
        ),
    )
