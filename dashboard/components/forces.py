"""最近力量: what could be sent to a point, by road; one click fills in the dispatch of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.components.case_card import Tongue
from dashboard.components.parts import button, section
from dashboard.format import missing, number
from data.resources.nearest import FRESH, REACH_M, Nearest


def forces_section(found: Nearest, point: tuple[float, float], *, tongue: Tongue, can_draft: bool
                   ) -> html.Section:
    """The forces, the soonest first, and what is not among them.

    Args:
        point: longitude and latitude; the map draws around it how far one comes by road.
        can_draft: a click on a force may fill in the dispatch of the case on the card.
    """
    say, km = tongue.say, number(REACH_M / 1000)
    rows: list[Any] = [_force(force, tongue, can_draft=can_draft) for force in found.forces]
    left = say("near.left", km=km, minutes=round(FRESH.total_seconds() / 60), busy=found.busy,
               unknown=found.unknown, beyond=found.beyond)
    body = [*(rows or [html.P(say("near.none", km=km))]), html.P(left, className="quiet")]
    where = {"data-reach": f"{point[0]:.6f},{point[1]:.6f}"}
    return section(say("near.title"), html.Div(body, className="forces", **where))


def _force(force: Mapping[str, Any], tongue: Tongue, *, can_draft: bool) -> html.Div:
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
    return html.Div(parts, className="forces__one")


def _kind(force: Mapping[str, Any], tongue: Tongue) -> str:
    """The kind of a resource, the role of an officer."""
    words = "resource_kind" if force["what"] == "resource" else "role"
    return tongue.words.label(words, None if missing(force["kind"]) else str(force["kind"]), tongue.lang)
