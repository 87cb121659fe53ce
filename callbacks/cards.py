"""Wires the side panel: what presses most while nothing is selected, else the card of what is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from dash import Dash, Input, Output, State, html

from callbacks.desk import Desk
from dashboard import ids
from dashboard.components.area_card import area_card
from dashboard.components.case_card import Tongue, card_head, case_card
from dashboard.components.lists import case_list
from dashboard.components.thing_cards import building_card, officer_card, resource_card
from dashboard.texts import speaker
from dashboard.view import from_store, selection_from_store
from data.filters import CaseFilter
from data.filters import from_store as filter_from_store

LISTED: Final = 24
OFFICERS_CASES: Final = 12
OPEN_WITHIN: Final = timedelta(days=365)
Selection = Mapping[str, str]


def tongue_of(desk: Desk, lang: str) -> Tongue:
    """How the cards speak to this viewer."""
    return Tongue(words=desk.words(), zone=desk.zone, lang=lang, say=speaker(lang))


def pressing(filter_: CaseFilter, *, desk: Desk) -> list[dict[str, Any]]:
    """Open cases by the time they have left, most overdue first: of the filter, however old."""
    now = desk.now()
    wide = filter_.with_(since=min(filter_.since, now - OPEN_WITHIN))
    found = desk.readers.cases.listing(wide, now, "deadline", LISTED, 0, only="open")
    return [dict(row) for row in found.to_dict("records")]


def side(selection: Selection | None, filter_: CaseFilter, lang: str, *, desk: Desk) -> list[Any]:
    """Content of the side panel."""
    tongue = tongue_of(desk, lang)
    if selection is None:
        say = tongue.say
        head = html.H2([say("supervise.title"), html.Small(say("supervise.hint"))], className="panel__head")
        return [
            head,
            *case_list(pressing(filter_, desk=desk), now=desk.now(), words=tongue.words, lang=lang, say=say),
        ]
    card = _CARDS.get(selection["kind"], _no_card)(selection["code"], desk, tongue)
    return card or [
        card_head(
            selection["kind"] if selection["kind"] in _CARDS else "resource",
            tongue.say("card.missing", code=selection["code"]),
            tongue.say,
        )
    ]


def _no_card(_code: str, _desk: Desk, _tongue: Tongue) -> list[Any] | None:
    return None


def _area(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    now = desk.now()
    found = desk.readers.areas.card(code, now)
    return None if found is None else area_card(found, now=now, tongue=tongue)


def _case(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    found = desk.readers.cases.case(code)
    if found is None:
        return None
    events = desk.readers.cases.events(found["case_no"]).to_dict("records")
    return case_card(found, events, now=desk.now(), tongue=tongue)


def _officer(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    now = desk.now()
    found = desk.readers.patrol.officer(code, now)
    if found is None:
        return None
    grid = found.get("grid_code") or found.get("community_code") or found["street_code"]
    wide = CaseFilter(since=now - OPEN_WITHIN, until=now + timedelta(seconds=1), areas=frozenset({grid}))
    listed = desk.readers.cases.listing(wide, now, "newest", 10 * OFFICERS_CASES, 0).to_dict("records")
    own = [row for row in listed if row.get("officer_id") == code][:OFFICERS_CASES]
    return officer_card(found, own, now=now, tongue=tongue)


def _resource(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    found = desk.readers.resources.one(code)
    return None if found is None else resource_card(found, tongue=tongue)


def _building(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    found = desk.readers.areas.building(code)
    return None if found is None else building_card(found, tongue=tongue)


_CARDS: Final[Mapping[str, Callable[[str, Desk, Tongue], list[Any] | None]]] = {
    "area": _area,
    "case": _case,
    "officer": _officer,
    "resource": _resource,
    "building": _building,
}


def register(app: Dash, *, desk: Desk) -> None:
    """The side panel."""

    @app.callback(
        output={"side": Output(ids.SIDE, "children")},
        inputs={
            "selection": Input(ids.SELECTION, "data"),
            "stored": Input(ids.FILTER, "data"),
            "_version": Input(ids.DATA_VERSION, "data"),
            "view": State(ids.VIEW, "data"),
        },
    )
    def show_side(selection: Any, stored: Any, _version: Any, view: Any) -> dict[str, Any]:
        chosen, filter_ = selection_from_store(selection), filter_from_store(stored)
        return {"side": side(chosen, filter_, from_store(view).lang, desk=desk)}
