"""预警列表卡片: alerts of one kind in one street, or all, page by page; acts upon a whole group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dash import html

from dashboard.components.alert_card import acts_section
from dashboard.components.alerts import alert_row, color_sign, kind_name
from dashboard.components.case_card import Tongue, card_head
from dashboard.components.parts import facts, section
from dashboard.format import moment, number
from data.alerts.groups import ALL, Group
from data.alerts.reader import Listing

#: The street of alerts of the whole district, in an address.
NOWHERE: Final = "-"


def group_card(group: Group | None, found: Listing, *, acts: Sequence[str], needing: frozenset[str],
               now: Any, tongue: Tongue) -> list[Any]:
    """The card.

    Args:
        group: None for all alerts.
        acts: what the viewer may do with the whole group; empty for nothing.
        needing: acts that must give a reason.
        now: the moment of the list, aware.
    """
    say, lang = tongue.say, tongue.lang
    title = say("alerts.all") if group is None else kind_name({"kind": group.kind}, tongue)
    street = None if group is None else (
        tongue.words.name("areas", group.street, lang) if group.street else say("alerts.whole"))
    head = card_head("alerts", [title, " · ", say("alerts.group", n=number(found.total))], say)
    if not found.total:
        return [head, html.P(say("alerts.group.none"), className="quiet")]
    told = facts([
        (say("alert.place"), street),
        (say("alert.level"), [part for color, n in found.totals.items()
                              for part in (color_sign(color, tongue), f" {number(n)}  ")]),
        (say("alert.state"), " · ".join(f"{say(f'alert.state.{state}')} {number(n)}"
                                        for state, n in found.states.items())),
        (say("alert.first"), moment(found.oldest, tongue.zone, seconds=True)),
        (say("alert.last"), moment(found.newest, tongue.zone, seconds=True)),
    ])
    return [head, told, _acts(group, found, acts, needing, tongue), _rows(group, found, now, tongue)]


def _acts(group: Group | None, found: Listing, acts: Sequence[str], needing: frozenset[str],
          tongue: Tongue) -> html.Section | None:
    if group is None or not acts:
        return None
    path = f"/api/alerts/groups/{group.kind}/{group.street or NOWHERE}/{found.upto}/acts"
    return acts_section(str(group), path, acts, needing, tongue.say,
                        title=tongue.say("alerts.group.acts", n=number(found.total)))


def _rows(group: Group | None, found: Listing, now: Any, tongue: Tongue) -> html.Section:
    say = tongue.say
    rows = [alert_row(row, now=now, tongue=tongue, of_group=group is not None) for row in found.rows]
    title = say("alerts.list") if found.pages == 1 else say(
        "alerts.page", page=number(found.page), pages=number(found.pages))
    listed = html.Div(rows, className="alerts__all", role="list")
    return section(title, [listed, *_pager(group, found, tongue)])


def _pager(group: Group | None, found: Listing, tongue: Tongue) -> list[Any]:
    """The page before and the page after, where there is one."""
    code = ALL if group is None else str(group)
    steps = [(found.page - 1, "alerts.before"), (found.page + 1, "alerts.after")]
    buttons = [html.Button(tongue.say(key), type="button", className="btn",
                           **{"data-select": "alerts", "data-code": f"{code}/{page}"})
               for page, key in steps if 1 <= page <= found.pages]
    return [html.Div(buttons, className="alerts__pager")] if buttons else []
