"""The filter bar: one popover for each part of the filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from dash import html

from dashboard import ids
from dashboard.components.parts import button, popover
from dashboard.markup import Field, Markup
from dashboard.texts import Say, maybe
from data.cases.lifecycle import STATES
from data.filters import URGENCIES
from data.vocabulary import Topic, Vocabulary, Word

#: Parts of the filter with a popover, in the order of the bar.
PARTS: Final = ("areas", "categories", "domains", "mechanisms", "channels", "departments", "states",
                "urgencies")


@dataclass(frozen=True, slots=True)
class Branch:
    """One check box with those below it; without a code it is only a heading."""

    code: str
    name: str
    below: Sequence[Branch] = ()


def filter_bar(say: Say, topics: Sequence[Topic], topic: str, lang: str) -> Markup:
    """One popover for each part of the filter; the browser grows a tree when it is first opened.

    Args:
        topics: themes of the wall, which come first; no part of the filter but a choice of some.
        topic: code of the theme that is shown; empty: none.
    """
    pops = [topics_of(topics, topic, lang, say)] if topics else []
    pops += [popover(say("filter.time"), _times(say), key="time")]
    pops += [
        popover(
            [say(f"filter.{part}"), html.Span(className="count", **{"data-count": part})],
            html.Div(**{"data-tree": part}),
            key=part,
        )
        for part in PARTS
    ]
    return Markup(pops, className="filterbar", role="group", **{"aria-label": say("filter")})


def topics_of(topics: Sequence[Topic], chosen: str, lang: str, say: Say) -> html.Details:
    """The themes of the wall; each is another document."""
    named = [("", say("topic.none")), *((topic.word.code, topic.word.name(lang)) for topic in topics)]
    label = next((name for code, name in named if code and code == chosen), say("topic"))
    return popover(
        html.Span(label, className="is-chosen" if chosen else ""),
        html.Div(
            [html.Button([html.Span(className="dot", **{"aria-hidden": "true"}), name], type="button",
                         className="check", role="radio",
                         **{"aria-checked": str(code == chosen).lower(), "data-act": "topic",
                            "data-value": code})
             for code, name in named],
            role="radiogroup", **{"aria-label": say("topic")},
        ),
        key="topic",
    )


def filter_trees(words: Vocabulary, *, lang: str, say: Say) -> dict[str, list[dict[str, Any]]]:
    """The check boxes of every part of the filter, as plain JSON of `Branch`."""
    trees: dict[str, Sequence[Branch]] = {
        "areas": area_tree(words, lang),
        "categories": category_tree(words, lang, say),
        "domains": _labels(words, "domain", lang),
        "mechanisms": _labels(words, "mechanism", lang),
        "channels": channel_tree(words, lang),
        "departments": _leaves(words.departments.values(), lang),
        "states": [Branch(state, words.label("state", state, lang)) for state in STATES],
        "urgencies": [Branch(code, say(f"urgency.{code}")) for code in URGENCIES],
    }
    return {part: [asdict(branch) for branch in tree] for part, tree in trees.items()}


def _times(say: Say) -> html.Div:
    return html.Div(
        [
            html.Label(
                [
                    say(f"time.{end}"),
                    Field(id=key, placeholder="2026-11-22 00:00", maxLength=25, className="field"),
                ],
                className="pop__field",
            )
            for end, key in (("from", ids.TIME_FROM), ("to", ids.TIME_TO))
        ]
        + [button(say("apply"), act="apply-time")],
        className="pop__times",
    )


def _labels(words: Vocabulary, kind: str, lang: str) -> list[Branch]:
    return _leaves(words.labels.get(kind, {}).values(), lang)


def _leaves(words: Iterable[Word], lang: str) -> list[Branch]:
    return [Branch(word.code, word.name(lang)) for word in words]


def _children(words: Mapping[str, Word]) -> dict[str, list[Word]]:
    found: dict[str, list[Word]] = {}
    for word in words.values():
        found.setdefault(word.parent, []).append(word)
    return found


def area_tree(words: Vocabulary, lang: str) -> list[Branch]:
    """Streets with their communities."""
    below = _children(words.areas)
    return [
        Branch(street.code, street.name(lang), _leaves(below.get(street.code, []), lang))
        for street in words.areas.values()
        if len(street.code) == 9
    ]


def category_tree(words: Vocabulary, lang: str, say: Say) -> list[Branch]:
    """Kinds (component, event, social), classes, subclasses."""
    classes, subs = _children(words.classes), _children(words.categories)
    return [
        Branch(
            kind,
            maybe(say, f"kind.{kind}", kind),
            [Branch(word.code, word.name(lang), _leaves(subs.get(word.code, []), lang)) for word in found],
        )
        for kind, found in classes.items()
    ]


def channel_tree(words: Vocabulary, lang: str) -> list[Branch]:
    """Channels under the names of their groups; the filter knows channels only."""
    return [
        Branch("", words.label("channel_group", group, lang), _leaves(found, lang))
        for group, found in _children(words.channels).items()
    ]
