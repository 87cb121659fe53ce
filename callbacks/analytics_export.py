"""GET /export/analytics.csv: a table of the analytics as a file, for those who may take lists away."""

from __future__ import annotations

from typing import Any

from dash import Dash
from flask import Response, request

from callbacks.analytics_address import EXPORT, asked_for
from callbacks.analytics_lineage import OF_CASES
from callbacks.analytics_tables import TABLES
from callbacks.desk import Desk
from callbacks.documents import lang_of_request
from callbacks.refusals import refuse
from callbacks.system import entry
from data.exchange.spreadsheet import MEDIA_TYPE, as_csv
from data.filters import FilterError


def register(app: Dash, *, desk: Desk, audit: Any, clock: Any) -> None:
    """Add the route.

    Args:
        audit: as of `data.access.audit.Audit`.
        clock: the time of day outside, aware.
    """
    @app.server.get(EXPORT)
    def export_analytics() -> Response:
        try:
            name, look = asked_for("table", TABLES, request.args, desk, lang_of_request())
        except FilterError as error:
            return refuse(400, str(error))
        try:
            head, lines = TABLES[name](look, request.args, desk)
            rows = list(lines)
        except ValueError as error:
            return refuse(400, str(error))
        audit.record(entry("exported", object_kind="case", detail={
            "rows": len(rows), "by_table": name, "by_period": look.period.code, "by_dimension": look.by,
            "by_indicator": look.indicator.key,
            **{f"by_{key}": request.args[key][:80] for key in OF_CASES if request.args.get(key)},
            **{f"by_{key}": value for key, value in look.filter_.to_store().items()}}), now=clock())
        file = f"analytics-{name}-{look.period.code}.csv"
        return Response(as_csv(head, rows, zone=desk.zone), content_type=MEDIA_TYPE,
                        headers={"Content-Disposition": f'attachment; filename="{file}"'})
