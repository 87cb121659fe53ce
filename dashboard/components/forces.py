"""最近力量: what could be sent to a point, by road; one click fills in the dispatch of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboard.components.case_card import Tongue
from dashboard.components.parts import button, section
from dashboard.format import missing, number
from data.resources.nearest import FRESH, REACH_M, Nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A case to which a force is on its way.

    Attributes:
        officer_id: who has it in hand; empty where nobody does, or the viewer may not know.
        officer_name: masked; empty where nobody knows it.
    """

    case_no: str
    officer_id: str
    officer_name: str


def forces_section(found: Nearest, point: tuple[float, float], *, tongue: Tongue, can_draft: bool,
                   followed: Followed | None = None) -> html.Section:
    """The forces, the soonest first, and what is not among them.

    Args:
        point: longitude and latitude; the map draws around it how far one comes by road.
        can_draft: a click on a force may fill in the dispatch of the case on the card.
        followed: the case to which forces may be followed; None: none may.
    """
    say, km = tongue.say, number(REACH_M / 1000)
    rows: list[Any] = [] if followed is None or not followed.officer_id else [_in_hand(followed, tongue)]
    rows += [_force(force, tongue, can_draft=can_draft, followed=followed) for force in found.forces]
    left = say("near.left", km=km, minutes=round(FRESH.total_seconds() / 60), busy=found.busy,
               unknown=found.unknown, beyond=found.beyond)
    body = [*(rows or [html.P(say("near.none", km=km))]), html.P(left, className="quiet")]
    where = {"data-reach": f"{point[0]:.6f},{point[1]:.6f}"}
    return section(say("near.title"), html.Div(body, className="forces", **where))


def _in_hand(followed: Followed, tongue: Tongue) -> html.Div:
    """The officer who has the case in hand."""
    name = html.Button(followed.officer_name or followed.officer_id, type="button", className="forces__name",
                       **{"data-select": "officer", "data-code": followed.officer_id})
    return html.Div([html.Span([name, html.Small(tongue.say("track.in_hand"))]), html.Small(""),
                     _follow(followed, f"officer:{followed.officer_id}", tongue)], className="forces__one")


def _follow(followed: Followed, who: str, tongue: Tongue) -> html.Button:
    return button(tongue.say("track.start"), title=tongue.say("track.start.help"), act="track",
                  case=followed.case_no, who=who)


def _force(force: Mapping[str, Any], tongue: Tongue, *, can_draft: bool, followed: Followed | None
           ) -> html.Div:
    say = tongue.say
    way = say("near.way", km=number(force["metres"] / 1000, 1), minutes=max(1, round(force["minutes"])))
    kind = _kind(force, tongue)
    named = kind if missing(force["name"]) else str(force["name"])
    about = [kind] if force["what"] == "officer" else []
    about += [say("near.fits")] if force["fits"] else []
    name = html.Button(named, type="button", title=kind, className="forces__name",
                       **{"data-select": force["what"], "data-code": force["code"]})
    parts: list[Any] = [html.Span([name, *(html.Small(word) for word in about)]), html.Small(way)]
    if can_draft:
        parts.append(button(say("near.draft"), title=say("near.draft.help"), act="draft",
                            dept="" if missing(force["dept_id"]) else str(force["dept_id"]),
                            note=say("near.note", name=named, way=way)))
    elif followed is not None:
        parts.append(_follow(followed, f"{force['what']}:{force['code']}", tongue))
    return html.Div(parts, className="forces__one")


def _kind(force: Mapping[str, Any], tongue: Tongue) -> str:
    """The kind of a resource, the role of an officer."""
    words = "resource_kind" if force["what"] == "resource" else "role"
    return tongue.words.label(words, None if missing(force["kind"]) else str(force["kind"]), tongue.lang)
