"""Tables of what the map shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from dash import html

from dashboard.components.charts import Share
from dashboard.components.parts import button
from dashboard.format import missing, moment, number, percent
from dashboard.lamps import lamp_of, sign, time_left
from dashboard.texts import Say
from data.vocabulary import Vocabulary

#: Column of the table of cases -> the order it stands for; None cannot be sorted by.
CASE_COLUMNS: Final = (
    ("case_no", None),
    ("category", None),
    ("department", None),
    ("state", None),
    ("urgency", "urgency"),
    ("reported", "newest"),
    ("time_left", "deadline"),
)


def _tabs(kind: str, note: str, say: Say, export: str | None = None) -> html.Div:
    link = html.A(say("export.link"), href=export, className="btn table__export", download="")
    taken = [link] if export else []
    tabs = [
        button(
            say(f"table.{key}"), pressed=key == kind, table=key, order="newest" if key == "cases" else "rate"
        )
        for key in ("cases", "areas")
    ]
    return html.Div([*tabs, html.Span(note, className="quiet"), *taken], className="table__tabs")


def _head(
    title: str, *, kind: str, order: str | None, current: str, descending: bool, numeric: bool = False
) -> html.Th:
    name = "num" if numeric else ""
    if order is None:
        return html.Th(title, className=name, scope="col")
    on = current == order
    mark = {"aria-sort": "descending" if descending else "ascending"} if on else {}
    flip = "0" if on and descending else "1"
    return html.Th(
        html.Button(
            title, type="button", **{"data-table": kind, "data-order": order, "data-descending": flip}
        ),
        className=name,
        scope="col",
        **mark,
    )


def case_table(
    rows: Sequence[Mapping[str, Any]],
    *,
    total: int,
    order: str,
    now: datetime,
    words: Vocabulary,
    zone: ZoneInfo,
    lang: str,
    say: Say,
    export: str | None = None,
) -> list[Any]:
    """Cases as lines.

    Args:
        rows: lines of the list of cases, in ``order``.
        total: cases in the filter, of which ``rows`` are the first.
        export: where all of them are as a file; None for who may not take them away.
    """
    head = [
        _head(
            say(f"table.{key}"),
            kind="cases",
            order="oldest" if key == "reported" and order == "newest" else by,
            current=order,
            descending=order != "deadline",
        )
        for key, by in CASE_COLUMNS
    ]
    body = []
    for row in rows:
        lamp = lamp_of(row, now)
        body.append(
            html.Tr(
                [
                    html.Td(
                        [
                            sign(lamp, say),
                            " ",
                            html.Button(
                                str(row["case_no"]),
                                type="button",
                                **{"data-select": "case", "data-code": str(row["case_no"])},
                            ),
                        ]
                    ),
                    html.Td(words.category(_text(row.get("cat_code")), lang)),
                    html.Td(words.name("departments", _text(row.get("main_dept_id")), lang)),
                    html.Td(words.label("state", _text(row.get("state")), lang)),
                    html.Td(say(f"urgency.{int(row.get('urgency') or 1)}")),
                    html.Td(moment(row.get("reported_at"), zone)),
                    html.Td(time_left(lamp, say)),
                ]
            )
        )
    note = say("table.more", n=number(len(rows)), total=number(total))
    return [
        _tabs("cases", note, say, export),
        html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="grid"),
    ]


_KEYS: Final = {
    "name": lambda row: row.name,
    "accepted": lambda row: row.value,
    "handled": lambda row: row.part,
    "rate": lambda row: row.part / row.value if row.value else -1.0,
}


def area_table(rows: Sequence[Share], *, order: str, descending: bool, say: Say) -> list[Any]:
    """Areas below the scope as lines: accepted, handled, closure rate."""
    by = order if order in _KEYS else "rate"
    titles = {
        "name": say("filter.areas"),
        "accepted": say("kpi.accepted"),
        "handled": say("measure.handled"),
        "rate": say("kpi.closure_rate_handled"),
    }
    head = [
        _head(title, kind="areas", order=key, current=by, descending=descending, numeric=key != "name")
        for key, title in titles.items()
    ]
    body = [
        html.Tr(
            [
                html.Td(
                    html.Button(row.name, type="button", **{"data-select": "area", "data-code": row.code})
                ),
                html.Td(number(row.value), className="num"),
                html.Td(number(row.part), className="num"),
                html.Td(percent(row.part / row.value if row.value else None), className="num"),
            ]
        )
        for row in sorted(rows, key=_KEYS[by], reverse=descending)
    ]
    note = say("table.more", n=number(len(rows)), total=number(len(rows)))
    return [
        _tabs("areas", note, say),
        html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="grid"),
    ]


def _text(value: Any) -> str | None:
    return None if missing(value) else str(value)
