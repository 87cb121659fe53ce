"""GET /export/cases.csv: the cases of a filter as a file, for those who may take lists away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from dash import Dash
from flask import Response, request

from callbacks.desk import Desk
from callbacks.documents import lang_of_request
from callbacks.map_query import known_only, read_filter
from callbacks.moment import ARGUMENT
from callbacks.refusals import refuse
from callbacks.seats import ARGUMENT as SEAT
from callbacks.seats import taken
from callbacks.system import entry
from dashboard.format import missing
from dashboard.texts import Say, speaker
from data.cases.rules import WALL
from data.exchange.spreadsheet import MEDIA_TYPE, as_csv
from data.filters import CaseFilter
from data.vocabulary import Vocabulary

PATH: Final = "/export/cases.csv"
#: More is refused with their number, never cut.
MAX_ROWS: Final = 50_000
SLICE: Final = 1_000
COLUMNS: Final = (
    "case_no", "title", "category", "channel", "department", "state", "urgency", "reported", "accepted",
    "dispatched", "handled", "closed", "deadline", "overdue", "street", "community", "grid", "address",
    "lon", "lat",
)  # fmt: skip


def address(filter_: CaseFilter, lang: str, at: datetime | None = None) -> str:
    """Where the file of a filter is, seen from the seat of who asks; ``at``: as of that past moment."""
    past = "" if at is None else "&" + urlencode({ARGUMENT: at.isoformat()})
    seat = "" if not taken() else "&" + urlencode({SEAT: taken()})
    return f"{PATH}?{filter_.to_query()}&lang={lang}{past}{seat}"


def register(app: Dash, *, desk: Desk, audit: Any, clock: Any) -> None:
    """Add the route.

    Args:
        audit: as of `data.access.audit.Audit`.
        clock: the time of day outside, aware.
    """

    @app.server.get(PATH)
    def export_cases() -> Response:
        args = {name: value for name, value in request.args.items() if name not in {"lang", ARGUMENT, SEAT}}
        known_only(args)
        filter_, now, readers = read_filter(args), desk.now(), desk.readers
        rows = readers.cases.counts(filter_, now, WALL).reported
        if rows > MAX_ROWS:
            return refuse(422, f"an export must hold at most {MAX_ROWS:,} cases, got {rows:,}")
        taken = {"rows": rows, **{f"by_{key}": value for key, value in filter_.to_store().items()}}
        if readers.moment is not None:
            taken["as_of"] = readers.moment.isoformat()
        audit.record(entry("exported", object_kind="case", detail=taken), now=clock())
        lang = lang_of_request()
        say = speaker(lang)
        found = lines(readers, filter_, now, desk.words(), lang)
        name = f"cases-{now.astimezone(desk.zone):%Y%m%d-%H%M%S}.csv"
        return Response(
            as_csv([say(f"export.{name}") for name in COLUMNS], found, zone=desk.zone),
            content_type=MEDIA_TYPE,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def lines(
    readers: Any, filter_: CaseFilter, now: datetime, words: Vocabulary, lang: str
) -> Iterator[list[Any]]:
    """One row per case in `COLUMNS`, the oldest first, so that cases that arrive meanwhile come last."""
    say, offset = speaker(lang), 0
    while True:
        found = readers.cases.listing(filter_, now, "oldest", SLICE, offset)
        for row in found.to_dict("records"):
            yield [None if missing(value) else value for value in _line(row, words, lang, say)]
        offset += SLICE
        if len(found) < SLICE:
            return


def _line(row: dict[str, Any], words: Vocabulary, lang: str, say: Say) -> list[Any]:
    def code(name: str) -> str | None:
        return None if missing(row.get(name)) else str(row[name])

    areas = (words.areas.get(code(f"{level}_code") or "") for level in ("street", "community"))
    return [
        code("case_no"),
        row.get("title"),
        words.category(code("cat_code"), lang),
        words.name("channels", code("channel_code"), lang),
        words.name("departments", code("main_dept_id"), lang),
        words.label("state", code("state"), lang),
        say(f"urgency.{int(row.get('urgency') or 1)}"),
        *(row.get(f"{moment}_at") for moment in (
            "reported", "accepted", "dispatched", "handled", "closed", "deadline")),
        say("export.yes") if row.get("is_overdue") else "",
        *(None if area is None else area.name(lang) for area in areas),
        code("grid_code"),
        row.get("address"),
        row.get("lon"),
        row.get("lat"),
    ]  # fmt: skip
