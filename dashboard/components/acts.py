"""处置: what may be done with a case, each act with the form for what it must say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dash import html

from dashboard.components.parts import button, section
from dashboard.markup import Field
from dashboard.texts import Say
from data.cases.acting import FIRST, LEVELS, MAX_NOTE, POSTPONED_DAYS, SCORES, needs_of
from data.vocabulary import Vocabulary

#: Acts at first sight; the rest opens below them.
SHOWN: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a viewer may do with a case.

    Attributes:
        acts: that state and role allow, the most pressing first.
        departments: code and name of those that may get it.
        first_dept: the one that is likely meant; None: nobody knows.
    """

    case_no: str
    acts: Sequence[str]
    departments: Sequence[tuple[str, str]]
    first_dept: str | None = None


def acts_section(choices: Choices, *, words: Vocabulary, lang: str, say: Say) -> html.Section:
    """One line per act; a click opens its form, a second one does it."""
    forms = [_act(act, choices, words.label("act", act, lang), say) for act in choices.acts]
    pressing = sum(act in FIRST for act in choices.acts) or 1
    shown = min(SHOWN, pressing)
    rest = [] if len(forms) <= shown else [html.Details(
        [html.Summary(say("act.more", n=len(forms) - shown)), *forms[shown:]], className="acts__more")]
    said = html.P("", className="acts__said", role="status", **{"data-acts-said": ""})
    body = html.Div([*forms[:shown], *rest, said], className="acts",
                    **{"data-case": choices.case_no, "data-done": say("act.done"),
                       "data-failed": say("act.failed")})
    return section(say("act.title"), body)


def _act(act: str, choices: Choices, name: str, say: Say) -> html.Details:
    needs = needs_of(act)
    fields: list[Any] = []
    if needs.dept:
        fields.append(_select("dept", say("act.dept"), choices.departments, choices.first_dept))
    if needs.level:
        levels = [(level, say(f"level.{level}")) for level in LEVELS]
        fields.append(_select("level", say("act.level"), levels))
    if needs.days:
        days = [(str(n), say("act.days.n", n=n)) for n in POSTPONED_DAYS]
        fields.append(_select("days", say("act.days"), days, kind="number"))
    if needs.score:
        scores = [(str(score), say(f"score.{score}")) for score in SCORES]
        fields.append(_select("score", say("act.score"), scores, kind="number"))
    label = say("act.reason") if needs.note else say("act.note")
    fields.append(Field(maxLength=MAX_NOTE, placeholder=label, className="input acts__note"))
    fields.append(button(say("act.go", act=name), class_name="btn acts__go", act="do"))
    return html.Details(
        [html.Summary(name), html.Div(fields, className="acts__form")],
        className="acts__one", key=act, **{"data-do": act})


def _select(field: str, label: str, options: Sequence[tuple[str, str]], chosen: str | None = None,
            kind: str = "text") -> html.Label:
    """A choice; the browser reads it when the act is done."""
    rows = [html.Option(name, value=code, selected=code == chosen) for code, name in options]
    return html.Label([html.Span(label), html.Select(rows, className="input", **{"data-field": field,
                                                                                "data-kind": kind})],
                      className="acts__field")
