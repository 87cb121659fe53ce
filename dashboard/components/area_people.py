"""Part of the grid card: the people of an area, its team, its chain of responsibility."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import html

from dashboard.components.case_card import Tongue, select_button
from dashboard.components.parts import facts
from dashboard.format import missing, number, percent

_TIERS: Final = (1, 2, 3)


def people_part(card: Mapping[str, Any], tongue: Tongue) -> list[Any]:
    """Residents, households and their number against the standard, floating residents."""
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
                (say("card.floating"), _floating(people, tongue)),
                (say("card.desks"), _things(people.get("desks", ()))),
            ]
        )
    ]


def _floating(people: Mapping[str, Any], tongue: Tongue) -> str | None:
    """Floating residents and their share; nothing where nobody counted them, a word where few are meant."""
    if people.get("floating_withheld"):
        return tongue.say("opening.withheld")
    floating, residents = people.get("floating"), people["residents"]
    if missing(floating):
        return None
    share = None if missing(residents) or not residents else floating / residents
    return tongue.say("card.floating.of", n=number(floating), share=percent(share))


def _things(things: Sequence[Mapping[str, Any]]) -> html.Span | None:
    """Resources by name, each of which a click selects."""
    if not things:
        return None
    named: list[Any] = []
    for thing in things:
        named += [" "] if named else []
        named.append(select_button("resource", str(thing["resource_id"]), str(thing["name"])))
    return html.Span(named)


def _person(person: Mapping[str, Any], tongue: Tongue) -> html.Button | html.Span:
    """A person by name; who is there and not told by name, by the role they hold."""
    if missing(person.get("officer_id")):
        return html.Span(tongue.words.label("role", person.get("role"), tongue.lang), className="tag tag--ok")
    return select_button(
        "officer", str(person["officer_id"]), str(person.get("name_masked") or person["officer_id"])
    )


def _joined(people: Sequence[Mapping[str, Any]], tongue: Tongue) -> list[Any]:
    found: list[Any] = []
    for person in people:
        found += ["、" if found else "", _person(person, tongue)]
    return found or ["—"]


def team_part(card: Mapping[str, Any], tongue: Tongue) -> list[Any]:
    """Chief, 1+2+N check, five posts, tiers (1+N), chain of responsibility."""
    say, team, staffing = tongue.say, card["team"], card["staffing"]
    chief = card["chief"]
    level = card["area"]["level"]
    lines: list[tuple[str, Any]] = [
        (
            say("card.chief" if level in {"grid", "community"} else "card.head"),
            _person(chief, tongue)
            if chief
            else html.Span(say("card.nochief"), className="tag tag--over")
            if level == "grid"
            else None,
        ),
        (say("card.staffing"), _staffing(staffing, tongue)),
    ]
    lines += [(say(f"forces.t{tier}"), _on_of(team["by_tier"].get(tier))) for tier in _TIERS]
    lines.append((say("forces.t0"), _on_of(team["by_role"].get("special_officer"))))
    lines.append((say("card.three_chiefs"), _three_chiefs(team["by_role"], tongue)))
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
        *_roles(team["by_role"], tongue),
        *_four_levels(card["tiers"], tongue),
        _chain(card["chain"], tongue),
    ]


def _three_chiefs(by_role: Mapping[str, Mapping[str, int]], tongue: Tongue) -> str | None:
    """三长一网: street, lane and building chiefs; nothing below the street, to which roads belong."""
    found = {name: by_role.get(f"{name}_chief", {"all": 0})["all"] for name in ("road", "lane", "building")}
    if not found["road"] and not found["lane"]:  # below the street there are building chiefs only
        return None
    return tongue.say("card.three_chiefs.counts", **{name: number(count) for name, count in found.items()})


def _roles(by_role: Mapping[str, Mapping[str, int]], tongue: Tongue) -> list[Any]:
    """How many people hold each role, in the order of the roles; nothing where nobody is known."""
    order = [*tongue.words.labels.get("role", {})]
    held = sorted(by_role, key=lambda role: (order.index(role) if role in order else len(order), role))
    if not held:
        return []
    return [
        html.P(tongue.say("card.roles"), className="quiet"),
        html.Div(
            [
                html.Span(
                    f"{tongue.words.label('role', role, tongue.lang)} {number(by_role[role]['all'])}",
                    className="tag",
                )
                for role in held
            ],
            className="tags",
        ),
    ]


def _four_levels(tiers: Sequence[Mapping[str, Any]], tongue: Tongue) -> list[Any]:
    """街道网格中心 – 社区网格长 – 专职网格员 – 网格信息员: how many, and the first of each by name."""
    if not any(tier["people"] for tier in tiers):
        return []
    lines = [
        (
            tongue.words.label("staff_tier", tier["tier"], tongue.lang),
            html.Span(
                [
                    tongue.say("card.four.people", n=number(tier["people"])),
                    " ",
                    _person(tier["first"], tongue) if tier["first"] else None,
                ]
            ),
        )
        for tier in tiers
    ]
    return [html.P(tongue.say("card.four"), className="quiet"), facts(lines)]


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
                    (say("chain.community_chiefs"), _joined(chain["community_chiefs"], tongue)),
                    (say("chain.grid_chiefs"), _joined(chain["grid_chiefs"], tongue)),
                    (say("chain.building_chiefs"), _joined(chain["building_chiefs"], tongue)),
                ]
            ),
        ]
    )
