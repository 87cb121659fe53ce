"""What of alerts an account is told on its own page: POST /account/alerts, POST /account/alerts/seen."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response, current_app, request

from callbacks.alerts import told, tongue_of
from callbacks.desk import Desk
from callbacks.documents import lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import back
from callbacks.viewer import current_viewer
from dashboard.components.alerts import SIGNS, kind_name, place_of, subject_name
from dashboard.format import moment, number
from data.access.roles import Permission
from data.alerts.groups import Choice
from data.alerts.reader import COLORS
from data.alerts.subscribing import SubscriptionError, choose, chosen, offered, seen

PATH: Final = "/account/alerts"
_KEY: Final = "account_alerts"


def register(server: Flask, permits: Permits, *, desk: Desk) -> None:
    """Both routes, and the part of the account's page."""
    server.extensions[_KEY] = lambda: part(desk)
    with permits.of(Permission.VIEW):
        server.add_url_rule(PATH, "account_alerts", lambda: _choose(desk), methods=["POST"])
        server.add_url_rule(f"{PATH}/seen", "account_alerts_seen", lambda: _seen(desk), methods=["POST"])


def part_of_page() -> dict[str, Any] | None:
    """What the page of the account shows of alerts; None for who sees none of the district."""
    make = current_app.extensions.get(_KEY)
    viewer = current_viewer()
    return make() if make and viewer.account_id is not None and viewer.may(Permission.VIEW) else None


def part(desk: Desk) -> dict[str, Any]:
    """The choice, how many alerts in hand are of it, and the gravest of them; read in the viewer's scope."""
    tongue, now, roles = tongue_of(desk, lang_of_request()), desk.now(), told(desk)
    store = desk.everything.store
    account_id = current_viewer().account_id
    found = chosen(store, account_id) if account_id is not None else None
    rows, total, fresh = [], 0, 0
    if found is not None:
        choice = Choice(kinds=found.kinds, colors=found.colors)
        listing = desk.readers.alerts.listing(now, roles, choice, 1)
        news = Choice(kinds=found.kinds, colors=found.colors, since=found.seen_at)
        rows, total = list(listing.rows), listing.total
        fresh = desk.readers.alerts.listing(now, roles, news, 1).total
    return {
        "path": PATH, "is_chosen": found is not None and bool(found.kinds and found.colors),
        "total": number(total), "fresh": number(fresh) if fresh else "",
        "seen_at": moment(found.seen_at, desk.zone) if found is not None else "",
        "rest": number(total - len(rows)) if total > len(rows) else "",
        "kinds": [(kind, kind_name({"kind": kind}, tongue), found is not None and kind in found.kinds)
                  for kind in offered(store, roles)],
        "colors": [(color, SIGNS[color], found is not None and color in found.colors) for color in COLORS],
        "rows": [{"color": row["color"], "sign": SIGNS[row["color"]],
                  "address": f"/?sel=alert:{row['alert_id']}",
                  "name": f"{kind_name(row, tongue)} {subject_name(row, tongue)}".strip(),
                  "place": place_of(row, tongue), "at": moment(row["last_at"], desk.zone),
                  "is_new": found is not None and row["last_at"] > found.seen_at} for row in rows]}


def _choose(desk: Desk) -> Response:
    viewer, store = current_viewer(), desk.everything.store
    if viewer.account_id is None:
        return refuse(403, "a screen chooses no alerts")
    kinds, colors = (frozenset(request.form.getlist(name)[:100]) for name in ("kind", "color"))
    try:
        choose(store, viewer.account_id, kinds=kinds, colors=colors, known=offered(store, told(desk)),
               at=desk.now())
    except SubscriptionError as error:
        return refuse(400, str(error))
    return back("/account", said="alerts")


def _seen(desk: Desk) -> Response:
    viewer = current_viewer()
    if viewer.account_id is None:
        return refuse(403, "a screen chooses no alerts")
    seen(desk.everything.store, viewer.account_id, desk.now())
    return back("/account")
