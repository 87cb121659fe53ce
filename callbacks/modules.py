"""GET /modules (功能总览): what the platform is made of, what of it stands, and how much it carries."""

from __future__ import annotations

from typing import Any, Final

from dash import Dash
from flask import Response

from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from dashboard.components.modules import FIVE_ONES, NAMED, QUALITIES, UNNAMED, cards_of
from dashboard.format import moment, number
from dashboard.texts import speaker
from data.cases.counts import CaseCounts
from data.cases.rules import WALL
from data.filters import CaseFilter
from data.filters import from_store as filter_from_store

PATH: Final = "/modules"
PRESET: Final = "7d"
#: The channel by which the police's command centre hands on what is none of its own.
DIVERTED: Final = "police_110"


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(PATH)
    def modules_page() -> Response:
        return overview(desk)


def overview(desk: Desk) -> Response:
    """The page at the store's now, in the viewer's scope; all figures are of the last seven days."""
    lang, now = lang_of_request(), desk.now()
    say, words = speaker(lang), desk.words()
    since, until = desk.presets(now)[PRESET]
    window = CaseFilter(since=since, until=until)
    whole = counted(window, desk)
    diverted = counted(window.with_(channels=frozenset({DIVERTED})), desk)
    return answer(
        "modules.html", here=PATH,
        span=f"{moment(since, desk.zone, year=True)} — {moment(until, desk.zone, year=True)}",
        synthetic=desk.synthetic.get(lang, ""), as_of=moment(now, desk.zone, year=True),
        ones=cards_of(FIVE_ONES, say), modules=cards_of(NAMED, say), unnamed=UNNAMED,
        qualities=cards_of(QUALITIES, say),
        find=[("reported", whole.reported), ("accepted", whole.accepted), ("diverted", diverted.reported)],
        solve=[("handled", whole.handled), ("closed", whole.closed), ("overdue", whole.overdue)],
        diverted_to=f"/?preset={PRESET}&channels={DIVERTED}",
        topics=[_line(topic.word.name(lang), f"/?preset={PRESET}&topic={topic.word.code}",
                      _shown(window, topic.shown), desk) for topic in words.topics.values()],
        mechanisms=[_line(word.name(lang), f"/?preset={PRESET}&mechanisms={word.code}",
                          window.with_(mechanisms=frozenset({word.code})), desk)
                    for word in words.labels.get("mechanism", {}).values()],
        number=number)


def counted(filter_: CaseFilter, desk: Desk) -> CaseCounts:
    """The counters of the wall for a filter."""
    found: CaseCounts = desk.readers.cases.counts(filter_, desk.now(), WALL)
    return found


def _shown(window: CaseFilter, shown: Any) -> CaseFilter:
    """A window narrowed to what a theme shows.

    Raises:
        FilterError: the row of the theme says something that no filter knows.
    """
    return filter_from_store({**window.to_store(), **shown})


def _line(name: str, address: str, filter_: CaseFilter, desk: Desk) -> dict[str, Any]:
    found = counted(filter_, desk)
    return {"name": name, "address": address, "reported": found.reported, "open": found.open,
            "overdue": found.overdue}
