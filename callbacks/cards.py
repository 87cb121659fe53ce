"""Wires the side panel: what presses most while nothing is selected, else the card of what is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from dash import Dash, Input, Output, State

from callbacks.acts import choices_of
from callbacks.alert_groups import card as group_card_of
from callbacks.alerts import card as alert_card_of
from callbacks.card_facts import OFFICERS_CASES, area_name, case_facts, officer_facts, person_name
from callbacks.desk import Desk
from callbacks.forces import case_forces, point_forces
from callbacks.photos import photos_of
from callbacks.pressing import OPEN_WITHIN, SECOND, order_from_store, panel
from callbacks.streams import is_force, picture_of
from callbacks.whistle_calls import area_whistles, case_whistles, point_whistles
from dashboard import ids
from dashboard.components.area_card import area_card
from dashboard.components.case_card import Tongue, card_head, case_card
from dashboard.components.opening import opening_form
from dashboard.components.thing_cards import building_card, officer_card, place_card, resource_card
from dashboard.markup import Part
from dashboard.texts import speaker
from dashboard.view import from_store, place_from_code, selection_from_store
from data.access.roles import Permission
from data.filters import CaseFilter
from data.filters import from_store as filter_from_store

Selection = Mapping[str, str]


def tongue_of(desk: Desk, lang: str) -> Tongue:
    """How the cards speak to this viewer."""
    return Tongue(words=desk.words(), zone=desk.zone, lang=lang, say=speaker(lang))


def side(
    selection: Selection | None, filter_: CaseFilter, lang: str, *, desk: Desk, order: str = "near"
) -> list[Any]:
    """Content of the side panel; ``order`` is that of `callbacks.pressing.ORDERS`."""
    tongue = tongue_of(desk, lang)
    if selection is None:
        return panel(filter_, order, desk=desk, tongue=tongue)
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
    if found is None:
        return None
    return area_card(found, now=now, tongue=tongue, whistles=area_whistles(found["area"], desk, tongue))


def _case(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    found = desk.readers.cases.case(code)
    if found is None:
        return None
    events = desk.readers.cases.events(found["case_no"]).to_dict("records")
    named = case_facts(found, events, desk, tongue.words, tongue.lang)
    opening = _opening("reporter", code, desk, tongue) if found.get("reporter_masked") else None
    choices = choices_of(found, desk, tongue.lang)
    return case_card(named, events, now=desk.now(), tongue=tongue, opening=opening,
                     photos=photos_of(found, desk), choices=choices,
                     forces=case_forces(found, choices, desk, tongue),
                     whistles=case_whistles(found, desk, tongue))


def _officer(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    now = desk.now()
    found = desk.readers.patrol.officer(code, now)
    if found is None:
        return None
    cases = desk.readers.cases
    wide = CaseFilter(since=cases.reach(now - OPEN_WITHIN), until=now + SECOND)
    own = cases.listing(wide, now, "newest", OFFICERS_CASES, 0, officer_id=code)
    return officer_card(
        cases=own.to_dict("records"),
        **officer_facts(found, desk),
        now=now,
        tongue=tongue,
        opening=_opening("officer", code, desk, tongue),
        call=_call(code, desk),
    )


def _opening(kind: str, code: str, desk: Desk, tongue: Tongue) -> Any:
    """The form for those who may open persons, None for others."""
    return opening_form(kind, code, tongue.say) if desk.viewer().may(Permission.OPEN_PERSON) else None


def _call(code: str, desk: Desk) -> str:
    """The address that calls an officer or a force; empty for who dispatches nobody, and in the past."""
    may = desk.call and desk.viewer().may(Permission.DISPATCH) and desk.moment() is None
    return desk.call.replace("{id}", quote(code, safe="")) if may else ""


def _resource(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    found = desk.readers.resources.one(code)
    if found is None:
        return None
    return resource_card({**found, "area_name": area_name(found.get("area_code"), desk)}, tongue=tongue,
                         picture=picture_of(found, desk),
                         changes=desk.readers.resources.status_changes(code, desk.now()),
                         call=_call(code, desk) if is_force(found) else "")


def _building(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    found = desk.readers.areas.building(code)
    if found is None:
        return None
    named = {
        **found,
        "grid_name": area_name(found.get("grid_code"), desk),
        "chief_name": person_name(found.get("chief_id"), desk),
        "compound_name": area_name(found.get("compound_id"), desk),
    }
    return building_card(named, tongue=tongue)


def _place(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    """Any point of the map; None where the code is none."""
    point = place_from_code(code)
    if point is None:
        return None
    return place_card(point, point_forces(*point, desk, tongue), tongue=tongue,
                      whistles=point_whistles(*point, desk, tongue))


_CARDS: Final[Mapping[str, Callable[[str, Desk, Tongue], list[Any] | None]]] = {
    "area": _area,
    "case": _case,
    "officer": _officer,
    "resource": _resource,
    "building": _building,
    "place": _place,
    "alert": alert_card_of,
    "alerts": group_card_of,
}


def register(app: Dash, *, desk: Desk) -> None:
    """The side panel."""

    @app.callback(
        output={"side": Output(ids.SIDE, "tree")},
        inputs={
            "selection": Input(ids.SELECTION, "data"),
            "stored": Input(ids.FILTER, "data"),
            "order": Input(ids.PRESSING, "data"),
            "_version": Input(ids.DATA_VERSION, "data"),
            "_photos": Input(ids.PHOTOS, "data"),
            "_acted": Input(ids.ACTED, "data"),
            "view": State(ids.VIEW, "data"),
        },
    )
    def show_side(
        selection: Any, stored: Any, order: Any, _version: Any, _photos: Any, _acted: Any, view: Any
    ) -> dict[str, Any]:
        chosen, filter_ = selection_from_store(selection), filter_from_store(stored)
        lang, order = from_store(view).lang, order_from_store(order)
        shown = side(chosen, filter_, lang, desk=desk, order=order)
        return {"side": Part(shown, key=f"{chosen['kind']}:{chosen['code']}" if chosen else "")}
