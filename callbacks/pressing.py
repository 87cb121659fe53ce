"""What presses most: open cases near or past their limit, in one of two orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from dash import html

from callbacks.desk import Desk
from dashboard.components.case_card import Tongue
from dashboard.components.lists import case_list, orders
from dashboard.format import number
from dashboard.view import ViewError
from data.cases.pressing import ORDERS
from data.filters import CaseFilter

LISTED: Final = 24
OPEN_WITHIN: Final = timedelta(days=365)
SECOND: Final = timedelta(seconds=1)


def order_from_store(stored: Any) -> str:
    """The order of the panel; None is the default.

    Raises:
        ViewError: not one of `ORDERS`.
    """
    if stored is None:
        return ORDERS[0]
    if stored not in ORDERS:
        raise ViewError(f"pressing must be one of {', '.join(ORDERS)}; got {str(stored)[:60]!r}")
    return str(stored)


def pressing(filter_: CaseFilter, order: str, *, desk: Desk) -> Any:
    """What the operator has to see to, whenever reported in a year; a `data.cases.pressing.Pressing`."""
    now, cases = desk.now(), desk.readers.cases
    since = min(filter_.since, cases.reach(now - OPEN_WITHIN))
    wide = filter_.with_(since=since, until=max(filter_.until, now + SECOND))
    return cases.pressing(wide, now, order, LISTED)


def panel(filter_: CaseFilter, order: str, *, desk: Desk, tongue: Tongue) -> list[Any]:
    """The side panel while nothing is selected."""
    say, found = tongue.say, pressing(filter_, order, desk=desk)
    hint = say("supervise.counts", over=number(found.overdue), near=number(found.due_soon))
    lines = case_list(found.lines, now=desk.now(), words=tongue.words, lang=tongue.lang, say=say)
    return [
        html.H2(
            [say("supervise.title"), html.Small(hint)],
            className="panel__head",
            title=say("supervise.help"),
        ),
        orders({key: say(f"supervise.{key}") for key in ORDERS}, chosen=order, label=say("supervise.order")),
        html.Div(html.Div(lines, className="pressing__rows"), className="pressing"),
    ]
