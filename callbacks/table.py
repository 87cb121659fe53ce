"""Wires the table: the same cases and areas as lines that can be sorted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State

from callbacks.charts import area_shares
from callbacks.desk import Desk
from callbacks.export import address
from dashboard import ids
from dashboard.components.tables import area_table, case_table
from dashboard.texts import speaker
from dashboard.view import View, ViewError, from_store
from data.access.roles import Permission
from data.cases.rules import WALL
from data.filters import CaseFilter
from data.filters import from_store as filter_from_store

#: Lines at once: the framework tells each component of all that appear, 200 lines took 23 s to stand.
ROWS = 50
KINDS = ("cases", "areas")
ORDERS = ("newest", "oldest", "deadline", "urgency", "name", "accepted", "handled", "rate")


def asked_for(stored: Any) -> tuple[str, str, bool] | None:
    """Kind of the lines, their order and whether it runs down; None = the table is shut.

    Raises:
        ViewError: neither null nor ``{"kind", "order", "descending"}``.
    """
    if stored is None:
        return None
    if not isinstance(stored, Mapping) or stored.get("kind") not in KINDS:
        raise ViewError(f"table.kind must be one of {', '.join(KINDS)}; got {str(stored)[:60]!r}")
    order = stored.get("order") or "newest"
    if order not in ORDERS:
        raise ViewError(f"table.order must be one of {', '.join(ORDERS)}; got {str(order)[:60]!r}")
    return str(stored["kind"]), str(order), stored.get("descending") is True


def table_of(stored: Any, filter_: CaseFilter, view: View, *, desk: Desk) -> Any:
    """The table asked for, or nothing."""
    asked = asked_for(stored)
    if asked is None:
        return []
    kind, order, descending = asked
    say = speaker(view.lang)
    if kind == "areas":
        return area_table(area_shares(filter_, view, desk=desk), order=order, descending=descending, say=say)
    now = desk.now()
    known = order if order in ORDERS[:4] else "newest"
    rows = desk.readers.cases.listing(filter_, now, known, ROWS, 0).to_dict("records")
    total = desk.readers.cases.counts(filter_, now, WALL).reported
    export = address(filter_, view.lang, desk.moment()) if desk.viewer().may(Permission.EXPORT) else None
    return case_table(
        rows,
        total=total,
        order=known,
        now=now,
        words=desk.words(),
        zone=desk.zone,
        lang=view.lang,
        say=say,
        export=export,
    )


def register(app: Dash, *, desk: Desk) -> None:
    """The body of the table."""

    @app.callback(
        output={"table": Output(ids.TABLE_BODY, "tree")},
        inputs={
            "asked": Input(ids.TABLE, "data"),
            "stored": Input(ids.FILTER, "data"),
            "_version": Input(ids.DATA_VERSION, "data"),
            "view": State(ids.VIEW, "data"),
        },
    )
    def show_table(asked: Any, stored: Any, _version: Any, view: Any) -> dict[str, Any]:
        return {"table": table_of(asked, filter_from_store(stored), from_store(view), desk=desk)}
