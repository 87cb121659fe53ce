"""What presses most: open cases near or past their limit, in one of two orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from dash import html

from callbacks.desk import Desk
from dashboard.components.case_card import Tongue
from dashboard.components.lists import case_list, orders
from dashboard.format import number
from dashboard.view import ViewError
from data.filters import CaseFilter

LISTED: Final = 24
OPEN_WITHIN: Final = timedelta(days=365)
SECOND: Final = timedelta(seconds=1)
#: The two counters of the heading.
COUNTED: Final = ("overdue", "due_soon")
#: Order of the panel -> order and narrowing of the list of cases; the first is the default.
ORDERS: Final = {"near": ("nearest", "pressing"), "oldest": ("deadline", "overdue")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """Cases in hand that press, of the filter whenever reported within a year.

    Attributes:
        overdue: how many are past their limit.
        due_soon: how many have used up most of it.
        rows: the first lines of the order: ``near``, supervised first, then those whose limit is
            nearest to now, before or behind it; ``oldest``, those overdue longest.
    """

    overdue: int
    due_soon: int
    rows: list[dict[str, Any]]


def order_from_store(stored: Any) -> str:
    """The order of the panel; None is the default.

    Raises:
        ViewError: not a key of `ORDERS`.
    """
    if stored is None:
        return next(iter(ORDERS))
    if stored not in list(ORDERS):
        raise ViewError(f"pressing must be one of {', '.join(ORDERS)}; got {str(stored)[:60]!r}")
    return str(stored)


def pressing(filter_: CaseFilter, order: str, *, desk: Desk) -> Pressing:
    """What the operator has to see to; see `Pressing`."""
    now, cases = desk.now(), desk.readers.cases
    wide = filter_.with_(since=min(filter_.since, now - OPEN_WITHIN), until=max(filter_.until, now + SECOND))
    by, only = ORDERS[order]
    counts = cases.counts(wide, now, COUNTED)
    rows = cases.listing(wide, now, by, LISTED, 0, only=only).to_dict("records")
    return Pressing(overdue=counts.overdue, due_soon=counts.due_soon, rows=[dict(row) for row in rows])


def panel(filter_: CaseFilter, order: str, *, desk: Desk, tongue: Tongue) -> list[Any]:
    """The side panel while nothing is selected."""
    say, found = tongue.say, pressing(filter_, order, desk=desk)
    hint = say("supervise.counts", over=number(found.overdue), near=number(found.due_soon))
    lines = case_list(found.rows, now=desk.now(), words=tongue.words, lang=tongue.lang, say=say)
    return [
        html.H2(
            [say("supervise.title"), html.Small(hint)],
            className="panel__head",
            title=say("supervise.help"),
        ),
        orders({key: say(f"supervise.{key}") for key in ORDERS}, chosen=order, label=say("supervise.order")),
        html.Div(html.Div(lines, className="pressing__rows"), className="pressing"),
    ]
