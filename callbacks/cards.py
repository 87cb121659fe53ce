"""Wires the side panel: what presses most while nothing is selected, else the card of what is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from dash import Dash, Input, Output, State, html

from callbacks.card_facts import OFFICERS_CASES, area_name, case_facts, officer_facts, person_name
from callbacks.desk import Desk
from dashboard import ids
from dashboard.components.area_card import area_card
from dashboard.components.case_card import Tongue, card_head, case_card
from dashboard.components.lists import case_list
from dashboard.components.thing_cards import building_card, officer_card, resource_card
from dashboard.format import number
from dashboard.texts import speaker
from dashboard.view import from_store, selection_from_store
from data.filters import CaseFilter
from data.filters import from_store as filter_from_store

LISTED: Final = 24
#: The two counters of the heading.
PRESSING: Final = ("overdue", "due_soon")
OPEN_WITHIN: Final = timedelta(days=365)
SECOND: Final = timedelta(seconds=1)
Selection = Mapping[str, str]


def tongue_of(desk: Desk, lang: str) -> Tongue:
    """How the cards speak to this viewer."""
    return Tongue(words=desk.words(), zone=desk.zone, lang=lang, say=speaker(lang))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """Cases in hand that press, of the filter whenever reported: how many, and the first lines of each order.

    Attributes:
        near: supervised first, then those whose limit is nearest to now, before or behind it.
        oldest: those overdue longest.
    """

    overdue: int
    due_soon: int
    near: list[dict[str, Any]]
    oldest: list[dict[str, Any]]


def pressing(filter_: CaseFilter, *, desk: Desk) -> Pressing:
    """What the operator has to see to; see `Pressing`."""
    now, cases = desk.now(), desk.readers.cases
    wide = filter_.with_(since=min(filter_.since, now - OPEN_WITHIN), until=max(filter_.until, now + SECOND))

    def lines(order: str, only: str) -> list[dict[str, Any]]:
        return [dict(row) for row in cases.listing(wide, now, order, LISTED, 0, only=only).to_dict("records")]

    counts = cases.counts(wide, now, PRESSING)
    near = lines("deadline", "due_soon") + lines("latest_deadline", "overdue")
    near.sort(key=lambda row: (not row["is_supervised"], abs(row["deadline_at"] - now)))
    return Pressing(
        overdue=counts.overdue,
        due_soon=counts.due_soon,
        near=near[:LISTED],
        oldest=lines("deadline", "overdue"),
    )


def _pressing(filter_: CaseFilter, desk: Desk, tongue: Tongue) -> list[Any]:
    """The panel while nothing is selected: two orders of the same cases, one open at a time."""
    say, found = tongue.say, pressing(filter_, desk=desk)
    hint = say("supervise.counts", over=number(found.overdue), near=number(found.due_soon))

    def part(title: str, rows: list[dict[str, Any]], *, is_open: bool) -> html.Details:
        lines = case_list(rows, now=desk.now(), words=tongue.words, lang=tongue.lang, say=say)
        return html.Details(
            [html.Summary(say(title), className="fold__open"), html.Div(lines, className="fold__rows")],
            className="fold",
            open=is_open,
            **{"data-fold": title},
        )

    return [
        html.H2(
            [say("supervise.title"), html.Small(hint)],
            className="panel__head",
            title=say("supervise.help"),
        ),
        part("supervise.near", found.near, is_open=True),
        part("supervise.oldest", found.oldest, is_open=False),
    ]


def side(selection: Selection | None, filter_: CaseFilter, lang: str, *, desk: Desk) -> list[Any]:
    """Content of the side panel."""
    tongue = tongue_of(desk, lang)
    if selection is None:
        return _pressing(filter_, desk, tongue)
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
    named = case_facts(found, events, desk, tongue.words, tongue.lang)
    return case_card(named, events, now=desk.now(), tongue=tongue)


def _officer(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    now = desk.now()
    found = desk.readers.patrol.officer(code, now)
    if found is None:
        return None
    wide = CaseFilter(since=now - OPEN_WITHIN, until=now + SECOND)
    own = desk.readers.cases.listing(wide, now, "newest", OFFICERS_CASES, 0, officer_id=code)
    return officer_card(cases=own.to_dict("records"), **officer_facts(found, desk), now=now, tongue=tongue)


def _resource(code: str, desk: Desk, tongue: Tongue) -> list[Any] | None:
    found = desk.readers.resources.one(code)
    if found is None:
        return None
    return resource_card({**found, "area_name": area_name(found.get("area_code"), desk)}, tongue=tongue)


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
