"""The filter bar: one popover for each part of the filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from dash import dcc, html

from dashboard import ids
from dashboard.components.parts import button, popover
from dashboard.texts import Say, maybe
from data.cases.lifecycle import STATES
from data.filters import URGENCIES
from data.vocabulary import Vocabulary, Word

#: Parts of the filter with a popover, in the order of the bar.
PARTS: Final = ("areas", "categories", "channels", "departments", "states", "urgencies")


def filter_bar(words: Vocabulary, *, lang: str, say: Say) -> html.Div:
    """All parts of the filter, what is chosen in words, and the button that clears."""
    trees = {
        "areas": area_tree(words, lang),
        "categories": category_tree(words, lang, say),
        "channels": channel_tree(words, lang),
        "departments": _boxes("departments", words.departments.values(), lang),
        "states": [_box("states", state, words.label("state", state, lang)) for state in STATES],
        "urgencies": [_box("urgencies", code, say(f"urgency.{code}")) for code in URGENCIES],
    }
    pops = [popover(say("filter.time"), _times(say), key="time")]
    pops += [
        popover(
            [say(f"filter.{part}"), html.Span(className="count", **{"data-count": part})],
            trees[part],
            key=part,
        )
        for part in PARTS
    ]
    return html.Div(pops, className="filterbar", role="group", **{"aria-label": say("filter")})


def _times(say: Say) -> html.Div:
    return html.Div(
        [
            html.Label(
                [
                    say(f"time.{end}"),
                    dcc.Input(
                        id=key,
                        type="text",
                        placeholder="2026-11-22 00:00",
                        maxLength=25,
                        autoComplete="off",
                        className="field",
                    ),
                ],
                className="pop__field",
            )
            for end, key in (("from", ids.TIME_FROM), ("to", ids.TIME_TO))
        ]
        + [button(say("apply"), act="apply-time")],
        className="pop__times",
    )


def _box(part: str, code: str, name: str) -> html.Button:
    """One check box; a button, so that the browser code alone decides what a click does."""
    return html.Button(
        [html.Span(className="box", **{"aria-hidden": "true"}), name],
        type="button",
        className="check",
        role="checkbox",
        **{"aria-checked": "false", "data-filter": part, "data-code": code},
    )


def _boxes(part: str, words: Iterable[Word], lang: str) -> list[html.Button]:
    return [_box(part, word.code, word.name(lang)) for word in words]


def _branch(head: html.Button, below: list[Any], name: str) -> html.Div:
    """A check box with its children folded below it."""
    if not below:
        return html.Div(head, className="tree")
    return html.Div(
        [
            head,
            html.Details(
                [
                    html.Summary(html.Span(name, className="unseen"), className="tree__open"),
                    html.Div(below, className="tree__below"),
                ],
                className="tree__more",
            ),
        ],
        className="tree",
    )


def _children(words: Mapping[str, Word]) -> dict[str, list[Word]]:
    found: dict[str, list[Word]] = {}
    for word in words.values():
        found.setdefault(word.parent, []).append(word)
    return found


def area_tree(words: Vocabulary, lang: str) -> list[html.Div]:
    """Streets with their communities."""
    below = _children(words.areas)
    return [
        _branch(
            _box("areas", street.code, street.name(lang)),
            _boxes("areas", below.get(street.code, []), lang),
            street.name(lang),
        )
        for street in words.areas.values()
        if len(street.code) == 9
    ]


def category_tree(words: Vocabulary, lang: str, say: Say) -> list[html.Div]:
    """Kinds (component, event, social), classes, subclasses."""
    classes, subs = _children(words.classes), _children(words.categories)
    tree = []
    for kind, found in classes.items():
        name = maybe(say, f"kind.{kind}", kind)
        below = [
            _branch(
                _box("categories", word.code, word.name(lang)),
                _boxes("categories", subs.get(word.code, []), lang),
                word.name(lang),
            )
            for word in found
        ]
        tree.append(_branch(_box("categories", kind, name), below, name))
    return tree


def channel_tree(words: Vocabulary, lang: str) -> list[html.Div]:
    """Channels under the names of their groups; the filter knows channels only."""
    return [
        html.Div(
            [
                html.Div(words.label("channel_group", group, lang), className="tree__title"),
                *_boxes("channels", found, lang),
            ],
            className="tree",
        )
        for group, found in _children(words.channels).items()
    ]
