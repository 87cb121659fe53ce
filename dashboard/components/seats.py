"""Centres (中心、分中心、工作站): the name above the wall, and the tree from which another one is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from dash import html

from dashboard.texts import Say, speaker
from data.access.scope import Scope
from data.access.seat import DEPARTMENT, Seat, seat_of
from data.vocabulary import Vocabulary, Word

#: Tier of the departments that are sub-centres of their own, see `data.exchange.departments`.
SUBCENTRE: Final = "dept_subcenter"


def centre(scope: Scope, words: Vocabulary, lang: str, *, whole: str) -> str:
    """The name of the centre that sees a scope.

    Args:
        whole: that of the district's own centre, for everything else.
    """
    say, seat = speaker(lang), seat_of(scope)
    if seat is None or seat.kind == "district":
        return whole
    name = _name(seat, words, lang)
    place = scope.home if seat.kind == DEPARTMENT else None
    if place and len(place) > 6:
        name = f"{words.name('areas', place, lang)} · {name}"
    return say(f"seat.title.{seat.kind}", name=name)


def control(title: str, *, taken: str, say: Say) -> html.Details:
    """The name of the centre, which opens the list of those that may be taken; it grows when opened."""
    return html.Details(
        [
            html.Summary(html.H1(title, className="head__name"), className="seats__open",
                         title=f"{title}: {say('seat.help')}", **{"data-pop": "seats"}),
            html.Div(
                html.P(say("seat.loading"), className="quiet"),
                className="pop__panel seats__panel",
                **{"data-seats": taken, "data-lang": say("seat.lang"), "data-failed": say("seat.failed")},
            ),
        ],
        className="pop seats",
    )


def tree(words: Vocabulary, scope: Scope, lang: str, *, district: Callable[[str], str]) -> dict[str, Any]:
    """The centres within a scope: ``{"tiers": [{"name", "note", "seats": [{"seat", "name", "below"}]}]}``.

    Args:
        words: whose areas are those of the scope.
        scope: the viewer's own.
        district: language -> name of the district.
    """
    say = speaker(lang)
    streets = [word for code, word in words.areas.items() if len(code) == 9]
    communities = [word for code, word in words.areas.items() if len(code) == 12]
    below, grids = _by_parent(communities, 9), _by_parent(words.stations.values(), 12)
    posts = {code: [_entry("grid", one, lang, say) for one in found] for code, found in grids.items()}
    own = seat_of(scope)
    top = say("seat.own") if own else say("seat.title.whole", name=district(lang))
    named = [_entry("street", word, lang, say, [_entry("community", one, lang, say, posts.pop(one.code, []))
             for one in below.pop(word.code, [])]) for word in streets]
    loose = [_entry("community", word, lang, say, posts.pop(word.code, []))
             for found in below.values() for word in found]
    loose += [post for found in posts.values() for post in found]
    departments = [_entry(DEPARTMENT, words.departments[code], lang, say)
                   for code, tier in words.tiers.items()
                   if tier == SUBCENTRE and (not scope.departments or code in scope.departments)]
    counted = say("seat.tier.street", n=len(streets), m=len(communities), k=len(words.stations))
    tiers = [
        {"name": say("seat.tier.district"), "seats": [{"seat": "", "name": top, "below": []}]},
        {"name": counted, "seats": [*named, *loose]},
        {"name": say("seat.tier.dept", n=len(departments)), "seats": departments},
    ]
    return {"tiers": [tier for tier in tiers if tier["seats"]], "note": say("seat.note")}


def _entry(kind: str, word: Word, lang: str, say: Say, below: list[dict[str, Any]] | None = None
           ) -> dict[str, Any]:
    return {"seat": f"{kind}:{word.code}", "name": say(f"seat.title.{kind}", name=word.name(lang)),
            "below": below or []}


def _by_parent(words: Iterable[Word], digits: int) -> dict[str, list[Word]]:
    found: dict[str, list[Word]] = {}
    for word in words:
        found.setdefault(word.code[:digits], []).append(word)
    return found


def _name(seat: Seat, words: Vocabulary, lang: str) -> str:
    subject: Mapping[str, str] = {DEPARTMENT: "departments", "grid": "stations"}
    return words.name(subject.get(seat.kind, "areas"), seat.code, lang)
