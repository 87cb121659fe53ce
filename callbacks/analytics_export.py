"""GET /export/analytics.csv: a table of the analytics as a file, for those who may take lists away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from dash import Dash
from flask import Response, request

from callbacks.analytics import needed
from callbacks.analytics_address import EXPORT, Look, asked_for
from callbacks.analytics_units import question, units_of
from callbacks.desk import Desk
from callbacks.documents import lang_of_request
from callbacks.refusals import refuse
from callbacks.system import entry
from dashboard.texts import Say, speaker
from data.analytics.causes import cells, recurrences
from data.analytics.measures import league, overview
from data.cases.indicators import INDICATORS, rates
from data.exchange.spreadsheet import MEDIA_TYPE, as_csv
from data.filters import FilterError

#: Columns of units, of `data.analytics.measures.League.rows`.
OF_UNITS: Final = ("rank", "rank_low", "rank_high", "part", "whole", "rate", "low", "high", "before",
                   "expected", "adjusted", "fair", "fair_low", "fair_high", "z", "flag")
Table = tuple[list[str], Iterator[list[Any]]]


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
        head, lines = TABLES[name](look, desk, speaker(look.lang))
        rows = list(lines)
        audit.record(entry("exported", object_kind="case", detail={
            "rows": len(rows), "by_table": name, "by_period": look.period.code, "by_dimension": look.by,
            "by_indicator": look.indicator.key,
            **{f"by_{key}": value for key, value in look.filter_.to_store().items()}}), now=clock())
        file = f"analytics-{name}-{look.period.code}.csv"
        return Response(as_csv(head, rows, zone=desk.zone), content_type=MEDIA_TYPE,
                        headers={"Content-Disposition": f'attachment; filename="{file}"'})


def units_table(look: Look, desk: Desk, say: Say) -> Table:
    """Units by the indicator: rates are fractions of 1, as they are counted."""
    found = league(question(look, desk), look.by, look.indicator)
    units = units_of(look, desk, found.rows["code"])
    names = [name for name in OF_UNITS if name in found.rows]
    head = [say("analytics.by." + look.by), say("analytics.csv.code"),
            *(say(f"analytics.csv.{name}") for name in names)]
    return head, ([units.name(row["code"]), row["code"], *(row[name] for name in names)]
                  for row in found.rows.to_dict("records"))


def indicators_table(look: Look, desk: Desk, say: Say) -> Table:
    """Every indicator over the three windows."""
    counted = overview(question(look, desk), needed())
    rated = {window: rates(counts) for window, counts in counted.items()}
    now = counted["this"]
    head = [say(f"analytics.csv.{name}") for name in (
        "indicator", "code", "part", "whole", "rate", "before", "year_before")]
    return head, ([one.zh if look.lang == "zh" else one.en, one.key, getattr(now, one.numerator),
                   getattr(now, one.denominator), *(rated[window][one.key] for window in rated)]
                  for one in INDICATORS)


def again_table(look: Look, desk: Desk, say: Say) -> Table:
    """What came again, by community and subclass."""
    found = cells(desk.readers.cases, look.filter_, desk.now())
    words, areas = desk.words(), desk.readers.areas.tree().set_index("area_code")["name"]
    head = [say(f"causes.column.{name}") for name in ("community", "category", "cases", "again", "chained")]
    summed = recurrences(found, found["community"] + "|" + found["category"])

    def lines() -> Iterator[list[Any]]:
        for row in summed.to_dict("records"):
            community, category = row["code"].split("|")
            yield [areas.get(community, community), words.category(category, look.lang), row["cases"],
                   row["again"], row["chained"]]

    return head, lines()


#: Table -> how it is made.
TABLES: Final[dict[str, Callable[[Look, Desk, Say], Table]]] = {
    "units": units_table, "indicators": indicators_table, "again": again_table}
