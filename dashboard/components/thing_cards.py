"""人员、资源、楼栋卡片: an officer with today's track, a resource, a building."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from dash import html

from dashboard.components.case_card import Tongue, card_head, select_button
from dashboard.components.crew import crew, found, staff_tier
from dashboard.components.lists import case_list
from dashboard.components.parts import facts, section, tile
from dashboard.components.sensor import readings_section
from dashboard.components.stream import stream_section
from dashboard.format import missing, moment, number
from dashboard.texts import maybe
from data.resources.streams import Stream


def _text(value: Any) -> str | None:
    return None if missing(value) or value == "" else str(value)


def officer_card(
    officer: Mapping[str, Any],
    cases: Sequence[Mapping[str, Any]],
    *,
    team: Mapping[str, Any],
    reported: Mapping[str, Any],
    now: datetime,
    tongue: Tongue,
    opening: Any = None,
    call: str = "",
) -> list[Any]:
    """The card of one officer.

    Args:
        officer: a row of ``officer`` with ``fixes`` and ``distance_m`` of today and the
            ``last`` fix, None where there was none.
        cases: lines of cases in their hands.
        team: whom they lead or belong to; see `dashboard.components.crew.crew`.
        reported: what they reported; see `dashboard.components.crew.found`.
        opening: the form that asks for the person in full; None for who may not.
        call: the address that calls them; empty: there is none.
    """
    say, words, lang = tongue.say, tongue.words, tongue.lang
    role = words.label("role", _text(officer.get("role")), lang)
    grid = _text(officer.get("grid_code"))
    lead = _text(officer.get("lead_officer_id"))
    return [
        card_head("officer", _text(officer.get("name_masked")) or officer["officer_id"], say),
        html.Div(
            [
                html.Span(role, className="tag"),
                html.Span(
                    say(f"card.duty.{_duty(officer)}"),
                    className="tag tag--ok" if officer.get("on_duty") else "tag",
                ),
            ],
            className="tags",
        ),
        facts(
            [
                (say("card.team"), words.label("team_level", _text(officer.get("team_level")), lang)),
                (say("card.staff_tier"), words.label("staff_tier", staff_tier(officer), lang)),
                (say("card.post"), words.label("post", _text(officer.get("post")), lang)),
                (say("card.department"), words.name("departments", _text(officer.get("dept_id")), lang)),
                (
                    say("card.grid"),
                    select_button("area", grid, _text(officer.get("grid_name")) or grid) if grid else None,
                ),
                (
                    say("card.lead"),
                    select_button("officer", lead, _text(officer.get("lead_name")) or lead) if lead else None,
                ),
                (say("card.shift"), words.label("shift", _text(officer.get("shift")), lang)),
                (say("card.phone"), _text(officer.get("phone_masked"))),
            ]
        ),
        _call(call, tongue),
        opening,
        section(say("card.crew"), crew(team, str(officer["officer_id"]), tongue)),
        section(say("card.found"), found(reported, now=now, tongue=tongue)),
        section(say("card.track"), _track(officer, tongue)),
        section(say("card.matters"), case_list(cases, now=now, words=words, lang=lang, say=say)),
    ]


def _call(address: str, tongue: Tongue) -> html.A | None:
    """A link that the telephone of the desk follows."""
    return html.A(tongue.say("card.call"), href=address, className="btn card__call",
                  title=address) if address else None


def _track(officer: Mapping[str, Any], tongue: Tongue) -> html.Div:
    """Today's track as figures; its line is drawn on the map."""
    say, distance = tongue.say, officer.get("distance_m")
    last = officer.get("last") or {}
    return html.Div(
        [
            tile(say("card.fixes"), number(officer.get("fixes"))),
            tile(
                say("card.patrol.distance"),
                number(None if distance is None or missing(distance) else distance / 1000, 1),
                unit="km",
            ),
            tile(say("card.patrol.last"), moment(last.get("at"), tongue.zone)),
        ],
        className="tiles",
    )


def resource_card(resource: Mapping[str, Any], *, tongue: Tongue, picture: Stream | str | None = None,
                  changes: Sequence[Mapping[str, Any]] = (), call: str = "") -> list[Any]:
    """The card of one resource.

    Args:
        resource: as of `data.resources.reader.ResourceReader.one`; without a status nobody told it, and a
            sensor has none.
        picture: as of `stream_section`.
        changes: ``at, status`` of the last changes of its state, the newest first.
        call: the address that calls its people; empty: there is none.
    """
    say, words, lang = tongue.say, tongue.words, tongue.lang
    area = _text(resource.get("area_code"))
    force, readings = _text(resource.get("force_class")), resource.get("readings")
    return [
        card_head("resource", _text(resource.get("name")) or resource["resource_id"], say),
        facts(
            [
                (say("card.kind"), words.label("resource_kind", _text(resource.get("kind")), lang)),
                (say("card.force"), maybe(say, f"force.{force}", force or "") if force else None),
                (say("card.state"), _state(resource.get("status"), tongue)
                    if readings is None or _text(resource.get("status")) else None),
                (say("card.capacity"), number(resource.get("capacity"))),
                (say("card.department"), words.name("departments", _text(resource.get("dept_id")), lang)),
                (
                    say("card.grid"),
                    select_button("area", area, _text(resource.get("area_name")) or area) if area else None,
                ),
            ]
        ),
        _call(call, tongue),
        stream_section(picture, say),
        readings_section(readings, tongue) if readings is not None else None,
        section(say("resource.changes"), facts([
            (moment(one["at"], tongue.zone), _state(one["status"], tongue)) for one in changes
        ])) if changes else None,
    ]


def _state(status: Any, tongue: Tongue) -> str:
    """The state of a resource in words; one that nobody told is said to be unknown."""
    known = _text(status)
    return tongue.words.label("resource_status", known, tongue.lang) if known else tongue.say(
        "resource.unknown")


#: Facts of a building: text, column, unit.
_BUILDING: Final = (
    ("card.floors", "floors", "unit.floors"),
    ("card.height", "height_m", "unit.m"),
    ("card.households", "households", "unit.households"),
)


def building_card(building: Mapping[str, Any], *, tongue: Tongue) -> list[Any]:
    """The card of one building: a row of ``building``; ``chief_name`` where its chief is known."""
    say, words, lang = tongue.say, tongue.words, tongue.lang
    grid, chief = _text(building.get("grid_code")), _text(building.get("chief_id"))
    compound = _text(building.get("compound_id"))
    rows = [
        (say(key), f"{number(building.get(column))} {say(unit) if unit else ''}".strip())
        for key, column, unit in _BUILDING
    ]
    built = building.get("built_year")
    return [
        card_head(
            "building",
            _text(building.get("name")) or _text(building.get("address")) or building["building_id"],
            say,
        ),
        facts(
            [
                (say("card.kind"), words.label("building_kind", _text(building.get("kind")), lang)),
                (say("card.address"), _text(building.get("address"))),
                *rows,
                (say("card.built"), None if missing(built) else str(int(built))),
                (
                    say("card.compound"),
                    select_button("area", compound, _text(building.get("compound_name")) or compound)
                    if compound
                    else None,
                ),
                (
                    say("card.building_chief"),
                    select_button("officer", chief, _text(building.get("chief_name")) or chief)
                    if chief
                    else None,
                ),
                (
                    say("card.grid"),
                    select_button("area", grid, _text(building.get("grid_name")) or grid) if grid else None,
                ),
            ]
        ),
    ]


def _duty(officer: Mapping[str, Any]) -> str:
    """Whether somebody is on duty; not known of a past moment."""
    known = officer.get("on_duty")
    return "unknown" if missing(known) else "yes" if known else "no"


def place_card(point: tuple[float, float], forces: html.Section, *, tongue: Tongue,
               whistles: html.Section | None = None) -> list[Any]:
    """The card of a point of the map: degrees of WGS-84, what can be sent there, who was called there."""
    return [
        card_head("place", f"{point[0]:.5f}, {point[1]:.5f}", tongue.say),
        html.P(tongue.say("place.help"), className="quiet"),
        whistles,
        forces,
    ]
