"""GET /feeds (数据来源): the status board of channels, department systems and positions."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, Final

from dash import Dash
from flask import Response, request

from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from dashboard.format import NONE, clock, moment, number
from dashboard.texts import Say, speaker
from data.exchange.feeds import STATES, Feed, FeedReader
from data.vocabulary import Vocabulary

PATH: Final = "/feeds"
#: The board asks again by itself unless ``still=1`` stands in its address.
EVERY_S: Final = 30
_SUBJECTS: Final = {"channel": "channels", "department": "departments"}


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(PATH)
    def feeds_page() -> Response:
        return board(desk, is_still=request.args.get("still") == "1")


def board(desk: Desk, *, is_still: bool) -> Response:
    """The page at the store's now, in the viewer's scope."""
    lang, now, readers = lang_of_request(), desk.now(), desk.readers
    say, words = speaker(lang), desk.words()
    found = FeedReader(readers.store, readers.snapshot, readers.scope).all(now, desk.zone)
    counted = Counter(feed.state for feed in found)
    return answer(
        "feeds.html", here=PATH, is_still=is_still, every_s=EVERY_S, again_s=0 if is_still else EVERY_S,
        as_of=moment(now, desk.zone, year=True, seconds=True), synthetic=desk.synthetic.get(lang, ""),
        failed=moment(readers.snapshot.failed_since, desk.zone) if readers.snapshot.failed_since else "",
        counted=[(state, counted[state]) for state in STATES],
        rows=[shown(feed, desk, now, words, lang, say) for feed in found])


def shown(feed: Feed, desk: Desk, now: datetime, words: Vocabulary, lang: str, say: Say) -> dict[str, Any]:
    """A feed in words."""
    subject = _SUBJECTS.get(feed.kind)
    silence = None if feed.last_at is None else (now - feed.last_at).total_seconds()
    return {
        "kind": say(f"feeds.kind.{feed.kind}"),
        "name": words.name(subject, feed.code, lang) if subject else words.label(
            "resource_kind", feed.code, lang) if feed.code else say("feeds.positions"),
        "last": moment(feed.last_at, desk.zone, year=True),
        "silence": NONE if silence is None else clock(silence, say("unit.d")),
        "today": number(feed.today),
        "usual": number(feed.usual, 1),
        "missed": NONE if feed.expected is None else number(feed.expected, 1),
        "state": feed.state,
    }
